"""Whose days count (所在地日历): the working calendar of the site at which somebody works.

A home may have several sites, each named in `config/calendar.toml` with the units that belong
to it; a unit belongs where the nearest unit above it does. Everybody else works by the calendar
of the home itself.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from config.current import current
from models.organisation import Person, Unit
from rules.calendar import Calendar


def calendar_of(session: Session, person: int) -> Calendar:
    """Return the calendar by which this person works."""
    now = current()
    if not now.sites:
        return now.calendar
    unit = session.exec(select(Person.unit_id).where(col(Person.id) == person)).first()
    seen: set[int] = set()
    while unit is not None and unit not in seen:
        seen.add(unit)
        row = session.exec(select(Unit.code, Unit.parent_id).where(col(Unit.id) == unit)).one()
        if row[0] in now.units:
            return now.sites[now.units[row[0]]]
        unit = row[1]
    return now.calendar


def working(calendar: Calendar, due_at: datetime) -> datetime:
    """Return a due date as it holds at a site: never on a day on which nobody works there."""
    if calendar is current().calendar or calendar.is_working(calendar.day(due_at)):
        return due_at
    return calendar.add(due_at, 1)
