"""What this home has seen (见证标记): a small file beside the database, and not in its backups.

Rows that come from a backup know nothing of what was sent since, and would send it again. The
file says how far the database had come; one that is behind it was restored, and sending begins
on hold until an operator has looked (`pdca held`, `pdca release`).
"""

import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlmodel import col, select

from models import leases
from models.engine import database, reading
from models.notice import Notice
from models.record import Lease, Trail, TrailHead
from models.trail import GENESIS
from processes.mail import restoring
from processes.watch.health import CLOCK
from service.home.opened import SEEN

FILE: Final = SEEN
SLACK: Final = timedelta(seconds=10)  # a clock that stops gives back the rest of its lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How far a database has come: its trail, its mails, and the last look of its clock."""

    seq: int = 0
    hash: str = GENESIS
    notices: int = 0
    looked: str | None = None  # ISO instant: the clock's lease ran until then
    database: str | None = None  # its file, so that one that is gone is not taken for a new one


def note(home: Path) -> None:
    """Keep how far the bound database has come."""
    _write(home, _now())


def look(home: Path, at: datetime, *, running: bool = False) -> str | None:
    """Put sending on hold if the bound database was restored; return why, None if it was not.

    How far it has come is kept in either case: it is said once. While the clock is `running`,
    its look may go back with the system's time, which is no restore.
    """
    before, now = _read(home), _now()
    if before is not None and running:
        before = replace(before, looked=None)
    why = behind(before, now, clock_works=_clock_works(at))
    if why is not None:
        restoring.hold_sending(why, at=at)
    _write(home, now)
    return why


def behind(before: Seen | None, now: Seen, *, clock_works: bool) -> str | None:
    """Say in what a database is behind what was seen of it; None if it is not."""
    if before is None:
        if now.seq == 0 or clock_works:  # an empty one; one that another machine is at work on
            return None
        return "this home has never seen this database, which has a history: is it a backup?"
    trail_ends = f"the trail ends at row {now.seq}, this home has seen row {before.seq}"
    clock_ended = f"its clock has not looked since {now.looked}, it was seen to at {before.looked}"
    signs = {
        trail_ends: now.seq < before.seq,
        f"row {before.seq} of the trail is another one": _hash_at(before.seq) != before.hash,
        f"mail {before.notices} is missing, it was seen": now.notices < before.notices,
        clock_ended: bool(before.looked) and _instant(now.looked) < _instant(before.looked) - SLACK,
    }
    return next((why for why, is_so in signs.items() if is_so), None)


def _now() -> Seen:
    with reading() as session:
        head = session.get(TrailHead, 1)
        lease = session.get(Lease, CLOCK)
        mails = session.exec(select(sa.func.max(col(Notice.id)))).one()
    looked = lease.until.isoformat() if lease is not None and lease.token else None
    path = database().path
    found = Seen(notices=mails or 0, looked=looked, database=str(path) if path else None)
    return found if head is None else replace(found, seq=head.seq, hash=head.hash)


def _hash_at(seq: int) -> str | None:
    if seq == 0:
        return GENESIS
    with reading() as session:
        return session.exec(select(Trail.hash).where(col(Trail.seq) == seq)).first()


def _clock_works(at: datetime) -> bool:
    with reading() as session:
        return leases.holder_of(session, CLOCK, at=at) is not None


def _read(home: Path) -> Seen | None:
    """Return what was kept; a file that cannot be read is as if it were not there."""
    try:
        return Seen(**json.loads((home / FILE).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _write(home: Path, seen: Seen) -> None:
    path = home / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".seen.{os.getpid()}")
    draft.write_text(json.dumps(asdict(seen)), "utf-8")
    draft.replace(path)


def _instant(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else datetime.min.replace(tzinfo=UTC)
