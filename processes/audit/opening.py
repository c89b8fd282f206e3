"""Opening audits (启动审核): in good time the lead auditor is asked for the audit plan.

What the lead auditor owes follows him: if another takes over, the open duty is withdrawn and the
successor gets one of his own.
"""

from datetime import date, datetime
from typing import Final

from sqlmodel import Session, col, select

from config.current import current
from models.audit import Audit, AuditProgramme
from models.duty import Duty
from models.engine import transaction
from processes.approval import course as approval
from processes.audit import changes as audit_changes
from processes.audit import coverage as audit_coverage
from processes.audit import meetings as audit_meetings
from processes.audit import sharing as audit_sharing
from processes.audit import staffing as audit_staffing
from processes.audit import team as audit_team
from processes.audit.ground import policy
from processes.audit.staffing import record
from processes.audit.team import KIND
from processes.duty import issued as duties
from rules import gates
from rules.refusal import Refused
from rules.words import DutyKind

LEADS: Final = (DutyKind.PLAN_AUDIT, DutyKind.CONDUCT_AUDIT, DutyKind.REPORT_AUDIT)
ANOTHER_LEADS: Final = "another lead auditor has taken over"
PLAN: Final = "audit_plan"  # the kind of its approval, where the procedure wants one
CANCELLED: Final = "the audit was cancelled"


class AuditIsOver(Refused):
    """What was conducted cannot be cancelled."""

    sentence = "the audit {audit} was conducted and cannot be cancelled"


class NotCancelled(Refused):
    """Only what was called off is taken up again."""

    sentence = "the audit {audit} was not called off: move it instead"


class NoSuchDay(Refused):
    """The day is over, no working day, or of another programme."""

    sentence = "{day} is no working day to come in {year}: name one"


class PlannedOnce(Refused):
    """Its plan went to approval; another one would stand under the same number."""

    sentence = (
        "the plan of {audit} was already handed in for approval: plan the area anew next year"
    )


@transaction
def open_due(session: Session, *, at: datetime) -> int:
    """Ask the lead auditors of the audits that come up for their plans; return how many."""
    calendar = current().calendar
    horizon = calendar.day(calendar.add(at, policy().periods.prepare_working_days))
    waiting = session.exec(
        select(Audit)
        .join(AuditProgramme, col(AuditProgramme.id) == Audit.programme_id)
        .where(
            col(AuditProgramme.state) == "approved",
            col(Audit.state) == "planned",
            col(Audit.planned_on) <= horizon,
        )
        .order_by(col(Audit.planned_on), col(Audit.id))
    ).all()
    return sum(_open(session, audit, at) for audit in waiting)


@transaction
def cancel(session: Session, code: str, *, reason: str, at: datetime, actor: str) -> None:
    """Call an audit off (取消审核): meetings are cancelled, nothing is owed any more."""
    audit = audit_team.by_code(session, code)
    if audit.conducted_at is not None:
        raise AuditIsOver(audit=code)
    reason = gates.reason(reason)
    if audit.state == "cancelled":
        return
    before = audit_coverage.left_out(session, audit)
    audit.state, audit.unstaffed = "cancelled", []
    session.add(audit)
    session.flush()
    audit_meetings.cancel(session, audit, at=at)
    for kind in (KIND, PLAN):
        for duty in duties.open_duties_about(session, kind, code):
            duties.withdraw(session, duty, at=at, why=CANCELLED, actor=actor)
    audit_changes.alarm(session, at=at)
    record(session, audit, "cancelled", at=at, actor=actor, reason=reason)
    audit_coverage.torn(session, audit, before, at=at)


@transaction
def resume(session: Session, code: str, *, on: date, reason: str, at: datetime, actor: str) -> None:
    """Take up an audit that was called off (恢复审核), on another day of its programme's year.

    It begins anew: its team is judged for that day, its plan drawn and its auditee told.
    """
    audit = audit_team.by_code(session, code)
    if audit.state != "cancelled":
        raise NotCancelled(audit=code)
    programme, calendar = session.get_one(AuditProgramme, audit.programme_id), current().calendar
    if on.year != programme.year or on <= calendar.day(at) or not calendar.is_working(on):
        raise NoSuchDay(day=on, year=programme.year)
    if approval.state(session, PLAN, code, 1) is not None:
        raise PlannedOnce(audit=code)
    reason = gates.reason(reason)
    audit.state, audit.planned_on = "planned", on
    audit.opens_at = audit.closes_at = audit.notified_at = None
    session.flush()
    record(session, audit, "resumed", at=at, actor=actor, reason=reason, on=on.isoformat())
    audit_coverage.mended(session, at=at)


def _open(session: Session, audit: Audit, at: datetime) -> bool:
    lead = audit_team.lead_of(session, audit)
    if lead is None:  # nobody may: the alarm about its team stands
        return False
    audit.state = "opened"
    days = policy().periods.plan_working_days
    issue(session, audit, DutyKind.PLAN_AUDIT, lead, days=days, at=at)
    record(session, audit, "opened", at=at, actor="clock", lead=lead)
    return True


def issue(
    session: Session,
    audit: Audit,
    kind: DutyKind,
    owner: int,
    *,
    at: datetime,
    days: int | None = None,
    due_at: datetime | None = None,
    actor: str = "clock",
) -> Duty:
    """Owe something about an audit, in so many working days or by an instant."""
    return duties.issue(
        session,
        kind=kind,
        subject_kind=KIND,
        subject=audit.code,
        title=audit_team.area_of(session, audit).name,
        owner_id=owner,
        due_at=due_at or current().calendar.working_days(at, days or 1),
        at=at,
        actor=actor,
    )


def hand_over(session: Session, audit: Audit, at: datetime) -> None:
    """Give what the lead auditor owes, and clauses, to the present team; invite it."""
    lead = audit_team.lead_of(session, audit)
    for duty in duties.open_duties_about(session, KIND, audit.code):
        if duty.kind in LEADS and lead is not None and duty.owner_id != lead:
            duties.withdraw(session, duty, at=at, why=ANOTHER_LEADS)
            later = current().calendar.working_days(at, policy().periods.plan_working_days)
            due_at = duty.due_at if duty.due_at > at else later
            issue(session, audit, DutyKind(duty.kind), lead, due_at=due_at, at=at)
    audit_sharing.share_anew(session, audit)
    for row in audit_meetings.meetings_of(session, audit):
        if not row.cancelled and row.begins_at > at:
            audit_meetings.meet(
                session,
                audit,
                row.kind,
                begins=row.begins_at,
                ends=row.ends_at,
                place=row.place,
                invited=invited(session, audit),
                at=at,
            )


def invited(session: Session, audit: Audit) -> list[int]:
    """Return who meets: the team and whoever manages the area."""
    owner = audit_team.area_of(session, audit).owner_id
    team = [member.person_id for member in audit_team.team_of(session, audit)]
    return team if owner is None else [*team, owner]


audit_staffing.LEAD_CHANGED = hand_over
