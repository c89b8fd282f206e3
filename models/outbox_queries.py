"""The statements of the outbox (发件箱语句), built once: making one costs as much as running it.

A mail is held up while an earlier mail about the same duty is still to go, if both climb the
ladder or both go to one reader: nobody hears of level 2 before level 1, or of the end before
the beginning.
"""

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from models.duty import Duty, Line
from models.notice import Notice, NoticeBytes, NoticeState, Suppression
from models.provisional import Provisional
from rules.provisional import Standing
from rules.words import DutyState, LetterKind

NOTICE: Final[sa.Table] = Notice.__table__  # type: ignore[attr-defined]
BYTES: Final[sa.Table] = NoticeBytes.__table__  # type: ignore[attr-defined]
# A mail that its server puts off for so long no longer holds up what was to follow it.
HOLDS_UP: Final = timedelta(days=2)


class Claimed(NamedTuple):
    """A mail of which this sender alone may dispose, as long as the token is its own."""

    id: int
    key: str
    letter: str
    person_id: int | None
    address: str
    message_id: str
    created_at: datetime
    attempts: int
    copies: int
    error: str | None
    mime: bytes | None
    token: int


def times(at: datetime) -> dict[str, datetime]:
    """Return the instants that `SENDABLE` and its like compare with."""
    return {"b_at": at, "b_long_ago": at - HOLDS_UP}


def held_up() -> sa.ColumnElement[bool]:
    """Whether an earlier mail about the same duty is to go first: a lower level, or one reader's.

    Only earlier numbers hold up later ones, so no two mails can wait for each other.
    """
    mine, theirs = aliased(Line), aliased(Line)
    earlier = NOTICE.alias("earlier")
    climbs = sa.and_(col(mine.level).is_not(None), col(theirs.level).is_not(None))
    fresh = earlier.c.created_at > sa.bindparam("b_long_ago", type_=NOTICE.c.created_at.type)
    return (
        select(sa.literal(1))
        .select_from(mine)
        .join(theirs, col(theirs.duty_id) == col(mine.duty_id))
        .join(earlier, earlier.c.id == col(theirs.notice_id))
        .where(
            col(mine.notice_id) == NOTICE.c.id,
            col(mine.episode) > 0,  # a code belongs to no step and waits for nothing
            col(theirs.episode) > 0,
            earlier.c.id < NOTICE.c.id,
            earlier.c.state.in_([NoticeState.PENDING, NoticeState.LEASED]),
            sa.or_(earlier.c.attempts == 0, fresh),
            sa.or_(climbs, col(mine.person_id) == col(theirs.person_id)),
        )
        .correlate(NOTICE)
        .exists()
    )


def kept_back() -> sa.ColumnElement[bool]:
    """Whether a mail speaks of a duty whose answer by link is not settled yet."""
    said = aliased(Line)
    return (
        select(sa.literal(1))
        .select_from(said)
        .join(Provisional, col(Provisional.duty_id) == col(said.duty_id))
        .where(
            col(said.notice_id) == NOTICE.c.id,
            col(Provisional.standing) == Standing.OPEN,
            col(said.letter).not_in([LetterKind.PROVISIONAL, LetterKind.CODE]),
            NOTICE.c.attempts == 0,  # what was tried once may have arrived: it is not torn apart
        )
        .correlate(NOTICE)
        .exists()
    )


# Statements are built once: making one costs as much as running it.
AT: Final = sa.bindparam("b_at", type_=NOTICE.c.next_try_at.type)
NUMBERS: Final[sa.BindParameter[Any]] = sa.bindparam("b_numbers", expanding=True)
WAITING: Final = (NOTICE.c.state == NoticeState.PENDING, NOTICE.c.next_try_at <= AT)
SENDABLE: Final = (*WAITING, ~held_up(), ~kept_back())
FREE_TO_GO: Final = sa.select(NOTICE.c.id).where(NOTICE.c.id.in_(NUMBERS), ~held_up(), ~kept_back())
TAKE: Final = (
    sa.select(
        *(NOTICE.c[name] for name in Claimed._fields if name not in {"mime", "token"}),
        BYTES.c.mime,
        (NOTICE.c.lease_token + 1).label("token"),
    )
    .outerjoin(BYTES, BYTES.c.notice_id == NOTICE.c.id)
    .where(NOTICE.c.id.in_(NUMBERS), *SENDABLE)
    .with_for_update(skip_locked=True, of=NOTICE)
)
LEASE: Final = (
    sa.update(NOTICE)
    .where(NOTICE.c.id.in_(NUMBERS))
    .values(
        state=NoticeState.LEASED,
        lease_token=NOTICE.c.lease_token + 1,
        lease_until=sa.bindparam("b_until"),
        offered_at=sa.case((NOTICE.c.id == sa.bindparam("b_first"), AT)),
    )
)
SURE: Final = (
    sa.select(col(Line.notice_id))
    .outerjoin(Duty, col(Duty.id) == col(Line.duty_id))
    .where(col(Line.notice_id).in_(NUMBERS))
    .group_by(col(Line.notice_id))
    .having(
        sa.func.min(
            sa.case(
                (
                    sa.and_(
                        col(Duty.state) == DutyState.OPEN,
                        col(Duty.episode) == col(Line.episode),
                    ),
                    1,
                ),
                else_=0,
            )
        )
        == 1
    )
)
SUPPRESSED: Final = sa.select(col(Suppression.address), col(Suppression.reason)).where(
    col(Suppression.address).in_(sa.bindparam("b_addresses", expanding=True))
)
FIRST_PENDING: Final = (
    sa.select(NOTICE.c.next_try_at)
    .where(NOTICE.c.state == NoticeState.PENDING, ~held_up(), ~kept_back())
    .order_by(NOTICE.c.next_try_at)
    .limit(1)
)
FIRST_LEASE: Final = sa.select(sa.func.min(NOTICE.c.lease_until)).where(
    NOTICE.c.state == NoticeState.LEASED
)
OURS: Final = sa.and_(
    NOTICE.c.id == sa.bindparam("b_id"),
    NOTICE.c.state == NoticeState.LEASED,
    NOTICE.c.lease_token == sa.bindparam("b_token"),
)
OFFERED: Final = sa.update(NOTICE).where(OURS).values(offered_at=sa.bindparam("b_at"))
SENT: Final = (
    sa.update(NOTICE)
    .where(OURS)
    .values(
        state=NoticeState.SENT,
        sent_at=sa.bindparam("b_at"),
        smtp_code=250,
        error=None,
        attempts=NOTICE.c.attempts + 1,
        offered_at=None,
        lease_until=None,
    )
)
