"""The site's working calendar (工作日历): the country's, with the organisation's own exceptions.

A country that moves weekends about (China's 调休) publishes each year's schedule late in the
year before. Until the `holidays` package knows it, or the organisation has checked the year
itself, the year is *unconfirmed*: assumed to be Monday to Friday less statutory days.
"""

from dataclasses import dataclass, field, replace
from datetime import date, time
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo, available_timezones

import holidays
from holidays.registry import COUNTRIES
from pydantic import ConfigDict, Field, with_config

from config import choices
from config.language import listed, say
from config.reading import Problem
from rules.calendar import FIRST_YEAR, LAST_YEAR, Calendar

FILE: Final = "calendar.toml"
KNOWN_YEARS: Final = range(1990, 2100)  # lunar tables end there; beyond it only weekends are known
LONGEST_NAME: Final = 64
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
    site: dict[str, "_Site"] = field(default_factory=dict)


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True, kw_only=True)
class _Site:
    """A table `site.<name>`: what differs from the keys above, and the units that belong to it."""

    units: list[str]
    country: Annotated[str, Field(strict=True)] | None = None
    zone: Annotated[str, Field(strict=True)] | None = None
    opens: Clock | None = None
    closes: Clock | None = None
    holidays: list[Day] = field(default_factory=list)
    workdays: list[Day] = field(default_factory=list)
    confirmed: list[Year] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _National:
    """What is known of a country: days off, make-up workdays, and the years that are settled."""

    off: frozenset[date]
    make_up: frozenset[date]
    settled: frozenset[int]


def load_calendar(home: Path, zone: ZoneInfo) -> Calendar:
    """Return the working calendar of a home; raise `Misconfigured` naming everything wrong."""
    return load_calendars(home, zone)[0]


Sites = dict[str, Calendar]


def load_calendars(home: Path, zone: ZoneInfo) -> tuple[Calendar, Sites, dict[str, str]]:
    """Return a home's calendar, those of its other sites by name, and the site of each unit named.

    Raises `Misconfigured` naming everything wrong.
    """
    chosen = choices.read(FILE, home)
    problems: list[Problem] = []
    file = choices.judged_at(_File, chosen, (), problems)
    problems += _nonsense(file, chosen) if file else []
    problems += _odd_sites(file, chosen) if file else []
    choices.refuse(problems)
    assert file
    sites = {name: _of_site(file, name, zone) for name in file.site}
    units = {unit: name for name, one in file.site.items() for unit in one.units}
    return _calendar(file, zone, name=file.country), sites, units


def _of_site(file: _File, name: str, zone: ZoneInfo) -> Calendar:
    one = file.site[name]
    own = replace(
        file,
        country=one.country or file.country,
        opens=one.opens or file.opens,
        closes=one.closes or file.closes,
        holidays=one.holidays,
        workdays=one.workdays,
        confirmed=one.confirmed,
    )
    return _calendar(own, ZoneInfo(one.zone) if one.zone else zone, name=name)


def _calendar(file: _File, zone: ZoneInfo, *, name: str) -> Calendar:
    nation = _national(file.country)
    own_off, own_work = frozenset(file.holidays), frozenset(file.workdays)
    return Calendar(
        name=name,
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


def _odd_sites(file: _File, chosen: choices.Choices) -> list[Problem]:
    """Say what is wrong with the sites: unknown places, hours that end first, a unit in two."""
    found: list[Problem] = []
    taken: dict[str, str] = {}
    for name, one in file.site.items():
        key = ("site", name)
        if name in _countries() or len(name) > LONGEST_NAME:
            wrong = "{name} is no name for a site: take a short one that is no country's"
            found.append(chosen.problem(key, wrong, name=name))
        if one.country is not None and one.country not in _countries():
            wrong = "no calendar is known for the country {name}"
            found.append(chosen.problem((*key, "country"), wrong, name=repr(one.country)))
        if one.zone is not None and one.zone not in available_timezones():
            wrong = "no time zone is called {name}"
            found.append(chosen.problem((*key, "zone"), wrong, name=repr(one.zone)))
        opens, closes = one.opens or file.opens, one.closes or file.closes
        if opens >= closes:
            wrong = "working hours begin before they end, not from {opens} to {closes}"
            found.append(chosen.problem((*key, "closes"), wrong, opens=opens, closes=closes))
        for day in sorted(set(one.holidays) & set(one.workdays)):
            wrong = "{day} is also in holidays: remove one"
            found.append(chosen.problem((*key, "workdays"), wrong, day=str(day)))
        for unit in one.units:
            if unit in taken:
                wrong = "the unit {unit} belongs to the site {site} already"
                found.append(chosen.problem((*key, "units"), wrong, unit=unit, site=taken[unit]))
            taken[unit] = name
    return found


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
