"""The audit trail (审计轨迹): appended in the transaction of the act it tells, chained by hash.

Changing, removing or reordering any row breaks every hash after it, and the triggers of the
first migration refuse UPDATE and DELETE outright.

What a transaction records waits in its session and is written at its end, all at once: the head
of the chain, which everybody who records needs, is locked for that moment and not for as long
as an import takes. Whoever reads the trail in between finds what was recorded before.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, SessionTransaction
from sqlalchemy.orm import Session as AnySession
from sqlalchemy.sql import visitors
from sqlmodel import Session, col, select

from models import engine
from models.base import table_of
from models.record import Trail, TrailHead

GENESIS: Final = "0" * 64
LOOKED_AT: Final = 500
WAITING: Final = "trail: waiting"  # in a session: the acts that its transaction has to write
SAVED: Final = "trail: saved"  # in a session: what waited when each savepoint began
AT_ONCE: Final = 1000  # rows of one statement
_NAME: Final = Trail.__tablename__
_CANONICAL: Final = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":")
).encode
_APPEND: Final = sa.insert(table_of(Trail))
_MOVE_HEAD: Final = (
    sa.update(table_of(TrailHead))
    .where(col(TrailHead.id) == 1)
    .values(seq=sa.bindparam("b_seq"), hash=sa.bindparam("b_hash"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One act: who, what, on what, from what to what."""

    at: datetime
    actor: str
    action: str
    subject: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    on_behalf_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The first row that does not follow from the one before."""

    seq: int
    why: str


def record(session: Session, **facts: Any) -> None:
    """Append one act to the trail."""
    record_many(session, [Entry(**facts)])


def record_many(session: Session, entries: Sequence[Entry]) -> None:
    """Append acts in their order; they are written when this transaction ends, or is asked."""
    if entries:
        session.info.setdefault(WAITING, []).extend(_as_now(entry) for entry in entries)


def _as_now(entry: Entry) -> Entry:
    """Return the act with facts of its own: the row that they came from may go on changing."""
    before, after = (dict(facts) if facts else facts for facts in (entry.before, entry.after))
    return replace(entry, before=before, after=after)


@engine.at_end
def write(session: Session) -> None:
    """Write what waits, as the chain's next links; the head is locked until the commit."""
    waiting: list[Entry] = session.info.pop(WAITING, [])
    if not waiting:
        return
    head = _locked_head(session)
    seq, last, rows = head.seq, head.hash, []
    for entry in waiting:
        seq += 1
        digest = link(last, seq, entry)
        rows.append({**_values(entry), "seq": seq, "prev_hash": last, "hash": digest})
        last = digest
    # The tables, not the models: every act of every process goes through here.
    for start in range(0, len(rows), AT_ONCE):
        session.connection().execute(_APPEND, rows[start : start + AT_ONCE])
    session.connection().execute(_MOVE_HEAD, {"b_seq": seq, "b_hash": last})


@event.listens_for(AnySession, "do_orm_execute")
def _before_it_is_read(state: ORMExecuteState) -> None:
    """Write what waits before anybody reads the trail in the same transaction."""
    if state.session.info.get(WAITING) and state.is_select and _names_trail(state.statement):
        write(cast("Session", state.session))


def _names_trail(statement: Any) -> bool:
    parts = visitors.iterate(statement)
    return any(isinstance(part, sa.Table) and part.name == _NAME for part in parts)


@event.listens_for(AnySession, "after_transaction_create")
def _savepoint(session: AnySession, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault(SAVED, {})[transaction] = list(session.info.get(WAITING, ()))


@event.listens_for(AnySession, "after_soft_rollback")
def _taken_back(session: AnySession, transaction: SessionTransaction) -> None:
    """Forget what was recorded in a transaction, or since a savepoint, that is taken back."""
    if transaction.nested:  # also what was written since, if the trail was read there
        session.info[WAITING] = session.info.get(SAVED, {}).pop(transaction, [])
    elif transaction.parent is None:
        session.info.pop(WAITING, None)


def last_by_clock(session: Session, *, before: datetime) -> datetime | None:
    """Return when the service itself last recorded something before this instant.

    Only the newest few hundred acts are looked at: None if it is not among them.
    """
    newest = (
        sa.select(col(Trail.at), col(Trail.actor)).order_by(col(Trail.seq).desc()).limit(LOOKED_AT)
    ).subquery()
    found: datetime | None = session.execute(
        sa.select(sa.func.max(newest.c.at)).where(newest.c.actor == "clock", newest.c.at < before)
    ).scalar_one()
    return found


def link(previous: str, seq: int, entry: Entry) -> str:
    """Return the hash of an act that follows `previous`."""
    told = [
        previous,
        seq,
        entry.at.astimezone(UTC).isoformat(),
        entry.actor,
        entry.on_behalf_of,
        entry.action,
        entry.subject,
        entry.before,
        entry.after,
    ]
    return hashlib.sha256(_CANONICAL(told).encode()).hexdigest()


def verify(session: Session) -> Broken | None:
    """Walk the chain from its beginning; None if every row follows from the one before."""
    last, expected = GENESIS, 0
    for row in _rows(session):
        expected += 1
        if row.seq != expected:
            return Broken(seq=expected, why="the row is missing")
        if row.prev_hash != last:
            return Broken(seq=row.seq, why="it does not name the row before it")
        if link(last, row.seq, _entry(row)) != row.hash:
            return Broken(seq=row.seq, why="its content is not what was recorded")
        last = row.hash
    head = session.get(TrailHead, 1)
    if head is not None and (head.seq, head.hash) != (expected, last):
        return Broken(seq=expected + 1, why="rows at the end are missing")
    return None


def _locked_head(session: Session) -> TrailHead:
    head = session.scalars(
        select(TrailHead)
        .where(col(TrailHead.id) == 1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if head is None:
        head = TrailHead(id=1, seq=0, hash=GENESIS)
        session.add(head)
        session.flush()
    return head


def _values(entry: Entry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "actor": entry.actor,
        "on_behalf_of": entry.on_behalf_of,
        "action": entry.action,
        "subject": entry.subject,
        "before": entry.before,
        "after": entry.after,
    }


def _entry(row: Trail) -> Entry:
    return Entry(
        at=row.at,
        actor=row.actor,
        on_behalf_of=row.on_behalf_of,
        action=row.action,
        subject=row.subject,
        before=row.before,
        after=row.after,
    )


def _rows(session: Session) -> Iterable[Trail]:
    return session.exec(select(Trail).order_by(col(Trail.seq)).execution_options(yield_per=1000))
