"""Projects under contract (运维项目): whose they are, who leads them, from when to when."""

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session

from models.base import table_of
from models.organisation import Person, Project, Unit
from processes.imports import cells, upsert
from processes.imports.cells import Column
from processes.imports.taking import Import, Incoming
from processes.imports.upsert import Difference, Values

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


def _judge(session: Session, file: Incoming) -> Difference:
    known = _known(session)
    file.refuse_bare(known, {"name"})
    file.refuse_unknown("manager", upsert.codes(session, Person), "person")
    file.refuse_unknown("unit", upsert.codes(session, Unit), "unit")
    found = upsert.compare(file.rows, known, DEFAULTS)
    _check_dates(file, found.merged(known))
    return found


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


def _check_dates(file: Incoming, merged: Mapping[str, Values]) -> None:
    for code, (number, _) in file.rows.items():
        begins, ends = merged[code]["start"], merged[code]["end"]
        if begins and ends and ends < begins:
            file.problems.say(
                "the contract ends on {ends}, before it begins on {begins}",
                row=number,
                column="end",
                ends=ends,
                begins=begins,
            )


def _write(session: Session, file: Incoming, found: Difference) -> None:
    people, units = upsert.codes(session, Person), upsert.codes(session, Unit)
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
        at=file.at,
        actor=file.actor,
    )


take: Final = Import(
    kind="projects", columns=COLUMNS, model=Project, judge=_judge, write=_write
).take
