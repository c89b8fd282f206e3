"""Projects under contract (运维项目): whose they are, who leads them, from when to when."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session

from models.base import table_of
from models.engine import transaction
from models.organisation import Person, Project, Unit
from processes.imports import cells, tabular, upsert
from processes.imports.cells import Column
from processes.imports.problems import Problem, Problems
from processes.imports.report import Report
from processes.imports.upsert import Values

COLUMNS: Final = (
    Column("code", cells.code(), needed=True),
    Column("name", cells.line(200), needed=True),
    Column("customer", cells.line(200)),
    Column("customer_email", cells.address),
    Column("manager", cells.code()),
    Column("unit", cells.code(160)),
    Column("start", cells.day),
    Column("end", cells.day),
    Column("contract", cells.line(200)),
)
DEFAULTS: Final[Values] = {column.name: column.default for column in COLUMNS}
PRIVATE: Final = frozenset({"customer_email"})


def take(path: Path, *, at: datetime, actor: str, dry_run: bool = False) -> Report:
    """Take a file of projects over, or refuse it whole."""
    problems = Problems(path.name)
    table = tabular.read(path, problems, known=[c.name for c in COLUMNS], needed=["code"])
    rows = upsert.by_code(cells.parse(table.records, COLUMNS, problems), problems)
    return _take(table, rows, problems, at=at, actor=actor, dry_run=dry_run)


@transaction
def _take(
    session: Session,
    table: tabular.Table,
    rows: dict[str, tuple[int, Values]],
    problems: Problems,
    *,
    at: datetime,
    actor: str,
    dry_run: bool,
) -> Report:
    upsert.alone(session, Project)
    known = _known(session)
    people, units = upsert.codes(session, Person), upsert.codes(session, Unit)
    upsert.needed_when_new(rows, known, {"name"} - set(table.columns), problems)
    upsert.known_codes(rows, "manager", set(people), "person", problems)
    upsert.known_codes(rows, "unit", set(units), "unit", problems)
    found = upsert.compare(rows, known, DEFAULTS)
    _check_dates(rows, found.merged(known), problems)
    problems.refuse_if_any()
    if not dry_run:
        _write(session, found, people, units, at=at, actor=actor)
    return Report(
        kind="projects",
        file=table.file,
        new=len(found.new),
        changed=len(found.changed),
        unchanged=found.unchanged,
        notes=tuple(
            Problem(file=table.file, sentence=n.sentence, facts=n.facts) for n in table.notes
        ),
        codes=tuple(found.new),
        dry_run=dry_run,
    )


def _known(session: Session) -> dict[str, Values]:
    project, person, unit = (table_of(model) for model in (Project, Person, Unit))
    rows = session.execute(
        sa.select(project, person.c.code.label("manager"), unit.c.code.label("unit"))
        .outerjoin(person, person.c.id == project.c.manager_id)
        .outerjoin(unit, unit.c.id == project.c.unit_id)
    )
    return {
        row.code: {column.name: getattr(row, column.name) for column in COLUMNS} for row in rows
    }


def _check_dates(
    rows: Mapping[str, tuple[int, Values]], merged: Mapping[str, Values], problems: Problems
) -> None:
    for code, (number, _) in rows.items():
        begins, ends = merged[code]["start"], merged[code]["end"]
        if begins and ends and ends < begins:
            problems.say(
                "the contract ends on {ends}, before it begins on {begins}",
                row=number,
                column="end",
                ends=ends,
                begins=begins,
            )


def _write(
    session: Session,
    found: upsert.Difference,
    people: dict[str, int],
    units: dict[str, int],
    *,
    at: datetime,
    actor: str,
) -> None:
    upsert.insert_bare(session, Project, found.new, {})
    upsert.write(
        session,
        Project,
        found,
        columns=lambda _, values: {
            **{name: values[name] for name in ("name", "customer", "customer_email")},
            "manager_id": people.get(values["manager"]),
            "unit_id": units.get(values["unit"]),
            **{name: values[name] for name in ("start", "end", "contract")},
        },
        private=PRIVATE,
        at=at,
        actor=actor,
    )
