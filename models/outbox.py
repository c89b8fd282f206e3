"""Claiming and settling mails (领取与落账): conditional updates, fenced by the lease's token.

A result is written only where the row is still leased under the same token. What another sender
has claimed meanwhile is his, and a late result changes nothing. Before a final dot goes out its
row carries `offered_at`: of all that a crashed sender had leased, only that one is unsure.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models import alarms
from models.duty import Duty, Line
from models.notice import Notice, NoticeBytes, NoticeState, Suppression
from rules.words import DutyState

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


def due(session: Session, at: datetime, limit: int, *, untried_first: bool = False) -> list[int]:
    """Return the mails that may be sent now, most severe first.

    `untried_first` when one mail is to find out whether the relay is back: one that may itself
    be what the relay stumbles over must not be asked every time.
    """
    first = [NOTICE.c.attempts] if untried_first else []
    query = (
        sa.select(NOTICE.c.id)
        .where(*_WAITING)
        .order_by(*first, NOTICE.c.rank, NOTICE.c.id)
        .limit(limit)
    )
    found: list[int] = []
    for page in count():  # the index alone puts them in order; what holds up is asked page by page
        rows = session.connection().execute(query.offset(page * limit), {"b_at": at})
        numbers = list(rows.scalars())
        free = session.connection().execute(_FREE_TO_GO, {"b_numbers": numbers, **_times(at)})
        may_go = set(free.scalars())
        found += [number for number in numbers if number in may_go]
        if len(numbers) < limit or len(found) >= limit:
            break
    return found[:limit]


def take(session: Session, numbers: Sequence[int], at: datetime) -> list[Claimed]:
    """Return those that are still to be sent, locked until the transaction ends.

    They carry the token that `lease` will give them.
    """
    rows = session.connection().execute(_TAKE, {"b_numbers": numbers, **_times(at)})
    found = {row.id: Claimed._make(row) for row in rows}
    return [found[number] for number in numbers if number in found]


def lease(session: Session, mails: Sequence[Claimed], *, at: datetime, until: datetime) -> None:
    """Lease what was taken; the first is offered at once."""
    if not mails:
        return
    session.connection().execute(
        sa.update(NOTICE)
        .where(NOTICE.c.id.in_([mail.id for mail in mails]))
        .values(
            state=NoticeState.LEASED,
            lease_token=NOTICE.c.lease_token + 1,
            lease_until=until,
            offered_at=sa.case(
                (NOTICE.c.id == mails[0].id, sa.literal(at, NOTICE.c.offered_at.type))
            ),
        )
    )


def sent_and_next(
    connection: sa.Connection, mail: Claimed, following: Claimed | None, at: datetime
) -> tuple[bool, bool]:
    """Settle an accepted mail and offer the next; whether each was still ours.

    What `settle` and `offer` do, made once and not for every mail: this is the path of all
    but a few, and the next final dot waits for it.
    """
    mine = connection.execute(_SENT, {"b_id": mail.id, "b_token": mail.token, "b_at": at})
    if following is None:
        return mine.rowcount == 1, True
    theirs = {"b_id": following.id, "b_token": following.token, "b_at": at}
    return mine.rowcount == 1, connection.execute(_OFFERED, theirs).rowcount == 1


def offer(session: Session, mail: Claimed, at: datetime) -> bool:
    """Note that its final dot may go out from now on; False if the lease is another's."""
    return _fenced(session, mail, offered_at=at)


def settle(session: Session, mail: Claimed, **values: Any) -> bool:
    """Write what became of an attempt; False if the lease is another's."""
    attempts = NOTICE.c.attempts + 1
    return _fenced(session, mail, attempts=attempts, offered_at=None, lease_until=None, **values)


def give_back(session: Session, mails: Iterable[Claimed], next_try_at: datetime | None) -> int:
    """Return mails unattempted, to be tried from then on (None: at once); how many were ours."""
    when = {} if next_try_at is None else {"next_try_at": next_try_at}
    return sum(
        _fenced(session, m, state=NoticeState.PENDING, offered_at=None, lease_until=None, **when)
        for m in mails
    )


def put_aside(session: Session, mail: Claimed, **values: Any) -> None:
    """Change a mail that was taken and will not be leased in this transaction."""
    session.connection().execute(sa.update(NOTICE).where(NOTICE.c.id == mail.id).values(**values))


def rewrite(session: Session, mail: Claimed, *, subject: str, mime: bytes) -> Claimed:
    """Give a mail that was never attempted its new text."""
    digest = hashlib.sha256(mime).hexdigest()
    put_aside(session, mail, subject=subject[:300], mime_hash=digest)
    session.connection().execute(
        sa.update(BYTES).where(BYTES.c.notice_id == mail.id).values(mime=mime)
    )
    return mail._replace(mime=mime)


def run_out(session: Session, at: datetime) -> tuple[int, list[int]]:
    """Make leases that ran out claimable; return how many, and which may have been accepted."""
    over = (NOTICE.c.state == NoticeState.LEASED, NOTICE.c.lease_until <= at)
    offered = session.connection().execute(
        sa.update(NOTICE)
        .where(*over, NOTICE.c.offered_at.is_not(None))
        .values(
            ambiguous_at=NOTICE.c.offered_at,
            copies=NOTICE.c.copies + 1,
            attempts=NOTICE.c.attempts + 1,
            error="the sender ended before the answer was written down",
            **_FREE,
        )
        .returning(NOTICE.c.id)
    )
    unsure = list(offered.scalars())
    rest = session.connection().execute(sa.update(NOTICE).where(*over).values(**_FREE))
    return len(unsure) + rest.rowcount, unsure


