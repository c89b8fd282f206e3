"""The plan of one audit (审核计划): when, who looks at what, with which questions.

The lead auditor names the opening meeting; timetable, checklist and closing meeting follow from
the procedure. The auditee hears the policy's working days before, or the plan is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models.audit import Audit, AuditAgenda, ChecklistLine
from models.duty import Duty
from models.engine import transaction
from processes.approval import course as approval
from processes.audit import meetings as audit_meetings
from processes.audit import plan_approval as audit_plan_approval
from processes.audit import says as says_audit
from processes.audit import team as audit_team
from processes.audit.ground import policy
from processes.audit.opening import invited, issue
from processes.audit.sharing import share
from processes.audit.staffing import record
from processes.audit.team import KIND, LEAD
from processes.duty import issued as duties
from processes.duty.deed import Deed
from rules.audit_findings import NotAWorkingDay, ShortNotice
from rules.refusal import Refused
from rules.words import DutyKind

MOVED: Final = "the audit was moved to another day"


class NoTeam(Refused):
    """The team is not complete."""

    sentence = "the team of {audit} is not complete: {there} of {needs} auditors"


class NobodyAnswers(Refused):
    """Nobody manages the audited area."""

    sentence = "nobody manages {area}: name a head of the unit, or an owner of the process, first"


class NotWorkingHours(Refused):
    """An opening meeting in the night."""

    sentence = "{clock} is outside working hours: choose between {opens} and {closes}"


class NotAnnounced(Refused):
    """There is nothing to move."""

    sentence = "{audit} cannot be moved: it is not announced yet, or already conducted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the lead auditor names: the day and hour of the opening meeting, and where."""

    opening_on: date
    opening_at: time
    place: str = ""


def check(deed: Deed, wanted: Wanted) -> None:
    """Refuse a plan with a team that may not audit, no auditee, or too short a notice."""
    audit = audit_team.by_code(deed.session, deed.duty.subject)
    _judge(deed.session, audit, wanted, hands=deed.hands, at=deed.at)


def make(deed: Deed, wanted: Wanted) -> str:
    """Write timetable and checklist, invite, and tell the auditee; the audit is owed next."""
    audit = audit_team.by_code(deed.session, deed.duty.subject)
    _judge(deed.session, audit, wanted, hands=deed.hands, at=deed.at)
    deed.discharge()
    if audit_plan_approval.needed():
        _draw(deed.session, audit, wanted)
        audit_plan_approval.submit(deed, audit)
        return says_audit.PLAN_SUBMITTED
    _announce(deed.session, audit, wanted, at=deed.at, actor=deed.actor)
    return says_audit.PLANNED


def approved(session: Session, code: str, version: int, at: datetime, by_id: int) -> None:
    """Announce the approved plan, if it still may be: team, day and notice are judged anew."""
    del version
    audit = audit_team.by_code(session, code)
    if audit.state != "opened" or audit.opens_at is None:  # cancelled meanwhile
        return
    local = current().calendar.local(audit.opens_at)
    wanted = Wanted(opening_on=local.date(), opening_at=local.time(), place=audit.place)
    _judge(session, audit, wanted, hands=frozenset(), at=at)
    _announce(session, audit, wanted, at=at, actor=f"person:{by_id}")


