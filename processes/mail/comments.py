"""Replies by mail (邮件回复留言): kept on the thing they are about, and never taken for an answer.

Whoever replies instead of opening the page believes to have been heard. What was written is kept,
without the quoted letter, and shown in the history of each thing that the letter spoke of.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import people
from models.comment import Comment
from models.duty import Duty, Line
from models.notice import Notice
from models.returned import ReturnedMail
from notifications.returned import Returned
from processes.mail.lines import line, promise
from rules.words import LetterKind, Role

MOST: Final = 10  # things that one reply to a digest is kept on


def keep(session: Session, notice: Notice, found: Returned, digest: str, at: datetime) -> int:
    """Keep what a person wrote on every thing the letter spoke of; return how many."""
    if not found.body:
        return 0
    whose = people.by_address(session, found.sender)
    returned = session.exec(select(ReturnedMail.id).where(col(ReturnedMail.digest) == digest))
    number = returned.one()
    about = _about(session, notice)
    for duty, kind, subject in about:
        session.add(
            Comment(
                at=at,
                subject_kind=kind,
                subject=subject,
                duty_id=duty,
                person_id=whose[0].id if len(whose) == 1 else None,
                address=found.sender,
                returned_id=number,
                text=found.body,
            )
        )
        _tell_quality(session, duty, found, whose[0].name if whose else "", number or 0, at)
    return len(about)


def _tell_quality(
    session: Session, duty: int, found: Returned, name: str, occasion: int, at: datetime
) -> None:
    """Promise quality a letter with what was written; whoever wrote it knows."""
    owed = session.get_one(Duty, duty)
    heads = people.holders(session, Role.QUALITY_HEAD) or people.holders(session, Role.QUALITY)
    facts = {"name": name or found.sender, "text": found.body}
    promise(
        session,
        [
            line(owed, LetterKind.COMMENT, one, at=at, facts=facts, occasion=occasion)
            for one in heads
        ],
    )


def on_duties(session: Session, numbers: Sequence[int]) -> list[Comment]:
    """Return what was said by mail about these duties, oldest first."""
    query = select(Comment).where(col(Comment.duty_id).in_(numbers)).order_by(col(Comment.id))
    return list(session.exec(query))


def _about(session: Session, notice: Notice) -> list[tuple[int, str, str]]:
    """Return the things of a letter, each by the last duty about it that the letter names."""
    rows = session.execute(
        sa.select(col(Duty.id), col(Duty.subject_kind), col(Duty.subject))
        .join(Line, col(Line.duty_id) == col(Duty.id))
        .where(col(Line.notice_id) == notice.id)
        .order_by(col(Duty.id))
    )
    by_thing = {(kind, subject): number for number, kind, subject in rows}
    return [(number, *thing) for thing, number in by_thing.items()][:MOST]
