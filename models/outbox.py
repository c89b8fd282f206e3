"""Claiming and settling mails (领取与落账): conditional updates, fenced by the lease's token.

A result is written only where the row is still leased under the same token. What another sender
has claimed meanwhile is his, and a late result changes nothing. Before a final dot goes out its
row carries `offered_at`: of all that a crashed sender had leased, only that one is unsure.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col

from models import alarms, lifetime
from models import outbox_queries as queries
from models.base import table_of
from models.duty import Line
from models.notice import NoticeState, Suppression
from models.outbox_queries import BYTES, NOTICE, Claimed
from rules.letters import letters_that

KEYS: Final = letters_that(lambda traits: traits.secret)  # letters that carry a code or a link
PAGE: Final = 500  # mails put in order at once


def due(session: Session, at: datetime, limit: int, *, untried_first: bool = False) -> list[int]:
    """Return the mails that may be sent now, most severe first.

    `untried_first` when one mail is to find out whether the relay is back: one that may itself
    be what the relay stumbles over must not be asked every time.
    """
    first = [NOTICE.c.attempts] if untried_first else []
    query = (
        sa.select(NOTICE.c.id)
        .where(*queries.WAITING)
        .order_by(*first, NOTICE.c.rank, NOTICE.c.id)
        .limit(size := max(limit, PAGE))
    )
    found: list[int] = []
    for page in count():  # the index alone puts them in order; what holds up is asked page by page
        rows = session.connection().execute(query.offset(page * size), {"b_at": at})
        numbers = list(rows.scalars())
        free = session.connection().execute(
            queries.FREE_TO_GO, {"b_numbers": numbers, **queries.times(at)}
        )
        may_go = set(free.scalars())
        found += [number for number in numbers if number in may_go]
        if len(numbers) < size or len(found) >= limit:
            break
    return found[:limit]


def take(session: Session, numbers: Sequence[int], at: datetime) -> list[Claimed]:
    """Return those that are still to be sent, locked until the transaction ends.

    They carry the token that `lease` will give them.
    """
    rows = session.connection().execute(queries.TAKE, {"b_numbers": numbers, **queries.times(at)})
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
            leased_by=lifetime.mine() or None,
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
    mine = connection.execute(queries.SENT, {"b_id": mail.id, "b_token": mail.token, "b_at": at})
    if following is None:
        return mine.rowcount == 1, True
    theirs = {"b_id": following.id, "b_token": following.token, "b_at": at}
    return mine.rowcount == 1, connection.execute(queries.OFFERED, theirs).rowcount == 1


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


def run_out(
    session: Session, at: datetime, *, unsure: timedelta = timedelta(minutes=10)
) -> tuple[int, list[int]]:
    """Make leases that ran out claimable; return how many, and which may have been accepted.

    A lease ends with the process that holds it, where that is known. What may have been accepted
    waits as long as after a lost answer: the relay may still be at work on it.
    """
    ended = _ended(session)
    over = (
        NOTICE.c.state == NoticeState.LEASED,
        sa.or_(NOTICE.c.lease_until <= at, NOTICE.c.leased_by.in_(ended)),
    )
    early = sa.and_(NOTICE.c.leased_by.in_(ended), NOTICE.c.lease_until > at)
    looked_after = sa.literal(at + unsure, NOTICE.c.next_try_at.type)
    offered = session.connection().execute(
        sa.update(NOTICE)
        .where(*over, NOTICE.c.offered_at.is_not(None))
        .values(
            ambiguous_at=NOTICE.c.offered_at,
            copies=NOTICE.c.copies + 1,
            attempts=NOTICE.c.attempts + 1,
            error="the sender ended before the answer was written down",
            next_try_at=sa.case((early, looked_after), else_=NOTICE.c.next_try_at),
            **_FREE,
        )
        .returning(NOTICE.c.id)
    )
    doubtful = list(offered.scalars())
    rest = session.connection().execute(sa.update(NOTICE).where(*over).values(**_FREE))
    return len(doubtful) + rest.rowcount, doubtful


def _ended(session: Session) -> list[str]:
    """Return the processes that hold leases and are known to have ended."""
    query = sa.select(NOTICE.c.leased_by).where(
        NOTICE.c.state == NoticeState.LEASED, NOTICE.c.leased_by.is_not(None)
    )
    holders = session.connection().execute(query.distinct()).scalars()
    return [who for who in holders if lifetime.gone(who)]


def newest(session: Session) -> int:
    """Return the highest number of a mail."""
    return int(session.connection().scalar(sa.select(sa.func.max(NOTICE.c.id))) or 0)


def urgent_since(session: Session, newest: int, at: datetime) -> bool:
    """Whether a mail that goes before all others was written after this one, and may go."""
    query = sa.select(NOTICE.c.id).where(NOTICE.c.id > newest, NOTICE.c.rank == 0, *queries.WAITING)
    return session.connection().execute(query.limit(1), {"b_at": at}).first() is not None


def expired(session: Session, mails: Sequence[Claimed], at: datetime) -> set[int]:
    """Return the mails whose code or link has run out: nothing in them works any more."""
    numbers = [mail.id for mail in mails if mail.letter in KEYS]
    if not numbers:
        return set()
    line = table_of(Line)
    query = sa.select(line.c.notice_id, line.c.created_at, line.c.facts).where(
        line.c.notice_id.in_(numbers)
    )
    return {
        row.notice_id
        for row in session.connection().execute(query)
        if isinstance(minutes := row.facts.get("minutes"), int)
        and row.created_at + timedelta(minutes=minutes) <= at
    }


def doubtful(session: Session, mails: Sequence[Claimed]) -> set[int]:
    """Return the mails not all of whose lines speak of an open duty in its present episode."""
    numbers = [mail.id for mail in mails]
    sure = session.connection().execute(queries.SURE, {"b_numbers": numbers}).scalars()
    return set(numbers) - set(sure)


def suppressed(session: Session, mails: Sequence[Claimed]) -> dict[str, str]:
    """Return the addresses among them to which nothing more is sent, with the reason."""
    addresses = list({mail.address for mail in mails})
    rows = session.connection().execute(queries.SUPPRESSED, {"b_addresses": addresses})
    return {row.address: row.reason for row in rows}


def is_suppressed(session: Session, address: str) -> bool:
    """Whether nothing more is sent to this address."""
    return session.get(Suppression, address) is not None


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
    pending = session.connection().scalar(queries.FIRST_PENDING, queries.times(at))
    leased = session.connection().scalar(queries.FIRST_LEASE)
    if leased is not None and leased > at and _ended(session):
        leased = at
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
