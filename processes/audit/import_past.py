"""Audits of earlier years (历史审核): each stands in the programme of its year, brought in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from models.audit import Audit, AuditArea, AuditLine, AuditProgramme
from models.organisation import Person
from processes.imports import cells, upsert
from processes.imports.cells import Column
from processes.imports.past import Past, common
from processes.imports.taking import Incoming
from processes.imports.upsert import Values

STATES: Final = ("closed", "cancelled")
BROUGHT: Final = "brought_in"  # the key of a programme's procedure that says where it is from


def columns() -> tuple[Column, ...]:
    """Return the columns of the file."""
    return (
        *common(*STATES),
        Column("area", cells.code(160), needed=True),
        Column("planned_on", cells.day, needed=True),
        Column("lead", cells.code()),
        Column("purpose", cells.prose(20_000), default=""),
        Column("scope", cells.prose(20_000), default=""),
    )


def _kept(session: Session) -> Mapping[str, tuple[str, datetime | None]]:
    return {row.code: (row.state, row.closed_at) for row in session.exec(select(Audit))}


def _judge(session: Session, file: Incoming) -> None:
    file.refuse_unknown("area", upsert.codes(session, AuditArea), "audit area")
    file.refuse_unknown("lead", upsert.codes(session, Person), "person")
    ours = {
        row.year for row in session.exec(select(AuditProgramme)) if BROUGHT not in row.procedure
    }
    this_year = current().calendar.day(file.at).year
    for row, values in file.rows.values():
        planned = values.get("planned_on")
        if planned is not None and (planned.year in ours or planned.year > this_year):
            file.problems.say(
                "{year} has a programme of its own here: its audits are not brought in",
                row=row,
                column="planned_on",
                year=planned.year,
            )
    _refuse_twice(session, file)


def _refuse_twice(session: Session, file: Incoming) -> None:
    """Refuse two audits of one area in one month: a programme has a place for one."""
    seen: dict[tuple[str, int, int], str] = {}
    rows = session.exec(select(Audit, AuditArea.code).join(AuditArea))
    for audit, area in rows:
        seen[area, audit.planned_on.year, audit.planned_on.month] = audit.code
    for code, (row, values) in file.rows.items():
        planned, where = values.get("planned_on"), values.get("area")
        if planned is None or where is None:
            continue
        first = seen.setdefault((where, planned.year, planned.month), code)
        if first != code:
            file.problems.say(
                "{code} is the audit of this area in this month: give another day",
                row=row,
                column="planned_on",
                code=first,
            )


def _write(
    session: Session,
    code: str,
    values: Values,
    mark: dict[str, Any],
    people: dict[str, int],
) -> None:
    del people
    area = session.exec(select(AuditArea).where(col(AuditArea.code) == values["area"])).one()
    planned, at = values["planned_on"], datetime.fromisoformat(mark["at"])
    programme = _programme(session, planned.year, mark, at)
    line = _line(session, programme, area, planned.month)
    closed_at = values.get("closed_at")
    assert programme.id is not None
    assert line.id is not None
    assert area.id is not None
    session.add(
        Audit(
            code=code,
            programme_id=programme.id,
            line_id=line.id,
            area_id=area.id,
            month=planned.month,
            planned_on=planned,
            clauses=list(area.clauses),
            state=values["state"],
            purpose=values.get("purpose") or "",
            scope=values.get("scope") or "",
            conducted_at=closed_at if values["state"] == "closed" else None,
            reported_at=closed_at if values["state"] == "closed" else None,
            closed_at=closed_at,
            brought_in={**mark, "lead": values.get("lead"), "summary": values.get("summary")},
        )
    )
    session.flush()


def _programme(session: Session, year: int, mark: dict[str, Any], at: datetime) -> AuditProgramme:
    """Return the programme of a year that was brought in, made with its first audit."""
    found = session.exec(select(AuditProgramme).where(col(AuditProgramme.year) == year)).first()
    if found is None:
        found = AuditProgramme(
            code=f"AP-{year}",
            year=year,
            state="approved",
            procedure={BROUGHT: mark["file"]},
            procedure_hash="",
            drafted_at=at,
        )
        session.add(found)
        session.flush()
    return found


def _line(session: Session, programme: AuditProgramme, area: AuditArea, month: int) -> AuditLine:
    line = session.exec(
        select(AuditLine).where(
            col(AuditLine.programme_id) == programme.id, col(AuditLine.area_id) == area.id
        )
    ).first()
    assert programme.id is not None
    assert area.id is not None
    line = line or AuditLine(programme_id=programme.id, area_id=area.id, points=0, rank=0)
    line.months = sorted({*line.months, month})
    session.add(line)
    session.flush()
    return line


PAST: Final = Past(
    kind="audits",
    model=Audit,
    columns=columns,
    needed=("code", "area", "planned_on", "state"),
    kept=_kept,
    judge=_judge,
    write=_write,
)
