"""Alarms (告警): what an operator must mend, said once and kept until it is over."""

from datetime import datetime

from sqlmodel import Session, col, select

from models.record import Alarm


def raise_alarm(session: Session, *, kind: str, ref: str, message: str, at: datetime) -> bool:
    """Open the alarm, or note that it is still on; True if it is new."""
    known = _open(session, kind, ref)
    if known is not None:
        known.last_at = at
        known.message = message[:500]
        session.add(known)
        return False
    session.add(Alarm(kind=kind, ref=ref[:120], message=message[:500], first_at=at, last_at=at))
    session.flush()
    return True


def clear_alarm(session: Session, *, kind: str, ref: str, at: datetime) -> bool:
    """End the alarm; False if there was none."""
    known = _open(session, kind, ref)
    if known is None:
        return False
    known.cleared_at = at
    session.add(known)
    return True


def open_alarms(session: Session) -> list[Alarm]:
    """Return what is still on, oldest first."""
    return list(
        session.exec(
            select(Alarm).where(col(Alarm.cleared_at).is_(None)).order_by(col(Alarm.first_at))
        )
    )


def _open(session: Session, kind: str, ref: str) -> Alarm | None:
    return session.exec(
        select(Alarm).where(
            col(Alarm.kind) == kind, col(Alarm.ref) == ref[:120], col(Alarm.cleared_at).is_(None)
        )
    ).one_or_none()
