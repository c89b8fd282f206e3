"""The working calendar (工作日历): which days count, and when a deadline or a step falls.

A make-up workday (调休上班日) is a Saturday or Sunday that counts. Instants come in and go out
aware and in UTC; days, and the time of day that `add` keeps, are the site's local ones.

Where the clocks change, a local time that happens twice means the first of the two, and one
that is skipped means the instant as much later (02:30 in a skipped hour is 03:30).
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from rules.refusal import Refused

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 9000
SATURDAY: Final = 6  # isoweekday
MOST_DAYS: Final = (LAST_YEAR - FIRST_YEAR + 1) * 366


class YearOutOfRange(Refused):
    """A slip of the pen (year 26, year 9999) is asked back, never computed with."""

    sentence = "the year {year} is not between {first} and {last}: correct the date"


def refuse_year(year: int) -> None:
    """Raise `YearOutOfRange` for a year in which no deadline can be meant."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise YearOutOfRange(year=year, first=FIRST_YEAR, last=LAST_YEAR)


@dataclass(frozen=True, eq=False)  # one is itself: what is remembered by it need not compare years
class Calendar:
    """A site's working days and hours, `opens` included and `closes` not.

    `confirmed` are the years whose holidays and make-up workdays are published; in any other
    year Monday to Friday less `holidays` is an assumption, to be shown as one.
    """

    name: str
    zone: ZoneInfo
    opens: time
    closes: time
    holidays: frozenset[date]
    make_up: frozenset[date]
    confirmed: frozenset[int]
    _years: dict[int, tuple[int, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def mark(self) -> str:
        """What tells this calendar from one with other hours, days off or make-up days."""
        told = [self.zone.key, self.opens.isoformat(), self.closes.isoformat()]
        told += [day.isoformat() for day in sorted(self.holidays)]
        told += [f"+{day.isoformat()}" for day in sorted(self.make_up)]
        return sha256("\n".join(told).encode()).hexdigest()

    def is_working(self, day: date) -> bool:
        """Whether people are at work on that day."""
        if day in self.make_up:
            return True
        return day.isoweekday() < SATURDAY and day not in self.holidays

    def is_confirmed(self, year: int) -> bool:
        """Whether that year's calendar is published, not assumed."""
        return year in self.confirmed

    def local(self, instant: datetime) -> datetime:
        """Return the site's wall clock at that instant."""
        if instant.tzinfo is None:
            raise ValueError(f"{instant} has no zone: instants are aware")
        refuse_year(instant.year)
        return instant.astimezone(self.zone)

    def day(self, instant: datetime) -> date:
        """Return the site's local date at that instant."""
        return self.local(instant).date()

    def add(self, instant: datetime, n: int) -> datetime:
        """Move n working days (back if negative), keeping the local time of day.

        From a day off, one working day later is the next working day itself.
        """
        if n == 0:
            return instant
        local = self.local(instant)
        return self._instant(self._shift(local, n), local.time())

    def add_hours(self, instant: datetime, n: int) -> datetime:
        """Move n hours of working time on (back if negative); outside it time stands still."""
        left = timedelta(hours=abs(n))
        at = self.opening(instant) if n > 0 else self._last_moment(instant)
        while left:
            day = self.day(at)
            edge = self.close_of(day) if n > 0 else self._instant(day, self.opens)
            if left < abs(edge - at) or (n < 0 and left == at - edge):
                return at + left if n > 0 else at - left
            left -= abs(edge - at)
            at = self.next_opening_after(day) if n > 0 else self.close_of(self._shift(day, -1))
        return at

    def _last_moment(self, instant: datetime) -> datetime:
        """Return the instant itself inside working hours, else the close before it."""
        local = self.local(instant)
        day, clock = local.date(), local.time()
        if clock > self.opens and self.is_working(day):
            return instant if clock <= self.closes else self.close_of(day)
        return self.close_of(self._shift(day, -1))

    def opening(self, instant: datetime) -> datetime:
        """Return the instant itself inside working hours, else the next opening."""
        local = self.local(instant)
        day, clock = local.date(), local.time()
        if clock < self.closes and self.is_working(day):
            return instant if clock >= self.opens else self._instant(day, self.opens)
        return self.next_opening_after(day)

    def next_opening_after(self, day: date) -> datetime:
        """Return the opening of the first working day after that day."""
        return self._instant(self._shift(day, 1), self.opens)

    def close_of(self, day: date) -> datetime:
        """Return the end of working hours of that day: what a deadline given as a date means."""
        refuse_year(day.year)
        return self._instant(day, self.closes)

    def working_days(self, instant: datetime, n: int) -> datetime:
        """Return the deadline n working days after the day of the instant."""
        if n == 0:
            return self.calendar_days(instant, 0)
        return self._instant(self._shift(self.day(instant), n), self.closes)

    def calendar_days(self, instant: datetime, n: int) -> datetime:
        """Return the deadline n calendar days later, moved to the next working day."""
        there = _days_later(self.day(instant), n)
        if not self.is_working(there):
            there = self._shift(there, 1)
        return self._instant(there, self.closes)

    def count(self, a: date, b: date) -> int:
        """Count the working days after a, up to and including b; negative if b is earlier."""
        if b < a:
            return -self.count(b, a)
        refuse_year(b.year)  # before counting up to it
        whole = sum(len(self._working(year)) for year in range(a.year, b.year))
        return whole - self._rank(a) + self._rank(b)

    def _rank(self, day: date) -> int:
        return bisect_right(self._working(day.year), day.toordinal())

    def _shift(self, day: date, n: int) -> date:
        """Return the n-th working day after (n > 0) or before (n < 0) that day."""
        year, ordinal = day.year, day.toordinal()
        if abs(n) > MOST_DAYS:  # ends beyond the bounds, however few the holidays
            refuse_year(LAST_YEAR + 1 if n > 0 else FIRST_YEAR - 1)
        days = self._working(year)
        at = bisect_right(days, ordinal) + n - 1 if n > 0 else bisect_left(days, ordinal) + n
        while at >= len(days):
            at -= len(days)
            year += 1
            days = self._working(year)
        while at < 0:
            year -= 1
            days = self._working(year)
            at += len(days)
        return date.fromordinal(days[at])

    def _working(self, year: int) -> tuple[int, ...]:
        """Return the working days of a year as ordinals, in order; found out once a year."""
        known = self._years.get(year)
        if known is None:
            refuse_year(year)
            first, after = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
            days = (o for o in range(first, after) if self.is_working(date.fromordinal(o)))
            known = self._years[year] = tuple(days)
        return known

    def _instant(self, day: date, clock: time) -> datetime:
        """Return the first instant at which the site's clock shows this."""
        first = clock.replace(fold=0) if clock.fold else clock
        return datetime.combine(day, first, self.zone).astimezone(UTC)


def _days_later(day: date, n: int) -> date:
    try:
        there = day + timedelta(days=n)
    except OverflowError:
        refuse_year(LAST_YEAR + 1 if n > 0 else FIRST_YEAR - 1)
        raise
    refuse_year(there.year)
    return there
