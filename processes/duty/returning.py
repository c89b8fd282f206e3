"""The first day back (返岗): who was absent finds what the delegate heard meanwhile (代收).

What has ended since then is not told: there is nothing left to do about it.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from config.current import current
from models import people
from models.base import columns
from models.duty import Duty, Line
from models.engine import transaction
from notifications.keys import line_key
from processes.mail.lines import promise
from rules.words import DutyState, LetterKind


@transaction
def welcome_back(session: Session, at: datetime) -> int:
    """Promise those who are back what was said on their behalf; return how many lines are new.

    Only on a working day: the letter belongs to the first day at the desk.
    """
    day = current().calendar.day(at)
    if not current().calendar.is_working(day):
        return 0
    posts = people.organisation(session).posts
    back = [
        row
        for row in _untold(session)
        if posts[row.on_behalf_of_id].active
        and posts[row.on_behalf_of_id].address
        and not posts[row.on_behalf_of_id].absent(day)
    ]
    return promise(session, [_line(row, at) for row in back])


def _untold(session: Session) -> list[Any]:
    """Lines told to a delegate about a duty still open, which the represented has not seen."""
    seen = aliased(Line)
    already = (
        select(seen.id)
        .where(
            seen.duty_id == Line.duty_id,
            seen.episode == Line.episode,
            seen.nth == Line.nth,
            seen.person_id == Line.on_behalf_of_id,
            seen.letter == LetterKind.STOOD_IN,
        )
        .exists()
    )
    rows = session.execute(
        sa.select(
            columns(Line).duty_id,
            columns(Line).episode,
            columns(Line).nth,
            columns(Line).level,
            columns(Line).letter,
            columns(Line).person_id,
            columns(Line).on_behalf_of_id,
        )
        .join(Duty, col(Duty.id) == Line.duty_id)
        .where(
            col(Line.on_behalf_of_id).is_not(None),
            col(Line.letter) != LetterKind.STOOD_IN,
            col(Duty.state) == DutyState.OPEN,
            col(Duty.episode) == col(Line.episode),
            sa.not_(already),
        )
        .order_by(col(Line.id))
    )
    return list(rows)


def _line(row: Any, at: datetime) -> dict[str, Any]:
    back = row.on_behalf_of_id
    return {
        "key": line_key(row.duty_id, row.episode, row.nth, LetterKind.STOOD_IN, back),
        "duty_id": row.duty_id,
        "episode": row.episode,
        "nth": row.nth,
        "letter": LetterKind.STOOD_IN,
        "level": row.level,
        "person_id": row.on_behalf_of_id,
        "on_behalf_of_id": None,
        "facts": {"by": row.person_id, "said": LetterKind(row.letter).value},
        "created_at": at,
    }
