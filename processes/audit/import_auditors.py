"""Auditors (内审员): who may audit, what for and until when, and where he was before.

A row is a person by his code. `competence` are clauses or their beginnings (20000:8, own, *),
`units` what he belonged to, each with its days: `NET 2024-01-01 2025-06-30; SYS 2026-03-01`.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import people, trail
from models.audit import Auditor, AuditorUnit
from models.organisation import Person, Unit
from processes.imports import cells, upsert
from processes.imports.cells import Column
from processes.imports.problems import Wrong
from processes.imports.taking import Import, Incoming
from processes.imports.upsert import Difference, Values

CLAUSE: Final = re.compile(r"[\w.:*-]{1,64}")
STAY_PARTS: Final = 3  # unit, first day, last day


def _clauses(cell: str) -> list[str]:
    parts = [part.strip() for part in re.split("[;；]", cell) if part.strip()]
    wrong = [part for part in parts if not CLAUSE.fullmatch(part)]
    if wrong:
        raise Wrong(
            "{cell} is no clause: write it like 20000:8.6, own, or * for all", cell=wrong[0]
        )
    return sorted(set(parts))


def _stays(cell: str) -> list[list[str | None]]:
    found: list[list[str | None]] = []
    for part in (one.split() for one in re.split("[;；]", cell) if one.strip()):
        if len(part) > STAY_PARTS:
            raise Wrong("write a unit with its first and last day: NET 2024-01-01 2025-06-30")
        days = [cells.day(one).isoformat() for one in part[1:]]
        if days != sorted(days):
            raise Wrong("write a unit with its first and last day: NET 2024-01-01 2025-06-30")
        found.append([part[0], *days, *[None] * (STAY_PARTS - len(part))])
    return found


def _count(cell: str) -> int:
    if not cell.isdecimal() or int(cell) > 1000:  # noqa: PLR2004 - more is a slip
        raise Wrong("{cell} is no whole number", cell=cell)
    return int(cell)


COLUMNS: Final = (
    Column("code", cells.code(), needed=True),
    Column("lead", cells.truth, default=False),
    Column("competence", _clauses, default=[]),
    Column("trained_on", cells.day),
    Column("valid_until", cells.day),
    Column("site", cells.line(64)),
    Column("most_audits", _count),
    Column("units", _stays, default=[]),
)
DEFAULTS: Final[Values] = {column.name: column.default for column in COLUMNS}
OWN: Final = ("lead", "competence", "trained_on", "valid_until", "site", "most_audits")


def _judge(session: Session, file: Incoming) -> Difference:
    file.refuse_unknown("code", upsert.codes(session, Person), "person")
    units = upsert.codes(session, Unit)
    for number, values in file.rows.values():
        for unit, *_ in values.get("units") or ():
            if unit not in units:
                file.problems.unknown("unit", unit, row=number, column="units")
    return upsert.compare(file.rows, _known(session), DEFAULTS)


def _known(session: Session) -> dict[str, Values]:
    stays: dict[int, list[list[str | None]]] = {}
    rows = session.exec(
        select(AuditorUnit, Unit.code).join(Unit, col(Unit.id) == AuditorUnit.unit_id)
    )
    for stay, unit in rows:
        days = [day.isoformat() if day else None for day in (stay.begins_on, stay.ends_on)]
        stays.setdefault(stay.person_id, []).append([unit, *days])
    people_ = session.exec(
        select(Auditor, Person.code).join(Person, col(Person.id) == Auditor.person_id)
    )
    return {
        code: {
            "code": code,
            **{name: getattr(row, name) for name in OWN},
            "units": stays.get(row.person_id, []),
        }
        for row, code in people_
    }


def _write(session: Session, file: Incoming, found: Difference) -> None:
    persons, units = upsert.codes(session, Person), upsert.codes(session, Unit)
    for code, values in found.written().items():
        _keep(session, persons[code], values, units)
        told = "auditor.named" if code in found.new else "auditor.changed"
        _tell(session, persons[code], told, values, file.at, file.actor)
    people.forget(session)


def _keep(session: Session, person: int, values: Values, units: Mapping[str, int]) -> None:
    row = session.exec(select(Auditor).where(col(Auditor.person_id) == person)).one_or_none()
    row = row or Auditor(person_id=person)
    for name in OWN:
        setattr(row, name, values[name])
    session.add(row)
    session.execute(sa.delete(AuditorUnit).where(col(AuditorUnit.person_id) == person))
    for unit, begins, ends in values["units"]:
        session.add(
            AuditorUnit(
                person_id=person, unit_id=units[unit], begins_on=_day(begins), ends_on=_day(ends)
            )
        )
    session.flush()


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _tell(
    session: Session, person: int, action: str, values: Values, at: datetime, actor: str
) -> None:
    told: dict[str, Any] = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
        if name != "code"
    }
    trail.record(session, at=at, actor=actor, action=action, subject=f"person:{person}", after=told)


take: Final = Import(
    kind="auditors", columns=COLUMNS, model=Auditor, judge=_judge, write=_write
).take
