"""How often something is done (频度): RFC 5545 rules, and the working day that each day means.

"The last working day of the quarter" is the last day of March, June, September and December,
moved to the first working day on or before it. The library that expands rules lives in
`processes/plan/recurrence.py`; what a rule may say, and where its days fall, is decided here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from rules.calendar import Calendar
from rules.refusal import Refused

FREQUENCIES: Final = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
NUMBERS: Final = {
    "INTERVAL": (1, 100),
    "COUNT": (1, 400),
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYSETPOS": (-366, 366),
}
LISTS: Final = frozenset({"BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"})
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_WORKING_DAYS: Final = 23  # of a month


class RuleUnreadable(Refused):
    """No recurrence rule at all, or one that says nothing about how often."""

    sentence = "“{rule}” is no recurrence rule: write it like FREQ=MONTHLY;BYMONTHDAY=-1 (RFC 5545)"


class RulePartUnknown(Refused):
    """A part of the rule that is not understood, or has a value out of bounds."""

    sentence = "“{part}” in the rule “{rule}” cannot be used"


class WorkingDayUnusable(Refused):
    """Further from the day than a month has working days."""

    sentence = "working day {n} cannot be meant: between -{most} and {most}; 0 is the day itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """A rule that was read. `text` is how it is kept and expanded."""

    text: str
    frequency: str
    interval: int = 1
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    weekdays: tuple[str, ...] = ()
    simple: bool = True  # nothing but these parts


def read(rule: str) -> Recurrence:
    """Return the rule, or refuse what cannot be used, by name."""
    text = "".join(rule.split()).upper().removeprefix("RRULE:").rstrip(";")
    parts = dict(_part(rule, part) for part in text.split(";") if part)
    if parts.get("FREQ") not in FREQUENCIES:
        raise RuleUnreadable(rule=rule)
    for name, value in parts.items():
        _judge(rule, name, value)
    known = {"FREQ", "INTERVAL", "BYMONTH", "BYMONTHDAY", "BYDAY"}
    return Recurrence(
        text=";".join(f"{name}={value}" for name, value in parts.items()),
        frequency=parts["FREQ"],
        interval=int(parts.get("INTERVAL", 1)),
        months=_numbers(parts.get("BYMONTH")),
        month_days=_numbers(parts.get("BYMONTHDAY")),
        weekdays=tuple(parts["BYDAY"].split(",")) if "BYDAY" in parts else (),
        simple=set(parts) <= known,
    )


def working_day(n: int) -> int:
    """Refuse a working day that cannot be meant."""
    if abs(n) > MOST_WORKING_DAYS:
        raise WorkingDayUnusable(n=n, most=MOST_WORKING_DAYS)
    return n


def placed(day: date, n: int, calendar: Calendar) -> date:
    """Return the n-th working day on or after the day; before it if negative, itself if 0.

    1 is "the first working day on or after", -1 "the last working day on or before".
    """
    if n == 0:
        return day
    step = 1 if n > 0 else -1
    while not calendar.is_working(day):
        day += timedelta(days=step)
    if abs(n) == 1:
        return day
    return calendar.day(calendar.add(calendar.close_of(day), n - step))


def days(nominal: Iterable[date], n: int, calendar: Calendar) -> list[tuple[date, date]]:
    """Return (nominal, placed) for each day, once where two of them fall on one working day."""
    found: dict[date, date] = {}
    for day in sorted(set(nominal)):
        found.setdefault(placed(day, n, calendar), day)
    return [(day, on) for on, day in found.items()]


def _part(rule: str, part: str) -> tuple[str, str]:
    name, equals, value = part.partition("=")
    if not (name and equals and value):
        raise RuleUnreadable(rule=rule)
    return name, value


def _judge(rule: str, name: str, value: str) -> None:
    part = f"{name}={value}"
    if name == "FREQ":
        return
    if name == "BYDAY":
        usable = all(_weekday(one) for one in value.split(","))
    elif name in NUMBERS:
        low, high = NUMBERS[name]
        values = value.split(",") if name in LISTS else [value]
        usable = all(_whole(one) and low <= int(one) <= high and int(one) for one in values)
    else:
        usable = False
    if not usable:
        raise RulePartUnknown(part=part, rule=rule)


def _weekday(text: str) -> bool:
    nth, day = text[:-2], text[-2:]
    return day in WEEKDAYS and (not nth or (_whole(nth) and 0 < abs(int(nth)) <= 53))  # noqa: PLR2004


def _whole(text: str) -> bool:
    digits = text.removeprefix("-").removeprefix("+")
    return digits.isascii() and digits.isdecimal() and len(digits) <= 3  # noqa: PLR2004 - 366


def _numbers(value: str | None) -> tuple[int, ...]:
    return tuple(int(one) for one in value.split(",")) if value else ()
