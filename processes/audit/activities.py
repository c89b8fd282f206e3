"""The internal audit of the annual plan (年度计划中的内部审核): done by the programme's audits.

A line of the plan says that internal audits take place; the programme says which, and each audit
owes its own duties. So the activity asks nobody for the same work twice: it opens the programme
where there is none, is done when the last of its audits is reported, and follows the approved
programme's days. A home without auditors does it as any other activity, by the plain duty.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlmodel import Session, col, select

from config.current import current
from config.language import say
from config.plan import plan_policy
from models.audit import Audit, AuditArea, Auditor, AuditProgramme, Finding
from models.engine import transaction
from models.plan import Activity, ActivityState
from processes.audit import programme as audit_programme
from processes.audit import report as audit_report
from processes.audit.ground import policy
from processes.plan import activities
from rules import audit_programme as rule
from rules import plan
from rules.refusal import Refused

KIND: Final = "internal_audit"
HELD: Final = frozenset({"reported", "closed"})
RESULT: Final = "{audits} audits reported, {findings} findings"


def open_activities(session: Session, opened: Sequence[Activity], at: datetime, actor: str) -> None:
    """Leave to the programme what it covers; owe the rest plainly (`OPENERS`)."""
    alone = [one for one in opened if not _programmed(session, one, at=at, actor=actor)]
    if alone:
        activities.OPENERS[activities.DEFAULT](session, alone, at, actor)
    for one in opened:
        if one not in alone:
            _follow(session, one, at=at, actor=actor)


@transaction
def settle(session: Session, *, at: datetime) -> list[str]:
    """Follow the programmes with every open activity; return the codes of those done."""
    return settle_in(session, at=at, actor="clock")


def settle_in(session: Session, *, at: datetime, actor: str) -> list[str]:
    """Do what `settle` does inside another transaction."""
    waiting = session.exec(
        select(Activity).where(
            col(Activity.kind) == KIND,
            col(Activity.state) == ActivityState.OPEN,
            col(Activity.duty_id).is_(None),
        )
    ).all()
    return [one.code for one in waiting if _follow(session, one, at=at, actor=actor)]


def covering(session: Session, audits: Sequence[Audit]) -> dict[int, str]:
    """Return, by audit id, the code of the activity of the plan that it belongs to."""
    areas = {row.id: row for row in session.exec(select(AuditArea)).all()}
    years = {audit.planned_on.year for audit in audits}
    rows = session.exec(
        select(Activity).where(
            col(Activity.kind) == KIND,
            col(Activity.state) != ActivityState.CANCELLED,
            col(Activity.plan).in_([str(year) for year in years]),
        )
    ).all()
    found = {}
    for audit in audits:
        own = [one for one in rows if one.plan == str(audit.planned_on.year)]
        code = _of(own, audit, areas[audit.area_id])
        if code is not None and audit.id is not None:
            found[audit.id] = code
    return found


def _of(rows: Sequence[Activity], audit: Audit, area: AuditArea) -> str | None:
    """Return the activity of the area's unit, else of the organisation, by the audit's day."""
    of_unit = [one for one in rows if one.object_kind == "unit" and one.object == area.code]
    of_all = [one for one in rows if one.object_kind == "organisation"]
    own = sorted(of_unit or of_all, key=lambda one: (one.nominal_on, one.code))
    if not own:
        return None
    return own[rule.share([one.nominal_on for one in own], audit.planned_on)].code


def _programmed(session: Session, activity: Activity, *, at: datetime, actor: str) -> bool:
    """Whether the programme does it; draft one if there is none. Projects have no programme."""
    if activity.object_kind == "project" or session.exec(select(Auditor.id)).first() is None:
        return False
    year = activity.nominal_on.year
    if audit_programme.find(session, year) is None:
        try:
            audit_programme.draft_in(session, year, at=at, actor=actor)
        except Refused:  # nobody holds the role that plans audits
            return False
    return _in_force(session, activity) is None or bool(_audits(session, activity))


def _follow(session: Session, activity: Activity, *, at: datetime, actor: str) -> bool:
    """Keep step with the programme in force; True if the activity is done with it."""
    programme = _in_force(session, activity)
    if programme is None:
        return False
    audits = _audits(session, activity)
    if not audits:  # all were cancelled: somebody has to answer for it
        activities.OPENERS[activities.DEFAULT](session, [activity], at, actor)
        session.add(activity)
    elif all(audit.state in HELD for audit in audits):
        assert activity.id is not None
        result = _result(session, audits)
        activities.done(session, activity.id, at, record=programme.code, result=result, actor=actor)
        return True
    else:
        _move(session, activity, _until(audits), at=at, actor=actor)
    return False


def _in_force(session: Session, activity: Activity) -> AuditProgramme | None:
    programme = audit_programme.find(session, activity.nominal_on.year)
    return programme if programme is not None and programme.state == "approved" else None


def _audits(session: Session, activity: Activity) -> list[Audit]:
    """Return the audits that this activity stands for, those that were cancelled left out."""
    rows = session.exec(
        select(Audit)
        .join(AuditProgramme, col(AuditProgramme.id) == Audit.programme_id)
        .where(
            col(AuditProgramme.year) == activity.nominal_on.year,
            col(Audit.state) != "cancelled",
        )
    ).all()
    own = covering(session, rows)
    return [audit for audit in rows if own.get(audit.id or 0) == activity.code]


def _until(audits: Sequence[Audit]) -> date:
    """Return by when the last audit is reported and its report approved."""
    calendar, steps = current().calendar, plan_policy().approval
    last = max(
        calendar.day(audit.closes_at) if audit.closes_at else audit.planned_on for audit in audits
    )
    days = policy().periods.report_working_days
    days += steps.review_working_days + steps.approve_working_days
    return calendar.day(calendar.working_days(calendar.close_of(last), days))


def _move(session: Session, activity: Activity, until: date, *, at: datetime, actor: str) -> None:
    """The approved programme names the day, if it is later than the plan's."""
    if until <= activity.planned_on:
        return
    activity.due_at = plan.due(until, opened_at=at, calendar=current().calendar)
    activities.move(session, activity, until, at=at, actor=actor)


def _result(session: Session, audits: Sequence[Audit]) -> str:
    rows = session.exec(
        select(Finding.id).where(
            col(Finding.audit_id).in_([audit.id for audit in audits]),
            col(Finding.state).not_in(("merged", "upheld")),
        )
    ).all()
    return say(current().settings.language, RESULT, audits=len(audits), findings=len(rows))


def _reported(session: Session, at: datetime, actor: str) -> None:
    settle_in(session, at=at, actor=actor)


activities.OPENERS[KIND] = open_activities
audit_report.ON_REPORTED.append(_reported)
