"""Steps that may not be taken yet (等待办理时间): at night, on a day off, or entered past due."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from config.current import current
from models import trail
from models.duty import Duty
from rules import stepping
from rules.stepping import Ladder
from rules.words import DutyState


@lru_cache(maxsize=256)
def ladder_of(kept: str) -> Ladder:
    """Thousands of duties keep the same few ladders."""
    return Ladder.from_json(json.loads(kept))


class Standstill:
    """Since when the service had stood still, asked once a batch and only if a step is late."""

    def __init__(self, session: Session, rows: Sequence[Any], at: datetime) -> None:
        self._session, self._at = session, at
        self._planned = min((planned(row) for row in rows), default=at)
        self._since: datetime | None = None

    def since(self, row: Any) -> datetime | None:
        """Return when the service last worked before this step was due; None if it is on time."""
        calendar = current().calendar_named(row.calendar)
        if calendar.day(planned(row)) >= calendar.day(self._at):
            return None
        if self._since is None:
            self._since = trail.last_by_clock(self._session, before=self._planned) or self._planned
        return self._since


def planned(row: Any) -> datetime:
    """Return when the step of this duty was due before it began to wait."""
    due: datetime = row.late_since or row.next_at
    return due


def until(row: Any, at: datetime) -> datetime | None:
    """Return when the step may be taken, if not at `at`."""
    ladder, calendar = ladder_of(row.ladder), current().calendar_named(row.calendar)
    allowed = stepping.waits_until(ladder, nth=row.nth, at=at, calendar=calendar)
    entered = row.entered_at
    # A home that is rehearsed on old data lives before the day on which they were entered.
    if row.nth == 0 and row.episode == 1 and entered is not None and row.due_at <= entered <= at:
        first = stepping.first_instant(ladder, issued=entered, due=row.due_at, calendar=calendar)
        allowed = max(allowed, first)
    return allowed if allowed > at else None


def row(duty: Any, until: datetime) -> dict[str, Any]:
    """Return what is written of a duty whose step waits until then."""
    late = None if duty.entered_at is not None and duty.nth == 0 else planned(duty)
    return {"b_id": duty.id, "b_rev": duty.rev, "b_next": until, "b_late": late}


_LET_WAIT = (
    sa.update(Duty.__table__)  # type: ignore[attr-defined]
    .where(
        col(Duty.id) == sa.bindparam("b_id"),
        col(Duty.rev) == sa.bindparam("b_rev"),
        col(Duty.state) == DutyState.OPEN,
    )
    .values(next_at=sa.bindparam("b_next"), late_since=sa.bindparam("b_late"))
)


def write(session: Session, waits: Sequence[dict[str, Any]]) -> None:
    """Let these duties wait; one that another sweep has moved is left alone."""
    if waits:  # no step: if another sweep was faster, it has decided the same
        session.connection().execute(_LET_WAIT, list(waits))
