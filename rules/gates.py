"""The gates of a nonconformity (关口): what must be there before it may go on.

No plan without a cause, a method, a corrective action and a date; nothing carried out before
quality has agreed, and nothing called carried out without evidence; no verification by whoever
owns or did it; void only by the quality head, with a reason. Each refusal says what to do.
"""

from datetime import date, timedelta

from rules.refusal import Refused
from rules.words import Role


class NoCause(Refused):
    """A plan was given without a cause."""

    sentence = "a plan needs the cause: write why it happened, not what happened"


class NoMethod(Refused):
    """A plan was given without the method by which its cause was found."""

    sentence = "a plan needs the method by which the cause was found: choose one"


class NoCorrectiveAction(Refused):
    """A plan was given without an action against the cause."""

    sentence = "a plan needs a corrective action: write what removes the cause"


class NoPlannedDate(Refused):
    """A plan was given without a date."""

    sentence = "a plan needs a date: write by when the corrective action will be done"


class PlannedInThePast(Refused):
    """The planned date lies before the answer."""

    sentence = "the planned date {planned} is over: choose {first} or later"


class PlannedTooLate(Refused):
    """The planned date lies behind what the policy allows."""

    sentence = "the planned date {planned} is too late: {last} is the last day allowed"


class NoReason(Refused):
    """Something was disputed, refused, found ineffective or made void without a reason."""

    sentence = "this needs a reason: write why"


class NotAgreed(Refused):
    """The plan has not been agreed by the quality department."""

    sentence = "the plan has not been agreed yet: the quality department decides first"


class NoAccount(Refused):
    """Nothing says what was done."""

    sentence = "write what was done: the verifier has nothing else to go by"


class NoEvidence(Refused):
    """Neither a file nor a note shows that it was done."""

    sentence = "no evidence: attach a file, or note where the evidence is kept"


class OwnWork(Refused):
    """Whoever owns or did it may not judge it."""

    sentence = "{person} owns this or carried it out, and may not judge it: another person must"


class TooEarly(Refused):
    """The effect of a major one was to be confirmed before it had time to come back."""

    sentence = "the effect can be confirmed from {first} on: until then it may still come back"


class NotForOwner(Refused):
    """The owner of the nonconformity may not decide about it."""

    sentence = "{person} owns this nonconformity and may not decide about it: another person must"


class OwnRequest(Refused):
    """Whoever asked for more time, or owes the thing, may not grant it."""

    sentence = "{person} asked for the extension or owes the duty, and may not decide on it"


class NotQualityHead(Refused):
    """Only the quality head makes a nonconformity void."""

    sentence = "only the head of the quality department may make a nonconformity void"


def plan(
    *, cause: str, method: str | None, corrective_action: str, planned_on: date | None
) -> date:
    """Refuse a plan that lacks what makes it one; return its date."""
    if not cause.strip():
        raise NoCause
    if not method:
        raise NoMethod
    if not corrective_action.strip():
        raise NoCorrectiveAction
    if planned_on is None:
        raise NoPlannedDate
    return planned_on


def planned_date(planned_on: date, *, first: date, last: date) -> None:
    """Refuse a date before the day of the answer or after the last day allowed."""
    if planned_on < first:
        raise PlannedInThePast(planned=planned_on, first=first)
    if planned_on > last:
        raise PlannedTooLate(planned=planned_on, last=last)


def reason(text: str | None) -> str:
    """Refuse to go on without a reason; return it trimmed."""
    if not text or not text.strip():
        raise NoReason
    return text.strip()


def implementation(*, agreed: bool, done: str, note: str, files: int) -> None:
    """Refuse what was not agreed, not told or not shown."""
    if not agreed:
        raise NotAgreed
    if not done.strip():
        raise NoAccount
    if not note.strip() and files < 1:
        raise NoEvidence


def independent(*, judges: frozenset[int], owner: int, doers: frozenset[int], person: str) -> None:
    """Refuse a judgement by the owner, a doer, or anybody who stands in for one of them.

    `judges` are who answers and whom he represents: a delegate is bound by both.
    """
    if judges & ({owner} | doers):
        raise OwnWork(person=person)


def confirmable(*, done_on: date, today: date, days: int) -> None:
    """Refuse to confirm an effect before so many calendar days have passed since the action."""
    first = done_on + timedelta(days=days)
    if today < first:
        raise TooEarly(first=first)


def decider(*, deciders: frozenset[int], owner: int, person: str) -> None:
    """Refuse a decision on a dispute by the one who disputes."""
    if owner in deciders:
        raise NotForOwner(person=person)


def grantor(*, deciders: frozenset[int], asker: int, owner: int, person: str) -> None:
    """Refuse a decision on an extension by who asked for it or owes the thing."""
    if deciders & {asker, owner}:
        raise OwnRequest(person=person)


def voider(
    *,
    judges: frozenset[int],
    roles: frozenset[str],
    owner: int,
    owner_roles: frozenset[str],
    person: str,
) -> None:
    """Refuse anybody but the quality head; where the head owns it, top management may.

    `roles` are those of whoever answers or is represented.
    """
    if owner in judges:
        raise NotForOwner(person=person)
    head_owns = Role.QUALITY_HEAD in owner_roles
    if Role.QUALITY_HEAD in roles or (head_owns and Role.TOP_MANAGEMENT in roles):
        return
    raise NotQualityHead
