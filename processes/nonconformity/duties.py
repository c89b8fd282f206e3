"""Who owes what about a nonconformity next (下一步待办): found by role, issued, or alarmed about.

Whoever judges is never the owner nor the doer. Where a role has nobody who may and can be
reached, the next role is asked; where there is nobody at all an alarm stands and the operator
hears of it, and `nonconformity_missing.py` issues the duty as soon as there is somebody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models import alarms, people
from models.duty import Duty
from models.nonconformity import Nonconformity, Round
from processes.alarm import wording as says
from processes.duty import issued as duties
from processes.duty import site
from processes.mail.lines import line, post, promise
from processes.nonconformity import sources
from processes.nonconformity.rows import KIND, present_round
from rules import escalation
from rules.calendar import Calendar
from rules.words import DutyKind, DutyState, LetterKind, Role

ALARM: Final = says.NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """To whom a kind of duty goes, the first role first, and how it is announced."""

    roles: tuple[Role, ...]
    letter: LetterKind = LetterKind.ASSIGNMENT


QUALITY_FIRST: Final = (Role.QUALITY, Role.QUALITY_HEAD, Role.TOP_MANAGEMENT)
GIVEN: Final[dict[DutyKind, Given]] = {
    DutyKind.AGREE: Given(roles=QUALITY_FIRST),
    DutyKind.VERIFY: Given(roles=QUALITY_FIRST, letter=LetterKind.VERIFICATION_ASKED),
    DutyKind.VERIFY_EFFECT: Given(roles=QUALITY_FIRST, letter=LetterKind.VERIFICATION_ASKED),
    DutyKind.DECIDE_DISPUTE: Given(roles=(Role.QUALITY_HEAD, Role.TOP_MANAGEMENT)),
}


def respond(
    session: Session,
    nonconformity: Nonconformity,
    *,
    at: datetime,
    actor: str,
    letter: LetterKind = LetterKind.ASSIGNMENT,
    facts: dict[str, Any] | None = None,
    entry: int = 0,
    entered_at: datetime | None = None,
    announced: bool = True,
) -> Duty:
    """Owe cause and plan (回复原因与措施)."""
    days = current().policy.deadlines.respond_working_days
    return _issue(
        session,
        nonconformity,
        DutyKind.RESPOND,
        owner_id=nonconformity.owner_id,
        due_at=site.calendar_of(session, nonconformity.owner_id).working_days(at, days),
        at=at,
        actor=actor,
        letter=letter,
        facts=facts,
        entry=entry,
        entered_at=entered_at,
        announced=announced,
    )


def act(
    session: Session,
    nonconformity: Nonconformity,
    *,
    due_at: datetime,
    at: datetime,
    actor: str,
    announced: bool = True,
) -> Duty:
    """Owe the corrective action (实施措施)."""
    return _issue(
        session,
        nonconformity,
        DutyKind.ACT,
        owner_id=nonconformity.owner_id,
        due_at=due_at,
        at=at,
        actor=actor,
        announced=announced,
    )


def give(
    session: Session,
    nonconformity: Nonconformity,
    kind: DutyKind,
    *,
    at: datetime,
    actor: str,
    facts: dict[str, Any] | None = None,
    entered_at: datetime | None = None,
    announced: bool = True,
) -> Duty | None:
    """Issue a duty of judgement to whoever may judge; None and an alarm if nobody may."""
    given = _given(kind)
    round_ = present_round(session, nonconformity)
    barred = _barred(nonconformity, round_, kind)
    owner = _by_source(session, nonconformity, kind, barred, at)
    owner = owner or somebody(session, given.roles, barred=barred, at=at)
    if owner is None:
        _alarm(session, nonconformity, kind, at)
        return None
    alarms.clear_alarm(session, kind=f"{ALARM}{kind}", ref=alarm_ref(nonconformity), at=at)
    return _issue(
        session,
        nonconformity,
        kind,
        owner_id=owner,
        due_at=_special_due(session, nonconformity, kind, at)
        or _due(kind, at, site.calendar_of(session, owner)),
        at=at,
        actor=actor,
        letter=given.letter,
        facts=facts,
        entered_at=entered_at,
        announced=announced,
    )


def offices(kind: DutyKind) -> tuple[Role, ...]:
    """Return the roles of which one makes a duty of this kind somebody's to judge."""
    roles = _given(kind).roles
    verifies = kind in {DutyKind.VERIFY, DutyKind.VERIFY_EFFECT}
    return (*roles, Role.AUDITOR) if verifies else roles


def successor(
    session: Session, nonconformity: Nonconformity, kind: DutyKind, *, gone: int, at: datetime
) -> int | None:
    """Return who judges instead of somebody who left or moved; None if nobody may."""
    barred = barred_from(session, nonconformity, kind) | {gone}
    owner = _by_source(session, nonconformity, kind, barred, at)
    return owner or somebody(session, _given(kind).roles, barred=barred, at=at)


def barred_from(session: Session, nonconformity: Nonconformity, kind: DutyKind) -> frozenset[int]:
    """Return who may not judge this, because it is, or was, in their own hands."""
    return _barred(nonconformity, present_round(session, nonconformity), kind)


