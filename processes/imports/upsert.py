"""Rows by their natural keys (按编号更新): what is new, what changed, what stays.

Both sides are compared as a file writes them: codes, not ids. A column that the file does not
have stays as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from models import trail
from models.base import table_of
from processes.imports.problems import Problem, Problems

Values = dict[str, Any]
Rows = dict[str, tuple[int, Values]]  # by code: where a row stands, and what it says


@dataclass(slots=True)
class Difference:
    """A file against what is known, by code. `changed` keeps what it was and what it becomes.

    `notes` name what is taken all the same and should be looked at.
    """

    new: dict[str, Values] = field(default_factory=dict)
    changed: dict[str, tuple[Values, Values]] = field(default_factory=dict)
    unchanged: int = 0
    notes: list[Problem] = field(default_factory=list)

    def written(self) -> dict[str, Values]:
        """Return the rows to write, as they will be."""
        return {**self.new, **{code: after for code, (_, after) in self.changed.items()}}

    def merged(self, known: Mapping[str, Values]) -> dict[str, Values]:
        """Return everything as it will be."""
        return {**known, **self.written()}


def by_code(rows: Sequence[tuple[int, Values]], problems: Problems) -> Rows:
    """Return the rows by their code; a code that stands there twice is refused at both rows."""
    found: Rows = {}
    for number, values in rows:
        code = values.get("code")
        if code is None:
            continue
        if code in found:
            problems.twice(code, first=found[code][0], row=number, column="code")
        else:
            found[code] = (number, values)
    return found


def compare(
    wanted: Mapping[str, tuple[int, Values]], known: Mapping[str, Values], defaults: Values
) -> Difference:
    """Return what is new and what changed; a new row has defaults where the file says nothing."""
    found = Difference()
    for code, (_, values) in wanted.items():
        before = known.get(code)
        if before is None:
            found.new[code] = {**defaults, **values}
        elif all(before[name] == value for name, value in values.items()):
            found.unchanged += 1
        else:
            found.changed[code] = (before, {**before, **values})
    return found


def write(
    session: Session,
    model: type[SQLModel],
    difference: Difference,
    *,
    columns: Callable[[str, Values], Values],
    private: frozenset[str],
    at: datetime,
    actor: str,
) -> None:
    """Write a difference, a trail row each. `columns` turns codes into ids, known by then.

    `private` columns (names, addresses) are not copied into the trail, which outlives people.
    """
    table, told = table_of(model), list[trail.Entry]()
    if difference.changed:
        _update(
            session, table, {c: columns(c, after) for c, (_, after) in difference.changed.items()}
        )
    if difference.new:
        _update(session, table, {c: columns(c, values) for c, values in difference.new.items()})
    ids = codes(session, model)
    for code, values in difference.new.items():
        after = _told(columns(code, values), private)
        told.append(_entry(table, ids[code], "imported", at, actor, after=after))
    for code, (before, becomes) in difference.changed.items():
        sides = _apart(columns(code, before), columns(code, becomes))
        was, now = (_told(side, private) for side in sides)
        told.append(_entry(table, ids[code], "changed", at, actor, before=was, after=now))
    trail.record_many(session, told)


def _apart(was: Values, becomes: Values) -> tuple[Values, Values]:
    """Return both sides of what changed, and nothing of what did not."""
    names = [name for name in becomes if was.get(name) != becomes[name]]
    return {name: was.get(name) for name in names}, {name: becomes[name] for name in names}


def _entry(
    table: sa.Table,
    number: int,
    what: str,
    at: datetime,
    actor: str,
    *,
    before: Values | None = None,
    after: Values,
) -> trail.Entry:
    kind = table.name
    action, subject = f"{kind}.{what}", f"{kind}:{number}"
    return trail.Entry(
        at=at, actor=actor, action=action, subject=subject, before=before, after=after
    )


def alone(session: Session, model: type[SQLModel]) -> None:
    """Let no other import write this table meanwhile; SQLite has one writer at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text(f"LOCK TABLE {table_of(model).name} IN SHARE ROW EXCLUSIVE MODE"))


def insert_bare(
    session: Session, model: type[SQLModel], new: Mapping[str, Values], bare: Values
) -> None:
    """Insert new rows with their code and name, so that rows may refer to one another."""
    if new:
        rows = [{"code": code, "name": values["name"], **bare} for code, values in new.items()]
        session.execute(sa.insert(model), rows)


def codes(session: Session, model: type[SQLModel]) -> dict[str, int]:
    """Return the id of every code of a table."""
    kept = table_of(model)
    return {row.code: row.id for row in session.execute(sa.select(kept.c.code, kept.c.id))}


def _update(session: Session, table: sa.Table, rows: Mapping[str, Values]) -> None:
    first = next(iter(rows.values()))
    statement = (
        sa.update(table)
        .where(table.c.code == sa.bindparam("b_code"))
        .values({name: sa.bindparam(f"b_{name}", type_=table.c[name].type) for name in first})
    )
    session.connection().execute(
        statement,
        [
            {"b_code": code, **{f"b_{name}": value for name, value in row.items()}}
            for code, row in rows.items()
        ],
    )


def _told(values: Values, private: frozenset[str]) -> Values:
    return {
        name: "…" if name in private and value is not None else _plain(value)
        for name, value in values.items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime) else value
