"""Whether a line still says something true (仍然属实): asked before it is sent, and again."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.duty import Line
from models.notice import Notice, NoticeState
from processes.mail.items import Told
from rules.letters import traits_of
from rules.words import DutyState, LetterKind


def still_true(told: Told) -> bool:
    """Whether what a line says has not ended meanwhile."""
    if told.duty is None or traits_of(told.line.letter).true_after_end:
        return True
    still_open: bool = told.duty.duty_state == DutyState.OPEN
    return (
        still_open and bool(told.duty.duty_episode == told.line.episode) and not _handed_over(told)
    )


def was_ever_told(session: Session, told: Told) -> bool:
    """Whether "it is over" speaks of something this person has really heard of."""
    if told.line.letter is not LetterKind.OVER:
        return True
    attempted = (
        select(Line.id)
        .join(Notice, col(Notice.id) == Line.notice_id)
        .where(
            col(Line.duty_id) == told.line.duty_id,
            col(Line.letter) != LetterKind.OVER,
            col(Line.person_id).is_not_distinct_from(told.line.person_id),
            sa.or_(col(Notice.attempts) > 0, col(Notice.state) == NoticeState.DEAD),
        )
    )
    return session.exec(attempted).first() is not None


def heard_of_before(session: Session, told: Told) -> bool:
    """Whether "it is over" would speak of something that really reached this person."""
    if told.line.letter is not LetterKind.OVER:
        return True
    reached = (
        select(Line.id)
        .join(Notice, col(Notice.id) == Line.notice_id)
        .where(
            col(Line.duty_id) == told.line.duty_id,
            col(Line.letter) != LetterKind.OVER,
            col(Line.person_id).is_not_distinct_from(told.line.person_id),
            col(Notice.state) == NoticeState.SENT,
        )
    )
    return session.exec(reached).first() is not None


def _handed_over(told: Told) -> bool:
    """Whether it speaks to an owner, or who stands in for him, of what another owes by now."""
    assert told.duty is not None
    owner = told.line.on_behalf_of_id or told.line.person_id
    return traits_of(told.line.letter).owners_only and owner != told.duty.duty_owner_id
