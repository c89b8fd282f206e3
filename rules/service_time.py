"""Service time (服务时间): when a contract promises service, in its own zone, on its own days.

It is written in words, as contracts say it: `24x7`, `Mon-Fri 08:00-18:00`, or
`周一-周五 08:00-12:00 14:00-18:00; 周六 09:00-12:00`. Where the clocks change, a local time that
happens twice means the first of the two, and one that is skipped means the instant as much later.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from rules.refusal import Refused
from rules.spans import Span, Spans, merged

ALWAYS: Final = frozenset({"24x7", "24×7", "7x24", "7×24", "7*24", "24*7"})
DAY: Final = 24 * 60  # minutes
MONDAY: Final = 1
NAMES: Final[Mapping[str, int]] = {
    **dict(zip(["mon", "tue", "wed", "thu", "fri", "sat", "sun"], range(1, 8), strict=True)),
    **dict(zip("一二三四五六日", range(1, 8), strict=True)),
    "天": 7,
}
_NAME: Final = r"(?:(?:周|星期)?[一二三四五六日天]|mon|tue|wed|thu|fri|sat|sun)"
_DAYS: Final = re.compile(rf"({_NAME})(?:\s*[-–至到]\s*({_NAME}))?", re.IGNORECASE)
_HOURS: Final = re.compile(r"(\d{1,2}):(\d\d)\s*[-–至到]\s*(\d{1,2}):(\d\d)", re.ASCII)

Minutes = tuple[int, int]  # of the local day: from, and up to and not including
Week = tuple[tuple[Minutes, ...], ...]  # Monday first


class ServiceTimeRefused(Refused):
    """Words that say no service time."""

    sentence = (
        "{text} is no service time: write 24x7, or days with hours as in Mon-Fri 08:00-18:00;"
        " Sat 09:00-12:00"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTime:
    """When service is promised. On days `off` there is none; `make_up` days are like Mondays."""

    zone: ZoneInfo
    week: Week
    off: frozenset[date] = field(default_factory=frozenset)
    make_up: frozenset[date] = field(default_factory=frozenset)

    def spans(self, begins: datetime, ends: datetime) -> Spans:
        """Return the service time between two aware instants, in UTC."""
        found: Spans = []
        day, last = self._day(begins) - timedelta(days=1), self._day(ends)
        while day <= last:
            for opens, closes in self._hours(day):
                span = max(self._at(day, opens), begins), min(self._at(day, closes), ends)
                if span[0] < span[1]:
                    found.append(span)
            day += timedelta(days=1)
        return merged(found)

    def holds(self, span: Span) -> bool:
        """Whether all of a span lies inside the service time."""
        return merged([span]) == self.spans(*span)

    def _hours(self, day: date) -> tuple[Minutes, ...]:
        if day in self.off:
            return ()
        own = self.week[day.isoweekday() - 1]
        return own or (self.week[MONDAY - 1] if day in self.make_up else ())

    def _day(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()

    def _at(self, day: date, minute: int) -> datetime:
        if minute == DAY:
            day, minute = day + timedelta(days=1), 0
        clock = time(minute // 60, minute % 60)
        return datetime.combine(day, clock, self.zone).astimezone(UTC)


@lru_cache(maxsize=1024)
def week_of(text: str) -> Week:
    """Return the hours of each weekday that the words say, or refuse them."""
    if text.strip().lower() in ALWAYS:
        return (((0, DAY),),) * 7
    week: list[list[Minutes]] = [[] for _ in range(7)]
    for part in re.split("[;；]", text):
        if part.strip():
            days, hours = _part(part, text)
            for day in days:
                week[day - 1].extend(hours)
    for hours in week:
        hours.sort()
        if any(later[0] < earlier[1] for earlier, later in pairwise(hours)):
            raise ServiceTimeRefused(text=text)
    if not any(week):
        raise ServiceTimeRefused(text=text)
    return tuple(tuple(hours) for hours in week)


def _part(part: str, whole: str) -> tuple[Iterable[int], list[Minutes]]:
    """Return the days and hours of one part: `Mon-Fri 08:00-12:00 14:00-18:00`."""
    hours = [_minutes(found.groups(), whole) for found in _HOURS.finditer(part)]
    named = _HOURS.sub(" ", part)
    days = [_days(found, whole) for found in _DAYS.finditer(named)]
    left = _DAYS.sub(" ", named)
    if not hours or not days or re.sub(r"[\s,，、]", "", left):
        raise ServiceTimeRefused(text=whole)
    return sorted({day for some in days for day in some}), hours


def _days(found: re.Match[str], whole: str) -> range:
    first = _number(found[1])
    last = _number(found[2]) if found[2] else first
    if last < first:
        raise ServiceTimeRefused(text=whole)
    return range(first, last + 1)


def _number(name: str) -> int:
    return NAMES[name.lower().removeprefix("周").removeprefix("星期")]


def _minutes(groups: Iterable[str], whole: str) -> Minutes:
    hour, minute, to_hour, to_minute = (int(part) for part in groups)
    opens, closes = hour * 60 + minute, to_hour * 60 + to_minute
    if minute >= 60 or to_minute >= 60 or not opens < closes <= DAY:  # noqa: PLR2004 - minutes
        raise ServiceTimeRefused(text=whole)
    return opens, closes
