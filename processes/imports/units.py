"""Units of the organisation (部门): `code,name,parent,head`.

A head may be named before the people are imported; a parent must be a unit of the file or
one that is known.
"""

from datetime import datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session

from models.base import table_of
from models.engine import transaction
from models.organisation import Unit
from processes.imports import cells, tabular, upsert
from processes.imports.cells import Column
from processes.imports.problems import Problem, Problems
from processes.imports.report import Report
from processes.imports.upsert import Values

COLUMNS: Final = (
    Column("code", cells.code(160), needed=True),
    Column("name", cells.line(200), needed=True),
    Column("parent", cells.code(160)),
    Column("head", cells.code()),
)
DEFAULTS: Final[Values] = {"name": "", "parent": None, "head": None}


def take(path: Path, *, at: datetime, actor: str, dry_run: bool = False) -> Report:
    """Take a file of units over, or refuse it whole."""
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
    upsert.alone(session, Unit)
    known = _known(session)
    upsert.needed_when_new(rows, known, {"name"} - set(table.columns), problems)
    upsert.known_codes(rows, "parent", {*known, *rows}, "unit", problems)
    found = upsert.compare(rows, known, DEFAULTS)
    _refuse_circles(rows, found.merged(known), problems)
    problems.refuse_if_any()
    if not dry_run:
        _write(session, found, at=at, actor=actor)
    return Report(
        kind="units",
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


def _refuse_circles(
    rows: dict[str, tuple[int, Values]], units: dict[str, Values], problems: Problems
) -> None:
    """A unit cannot lie in itself; unlike managers, nobody would know where it belongs."""
    for code, (number, _) in rows.items():
        seen, above = {code}, units[code]["parent"]
        while above is not None and above in units and above not in seen:
            seen.add(above)
            above = units[above]["parent"]
        if above == code:
            problems.say(
                "the unit {code} would lie inside itself", row=number, column="parent", code=code
            )


def _write(session: Session, found: upsert.Difference, *, at: datetime, actor: str) -> None:
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
        at=at,
        actor=actor,
    )