def doubtful(session: Session, mails: Sequence[Claimed]) -> set[int]:
    """Return the mails not all of whose lines speak of an open duty in its present episode."""
    numbers = [mail.id for mail in mails]
    sure = session.connection().execute(_SURE, {"b_numbers": numbers}).scalars()
    return set(numbers) - set(sure)


def suppressed(session: Session, mails: Sequence[Claimed]) -> dict[str, str]:
    """Return the addresses among them to which nothing more is sent, with the reason."""
    addresses = list({mail.address for mail in mails})
    rows = session.connection().execute(_SUPPRESSED, {"b_addresses": addresses})
    return {row.address: row.reason for row in rows}


def suppress(session: Session, address: str, *, reason: str, at: datetime) -> None:
    """Send nothing more to this address."""
    if session.get(Suppression, address) is None:
        session.add(Suppression(address=address, reason=reason[:500], since=at))


def lift(session: Session, address: str, *, at: datetime) -> bool:
    """Send to this address again (it was mended); False if nothing was suppressed."""
    gone = session.connection().execute(
        sa.delete(Suppression).where(col(Suppression.address) == address)
    )
    alarms.clear_alarm(session, kind="mail_refused", ref=address, at=at)
    return gone.rowcount == 1


def earliest(session: Session, at: datetime) -> datetime | None:
    """Return when the outbox next wants a sender (may be past); None if nothing waits.

    Knows nothing of the relay, which may be resting until later.
    """
    pending = session.connection().scalar(_FIRST_PENDING, _times(at))
    leased = session.connection().scalar(_FIRST_LEASE)
    return min((when for when in (pending, leased) if when is not None), default=None)


def drop_bytes(session: Session, *, before: datetime, limit: int) -> int:
    """Drop the text of up to `limit` mails that ended before then; their hash and lines stay."""
    ended = sa.or_(
        NOTICE.c.sent_at < before,
        NOTICE.c.state.in_([NoticeState.DEAD, NoticeState.CANCELLED]),
    )
    old = (
        sa.select(BYTES.c.notice_id)
        .join(NOTICE, NOTICE.c.id == BYTES.c.notice_id)
        .where(NOTICE.c.created_at < before, ended)
        .order_by(BYTES.c.notice_id)
        .limit(limit)
    )
    dropped = session.connection().execute(
        sa.delete(BYTES).where(BYTES.c.notice_id.in_(old.scalar_subquery()))
    )
    return dropped.rowcount


_FREE: Final = {"state": NoticeState.PENDING, "offered_at": None, "lease_until": None}


def _fenced(session: Session, mail: Claimed, **values: Any) -> bool:
    changed = session.connection().execute(
        sa.update(NOTICE)
        .where(
            NOTICE.c.id == mail.id,
            NOTICE.c.state == NoticeState.LEASED,
            NOTICE.c.lease_token == mail.token,
        )
        .values(**values)
    )
    return changed.rowcount == 1


def _times(at: datetime) -> dict[str, datetime]:
    return {"b_at": at, "b_long_ago": at - HOLDS_UP}


def _held_up() -> sa.ColumnElement[bool]:
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


# Statements are built once: making one costs as much as running it.
_AT: Final = sa.bindparam("b_at", type_=NOTICE.c.next_try_at.type)
_NUMBERS: Final[sa.BindParameter[Any]] = sa.bindparam("b_numbers", expanding=True)
_WAITING: Final = (NOTICE.c.state == NoticeState.PENDING, NOTICE.c.next_try_at <= _AT)
_SENDABLE: Final = (*_WAITING, ~_held_up())
_FREE_TO_GO: Final = sa.select(NOTICE.c.id).where(NOTICE.c.id.in_(_NUMBERS), ~_held_up())
_TAKE: Final = (
    sa.select(
        *(NOTICE.c[name] for name in Claimed._fields if name not in {"mime", "token"}),
        BYTES.c.mime,
        (NOTICE.c.lease_token + 1).label("token"),
    )
    .outerjoin(BYTES, BYTES.c.notice_id == NOTICE.c.id)
    .where(NOTICE.c.id.in_(_NUMBERS), *_SENDABLE)
    .with_for_update(skip_locked=True, of=NOTICE)
)
_LEASE: Final = (
    sa.update(NOTICE)
    .where(NOTICE.c.id.in_(_NUMBERS))
    .values(
        state=NoticeState.LEASED,
        lease_token=NOTICE.c.lease_token + 1,
        lease_until=sa.bindparam("b_until"),
        offered_at=sa.case((NOTICE.c.id == sa.bindparam("b_first"), _AT)),
    )
)
_SURE: Final = (
    sa.select(col(Line.notice_id))
    .outerjoin(Duty, col(Duty.id) == col(Line.duty_id))
    .where(col(Line.notice_id).in_(_NUMBERS))
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
_SUPPRESSED: Final = sa.select(col(Suppression.address), col(Suppression.reason)).where(
    col(Suppression.address).in_(sa.bindparam("b_addresses", expanding=True))
)
_FIRST_PENDING: Final = (
    sa.select(NOTICE.c.next_try_at)
    .where(NOTICE.c.state == NoticeState.PENDING, ~_held_up())
    .order_by(NOTICE.c.next_try_at)
    .limit(1)
)
_FIRST_LEASE: Final = sa.select(sa.func.min(NOTICE.c.lease_until)).where(
    NOTICE.c.state == NoticeState.LEASED
)
_OURS: Final = sa.and_(
    NOTICE.c.id == sa.bindparam("b_id"),
    NOTICE.c.state == NoticeState.LEASED,
    NOTICE.c.lease_token == sa.bindparam("b_token"),
)
_OFFERED: Final = sa.update(NOTICE).where(_OURS).values(offered_at=sa.bindparam("b_at"))
_SENT: Final = (
    sa.update(NOTICE)
    .where(_OURS)
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
