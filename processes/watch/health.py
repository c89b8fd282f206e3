"""How the service is (健康), read from rows alone: it answers while the orchestrator is down.

Late means that somebody should look now. A mail server that takes nothing is an alarm and not
lateness of ours, until its oldest mail has waited longer than the policy allows.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from config.current import current
from models import relay as relays
from models.duty import Duty
from models.engine import database, reading
from models.notice import Notice, NoticeState
from models.record import Alarm, Beat, Hold, Lease
from rules.words import DutyState

CLOCK: Final = "clock"  # the lease of the clock that is at work
WITNESS: Final = "prefect"  # the beat of whoever keeps watch over Prefect
STEP_LATE: Final = 60  # seconds: the clock looks every two
CLOCK_LATE: Final = 30
WITNESS_STALE: Final = 180
UNSENT: Final = (NoticeState.PENDING, NoticeState.LEASED)


def health(at: datetime) -> dict[str, Any]:
    """Return the state of each part, whether all is well, and what is late.

    Strangers read it: no host, no process, no word of a driver is in it.
    """
    try:
        with reading() as session:
            found = _parts(session, at)
    except SQLAlchemyError:
        return {"ok": False, "late": ["database"], "database": {"ok": False}}
    late = _late(found)
    return {"ok": not late, "late": late, "at": at.isoformat(), **found}


def _parts(session: Session, at: datetime) -> dict[str, Any]:
    holds = sorted(session.exec(select(Hold.flow)))
    alarms = select(sa.func.count()).select_from(Alarm).where(col(Alarm.cleared_at).is_(None))
    silent = select(Alarm.ref).where(
        col(Alarm.cleared_at).is_(None), col(Alarm.kind).in_(("silence", "wrong_clock"))
    )
    return {
        "database": {"ok": True, "kind": database().url.get_backend_name()},
        "steps": {"overdue_seconds": _oldest_step(session, at)},
        "outbox": _outbox(session, at),
        "relay": _relay(session),
        "clock": _clock(session, at),
        "prefect": _witness(session, at),
        "holds": holds,
        "alarms": session.exec(alarms).one(),
        "silent": sorted(set(session.exec(silent))),
    }


def _late(found: dict[str, Any]) -> list[str]:
    """Name the parts that somebody should look at; a flow on hold is late on purpose."""
    late = []
    held = found["holds"]
    if found["steps"]["overdue_seconds"] > STEP_LATE and "pdca-act" not in held:
        late.append("steps")
    limit = current().policy.mail.alarm_minutes * 60
    if found["outbox"]["oldest_seconds"] > limit and "pdca-deliver" not in held:
        late.append("outbox")
    if found["clock"]["seconds"] is None or found["clock"]["seconds"] > CLOCK_LATE:
        late.append("clock")
    return late + [part for part in found["silent"] if part not in late]


def _oldest_step(session: Session, at: datetime) -> int:
    query = select(Duty.next_at).where(col(Duty.state) == DutyState.OPEN)
    oldest = session.exec(query.order_by(col(Duty.next_at)).limit(1)).first()
    return _seconds(oldest, at) or 0


def _outbox(session: Session, at: datetime) -> dict[str, int]:
    query = select(sa.func.count(), sa.func.min(col(Notice.created_at)))
    waiting, oldest = session.exec(query.where(col(Notice.state).in_(UNSENT))).one()
    return {"waiting": waiting, "oldest_seconds": _seconds(oldest, at) or 0}


def _relay(session: Session) -> dict[str, Any]:
    """Say whether our mail server takes mail, and since when it does not; never which it is."""
    now = relays.any_standing(session)
    if not now.failures:
        return {"state": "takes", "since": None}
    state = "refuses" if now.declines else "fails"
    return {"state": state, "since": now.since.isoformat() if now.since else None}


def _clock(session: Session, at: datetime) -> dict[str, Any]:
    lease = session.get(Lease, CLOCK)
    if lease is None or lease.token == 0:
        return {"seconds": None, "led": False}
    return {"seconds": _seconds(lease.until, at), "led": bool(lease.holder)}


def _witness(session: Session, at: datetime) -> dict[str, Any]:
    beat = session.get(Beat, WITNESS)
    if beat is None or at - beat.at > timedelta(seconds=WITNESS_STALE):
        return {"state": "unknown", "since": None}
    return {"state": beat.facts.get("state", "unknown"), "since": beat.facts.get("since")}


def _seconds(since: datetime | None, at: datetime) -> int | None:
    """Return the seconds that have passed, 0 for what is still to come."""
    return None if since is None else max(0, int((at - since).total_seconds()))
