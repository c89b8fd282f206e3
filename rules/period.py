"""Measuring periods (统计周期): a month, a quarter, a half-year or a year, each with one code.

`2026-09`, `2026-Q3`, `2026-H1`, `2026`. An indicator is measured by one kind of period alone:
a quarter beside its months would count the same days twice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from rules.calendar import refuse_year
from rules.refusal import Refused


class Frequency(StrEnum):
    """How often an indicator is measured (统计周期)."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    YEAR = "year"


MONTHS: Final = {
    Frequency.MONTH: 1,
    Frequency.QUARTER: 3,
    Frequency.HALF_YEAR: 6,
    Frequency.YEAR: 12,
}
_CODE: Final = re.compile(r"(\d{4})(?:-(?:(\d\d)|Q([1-4])|H([12])))?", re.ASCII)


class PeriodRefused(Refused):
    """A code that names no period."""

    sentence = "{code} is no period: write it like 2026-09, 2026-Q3, 2026-H1 or 2026"


class PeriodOverlaps(Refused):
    """A period of another kind than the indicator is measured by."""

    sentence = "{code} is a {given}, but this is measured by the {wanted}: it would overlap"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One period; `first` and `last` are local days, both included."""

    first: date
    last: date
    code: str
    frequency: Frequency

    def __str__(self) -> str:
        return self.code


@lru_cache(maxsize=4096)
def parse(code: str) -> Period:
    """Return the period of a code, or refuse what is none."""
    found = _CODE.fullmatch(code)
    if found is None:
        raise PeriodRefused(code=code)
    year, month, quarter, half = (int(part) if part else 0 for part in found.groups())
    refuse_year(year)
    if found[2] is not None:
        if not 1 <= month <= 12:  # noqa: PLR2004 - months of a year
            raise PeriodRefused(code=code)
        return _of(year, month, Frequency.MONTH)
    if quarter:
        return _of(year, 3 * quarter - 2, Frequency.QUARTER)
    if half:
        return _of(year, 6 * half - 5, Frequency.HALF_YEAR)
    return _of(year, 1, Frequency.YEAR)


def parse_for(code: str, frequency: Frequency) -> Period:
    """Return the period of a code that an indicator of this frequency may have."""
    found = parse(code)
    if found.frequency is not frequency:
        raise PeriodOverlaps(code=code, given=found.frequency, wanted=frequency)
    return found


def containing(day: date, frequency: Frequency) -> Period:
    """Return the period that a local day lies in."""
    months = MONTHS[frequency]
    return _of(day.year, day.month - (day.month - 1) % months, frequency)


def following(period: Period) -> Period:
    """Return the period after it."""
    return containing(period.last + timedelta(days=1), period.frequency)


def preceding(period: Period) -> Period:
    """Return the period before it."""
    return containing(period.first - timedelta(days=1), period.frequency)


def between(first: Period, last: Period) -> Iterator[Period]:
    """Yield the periods from the first to the last, both included."""
    while first.first <= last.first:
        yield first
        first = following(first)


def ended(day: date, frequency: Frequency) -> Period:
    """Return the last period that was over before this day."""
    return preceding(containing(day, frequency))


@lru_cache(maxsize=4096)
def _of(year: int, month: int, frequency: Frequency) -> Period:
    after = month + MONTHS[frequency]
    end = date(year + (after > 12), after - 12 * (after > 12), 1)  # noqa: PLR2004 - months
    return Period(
        date(year, month, 1), end - timedelta(days=1), _code(year, month, frequency), frequency
    )


def _code(year: int, month: int, frequency: Frequency) -> str:
    return {
        Frequency.MONTH: f"{year}-{month:02}",
        Frequency.QUARTER: f"{year}-Q{(month + 2) // 3}",
        Frequency.HALF_YEAR: f"{year}-H{(month + 5) // 6}",
        Frequency.YEAR: f"{year}",
    }[frequency]
