"""Which instance this is (实例): it claims the database that it sends from, or is held.

Nothing is sent from a copy: sending is put on hold as after a restore, one alarm says whose the
database is, and `pdca release` makes it this instance's own. A second one at work on the same
rows sends nothing either, and stops nobody: what is on hold in them would be on hold for all.
"""

import socket
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from sqlalchemy.engine import make_url
from sqlmodel import Session, col, select

from config.current import current
from models import alarms, trail
from models.claim import Claim
from models.engine import reading, transaction
from models.record import Hold
from models.upsert import insert_new
from processes.alarm import wording as says
from rules.claim import Claimant, Verdict, judge
from rules.refusal import Refused

DELIVER: Final = "pdca-deliver"
KIND: Final = "copied"  # of the alarm, told by the other path
BY: Final = "copy"  # of the hold
TOUCH: Final = timedelta(minutes=1)


class NotOurs(Refused):
    """The database belongs to another instance."""

    sentence = (
        "this database belongs to {others}: give this instance a name of its own (PDCA_INSTANCE),"
        " or `pdca release` makes it its own"
    )


def mine() -> Claimant:
    """Return this instance: by PDCA_INSTANCE, else by its host and the path of its home."""
    settings = current().settings
    host, home = _host(), str(settings.home.resolve())
    return Claimant(
        name=settings.instance or f"{host}:{home}",
        named=bool(settings.instance),
        host=host,
        home=home,
        database=_location(settings.url),
    )


def ours(at: datetime) -> bool:
    """Whether this instance may send; claims what nobody has claimed, holds what is another's."""
    me = mine()
    with reading() as session:
        standing = _standing(session)
    if judge(me, standing, at) is Verdict.OURS and _fresh(me, standing, at):
        return True
    return _claimed(me, at)


def owners() -> list[str]:
    """Return the names of those who have claimed the database."""
    with reading() as session:
        return sorted(one.name for one in _standing(session))


def refuse_to_send(at: datetime) -> None:
    """Refuse to send by hand from what is another instance's."""
    if not ours(at):
        raise NotOurs(others=", ".join(owners()))


def take_over(session: Session, at: datetime, *, by: str) -> bool:
    """Make the database this instance's own, ending others' claims; False if it was before."""
    me = mine()
    alarms.clear_alarm(session, kind=KIND, ref="database", at=at)
    if judge(me, _standing(session), at) is not Verdict.HELD:
        return False
    for row in session.exec(select(Claim).where(col(Claim.released_at).is_(None))):
        if row.name == me.name or not (me.named and me.shares(_claimant(row))):
            row.released_at = at
            session.add(row)
    session.flush()
    _write(session, me, at, actor=f"operator:{by}"[:64])
    return True


@transaction
def _claimed(session: Session, me: Claimant, at: datetime) -> bool:
    verdict = judge(me, _standing(session), at)
    if verdict is Verdict.HELD:
        _hold(session, me, at)
        return False
    _write(session, me, at, actor="service")
    return True


def _write(session: Session, me: Claimant, at: datetime, *, actor: str) -> None:
    """Keep the claim; of two that begin at once, the second waits and finds it made."""
    blank = {"named": me.named, "host": "", "home": "", "database": "", "released_at": None}
    new = insert_new(session, Claim, [{"name": me.name, "claimed_at": at, "seen_at": at, **blank}])
    row = session.get_one(Claim, me.name, populate_existing=True)
    if new or row.released_at is not None:
        told = {"instance": me.name, "database": me.database}
        trail.record(
            session, at=at, actor=actor, action="database.claimed", subject="database", after=told
        )
    row.named, row.host, row.home, row.database = me.named, me.host, me.home, me.database
    row.seen_at, row.released_at = at, None
    session.add(row)


def _hold(session: Session, me: Claimant, at: datetime) -> None:
    """Put sending on hold in a copy, and say it; twice is harmless."""
    standing = _standing(session)
    others = ", ".join(sorted(one.name for one in standing))
    at_work = any(me.shares(one) for one in standing)
    if not at_work and session.get(Hold, DELIVER) is None:
        session.add(Hold(flow=DELIVER, since=at, by=BY))
        told = {"actor": "service", "action": "flow.held", "subject": f"flow:{DELIVER}"}
        trail.record(session, at=at, after={"claimed_by": others}, **told)
    message = says.copied(me.name, others)
    alarms.raise_alarm(session, kind=KIND, ref="database", message=message, at=at)


def _standing(session: Session) -> list[Claimant]:
    rows = session.exec(select(Claim).where(col(Claim.released_at).is_(None)))
    return [_claimant(row) for row in rows]


def _claimant(row: Claim) -> Claimant:
    return Claimant(
        name=row.name,
        named=row.named,
        host=row.host,
        home=row.home,
        database=row.database,
        seen_at=row.seen_at,
    )


def _fresh(me: Claimant, standing: list[Claimant], at: datetime) -> bool:
    """Whether the claim says all that it should, and was seen a moment ago."""
    (row,) = [one for one in standing if one.name == me.name]
    if (row.place, row.database) != (me.place, me.database):
        return False
    return not me.named or (row.seen_at is not None and abs(at - row.seen_at) < TOUCH)


@lru_cache(maxsize=1)
def _host() -> str:
    return socket.gethostname()[:120]


@lru_cache(maxsize=8)
def _location(url: str) -> str:
    """Return where a database is: a file's path, or server, port and name; never the password."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return str(parsed.database or "")
    return f"{parsed.host or 'localhost'}:{parsed.port or 5432}/{parsed.database}"
