"""What has happened since a mark in the trail (动态), as the witness tells it.

The trail is appended in the order of commits, so its number is a mark that skips nothing,
whether an act was done by a flow, a page or the command line.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.duty import Duty
from models.engine import reading, transaction
from models.nonconformity import Nonconformity
from models.record import Beat, Trail

MARK: Final = "news"  # the beat that keeps how far the trail has been told
ALONE: Final = "unwitnessed"  # the beat that counts what was done without a witness
MOST: Final = 200  # in one telling; the rest follows with the next
TOLD: Final = {
    "duty.escalated": "pdca.duty.escalated",
    "nonconformity.raised": "pdca.nonconformity.raised",
    "nonconformity.closed": "pdca.nonconformity.closed",
    "kpi.missed": "pdca.kpi.missed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened: `resource` is what it happened to, facts carry no address."""

    seq: int
    event: str
    resource: str
    at: datetime
    facts: dict[str, Any]


def fresh() -> tuple[list[Event], int]:
    """Return what was not told yet, oldest first, and the mark behind it.

    The very first time there is nothing to tell: the years before are in the register.
    """
    with reading() as session:
        mark = session.get(Beat, MARK)
        if mark is None:
            return [], session.exec(select(sa.func.max(col(Trail.seq)))).one() or 0
        seen = int(mark.facts.get("seq", 0))
        rows = session.exec(
            select(Trail).where(col(Trail.seq) > seen).order_by(col(Trail.seq)).limit(MOST)
        ).all()
        events = [_event(session, row) for row in rows if row.action in TOLD]
        return events, (rows[-1].seq or seen) if rows else seen


@transaction
def told(session: Session, mark: int, at: datetime) -> None:
    """Keep the mark, once what lies before it has been told."""
    kept = session.get(Beat, MARK) or Beat(name=MARK, at=at, facts={})
    if kept.facts.get("seq") == mark:
        return
    kept.at, kept.facts = at, {"seq": mark}
    session.add(kept)


@transaction
def note_alone(session: Session, flow: str, at: datetime) -> None:
    """Count a run that no witness has recorded, until one is told of it."""
    kept = session.get(Beat, ALONE) or Beat(name=ALONE, at=at, facts={})
    before = kept.facts
    kept.at = at
    kept.facts = {
        "runs": int(before.get("runs", 0)) + 1,
        "since": before.get("since", at.isoformat()),
        "until": at.isoformat(),
        "flows": sorted({*before.get("flows", ()), flow}),
    }
    session.add(kept)


def alone() -> dict[str, Any] | None:
    """Return what was done without a witness since he was last told; None for nothing."""
    with reading() as session:
        kept = session.get(Beat, ALONE)
        return dict(kept.facts) if kept is not None else None


@transaction
def told_alone(session: Session, until: str) -> None:
    """Forget what the witness was told, unless more has been done alone meanwhile."""
    kept = session.get(Beat, ALONE)
    if kept is not None and kept.facts.get("until") == until:
        session.delete(kept)


def _event(session: Session, row: Trail) -> Event:
    kind, _, code = row.subject.partition(":")
    assert row.seq is not None
    return Event(
        seq=row.seq,
        event=TOLD[row.action],
        resource=f"pdca.{kind}.{code}",
        at=row.at,
        facts=_duty(session, code, row) if kind == "duty" else _nonconformity(session, code),
    )


def _duty(session: Session, number: str, row: Trail) -> dict[str, Any]:
    duty = session.get(Duty, int(number)) if number.isdigit() else None
    if duty is None:
        return {}
    return {
        "duty": duty.id,
        "kind": duty.kind,
        "subject": duty.subject,
        "title": duty.title,
        "level": (row.after or {}).get("level"),
    }


def _nonconformity(session: Session, code: str) -> dict[str, Any]:
    found = session.exec(select(Nonconformity).where(col(Nonconformity.code) == code)).first()
    if found is None:
        return {"code": code}
    return {
        "code": found.code,
        "title": found.title,
        "severity": found.severity.value,
        "state": str(found.state),
    }
