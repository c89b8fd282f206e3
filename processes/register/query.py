"""How registers are asked (台账查询): filters, pages, and the pieces queries are made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlmodel import Session

from config.current import current
from models.engine import reading

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What to leave out; None keeps everything. Codes and stable words, never labels.

    `overdue` keeps open things past their due instant, `since` what was issued, raised, written
    or first seen then or later. `person` owes it, owns it, or receives the letter.
    `people` are the only ones whose rows a page may show, beside what `reader` himself raised;
    `find` is looked for in codes and titles. Days are the site's, both ends included.
    """

    state: str | None = None
    severity: str | None = None
    project: str | None = None
    person: str | None = None
    kind: str | None = None
    source: str | None = None
    subject: str | None = None
    unit: str | None = None
    ids: tuple[int, ...] | None = None
    people: frozenset[int] | None = None
    reader: int | None = None
    find: str | None = None
    overdue: bool = False
    since: datetime | None = None
    level: int | None = None
    due_from: date | None = None
    due_until: date | None = None
    ended_from: date | None = None
    counted: bool = True  # whether the reader is told how many rows there are in all


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Some rows of a register, and how many there are in all."""

    rows: Sequence[R]
    total: int


def columns(table: sa.FromClause, row: type[Any], *, but: Sequence[str] = ()) -> list[Any]:
    """Return the columns of a table that a row has under the same name, `but` some."""
    own = {name.name for name in fields(row)} - set(but)
    return [column for column in table.c if column.key in own]


def same(query: Any, table: sa.FromClause, filters: Filters, *names: str) -> Any:
    """Keep the rows whose columns hold what the filters of the same names want."""
    for name in names:
        wanted = getattr(filters, name)
        if wanted is not None:
            query = query.where(table.c[name] == wanted)
    return query


def whose(
    query: Any, person: sa.FromClause, filters: Filters, raiser: sa.ColumnElement[int] | None = None
) -> Any:
    """Keep the rows of a person by code or name, and of those alone whose rows may be shown."""
    if filters.people is not None:
        shown = person.c.id.in_(filters.people)
        query = query.where(shown if raiser is None else shown | (raiser == filters.reader))
    if not filters.person:
        return query
    return query.where((person.c.code == filters.person) | (person.c.name == filters.person))


def named(query: Any, filters: Filters, *columns: sa.ColumnElement[str]) -> Any:
    """Keep the rows in whose columns each of the words stands, whatever their letters' case."""
    for word in (filters.find or "").split():
        query = query.where(sa.or_(*(c.icontains(word, autoescape=True) for c in columns)))
    return query if filters.counted else query.execution_options(uncounted=True)


def since(query: Any, column: Any, filters: Filters) -> Any:
    """Keep the rows of that instant or later."""
    return query.where(column >= filters.since) if filters.since else query


def days(query: Any, column: Any, first: date | None, last: date | None) -> Any:
    """Keep the rows whose instant lies on these days of the site; None leaves an end open."""
    if first is not None:
        query = query.where(column >= _begins(first))
    return query if last is None else query.where(column < _begins(last + timedelta(days=1)))


def _begins(day: date) -> datetime:
    return datetime.combine(day, time.min, current().settings.zone).astimezone(UTC)


def page(
    query: Any, made: Callable[[dict[str, Any]], R], limit: int | None, offset: int
) -> Page[R]:
    """Read some rows of a query, and how many there are in all."""
    with reading() as session:
        if limit is None:
            rows = [made(dict(row)) for row in session.execute(query).mappings()]
            return Page(rows, len(rows))
        rows = [
            made(dict(row)) for row in session.execute(query.limit(limit).offset(offset)).mappings()
        ]
        if query.get_execution_options().get("uncounted"):
            return Page(rows, offset + len(rows))
        if len(rows) < limit and (rows or not offset):
            return Page(rows, offset + len(rows))
        return Page(rows, _count(session, query))


def _count(session: Session, query: Any) -> int:
    counted = query.order_by(None).with_only_columns(sa.func.count(), maintain_column_froms=True)
    return int(session.execute(counted).scalar_one())
