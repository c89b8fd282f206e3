"""What climbed to somebody (升级到我): open duties of others that one was told of at a level.

Only the present episode counts: an extension begins a new one, in which nobody was told yet.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from models.base import table_of
from models.duty import Duty, Line
from models.engine import reading
from processes.duty import entitlement, registers
from processes.duty.entitlement import Standing
from processes.register.query import Filters
from processes.register.rows import DutyRow
from rules.words import DutyState, LetterKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Climbed:
    """An open duty with the highest level told, since when, and what the reader may do to it."""

    duty: DutyRow
    level: int
    since: datetime
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Risen:
    """What climbed to somebody: the first of it, and how much there is in all."""

    rows: Sequence[Climbed]
    total: int


def to(person_id: int, *, at: datetime, limit: int) -> Risen:
    """Return what climbed to this person or to a stand-in for the person, the highest first."""
    with reading() as session:
        found = _told(session, [person_id], but_owner=True)
        shown = found[:limit]
        standings = {
            number: entitlement.standing_in(session, number, person_id, at)
            for number, _, _ in shown
        }
    by_number = _rows([number for number, _, _ in shown], at)
    rows = [
        Climbed(duty=by_number[number], level=level, since=since, standing=standings[number])
        for number, level, since in shown
        if number in by_number
    ]
    return Risen(rows=rows, total=len(found))


def reached(people: Collection[int], *, at: datetime, limit: int) -> tuple[list[DutyRow], int]:
    """Return open duties of which any of these people was told at a level, and how many."""
    with reading() as session:
        found = _told(session, people, but_owner=False)
    numbers = [number for number, _, _ in found[:limit]]
    by_number = _rows(numbers, at)
    return [by_number[number] for number in numbers if number in by_number], len(found)


def _told(
    session: Session, people: Collection[int], *, but_owner: bool
) -> list[tuple[int, int, datetime]]:
    """Return number, highest level and since when; the highest and longest told first."""
    duty, said = table_of(Duty).c, table_of(Line).c
    level, since = sa.func.max(said.level), sa.func.min(said.created_at)
    query = (
        sa.select(said.duty_id, level, since)
        .join(table_of(Duty), (duty.id == said.duty_id) & (duty.episode == said.episode))
        .where(
            duty.state == DutyState.OPEN,
            duty.level > 0,
            said.level > 0,
            said.letter != LetterKind.STOOD_IN,
            said.person_id.in_(people) | said.on_behalf_of_id.in_(people),
        )
        .group_by(said.duty_id)
        .order_by(level.desc(), since, said.duty_id)
    )
    if but_owner:
        query = query.where(duty.owner_id.not_in(people))
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def _rows(numbers: Sequence[int], at: datetime) -> dict[int, DutyRow]:
    found = registers.duties(Filters(ids=tuple(numbers)), at=at).rows
    return {row.id: row for row in found}
