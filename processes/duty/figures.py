"""How an area stands (待办数字): overdue by level and age, kept in time, due in the next weeks.

Every figure is of the rows that a register shows under the same filters, so that whoever opens
what is behind a figure finds as many.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa

from config.current import current
from models.base import table_of
from models.duty import Duty
from models.engine import reading
from models.organisation import Person, Unit
from rules.words import DutyState

AGES: Final = (5, 10, 20)  # working days; what is older is the last column
MONTHS: Final = 12
WEEKS: Final = 4
DAYS: Final = 7

People = Collection[int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days from and until, both included; None is open."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """Open duties past due, by (level, number of the age)."""

    ages: tuple[Span, ...]
    cells: Mapping[tuple[int, int], int]

    @property
    def levels(self) -> tuple[int, ...]:
        return tuple(sorted({level for level, _ in self.cells}, reverse=True))

    @property
    def total(self) -> int:
        return sum(self.cells.values())

    @property
    def most(self) -> int:
        return max(self.cells.values(), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How many duties were answered, and how many of them by their due instant."""

    answered: int = 0
    in_time: int = 0

    def __add__(self, other: "Kept") -> "Kept":
        return Kept(answered=self.answered + other.answered, in_time=self.in_time + other.in_time)

    @property
    def rate(self) -> int | None:
        """Return the share kept in per cent, rounded down; None where nothing was answered."""
        return 100 * self.in_time // self.answered if self.answered else None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitKept:
    """What one unit kept; the unit of people without one has no code."""

    code: str
    name: str
    kept: Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class InTime:
    """What was answered in the last twelve months, this one included."""

    since: date
    units: tuple[UnitKept, ...]
    months: tuple[tuple[date, Kept], ...]

    @property
    def whole(self) -> Kept:
        return sum((kept for _, kept in self.months), Kept())


def overdue(people: People, *, at: datetime) -> Overdue:
    """Return what is open past its due instant, by the level told and by working days."""
    edges = _age_edges(at)
    own = table_of(Duty).c
    age = sa.case(
        *((own.due_at >= _midnight(edge), n) for n, edge in enumerate(edges)), else_=len(edges)
    )
    query = (
        sa.select(own.level, age.label("age"), sa.func.count())
        .where(own.state == DutyState.OPEN, own.due_at < at)
        .group_by(own.level, sa.text("age"))
    )
    with reading() as session:
        rows = session.execute(_of(query, own, people)).all()
    lasts = (current().calendar.day(at), *(edge - timedelta(days=1) for edge in edges))
    ages = tuple(Span(first=f, last=t) for f, t in zip((*edges, None), lasts, strict=True))
    return Overdue(ages=ages, cells={(level, n): count for level, n, count in rows})


def in_time(people: People, *, at: datetime) -> InTime:
    """Return what was answered by unit and by month, and how much of it in time."""
    months = _months(at)
    own, who, unit = table_of(Duty).c, table_of(Person).c, table_of(Unit).c
    month = sa.case(
        *((own.ended_at >= _midnight(first), n) for n, first in reversed([*enumerate(months)]))
    )
    counted = (
        sa.select(
            own.owner_id,
            month.label("month"),
            sa.func.count().label("answered"),
            sa.func.sum(sa.case((own.ended_at <= own.due_at, 1), else_=0)).label("in_time"),
        )
        .where(own.state == DutyState.DISCHARGED, own.ended_at >= _midnight(months[0]))
        .group_by(own.owner_id, sa.text("month"))
    )
    inner = _of(counted, own, people).subquery()
    query = (
        sa.select(unit.code, unit.name, inner.c.month, inner.c.answered, inner.c.in_time)
        .select_from(inner)
        .join(table_of(Person), who.id == inner.c.owner_id)
        .outerjoin(table_of(Unit), unit.id == who.unit_id)
    )
    with reading() as session:
        rows = session.execute(query).all()
    return _summed(rows, months)


def coming(people: People, *, at: datetime) -> list[tuple[Span, int]]:
    """Return how many open duties fall due in each of the next weeks, today first."""
    today = current().calendar.day(at)
    firsts = [today + timedelta(days=DAYS * n) for n in range(WEEKS + 1)]
    own = table_of(Duty).c
    week = sa.case(
        *((own.due_at < _midnight(first), n) for n, first in enumerate(firsts[1:])), else_=WEEKS
    )
    query = (
        sa.select(week.label("week"), sa.func.count())
        .where(
            own.state == DutyState.OPEN,
            own.due_at >= _midnight(firsts[0]),
            own.due_at < _midnight(firsts[-1]),
        )
        .group_by(sa.text("week"))
    )
    with reading() as session:
        found = {row[0]: row[1] for row in session.execute(_of(query, own, people))}
    return [
        (Span(first=first, last=first + timedelta(days=DAYS - 1)), found.get(n, 0))
        for n, first in enumerate(firsts[:-1])
    ]


def open_now(people: People) -> int:
    """Return how many duties are open."""
    own = table_of(Duty).c
    query = sa.select(sa.func.count()).where(own.state == DutyState.OPEN)
    with reading() as session:
        return int(session.execute(_of(query, own, people)).scalar_one())


def _of(query: Any, own: Any, people: People) -> Any:
    return query if people is None else query.where(own.owner_id.in_(people))


def _summed(rows: Collection[Any], months: list[date]) -> InTime:
    units: dict[tuple[str, str], Kept] = {}
    by_month: Counter[int] = Counter()
    kept_by_month: Counter[int] = Counter()
    for code, name, month, answered, kept in rows:
        one = Kept(answered=answered, in_time=kept)
        key = (code or "", name or "")
        units[key] = units.get(key, Kept()) + one
        by_month[month] += answered
        kept_by_month[month] += kept
    ranked = sorted(units.items(), key=lambda item: (item[1].rate or 0, item[0]))
    return InTime(
        since=months[0],
        units=tuple(UnitKept(code=c, name=n, kept=kept) for (c, n), kept in ranked),
        months=tuple(
            (first, Kept(answered=by_month[n], in_time=kept_by_month[n]))
            for n, first in enumerate(months)
        ),
    )


def _age_edges(at: datetime) -> tuple[date, ...]:
    calendar = current().calendar
    return tuple(calendar.day(calendar.add(at, -days)) for days in AGES)


def _months(at: datetime) -> list[date]:
    """Return the first days of the last months, this one last."""
    today = current().calendar.day(at)
    count = today.year * MONTHS + today.month - MONTHS
    return [date(n // MONTHS, n % MONTHS + 1, 1) for n in range(count, count + MONTHS)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, current().settings.zone).astimezone(UTC)
