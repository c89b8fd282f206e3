"""Independence of auditors (审核员独立性): nobody audits his own work, and it can be proven.

`conflicts` answers with reasons, not with yes or no: the plan prints them, a refusal names
them, and an exception is granted for them and for no others. What it is asked with are values
that a proof keeps, so that an assessor can ask the same question again years later.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from rules.organisation import Organisation
from rules.refusal import Refused


class Reason(StrEnum):
    """Why somebody may not audit an area (利益冲突)."""

    OWN_UNIT = "own_unit"  # 本部门
    MANAGES_AREA = "manages_area"  # 受审核领域的负责人
    LEADS_AUDITEE = "leads_auditee"  # 受审核方的上级（任何一级）
    LED_BY_AUDITEE = "led_by_auditee"  # 受审核方的下级
    STANDS_IN = "stands_in"  # 受审核方的代理人
    STOOD_IN_FOR = "stood_in_for"  # 由受审核方代理
    OWN_PROJECT = "own_project"  # 本人的项目
    OWN_WORK = "own_work"  # 近期参与的工作
    OWN_ACTION = "own_action"  # 本人的纠正措施
    MUST_VERIFY = "must_verify"  # 本人待验证的事项
    MOVED = "moved"  # 近期调入或调出


# What will be over by itself: no reason to change the team of an audit that is months away.
PASSING: Final = frozenset({Reason.MUST_VERIFY})


class Unfitness(StrEnum):
    """Why somebody may not audit at all, or not this (资格不符); no exception helps."""

    NO_AUDITOR = "no_auditor"
    INACTIVE = "inactive"
    NOT_TRAINED = "not_trained"
    TRAINING_EXPIRED = "training_expired"
    NOT_LEAD = "not_lead"
    NOT_COMPETENT = "not_competent"


SAID: Final[dict[str, str]] = {
    Reason.OWN_UNIT: "belongs to the audited unit {what}",
    Reason.MANAGES_AREA: "manages the audited area",
    Reason.LEADS_AUDITEE: "stands above {what}, who manages the audited area",
    Reason.LED_BY_AUDITEE: "reports to {what}, who manages the audited area",
    Reason.STANDS_IN: "stands in for {what}, who manages the audited area",
    Reason.STOOD_IN_FOR: "is represented by {what}, who manages the audited area",
    Reason.OWN_PROJECT: "manages the audited project {what}",
    Reason.OWN_WORK: "did audited work himself: {what}",
    Reason.OWN_ACTION: "carried out or planned the corrective action of {what}",
    Reason.MUST_VERIFY: "still has to verify {what} of this area",
    Reason.MOVED: "belonged to the audited unit until {what}",
    Unfitness.NO_AUDITOR: "is not named as an auditor",
    Unfitness.INACTIVE: "is no longer active here",
    Unfitness.NOT_TRAINED: "has no training on record",
    Unfitness.TRAINING_EXPIRED: "the training was valid until {what}",
    Unfitness.NOT_LEAD: "is not qualified to lead an audit",
    Unfitness.NOT_COMPETENT: "is not competent for clause {what}",
}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Conflict:
    """One reason, and what it is about: a code, a day, the name of the auditee."""

    reason: str
    what: str = ""

    def to_json(self) -> list[Any]:
        """Return it as a proof or an exception keeps it."""
        return [self.reason, self.what]


class Reasons(tuple[Conflict, ...]):
    """Several reasons as one fact of a sentence: English by itself, else by `said`."""

    __slots__ = ()

    def __str__(self) -> str:
        return "; ".join(sentence.format(**facts) for sentence, facts in self.said())

    def __format__(self, _: str) -> str:
        return str(self)

    def said(self) -> list[tuple[str, dict[str, str]]]:
        """Return each reason as a sentence and its facts, for whoever translates."""
        return [(SAID[one.reason], {"what": one.what}) for one in self]


class NotIndependent(Refused):
    """An auditor would audit his own work, or that of whom he leads or serves."""

    sentence = "{person} may not audit {area}: {reasons}"

    def __init__(self, *, person: str, area: str, found: Iterable[Conflict]) -> None:
        self.found = Reasons(found)
        super().__init__(person=person, area=area, reasons=self.found)


class NotQualified(Refused):
    """Somebody who is not (any more) qualified was to audit."""

    sentence = "{person} cannot be put into the team of {audit}: {reasons}"

    def __init__(self, *, person: str, audit: str, found: Iterable[Conflict]) -> None:
        self.found = Reasons(found)
        super().__init__(person=person, audit=audit, reasons=self.found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A unit that somebody belonged to; None is open."""

    unit: int
    begins: date | None = None
    ends: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """Work that somebody did on an area (unit or process, by code) or a project."""

    what: str
    area: str | None = None
    project: str | None = None
    begins: date
    ends: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is audited: `units` with all below them, who answers for it, and what lies in it.

    `actions` are (nonconformity, person) for everybody whose hands planned or did a corrective
    action in the area, `verifications` the same for what somebody still has to verify there.
    """

    area: str
    name: str = ""
    units: frozenset[int] = frozenset()
    auditees: frozenset[int] = frozenset()
    codes: frozenset[str] = frozenset()  # of the units and the process, as work names them
    projects: frozenset[str] = frozenset()
    project_managers: frozenset[tuple[str, int]] = frozenset()
    actions: frozenset[tuple[str, int]] = frozenset()
    verifications: frozenset[tuple[str, int]] = frozenset()
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A possible auditor: his post, where he was, what he did, what he is trained for."""

    person: int
    named: bool = True  # as an auditor
    lead: bool = False
    competence: tuple[str, ...] = ()
    valid_until: date | None = None
    stays: tuple[Stay, ...] = ()
    did: tuple[Did, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question of independence: who, what, on which day, looking back to which day."""

    candidate: Candidate
    scope: Scope
    organisation: Organisation = field(repr=False)
    on: date
    since: date


def conflicts(asked: Asked) -> tuple[Conflict, ...]:
    """Return every reason against this auditor for this scope; empty if he is independent."""
    found = (
        *_unit(asked),
        *_line(asked),
        *_deputies(asked),
        *_projects(asked),
        *_work(asked),
        *_actions(asked),
    )
    return tuple(sorted(set(found)))


def unfit(asked: Asked, *, lead: bool, needs: bool = True) -> tuple[Conflict, ...]:
    """Return why he may not audit at all; `needs` asks for competence in some of the clauses."""
    who = asked.candidate
    post = asked.organisation.posts.get(who.person)
    found = []
    if post is None or not post.active:
        found.append(Conflict(reason=Unfitness.INACTIVE))
    if not who.named:
        found.append(Conflict(reason=Unfitness.NO_AUDITOR))
    elif who.valid_until is None:
        found.append(Conflict(reason=Unfitness.NOT_TRAINED))
    elif who.valid_until < asked.on:
        found.append(Conflict(reason=Unfitness.TRAINING_EXPIRED, what=str(who.valid_until)))
    if lead and not who.lead:
        found.append(Conflict(reason=Unfitness.NOT_LEAD))
    clauses = asked.scope.clauses
    if needs and clauses and not any(competent(who.competence, one) for one in clauses):
        found.append(Conflict(reason=Unfitness.NOT_COMPETENT, what=clauses[0]))
    return tuple(found)


def competent(competence: Iterable[str], clause: str) -> bool:
    """Whether one of the clause prefixes covers the clause; `*` covers all."""
    return any(
        own in {"*", clause} or clause.startswith((f"{own}.", f"{own}:")) for own in competence
    )


def months_before(day: date, months: int) -> date:
    """Return the day so many months earlier; the last of the month where it has no such day."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(years, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError(day)


def uncovered(competences: Iterable[Iterable[str]], clauses: Iterable[str]) -> tuple[str, ...]:
    """Return the clauses that nobody of a team is competent for."""
    team = [tuple(own) for own in competences]
    return tuple(c for c in clauses if not any(competent(own, c) for own in team))


def _unit(asked: Asked) -> Iterable[Conflict]:
    person, scope = asked.candidate.person, asked.scope
    post = asked.organisation.posts.get(person)
    if post is not None and post.unit_id in scope.units:
        yield Conflict(reason=Reason.OWN_UNIT, what=post.unit_name)
    for stay in asked.candidate.stays:
        if stay.unit not in scope.units or (stay.begins and stay.begins > asked.on):
            continue
        if stay.ends is None or stay.ends >= asked.on:
            yield Conflict(reason=Reason.OWN_UNIT, what=scope.name)
        elif stay.ends >= asked.since:
            yield Conflict(reason=Reason.MOVED, what=str(stay.ends))


def _line(asked: Asked) -> Iterable[Conflict]:
    """Up and down at any depth; below the top of the organisation only directly.

    Everybody reports to the top in the end, and somebody has to audit it.
    """
    person, organisation = asked.candidate.person, asked.organisation
    for auditee in sorted(asked.scope.auditees):
        name = organisation.posts[auditee].name
        if auditee == person:
            yield Conflict(reason=Reason.MANAGES_AREA)
            continue
        above = organisation.chain(auditee)
        if person in above.people:
            yield Conflict(reason=Reason.LEADS_AUDITEE, what=name)
        mine = organisation.chain(person).people if person in organisation.posts else ()
        at_top = (
            not above.people
            and above.ends != "circle"
            and not organisation.posts[auditee].manager_code
        )
        if auditee in (mine[:1] if at_top else mine):
            yield Conflict(reason=Reason.LED_BY_AUDITEE, what=name)


def _deputies(asked: Asked) -> Iterable[Conflict]:
    person, posts = asked.candidate.person, asked.organisation.posts
    own = posts.get(person)
    for auditee in sorted(asked.scope.auditees - {person}):
        if posts[auditee].delegate_id == person:
            yield Conflict(reason=Reason.STANDS_IN, what=posts[auditee].name)
        if own is not None and own.delegate_id == auditee:
            yield Conflict(reason=Reason.STOOD_IN_FOR, what=posts[auditee].name)


def _projects(asked: Asked) -> Iterable[Conflict]:
    for project, manager in sorted(asked.scope.project_managers):
        if manager == asked.candidate.person:
            yield Conflict(reason=Reason.OWN_PROJECT, what=project)


def _work(asked: Asked) -> Iterable[Conflict]:
    scope = asked.scope
    for did in asked.candidate.did:
        recent = (did.ends is None or did.ends >= asked.since) and did.begins <= asked.on
        if recent and (did.area in scope.codes or did.project in scope.projects):
            yield Conflict(reason=Reason.OWN_WORK, what=did.what)


def _actions(asked: Asked) -> Iterable[Conflict]:
    person = asked.candidate.person
    for code, hand in sorted(asked.scope.actions):
        if hand == person:
            yield Conflict(reason=Reason.OWN_ACTION, what=code)
    for code, verifier in sorted(asked.scope.verifications):
        if verifier == person:
            yield Conflict(reason=Reason.MUST_VERIFY, what=code)
