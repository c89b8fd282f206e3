"""Leases (租约): of several that stand ready, one does the thing, until it stops renewing.

Each change of hands raises the token, so that a holder who was asleep learns that he is one
no longer. On a server the time is the database's: two machines' clocks never agree.
"""

from datetime import datetime, timedelta
from typing import Final, cast

import sqlalchemy as sa
from sqlmodel import Session, col

from models.record import Lease
from models.upsert import insert_new

LONGEST: Final = timedelta(minutes=15)  # nobody leases for longer: what says so is a clock set back


def take(session: Session, name: str, *, holder: str, at: datetime, seconds: float) -> int | None:
    """Take the lease, or renew one's own; return its token, None while another holds it."""
    at = _now(session, at)
    insert_new(session, Lease, [{"name": name, "holder": "", "token": 0, "until": at}])
    mine = col(Lease.holder) == holder
    free = sa.or_(mine, col(Lease.until) <= at, col(Lease.until) > at + LONGEST)
    taken = session.execute(
        sa.update(Lease)
        .where(col(Lease.name) == name, free)
        .values(
            holder=holder,
            token=col(Lease.token) + sa.case((mine, 0), else_=1),
            until=at + timedelta(seconds=seconds),
        )
        .returning(col(Lease.token))
    )
    return cast("int | None", taken.scalar_one_or_none())


def give_up(session: Session, name: str, *, holder: str, at: datetime) -> None:
    """Let the next one have it at once."""
    session.execute(
        sa.update(Lease)
        .where(col(Lease.name) == name, col(Lease.holder) == holder)
        .values(until=_now(session, at), holder="")
    )


def held_still(session: Session, name: str, *, token: int | None) -> bool:
    """Whether nobody has taken the lease since it had this token; locked until the commit."""
    query = sa.select(col(Lease.token)).where(col(Lease.name) == name).with_for_update(read=True)
    return token is not None and session.scalar(query) == token


def holder_of(session: Session, name: str, *, at: datetime) -> str | None:
    """Return who holds the lease; None if nobody does."""
    found = session.get(Lease, name)
    if found is None or not found.holder or found.until <= _now(session, at):
        return None
    return found.holder


def _now(session: Session, at: datetime) -> datetime:
    if session.get_bind().dialect.name != "postgresql":
        return at
    return cast("datetime", session.scalar(sa.select(sa.func.clock_timestamp())))
