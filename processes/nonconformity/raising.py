"""Nonconformities (不符合项): raised, in one transaction with what is owed about them.

That is the row and its first round, the owner's duty to respond, the duty of management if the
risk is high, and the trail. Imports are in `nonconformity_import.py`, what is answered in
`nonconformity_answers.py`, who owes what next in `nonconformity_duties.py`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from models.engine import transaction
from models.nonconformity import Nonconformity, Round
from processes.nonconformity import duties as owed
from processes.nonconformity import rows
from processes.nonconformity.entry import Known, New, problems
from rules import nonconformity as rule
from rules import text
from rules.refusal import Refused
from rules.words import DutyKind, Risk, Severity

# What says what it is; owner, severity, risk and dates get a history of their own.
DESCRIBES: Final[tuple[str, ...]] = (
    "title",
    "description",
    "source",
    "source_record",
    "potential",
    "project",
    "unit",
    "clause",
)


class CodeTaken(Refused):
    """Another nonconformity has this code already."""

    sentence = "the code {code} is taken by another nonconformity: “{title}”"


def raise_(
    *,
    title: str,
    owner_code: str,
    at: datetime,
    description: str = "",
    source: str = "daily",
    source_record: str | None = None,
    potential: bool = False,
    project: str | None = None,
    unit: str | None = None,
    clause: str | None = None,
    severity: Severity | None = None,
    risk: Risk | None = None,
    due: date | None = None,
    raised_by: str | None = None,
    code: str | None = None,
    entered_at: datetime | None = None,
    actor: str = "operator",
) -> str:
    """Raise one; return its code. The same code and content again changes nothing.

    `entered_at` is when it was written down, if it is raised with a date in the past.
    Raises a `Refused` that names what is wrong.
    """
    new = New(
        title=title,
        owner_code=owner_code,
        raised_at=at,
        description=description,
        source=source,
        source_record=source_record,
        potential=potential,
        project=project,
        unit=unit,
        clause=clause,
        severity=severity,
        risk=risk,
        due=due,
        raised_by=raised_by,
        code=code,
        entered_at=entered_at,
    )
    return _raise_one(new, actor=actor)


def raise_in(session: Session, new: New, *, actor: str, known: Known | None = None) -> str:
    """Raise one inside the transaction of another process; return its code."""
    new = new.cleaned()
    found = existing(session, new)
    if found is not None:
        _refuse_another(found, new, known or Known(session))
        return found.code
    refuse(known or Known(session), new)
    return create(session, new, known or Known(session), actor=actor).code


@transaction
def _raise_one(session: Session, new: New, *, actor: str) -> str:
    return raise_in(session, new, actor=actor)


def refuse(known: Known, new: New) -> None:
    """Raise the first thing that is wrong with a row."""
    for _, refused in problems(known, new):
        raise refused


def existing(session: Session, new: New) -> Nonconformity | None:
    """Return the one that has the row's code."""
    if new.code is None:
        return None
    return session.exec(
        select(Nonconformity).where(col(Nonconformity.code) == new.code)
    ).one_or_none()


def _refuse_another(found: Nonconformity, new: New, known: Known) -> None:
    owner = known.person(new.owner_code)
    same = (found.title, found.owner_id, found.source, found.source_record) == (
        new.title,
        owner.id if owner else None,
        new.source,
        new.source_record,
    )
    if not same:
        raise CodeTaken(code=found.code, title=found.title)


def create(session: Session, new: New, known: Known, *, actor: str) -> Nonconformity:
    """Write a row that was found right, and everything that follows from it."""
    nonconformity = written(session, new, known)
    assert nonconformity.id is not None
    session.add(Round(nonconformity_id=nonconformity.id, number=1))
    rows.record(
        session,
        nonconformity,
        "nonconformity.raised",
        at=new.raised_at,
        actor=actor,
        after=told(vars(nonconformity)),
    )
    entered = new.entered_at
    owed.respond(session, nonconformity, at=new.raised_at, actor=actor, entered_at=entered)
    if rule.needs_straight_up(nonconformity.risk, declared=False):
        report_up(session, nonconformity, at=new.raised_at, actor=actor, entered_at=entered)
    return nonconformity


def written(session: Session, new: New, known: Known) -> Nonconformity:
    """Write the row alone: nothing is owed and nobody is told."""
    year = current().calendar.day(new.raised_at).year
    code = new.code or rows.next_code(session, year)
    nonconformity = Nonconformity(**values(new, known, code))
    session.add(nonconformity)
    session.flush()
    return nonconformity


def report_up(
    session: Session,
    nonconformity: Nonconformity,
    *,
    at: datetime,
    actor: str,
    declared_by: int | None = None,
    reason: str | None = None,
    entered_at: datetime | None = None,
) -> None:
    """Ask management at once to decide resource, measure or accepted risk (直报管理层).

    Without a declaration it is the high risk that goes straight up, and needs no reason.
    """
    nonconformity.straight_up_at = at
    nonconformity.straight_up_reason = text.shortened(reason, 300) if reason else None
    session.add(nonconformity)
    session.flush()
    facts = {"risk": nonconformity.risk.value, "declared_by": declared_by, "reason": reason}
    owed.give(
        session,
        nonconformity,
        DutyKind.DECIDE,
        at=at,
        actor=actor,
        facts={key: value for key, value in facts.items() if value is not None},
        entered_at=entered_at,
    )


def values(new: New, known: Known, code: str) -> dict[str, Any]:
    """Return what a row that was found right says of itself."""
    severity, risk = new.severity or Severity.MINOR, new.risk or Risk.NORMAL
    priority, reason = rule.priority(severity, risk)
    owner = known.person(new.owner_code)
    raiser = known.person(new.raised_by) if new.raised_by else None
    assert owner is not None
    due_at = _due(new, severity)
    return {
        **{name: getattr(new, name) for name in DESCRIBES},
        "code": code,
        "severity": severity,
        "risk": risk,
        "priority": priority,
        "priority_reason": reason,
        "owner_id": owner.id,
        "raised_by_id": raiser.id if raiser else None,
        "raised_at": new.raised_at,
        "due_at": due_at,
        "first_due_at": due_at,
    }


def _due(new: New, severity: Severity) -> datetime:
    now = current()
    if new.due is not None:
        return now.calendar.close_of(new.due)
    days = now.policy.deadlines.act_calendar_days[severity]
    return now.calendar.calendar_days(new.raised_at, days)


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the trail says of one that was raised."""
    return {
        "state": row["state"],
        "severity": row["severity"].value,
        "risk": row["risk"].value,
        "priority": row["priority"],
        "owner": row["owner_id"],
        "due_at": row["due_at"].isoformat(),
        "source": row["source"],
    }
