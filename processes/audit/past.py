"""What people did until yesterday (审核员的过往), as the trail keeps it: it ties them all the same.

Somebody who changes his unit, hands over his project or ceases to manage an area the day before
an audit has done the audited work. Rows say how things are; only the trail says how they were.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from config.current import current
from models.base import columns
from models.record import Trail
from rules.audit import Did, Stay

AREAS: Final = "audit.areas_synchronised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A project that lay in a unit until a day."""

    project: int
    unit: int
    day: date


def stays(session: Session) -> Iterator[tuple[int, Stay]]:
    """Yield the units that people left."""
    for person, before, day in _changed(session, "person"):
        unit = before.get("unit_id")
        if isinstance(unit, int):
            yield person, Stay(unit=unit, ends=day)


def projects(session: Session, codes: dict[int, str]) -> Iterator[tuple[int, Did]]:
    """Yield the projects that people managed and handed over."""
    for project, before, day in _changed(session, "project"):
        manager = before.get("manager_id")
        if isinstance(manager, int) and project in codes:
            code = codes[project]
            yield manager, Did(what=code, project=code, begins=date.min, ends=day)


def moved(session: Session) -> Iterator[Left]:
    """Yield the projects that were taken out of a unit."""
    for project, before, day in _changed(session, "project"):
        unit = before.get("unit_id")
        if isinstance(unit, int):
            yield Left(project=project, unit=unit, day=day)


def managed(session: Session) -> Iterator[tuple[int, Did]]:
    """Yield the areas that people managed until another was named."""
    kept = columns(Trail)
    rows = session.execute(sa.select(kept.at, kept.before).where(kept.action == AREAS))
    for at, before in rows:
        day = current().calendar.day(at)
        for code, person in (before or {}).get("owners", {}).items():
            yield person, Did(what=code, area=code, begins=date.min, ends=day)


def _changed(session: Session, kind: str) -> Iterator[tuple[int, dict[str, Any], date]]:
    kept = columns(Trail)
    rows = session.execute(
        sa.select(kept.subject, kept.at, kept.before).where(
            kept.action == f"{kind}.changed", kept.subject.startswith(f"{kind}:")
        )
    )
    for subject, at, before in rows:
        number = subject.removeprefix(f"{kind}:")
        if number.isdecimal():
            yield int(number), before or {}, current().calendar.day(at)
