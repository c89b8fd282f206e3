"""A check with all that happened to it (检查履历): for its page, its report and `pdca show`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.base import table_of
from models.check import Check, CheckerRequest, CheckLine
from models.duty import Duty
from models.engine import reading
from models.organisation import Project, Unit
from processes.check import filling as check_filling
from processes.check import registers as registers_check
from processes.check import sheets as check_sheets
from processes.check.registers import CheckRow
from processes.check.rows import KIND
from processes.history import reading as read
from processes.history.rows import Answered, Attached, Extended, Named, Recorded, Told
from processes.register import registers
from processes.register.query import Filters
from processes.register.rows import DutyRow
from rules.check import CheckSheet, CheckState
from rules.refusal import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One point as it was found, in a language."""

    key: str
    number: str
    point: str
    criterion: str
    method: str
    scoring: str
    weight: str
    result: str
    severity: str | None
    problem: str
    evidence: str
    nonconformity: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Excepted:
    """A checker who is not independent was asked for; `granted` is None until decided."""

    person: Named
    conflicts: tuple[str, ...]
    asked_by: Named
    asked_at: datetime
    reason: str
    granted: bool | None
    decided_by: Named | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckHistory:
    """A check, what was found, and everything that happened to its duties."""

    check: CheckRow
    project_name: str
    unit: str | None
    unit_name: str
    manager: Named | None
    inspector: Named | None
    activity: str | None
    follows: str | None
    opened_at: datetime | None
    due_at: datetime | None
    performed_at: datetime | None
    summary: str
    observations: int
    cancelled_why: str | None
    sheet: str
    version: int | None
    lines: tuple[Found, ...]
    carried: tuple[dict[str, Any], ...]
    exceptions: tuple[Excepted, ...]
    duties: tuple[DutyRow, ...]
    told: tuple[Told, ...]
    answers: tuple[Answered, ...]
    extensions: tuple[Extended, ...]
    evidence: tuple[Attached, ...]
    trail: tuple[Recorded, ...]


def of_check(code: str, *, at: datetime, language: str) -> CheckHistory:
    """Return a check with its history, or refuse by code."""
    rows = registers_check.checks(Filters(subject=code), at=at).rows
    if not rows:
        raise NotFound(what=KIND, code=code)
    with reading() as session:
        names = read.names(session)
        check = session.exec(select(Check).where(col(Check.code) == code)).one()
        project = session.exec(select(Project).where(col(Project.code) == check.project)).one()
        unit = session.exec(select(Unit).where(col(Unit.code) == check.unit)).one_or_none()
        numbers = _duties(session, code)
        kept = check_sheets.kept(session, check.sheet_id) if check.sheet_id else None
        return CheckHistory(
            check=rows[0],
            project_name=project.name,
            unit=check.unit,
            unit_name=unit.name if unit else "",
            manager=names.get(check.manager_id or project.manager_id or 0),
            inspector=names.get(check.inspector_id or 0),
            activity=check.activity,
            follows=check.follows,
            opened_at=check.opened_at,
            due_at=check.due_at,
            performed_at=check.performed_at,
            summary=check.summary,
            observations=check.observations,
            cancelled_why=check.cancelled_why,
            sheet=kept.titles[language] if kept else "",
            version=kept.version if kept else None,
            lines=_lines(session, check, kept, language),
            carried=tuple(check.carried),
            exceptions=_exceptions(session, names, check),
            duties=tuple(registers.duties(Filters(ids=tuple(numbers)), at=at).rows),
            told=read.told(session, names, numbers),
            answers=read.answers(session, names, numbers),
            extensions=read.extensions(session, names, numbers),
            evidence=read.evidence(session, names, numbers),
            trail=read.trail(
                session, names, [f"{KIND}:{code}", *(f"duty:{number}" for number in numbers)]
            ),
        )


def _duties(session: Session, code: str) -> list[int]:
    """Return the duties about a check, and those to decide about their extension."""
    duty = table_of(Duty)
    own = list(
        session.scalars(
            sa.select(duty.c.id).where(duty.c.subject_kind == KIND, duty.c.subject == code)
        )
    )
    about = session.scalars(
        sa.select(duty.c.id).where(
            duty.c.subject_kind == "duty", duty.c.subject.in_([str(number) for number in own])
        )
    )
    return sorted([*own, *about])


def _lines(
    session: Session, check: Check, kept: CheckSheet | None, language: str
) -> tuple[Found, ...]:
    """Return what was found, beside the words of the sheet that was used."""
    if kept is None or check.state is not CheckState.DONE:
        return ()
    rows = session.exec(
        select(CheckLine).where(col(CheckLine.check_id) == check.id).order_by(col(CheckLine.id))
    )
    found = {row.key: row for row in rows}
    words = {line.key: line for line in check_filling.lines(session, check, kept, language)}
    return tuple(
        Found(
            key=key,
            number=line.number,
            point=line.point,
            criterion=line.criterion,
            method=line.method,
            scoring=line.scoring,
            weight=line.fixed()[5],
            result=found[key].result.value,
            severity=severity.value if (severity := found[key].severity) else None,
            problem=found[key].problem,
            evidence=found[key].evidence,
            nonconformity=found[key].nonconformity,
        )
        for key, line in words.items()
        if key in found
    )


def _exceptions(session: Session, names: read.Names, check: Check) -> tuple[Excepted, ...]:
    rows = session.exec(
        select(CheckerRequest)
        .where(col(CheckerRequest.check_id) == check.id)
        .order_by(col(CheckerRequest.id))
    )
    return tuple(
        Excepted(
            person=names[row.person_id],
            conflicts=tuple(row.conflicts),
            asked_by=names[row.asked_by_id],
            asked_at=row.asked_at,
            reason=row.reason,
            granted=row.granted,
            decided_by=names.get(row.decided_by_id or 0),
            note=row.note,
        )
        for row in rows
    )