def tell_owner(
    session: Session,
    nonconformity: Nonconformity,
    *,
    at: datetime,
    facts: dict[str, Any],
) -> None:
    """Let the owner hear what was found or decided about it (结果告知).

    It is said about the duty of his that it concerns: one still open is announced once more,
    else the last one is over.
    """
    his = session.exec(
        select(Duty)
        .where(
            col(Duty.subject_kind) == KIND,
            col(Duty.subject) == nonconformity.code,
            col(Duty.owner_id) == nonconformity.owner_id,
            col(Duty.kind).in_([DutyKind.RESPOND, DutyKind.ACT]),
        )
        .order_by(col(Duty.id).desc())
        .limit(1)
    ).first()
    if his is None:
        return
    is_open = his.state is DutyState.OPEN
    letter = LetterKind.ASSIGNMENT if is_open else LetterKind.OVER
    occasion = nonconformity.rev if is_open else None
    person = nonconformity.owner_id
    promise(session, [line(his, letter, person, at=at, facts=facts, occasion=occasion)])


def somebody(
    session: Session, roles: Iterable[Role], *, barred: frozenset[int], at: datetime
) -> int | None:
    """Return who of the first role that has anybody: reachable first, least loaded, by code."""
    organisation, day = people.organisation(session), current().calendar.day(at)
    held = [
        [person for person in organisation.holders(role) if person not in barred] for role in roles
    ]
    for holders in held:
        reachable = [
            person
            for person in holders
            if isinstance(
                escalation.reach(organisation, person, day, barred=barred), escalation.Told
            )
        ]
        if reachable:
            return _least_loaded(session, reachable)
    # Nobody can be reached today: the ladder tells the one above whoever owes it.
    return next((_least_loaded(session, holders) for holders in held if holders), None)


def _by_source(
    session: Session,
    nonconformity: Nonconformity,
    kind: DutyKind,
    barred: frozenset[int],
    at: datetime,
) -> int | None:
    """Return who verifies by the rules of its source, if they name somebody."""
    if kind not in {DutyKind.VERIFY, DutyKind.VERIFY_EFFECT}:
        return None
    return sources.of(nonconformity).verifier(session, nonconformity, barred, at)


def _given(kind: DutyKind) -> Given:
    if kind is DutyKind.DECIDE:
        first = current().policy.straight_up_role
        roles = dict.fromkeys((first, Role.TOP_MANAGEMENT, Role.QUALITY_HEAD))
        return Given(roles=tuple(roles), letter=LetterKind.STRAIGHT_UP)
    return GIVEN[kind]


def _barred(nonconformity: Nonconformity, round_: Round, kind: DutyKind) -> frozenset[int]:
    """Nobody judges what he owns, planned or did."""
    hands = {nonconformity.owner_id}
    if kind is DutyKind.AGREE:
        hands |= set(round_.planned_hands)
    if kind in {DutyKind.VERIFY, DutyKind.VERIFY_EFFECT}:
        hands |= set(round_.done_hands)
    return frozenset(hands)


def _special_due(
    session: Session, nonconformity: Nonconformity, kind: DutyKind, at: datetime
) -> datetime | None:
    """Return by when its source can be verified; None is as for all others."""
    if kind is not DutyKind.VERIFY:
        return None
    return sources.of(nonconformity).verify_by(session, nonconformity, at)


def _due(kind: DutyKind, at: datetime, calendar: Calendar) -> datetime:
    periods = current().policy.deadlines
    if kind is DutyKind.VERIFY_EFFECT:
        return calendar.calendar_days(at, periods.effect_calendar_days)
    days = {
        DutyKind.AGREE: periods.agree_working_days,
        DutyKind.VERIFY: periods.verify_working_days,
        DutyKind.DECIDE_DISPUTE: periods.dispute_working_days,
        DutyKind.DECIDE: periods.decide_working_days,
    }
    return calendar.working_days(at, days[kind])


def _issue(session: Session, nonconformity: Nonconformity, kind: DutyKind, **facts: Any) -> Duty:
    return duties.issue(
        session,
        kind=kind,
        subject_kind=KIND,
        subject=nonconformity.code,
        title=nonconformity.title,
        severity=nonconformity.severity,
        project=nonconformity.project,
        round=nonconformity.rounds,
        **facts,
    )


def _least_loaded(session: Session, holders: list[int]) -> int:
    """Return the one who owes least; `holders` come in the order of their codes."""
    if len(holders) == 1:
        return holders[0]
    rows = session.execute(
        select(col(Duty.owner_id), sa.func.count())
        .where(col(Duty.owner_id).in_(holders), col(Duty.state) == DutyState.OPEN)
        .group_by(col(Duty.owner_id))
    )
    load = {owner: count for owner, count in rows}  # noqa: C416 - a Row is not a pair to mypy
    return min(holders, key=lambda person: load.get(person, 0))


def settle_alarms(session: Session, nonconformity: Nonconformity, *, at: datetime) -> None:
    """Nothing about it is missing any more: it has ended."""
    for kind in (*GIVEN, DutyKind.DECIDE):
        alarms.clear_alarm(session, kind=f"{ALARM}{kind}", ref=alarm_ref(nonconformity), at=at)


def _alarm(session: Session, nonconformity: Nonconformity, kind: DutyKind, at: datetime) -> None:
    message = says.nobody_owes(nonconformity.code, kind, _given(kind).roles)
    ref = alarm_ref(nonconformity)
    if alarms.raise_alarm(session, kind=f"{ALARM}{kind}", ref=ref, message=message, at=at):
        post(
            session,
            letter=LetterKind.ALARM,
            ref=f"{ALARM}{kind}:{nonconformity.code}:{nonconformity.rev}",
            person_id=None,
            at=at,
            facts={"kind": f"{ALARM}{kind}", "ref": ref, "message": message},
        )


def alarm_ref(nonconformity: Nonconformity) -> str:
    """Return what its alarms refer to."""
    return f"{KIND}:{nonconformity.code}"