@transaction
def move(
    session: Session, code: str, wanted: Wanted, *, person_id: int, at: datetime, via: str
) -> str:
    """Name another day for an announced audit (调整审核时间): everybody hears it anew.

    A plan that was sent back is drawn anew; its author hands it in by his duty to revise it.
    """
    audit = audit_team.by_code(session, code)
    again = audit.state == "opened" and audit_plan_approval.came_back(session, audit)
    if audit.opens_at is None or (audit.state != "announced" and not again):
        raise NotAnnounced(audit=code)
    deed = Deed(
        session=session,
        duty=_planned_by(session, audit),
        person_id=person_id,
        on_behalf_of_id=None,
        at=at,
        via=via,
    )
    _judge(deed.session, audit, wanted, hands=deed.hands, at=deed.at)
    if again:
        _draw(session, audit, wanted)
        record(session, audit, "plan_redrawn", at=at, actor=deed.actor)
        return says_audit.PLAN_REDRAWN
    for duty in duties.open_duties_about(deed.session, KIND, audit.code):
        if duty.kind in {DutyKind.RECEIVE_AUDIT, DutyKind.CONDUCT_AUDIT}:
            duties.withdraw(deed.session, duty, at=deed.at, why=MOVED, actor=deed.actor)
    _announce(deed.session, audit, wanted, at=deed.at, actor=deed.actor)
    return says_audit.PLANNED


def _planned_by(session: Session, audit: Audit) -> Duty:
    """Return the duty by which the audit was planned: what is done to the plan is kept with it."""
    return session.exec(
        select(Duty)
        .where(
            col(Duty.subject_kind) == KIND,
            col(Duty.subject) == audit.code,
            col(Duty.kind) == DutyKind.PLAN_AUDIT,
        )
        .order_by(col(Duty.id).desc())
        .limit(1)
    ).one()


def _judge(
    session: Session, audit: Audit, wanted: Wanted, *, hands: frozenset[int], at: datetime
) -> None:
    team, area = audit_team.team_of(session, audit), audit_team.area_of(session, audit)
    if len(team) < audit.needs or not any(member.role == LEAD for member in team):
        raise NoTeam(audit=audit.code, there=len(team), needs=audit.needs)
    everybody = {*hands, *(m.person_id for m in team)}
    audit_team.still(session, audit, everybody, at=at, on=wanted.opening_on)
    if area.owner_id is None:
        raise NobodyAnswers(area=area.name)
    _judge_day(wanted, at)


def _judge_day(wanted: Wanted, at: datetime) -> None:
    calendar, days = current().calendar, policy().periods.notice_working_days
    if not calendar.is_working(wanted.opening_on):
        raise NotAWorkingDay(day=wanted.opening_on)
    if calendar.count(calendar.day(at), wanted.opening_on) < days:
        raise ShortNotice(days=days, first=calendar.day(calendar.working_days(at, days)))
    if not calendar.opens <= wanted.opening_at < calendar.closes:
        raise NotWorkingHours(
            clock=f"{wanted.opening_at:%H:%M}",
            opens=f"{calendar.opens:%H:%M}",
            closes=f"{calendar.closes:%H:%M}",
        )


def _draw(session: Session, audit: Audit, wanted: Wanted) -> list[AuditAgenda]:
    """Write timetable and checklist; nobody hears of it yet."""
    slots = _timetable(session, audit, wanted)
    session.execute(sa.delete(AuditAgenda).where(col(AuditAgenda.audit_id) == audit.id))
    session.add_all(slots)
    audit.opens_at, audit.closes_at = slots[0].begins_at, slots[-1].ends_at
    audit.place = wanted.place[:200]
    session.add(audit)
    _checklist(session, audit, slots)
    return slots


def _announce(session: Session, audit: Audit, wanted: Wanted, *, at: datetime, actor: str) -> None:
    slots = _draw(session, audit, wanted)
    audit.notified_at, audit.state = at, "announced"
    for slot in (slots[0], slots[-1]):
        audit_meetings.meet(
            session,
            audit,
            slot.what,
            begins=slot.begins_at,
            ends=slot.ends_at,
            place=wanted.place,
            invited=invited(session, audit),
            at=at,
        )
    _owe(session, audit, at=at, actor=actor)
    record(session, audit, "announced", at=at, actor=actor, opens_at=slots[0].begins_at.isoformat())


