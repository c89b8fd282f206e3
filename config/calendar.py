"""The site's working calendar (工作日历): the country's, with the organisation's own exceptions.

A country that moves weekends about (China's 调休) publishes each year's schedule late in the
year before. Until the `holidays` package knows it, or the organisation has checked the year
itself, the year is *unconfirmed*: assumed to be Monday to Friday less statutory days.
"""

from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import holidays
from holidays.registry import COUNTRIES
from pydantic import ConfigDict, Field, with_config

from config import choices
from config.language import listed, say
from config.reading import Problem
from rules.calendar import FIRST_YEAR, LAST_YEAR, Calendar

FILE: Final = "calendar.toml"
KNOWN_YEARS: Final = range(1990, 2100)  # lunar tables end there; beyond it only weekends are known
ALARM_MONTH: Final = 11  # next year's schedule is out by now, or somebody must ask for it

Day = Annotated[date, Field(strict=True)]
Clock = Annotated[time, Field(strict=True)]
Year = Annotated[int, Field(strict=True, ge=FIRST_YEAR, le=LAST_YEAR)]


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """The keys of calendar.toml."""

    country: Annotated[str, Field(strict=True)]
    opens: Clock
    closes: Clock
    holidays: list[Day]
    workdays: list[Day]
    confirmed: list[Year]


@dataclass(frozen=True, slots=True)
class _National:
    """What is known of a country: days off, make-up workdays, and the years that are settled."""

    off: frozenset[date]
    make_up: frozenset[date]
    settled: frozenset[int]


def load_calendar(home: Path, zone: ZoneInfo) -> Calendar:
    """Return the working calendar of a home; raise `Misconfigured` naming everything wrong."""
    chosen = choices.read(FILE, home)
    problems: list[Problem] = []
    file = choices.judged_at(_File, chosen, (), problems)
    problems += _nonsense(file, chosen) if file else []
    choices.refuse(problems)
    assert file
    nation = _national(file.country)
    own_off, own_work = frozenset(file.holidays), frozenset(file.workdays)
    return Calendar(
        name=file.country,
        zone=zone,
        opens=file.opens,
        closes=file.closes,
        holidays=(nation.off - own_work) | own_off,
        make_up=(nation.make_up - own_off) | own_work,
        confirmed=nation.settled | frozenset(file.confirmed),
    )


def calendar_alarm(calendar: Calendar, day: date, *, language: str = "en") -> str | None:
    """Return what to tell the operator about years that are only assumed; None if there are none.

    This year always; next year from 1 November on.
    """
    years = [day.year, day.year + 1] if day.month >= ALARM_MONTH else [day.year]
    assumed = [str(year) for year in years if not calendar.is_confirmed(year)]
    if not assumed:
        return None
    return say(
        language,
        "The working calendar of {years} is not confirmed: Monday to Friday less statutory days"
        " is assumed. Update the package holidays, or enter the published days in"
        " config/calendar.toml and add the year to confirmed.",
        years=listed(language, assumed),
    )


def _nonsense(file: _File, chosen: choices.Choices) -> list[Problem]:
    """Say what no single key shows: hours that end first, a day in both lists."""
    found = []
    if file.country not in _countries():
        found.append(
            chosen.problem(
                ("country",), "no calendar is known for the country {name}", name=repr(file.country)
            )
        )
    if file.opens >= file.closes:
        own = chosen.chooser(("closes",)) == chosen.own_file
        found.append(
            chosen.problem(
                ("closes",) if own else ("opens",),
                "working hours begin before they end, not from {opens} to {closes}",
                opens=file.opens,
                closes=file.closes,
            )
        )
    both = sorted(set(file.holidays) & set(file.workdays))
    return found + [
        chosen.problem(("workdays",), "{day} is also in holidays: remove one", day=str(day))
        for day in both
    ]


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    """Return the codes that `holidays` knows, without loading two hundred countries for it."""
    return frozenset(code for names in COUNTRIES.values() for code in names[1:])


@lru_cache(maxsize=8)
def _national(country: str) -> _National:
    days = holidays.country_holidays(country, years=KNOWN_YEARS)
    moved = {day.year for day in days.weekend_workdays}
    # A country that never moves a weekend is settled by law; elsewhere a year without any
    # make-up workday is a year whose schedule the package does not know.
    settled = moved or set(KNOWN_YEARS)
    return _National(frozenset(days), frozenset(days.weekend_workdays), frozenset(settled))
