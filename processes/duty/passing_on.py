"""Another owes it from now on (改派): the one movement of a duty from hand to hand.

The deadline, the episode and everyone who was told stay. What waits to be told to the old owner
alone is dropped, in the same transaction.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from models.duty import Duty, Line
from processes.mail.lines import promise
from rules.letters import letters_that


def change_owner(session: Session, duty: Duty, receiver: int, *, at: datetime) -> None:
    """Let this person owe the duty; the caller tells both, and writes the trail."""
    session.execute(
        sa.update(Line)
        .where(
            col(Line.duty_id) == duty.id,
            col(Line.person_id) == duty.owner_id,
            col(Line.level).is_(None),
            col(Line.letter).in_(letters_that(lambda traits: traits.for_owing)),
            col(Line.notice_id).is_(None),
        )
        .values(dropped_at=at)
    )
    duty.owner_id, duty.rev = receiver, duty.rev + 1
    duty.handed_at_level = duty.level  # the next step tells nobody below who has heard
    session.add(duty)
    session.flush()


def tell(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    """Promise what both are to hear."""
    promise(session, rows)