def _owe(session: Session, audit: Audit, *, at: datetime, actor: str) -> None:
    calendar = current().calendar
    owner, lead = audit_team.area_of(session, audit).owner_id, audit_team.lead_of(session, audit)
    assert owner is not None
    assert lead is not None
    assert audit.opens_at is not None
    assert audit.closes_at is not None
    before = calendar.close_of(calendar.day(calendar.add(audit.opens_at, -1)))
    issue(session, audit, DutyKind.RECEIVE_AUDIT, owner, due_at=before, at=at, actor=actor)
    closing = calendar.close_of(calendar.day(audit.closes_at))
    issue(session, audit, DutyKind.CONDUCT_AUDIT, lead, due_at=closing, at=at, actor=actor)


def _timetable(session: Session, audit: Audit, wanted: Wanted) -> list[AuditAgenda]:
    """Return opening meeting, clauses by auditor in half-days, closing meeting."""
    chosen = policy().team
    shares = share(session, audit)
    meeting = timedelta(minutes=chosen.meeting_minutes)
    assert audit.id is not None
    now = _local(wanted.opening_on, wanted.opening_at)
    slots = [_slot(audit.id, "opening", now, now + meeting)]
    longest = max((-(-len(own) // chosen.clauses_per_half_day) for _, own in shares), default=1)
    begins, ends = now + meeting, now + meeting
    for half in range(longest):
        begins = begins if half == 0 else _next_half(begins)
        ends = begins + timedelta(hours=chosen.half_day_hours)
        first = half * chosen.clauses_per_half_day
        for person, own in shares:
            part = own[first : first + chosen.clauses_per_half_day]
            if part:
                slots.append(_slot(audit.id, "clauses", begins, ends, part, person))
    slots.append(_slot(audit.id, "closing", *_closing(ends, meeting)))
    for number, slot in enumerate(slots, start=1):
        slot.number = number
    return slots


def _closing(ends: datetime, meeting: timedelta) -> tuple[datetime, datetime]:
    """Return the closing meeting: after the last half-day, inside working hours."""
    calendar = current().calendar
    begins = calendar.opening(ends)
    if calendar.local(begins + meeting).time() > calendar.closes:
        begins = calendar.next_opening_after(calendar.day(begins))
    return begins, begins + meeting


def _next_half(begins: datetime) -> datetime:
    """Return the next half-day: the afternoon, or the morning of the next working day."""
    calendar, chosen = current().calendar, policy().team
    local = calendar.local(begins)
    if local.time() < chosen.afternoon:
        return _local(local.date(), chosen.afternoon)
    following = calendar.day(calendar.add(begins, 1))
    return _local(following, chosen.morning)


def _local(day: date, clock: time) -> datetime:
    from datetime import UTC

    return datetime.combine(day, clock, current().settings.zone).astimezone(UTC)


def _slot(
    audit: int,
    what: str,
    begins: datetime,
    ends: datetime,
    clauses: Sequence[str] = (),
    person: int | None = None,
) -> AuditAgenda:
    return AuditAgenda(
        audit_id=audit,
        number=0,
        what=what,
        begins_at=begins,
        ends_at=ends,
        clauses=list(clauses),
        person_id=person,
    )


def _checklist(session: Session, audit: Audit, slots: Sequence[AuditAgenda]) -> None:
    """Draw the checklist from the criteria, in the site's language."""
    session.execute(sa.delete(ChecklistLine).where(col(ChecklistLine.audit_id) == audit.id))
    who = {clause: slot.person_id for slot in slots for clause in slot.clauses}
    criteria, zh = policy().criteria, current().settings.language == "zh"
    assert audit.id is not None
    for number, clause in enumerate(audit.clauses, start=1):
        criterion = criteria.get(clause)
        session.add(
            ChecklistLine(
                audit_id=audit.id,
                number=number,
                clause=clause,
                requirement=(criterion.zh if zh else criterion.en) if criterion else clause,
                method=criterion.method if criterion else "records",
                person_id=who.get(clause),
            )
        )
    session.flush()


approval.ON_APPROVED[audit_plan_approval.KIND] = approved
