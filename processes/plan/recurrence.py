"""Expanding recurrence rules (频度展开): RFC 5545 by python-dateutil, days by the calendar."""

from datetime import date, datetime, time
from functools import lru_cache

from config.language import listed, say
from rules import recurrence as rule
from rules.calendar import Calendar

EVERY = {12: "monthly", 4: "quarterly", 2: "half-yearly", 1: "yearly"}
SAID = {
    "monthly": "Every month",
    "quarterly": "Every quarter",
    "half-yearly": "Every half-year",
    "yearly": "Every year",
    "weekly": "Every week",
    "daily": "Every working day",
}


@lru_cache(maxsize=512)
def nominal(text: str, year: int) -> tuple[date, ...]:
    """Return the days of the rule within a year, as if it had begun on 1 January."""
    from dateutil.rrule import rrulestr

    first = datetime(year, 1, 1)  # noqa: DTZ001 - a day of the site, not an instant
    last = datetime.combine(date(year, 12, 31), time.max)
    read = rule.read(text)
    found = rrulestr(read.text, dtstart=first).between(first, last, inc=True)
    return tuple(one.date() for one in found)


def days(text: str, n: int, year: int, calendar: Calendar) -> list[tuple[date, date]]:
    """Return (nominal day, planned day) of a year, in order."""
    return rule.days(nominal(text, year), n, calendar)


def described(language: str, text: str, n: int) -> str:
    """Return a rule as a quality department says it: 每季度（3、6、9、12月）最后一个工作日."""
    read = rule.read(text)
    every = _every(read)
    if every is None:
        return f"{read.text} ({n:+d})" if n else read.text
    said = say(language, SAID[every])
    if every != "monthly" and read.months:
        months = listed(language, (str(month) for month in read.months))
        said = say(language, "{every} (months {months})", every=said, months=months)
    when = _when(language, read, n)
    return say(language, "{every}, {when}", every=said, when=when) if when else said


def _every(read: rule.Recurrence) -> str | None:
    if not read.simple or read.interval != 1:
        return None
    if read.frequency == "WEEKLY":
        return "weekly"
    if read.frequency == "DAILY":
        return "daily"
    if len(read.month_days) != 1 or read.weekdays:
        return None
    times = len(read.months) or (12 if read.frequency == "MONTHLY" else 1)
    return EVERY.get(times)


def _when(language: str, read: rule.Recurrence, n: int) -> str:
    if not read.month_days:
        return ""
    (day,) = read.month_days
    if day == -1 and n == -1:
        return say(language, "last working day")
    if day == -1 and n < 0:
        return say(language, "working day {n} from the end", n=-n)
    if day == 1 and n > 0:
        return say(language, "working day {n} of the month", n=n)
    where = say(language, "last day") if day == -1 else say(language, "day {day}", day=day)
    moved = {1: "{where} or the next working day", -1: "{where} or the working day before"}
    if n in moved:
        return say(language, moved[n], where=where)
    return where if n == 0 else f"{where} {n:+d}"
