"""When there is something to do (唤醒): what is due earliest, what is on hold, who has worked.

The clock asks every two seconds at most, so each question is one look into an index: it costs
the same with a thousand open duties and with a million.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import trail
from models.duty import Duty, Line
from models.engine import reading, transaction
from models.provisional import keeps_back
from models.record import Beat, Hold
from processes.duty import provisional
from processes.mail import relaying, restoring
from processes.watch.health import health
from rules.words import DutyState

__all__ = [
    "Deadlines",
    "beat",
    "beats",
    "deadlines",
    "health",
    "held",
    "hold",
    "last_beat",
    "release",
]

ACT: Final = "pdca-act"
DELIVER: Final = restoring.DELIVER
WHEEL: Final = "pdca-wheel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """When each flow has work next; None is never, as things stand."""

    act: datetime | None = None
    deliver: datetime | None = None
    held: frozenset[str] = frozenset()

    def of(self, flow: str) -> datetime | None:
        """Return when this flow has work; a flow on hold has none."""
        if flow in self.held:
            return None
        return self.act if flow == ACT else self.deliver

    @property
    def earliest(self) -> datetime | None:
        """Return when the first of the flows that are not on hold has work."""
        return min((at for at in map(self.of, (ACT, DELIVER)) if at), default=None)


def deadlines(at: datetime) -> Deadlines:
    """Return when there is work next, as the rows stand now."""
    with reading() as session:
        return Deadlines(
            act=_first(
                _next_step(session), _waiting_line(session, at), provisional.next_at(session)
            ),
            deliver=relaying.next_at(at),
            held=frozenset(session.exec(select(Hold.flow))),
        )


def held() -> frozenset[str]:
    """Return the flows that an operator has paused."""
    with reading() as session:
        return frozenset(session.exec(select(Hold.flow)))


@transaction
def hold(session: Session, flow: str, *, by: str, at: datetime) -> bool:
    """Pause a flow; False if it was paused already."""
    if session.get(Hold, flow) is not None:
        return False
    session.add(Hold(flow=flow, since=at, by=by[:120]))
    trail.record(
        session, at=at, actor=f"operator:{by}"[:64], action="flow.held", subject=f"flow:{flow}"
    )
    return True


@transaction
def release(session: Session, flow: str, *, by: str, at: datetime, own: bool = True) -> bool:
    """Let a paused flow go on; False if it was not paused, or (`own`) by somebody else."""
    found = session.get(Hold, flow)
    if found is None or (own and found.by != by):
        return False
    session.delete(found)
    trail.record(
        session, at=at, actor=f"operator:{by}"[:64], action="flow.released", subject=f"flow:{flow}"
    )
    return True


@transaction
def beat(session: Session, /, name: str, at: datetime, **facts: Any) -> None:
    """Note that a part of the service has done its work."""
    row = session.get(Beat, name) or Beat(name=name, at=at)
    row.at, row.facts = at, facts
    session.add(row)


def beats() -> dict[str, Beat]:
    """Return when each part of the service last did its work."""
    with reading() as session:
        return {row.name: row for row in session.exec(select(Beat))}


def last_beat(name: str) -> datetime | None:
    """Return when this part of the service last did its work."""
    with reading() as session:
        return session.exec(select(Beat.at).where(col(Beat.name) == name)).first()


def _next_step(session: Session) -> datetime | None:
    query = select(Duty.next_at).where(col(Duty.state) == DutyState.OPEN)
    return session.exec(query.order_by(col(Duty.next_at)).limit(1)).first()


def _waiting_line(session: Session, at: datetime) -> datetime | None:
    """A line that waits to be put into a letter is due at once; one set aside, or dated, later."""
    fresh = (
        *(col(Line.notice_id).is_(None), col(Line.dropped_at).is_(None)),
        ~keeps_back(),
    )
    dated = sa.or_(col(Line.created_at) <= at, col(Line.duty_id).is_(None))
    at_once = select(Line.id).where(*fresh, dated, col(Line.set_aside_until).is_(None)).limit(1)
    if session.exec(at_once).first() is not None:
        return at
    later = sa.func.min(sa.func.coalesce(col(Line.set_aside_until), col(Line.created_at)))
    return session.exec(select(later).where(*fresh)).one()


def _first(*instants: datetime | None) -> datetime | None:
    return min((instant for instant in instants if instant), default=None)
