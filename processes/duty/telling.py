"""Who was told about a duty in its present episode (告知情况), as its lines say."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.base import columns
from models.duty import Duty, Line
from rules import escalation
from rules.escalation import Heard, Passed
from rules.words import LetterKind


def heard(session: Session, numbers: Sequence[int]) -> dict[int, "Episode"]:
    """Return, for each of these duties, who was told at a level in its present episode."""
    said = columns(Line)
    rows = session.execute(
        sa.select(said.duty_id, said.episode, said.person_id, said.on_behalf_of_id, said.level)
        .join(Duty, sa.and_(col(Duty.id) == Line.duty_id, col(Duty.episode) == Line.episode))
        .where(
            col(Line.duty_id).in_(numbers),
            col(Line.level).is_not(None),
            col(Line.letter) != LetterKind.STOOD_IN,
        )
        .order_by(col(Line.nth), col(Line.id))
    )
    found: dict[int, Episode] = {}
    for row in rows:
        found.setdefault(row.duty_id, Episode()).add(row.person_id, row.on_behalf_of_id, row.level)
    return found


class Episode:
    """Who was told at a level in one episode, in the order in which they were told."""

    __slots__ = ("_people", "_stood_in", "_times", "receivers")

    def __init__(self) -> None:
        self.receivers: list[tuple[int, int]] = []  # (level, receiver)
        self._times: list[set[int]] = []  # who heard each time: the receiver, the represented
        self._people: set[int] = set()
        self._stood_in: set[tuple[int, int]] = set()

    def add(self, person: int | None, stands_for: int | None, level: int) -> None:
        receiver = escalation.OPERATOR if person is None else person
        self.receivers.append((level, receiver))
        self._times.append({receiver} if stands_for is None else {receiver, stands_for})
        self._people.add(receiver)
        if stands_for is not None:
            self._people.add(stands_for)
            self._stood_in.add((stands_for, receiver))

    @property
    def people(self) -> list[int]:
        """Return who heard, each once, in the order in which they heard."""
        return list(dict.fromkeys(receiver for _, receiver in self.receivers))

    def times(self, told: escalation.Told) -> int:
        """Return how often he whose place it is was told, in whosever place or by a delegate."""
        receiver = escalation.OPERATOR if told.receiver is None else told.receiver
        place = receiver if told.stands_for is None else told.stands_for
        return sum(place in time for time in self._times)

    def heard(self) -> Heard:
        return Heard(people=frozenset(self._people), stood_in=frozenset(self._stood_in))


def passed_over(told: Sequence[Passed]) -> list[list[Any]]:
    """Return who was passed over as a line keeps it: ids, never names."""
    return [[one.person, one.reason] for one in told]


def told_at(session: Session, duty: Duty, level: int, person: int) -> bool:
    """Whether this person heard at this level of this episode; level 0 is the owner, overdue."""
    if level == 0:
        return person == duty.owner_id and _overdue_told(session, duty)
    return (
        session.exec(
            select(Line.id).where(
                col(Line.duty_id) == duty.id,
                col(Line.episode) == duty.episode,
                col(Line.level) == level,
                sa.or_(col(Line.person_id) == person, col(Line.on_behalf_of_id) == person),
            )
        ).first()
        is not None
    )


def _overdue_told(session: Session, duty: Duty) -> bool:
    return (
        session.exec(
            select(Line.id).where(
                col(Line.duty_id) == duty.id,
                col(Line.episode) == duty.episode,
                col(Line.letter) == LetterKind.OVERDUE,
            )
        ).first()
        is not None
    )
