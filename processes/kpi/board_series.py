"""What was measured, as series (指标序列): one of each indicator and scope, in order of periods.

Board, letters, special situations and advice read the same series. What is missing is not in
it: whoever shows it asks for the periods there should have been.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col

from config.special import special_policy
from models.base import columns
from models.kpi import Kpi, Measurement
from models.organisation import Person
from models.special import KpiSpecial
from rules import kpi as rule
from rules import period as periods
from rules import spc
from rules.kpi import Direction, Judgement
from rules.period import Frequency, Period

SIGNS: Final = {Direction.AT_LEAST: "≥", Direction.AT_MOST: "≤", Direction.EXACTLY: "="}


@dataclass(frozen=True, slots=True)
class Seen:
    """What was measured of one period, as it was judged."""

    period: str
    ends_on: date
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    target: Decimal | None
    judgement: Judgement | None
    formula_version: int
    corrections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One indicator in one scope; `seen` begins with the earliest period."""

    kpi_id: int
    code: str
    name: str
    name_en: str
    element: str
    unit: str
    direction: Direction
    frequency: Frequency
    since: date
    owner_id: int
    owner: str
    owner_name: str
    scope: str
    seen: tuple[Seen, ...]

    def called(self, language: str) -> str:
        """Return its name in the reader's language, with the scope where it is not the whole."""
        name = self.name_en if language == "en" and self.name_en else self.name
        return name if self.scope == rule.ORGANISATION else f"{name} ({self.scope})"

    @property
    def whole(self) -> float | None:
        """100 where it is a percentage of counts: what a p-chart needs to know."""
        return 100.0 if rule.per(self.unit) == rule.HUNDRED else None


Breaks = Mapping[tuple[int, str], Sequence[date]]  # first days of new phases


def read(
    session: Session,
    *,
    since: Mapping[Frequency, date] | None = None,
    kpis: Collection[int] | None = None,
    element: str = "",
    owner: str = "",
    frequency: str = "",
    people: Collection[int] | None = None,
) -> list[Series]:
    """Return the series of active indicators; one without a value has an empty series.

    `since` is the first day that is asked for, by how often it is measured: each its own.
    """
    kept, kpi, person = columns(Measurement), columns(Kpi), columns(Person)
    ours = [kpi.active.is_(True)]
    ours += [kpi.id.in_(list(kpis))] if kpis is not None else []
    ours += [kpi.owner_id.in_(list(people))] if people is not None else []
    ours += [kpi.element == element] if element else []
    ours += [kpi.frequency == frequency] if frequency else []
    ours += [person.code == owner] if owner else []
    heads = session.execute(
        sa.select(*(kpi[name] for name in HEAD), person.code.label("owner"), person.name.label("n"))
        .select_from(Kpi)
        .join(Person, person.id == kpi.owner_id)
        .where(*ours)
        .order_by(kpi.code)
    ).all()
    query = (
        sa.select(kept.kpi_id, kept.scope, *(kept[name] for name in Seen.__slots__))
        .join_from(Measurement, Kpi, kpi.id == kept.kpi_id)
        .join(Person, person.id == kpi.owner_id)
        .where(*ours)
        .order_by(kept.kpi_id, kept.scope, kept.ends_on)
    )
    if since is not None:
        asked = (
            sa.and_(kpi.frequency == often.value, kept.ends_on >= day)
            for often, day in since.items()
        )
        query = query.where(sa.or_(*asked))
    measured = _by_kpi(session.execute(query))
    return [one for head in heads for one in _series(head, measured.get(head.id, {}))]


HEAD: Final = (
    *("id", "code", "name", "name_en", "element", "unit", "direction", "frequency"),
    *("since", "owner_id"),
)


def _by_kpi(rows: Iterable[Any]) -> dict[int, dict[str, tuple[Seen, ...]]]:
    found: dict[int, dict[str, tuple[Seen, ...]]] = {}
    for (kpi_id, scope), theirs in groupby(rows, key=lambda row: (row[0], row[1])):
        found.setdefault(kpi_id, {})[scope] = tuple(Seen(*row[2:]) for row in theirs)
    return found


def _series(head: Any, scopes: Mapping[str, tuple[Seen, ...]]) -> Iterator[Series]:
    """Yield the whole first, then the parts."""
    known = scopes or {rule.ORGANISATION: ()}
    for scope in sorted(known, key=lambda scope: (scope != rule.ORGANISATION, scope)):
        yield Series(
            kpi_id=head.id,
            code=head.code,
            name=head.name,
            name_en=head.name_en,
            element=head.element.value,
            unit=head.unit,
            direction=head.direction,
            frequency=head.frequency,
            since=head.since,
            owner_id=head.owner_id,
            owner=head.owner,
            owner_name=head.n,
            scope=scope,
            seen=known[scope],
        )


def breaks(session: Session) -> Breaks:
    """Return from when on owners have said that the level has changed for good."""
    rows = session.execute(
        sa.select(col(KpiSpecial.kpi_id), col(KpiSpecial.scope), col(KpiSpecial.begins_on))
        .where(col(KpiSpecial.lasting), col(KpiSpecial.withdrawn_at).is_(None))
        .order_by(col(KpiSpecial.begins_on))
    )
    found: dict[tuple[int, str], list[date]] = {}
    for kpi_id, scope, begins in rows:
        found.setdefault((kpi_id, scope), []).append(begins)
    return found


def control(series: Series, known: Breaks) -> spc.Chart:
    """Return what is usual and what is special; periods without data are left out."""
    learning = special_policy().learning
    samples = [_sample(seen, series, known) for seen in measured(series)]
    return spc.control(
        samples,
        per=series.whole,
        learning=spc.Learning(enough=learning.enough, settled=learning.settled),
    )


def measured(series: Series) -> list[Seen]:
    """Return the periods that have a value."""
    return [seen for seen in series.seen if seen.value is not None]


def _sample(seen: Seen, series: Series, known: Breaks) -> spc.Sample:
    begun = known.get((series.kpi_id, series.scope), ())
    phase = seen.formula_version * 1000 + sum(day <= seen.ends_on for day in begun)
    counted = series.whole is not None and seen.denominator and seen.numerator is not None
    return spc.Sample(
        seen.period,
        float(seen.value or 0),
        float(seen.numerator) if counted and seen.numerator is not None else None,
        float(seen.denominator) if counted and seen.denominator is not None else None,
        phase,
    )


def periods_until(day: date, frequency: Frequency, n: int, since: date) -> list[Period]:
    """Return the last `n` periods that were over before this day and are tracked."""
    return [period for period in _last(day, frequency, n) if period.last >= since]


@lru_cache(maxsize=32)
def _last(day: date, frequency: Frequency, n: int) -> tuple[Period, ...]:
    """Return the last `n` periods that were over before this day: the same for every series."""
    found = [periods.ended(day, frequency)]
    while len(found) < n:
        found.append(periods.preceding(found[-1]))
    return tuple(reversed(found))


def target_label(series: Series, target: Decimal | None) -> str:
    """Return a target as people write it: ≥ 95%."""
    if target is None:
        return ""
    unit = "%" if series.whole else f" {series.unit}".rstrip()
    return f"{SIGNS[series.direction]} {format(rule.plain(target), 'f')}{unit}"
