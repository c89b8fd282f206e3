"""Units of the organisation (部门): `code,name,parent,head`.

A head may be named before the people are imported; a parent must be a unit of the file or
one that is known.
"""

from typing import Final

import sqlalchemy as sa
from sqlmodel import Session

from models.base import table_of
from models.organisation import Unit
from processes.imports import cells, upsert
from processes.imports.cells import Column
from processes.imports.taking import Import, Incoming
from processes.imports.upsert import Difference, Values

COLUMNS: Final = (
    Column("code", cells.code(160), needed=True),
    Column("name", cells.line(200), needed=True),
    Column("parent", cells.code(160)),
    Column("head", cells.code()),
)
DEFAULTS: Final[Values] = {"name": "", "parent": None, "head": None}


def _judge(session: Session, file: Incoming) -> Difference:
    known = _known(session)
    file.refuse_bare(known, {"name"})
    file.refuse_unknown("parent", {*known, *file.rows}, "unit")
    found = upsert.compare(file.rows, known, DEFAULTS)
    _refuse_circles(file, found.merged(known))
    return found


def _known(session: Session) -> dict[str, Values]:
    unit = table_of(Unit)
    above = unit.alias()
    rows = session.execute(
        sa.select(unit, above.c.code.label("parent")).outerjoin(
            above, above.c.id == unit.c.parent_id
        )
    )
    return {
        row.code: {"code": row.code, "name": row.name, "parent": row.parent, "head": row.head_code}
        for row in rows
    }


def _refuse_circles(file: Incoming, units: dict[str, Values]) -> None:
    """A unit cannot lie in itself; unlike managers, nobody would know where it belongs."""
    for code, (number, _) in file.rows.items():
        seen, above = {code}, units[code]["parent"]
        while above is not None and above in units and above not in seen:
            seen.add(above)
            above = units[above]["parent"]
        if above == code:
            file.problems.say(
                "the unit {code} would lie inside itself", row=number, column="parent", code=code
            )


def _write(session: Session, file: Incoming, found: Difference) -> None:
    upsert.insert_bare(session, Unit, found.new, {})
    ids = upsert.codes(session, Unit)
    upsert.write(
        session,
        Unit,
        found,
        columns=lambda _, values: {
            "name": values["name"],
            "parent_id": ids.get(values["parent"]),
            "head_code": values["head"],
        },
        private=frozenset(),
        at=file.at,
        actor=file.actor,
    )


take: Final = Import(kind="units", columns=COLUMNS, model=Unit, judge=_judge, write=_write).take
