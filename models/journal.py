"""What one act changes, row by row (变更日志), so that it can be taken back.

The rows that an act updates are kept as they were and as they became, and the rows that it adds
by their keys. Letters, trail, answers and counters are not: what was said and recorded stays.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import Session, SQLModel

# What is only ever added to, or serves the sending: never taken back.
STAYS: Final = frozenset(
    {
        *("trail", "trail_head", "answer", "line", "notice", "notice_bytes", "alarm"),
        *("counter", "code", "evidence", "provisional", "acquaintance", "beat", "relay"),
    }
)

Key = list[Any]
UNKNOWN: Final = None  # the key of a row that cannot be brought back


class Moved(Exception):
    """A row is not any more what the act left: somebody has gone on from it."""


@dataclass(slots=True)
class Journal:
    """The rows that were updated, as they were, and those that were added."""

    before: dict[tuple[str, tuple[Any, ...]], dict[str, Any]] = field(default_factory=dict)
    made: list[list[Any]] = field(default_factory=list)
    flushing: bool = False  # rows of the session are being written, and are noted after it

    def changed(self, session: Session) -> list[list[Any]]:
        """Return what differs now: table, key, the columns as they were, and as they are."""
        found: list[list[Any]] = []
        made = {(name, tuple(key)) for name, key in self.made if key is not UNKNOWN}
        for (name, key), was in self.before.items():
            if (name, key) in made:
                continue
            table = SQLModel.metadata.tables[name]
            now = _row(session.connection(), table, key)
            if now is None:
                continue
            names = [column for column in was if was[column] != now[column]]
            if names:
                found.append(
                    [
                        name,
                        list(key),
                        {column: _plain(was[column]) for column in names},
                        {column: _plain(now[column]) for column in names},
                    ]
                )
        return found


@contextmanager
def kept(session: Session) -> Iterator[Journal]:
    """Watch everything that this session writes until the block ends."""
    journal, connection = Journal(), session.connection()
    session.flush()

    def look(_conn: Any, clause: Any, many: Any, params: Any, _options: Any) -> None:
        _look(connection, journal, clause, many or [params or {}])

    def begin(_flushed: Session, _context: Any, _instances: Any) -> None:
        journal.flushing = True

    def note(flushed: Session, _context: Any) -> None:
        journal.flushing = False
        for one in flushed.new:
            table = one.__table__
            if table.name not in STAYS:
                key = [getattr(one, column.key) for column in table.primary_key]
                journal.made.append([table.name, key])

    event.listen(connection, "before_execute", look)
    event.listen(session, "before_flush", begin)
    event.listen(session, "after_flush", note)
    try:
        yield journal
        session.flush()
    finally:
        event.remove(connection, "before_execute", look)
        event.remove(session, "before_flush", begin)
        event.remove(session, "after_flush", note)


def _look(connection: sa.Connection, journal: Journal, clause: Any, many: Any) -> None:
    """Note what a statement is about to do to a table that can be brought back."""
    if not isinstance(clause, sa.Update | sa.Insert | sa.Delete):
        return
    name = clause.table.name  # type: ignore[union-attr]
    if name in STAYS:
        return
    if isinstance(clause, sa.Update):
        for values in many:
            _remember(connection, journal, clause, values)
    elif isinstance(clause, sa.Delete) or not journal.flushing:
        journal.made.append([name, UNKNOWN])


def _remember(connection: sa.Connection, journal: Journal, update: Any, values: Any) -> None:
    """Keep the rows that this statement is about to change, each as it was first."""
    table = update.table
    query = sa.select(*table.c).where(*update._where_criteria)  # noqa: SLF001 - no other way in
    for row in connection.execute(query, values or {}).mappings():
        key = tuple(row[column] for column in table.primary_key)
        journal.before.setdefault((table.name, key), {c.key: row[c] for c in table.c})


def restore(session: Session, changed: list[list[Any]], made: list[list[Any]]) -> None:
    """Bring the rows back to what they were; raises `Moved` if anybody has gone on from them.

    `changed` and `made` are what a journal kept; rows that were added are deleted.
    """
    session.flush()
    session.expire_all()
    connection = session.connection()
    for name, key, was, left in changed:
        table = SQLModel.metadata.tables[name]
        now = _row(connection, table, tuple(key))
        if now is None or any(_plain(now[column]) != left[column] for column in left):
            raise Moved(name, key)
        values = {column: _typed(table.c[column], value) for column, value in was.items()}
        if "rev" in table.c:
            values["rev"] = now["rev"] + 1  # a claim on what it was in between is lost
        connection.execute(sa.update(table).where(*_is(table, key)).values(values))
    for name, key in reversed(made):
        if key is UNKNOWN:
            raise Moved(name, key)
        table = SQLModel.metadata.tables[name]
        connection.execute(sa.delete(table).where(*_is(table, key)))
    session.expire_all()


def _row(connection: sa.Connection, table: sa.Table, key: tuple[Any, ...]) -> Any:
    found = connection.execute(sa.select(table).where(*_is(table, list(key)))).mappings().first()
    return None if found is None else {column.key: found[column] for column in table.c}


def _is(table: sa.Table, key: Key) -> list[Any]:
    return [
        column == _typed(column, value)
        for column, value in zip(table.primary_key, key, strict=True)
    ]


def _plain(value: Any) -> Any:
    """Return a value as JSON keeps it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value.value if isinstance(value, Enum) else value


def _typed(column: Any, value: Any) -> Any:
    """Return a kept value as its column takes it."""
    if value is None or not isinstance(value, str):
        return value
    kind = column.type
    if isinstance(kind, sa.Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    try:
        python = kind.python_type
    except NotImplementedError:
        return value
    if python is datetime:
        return datetime.fromisoformat(value)
    if python is date:
        return date.fromisoformat(value)
    return Decimal(value) if python is Decimal else value
