"""How long evidence is kept (证据保存与处置): years after the matter is over.

The years are the policy's; each deletion is recorded, and the row stays as what there was.
"""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models import trail
from models.engine import reading, transaction
from models.nonconformity import Evidence
from processes.attachment import files


def keep_after(session: Session, subject_kind: str, subject: str, at: datetime) -> None:
    """The matter is over: from now on its evidence is kept for the policy's years."""
    session.execute(
        sa.update(Evidence)
        .where(
            col(Evidence.subject_kind) == subject_kind,
            col(Evidence.subject) == subject,
            col(Evidence.keep_until).is_(None),
        )
        .values(keep_until=_years_after(current().calendar.day(at)))
        .execution_options(synchronize_session=False)
    )


def delete_expired(at: datetime, limit: int = 100) -> int:
    """Delete what its retention is over for, each deletion recorded; return how many."""
    gone = _mark_expired(at, limit)
    files.removed(gone)
    _sweep(at)
    return len(gone)


def mark_deleted(session: Session, row: Evidence, at: datetime, *, actor: str, why: str) -> None:
    """Write down that a file is deleted; the caller removes it after committing."""
    row.deleted_at = at
    session.add(row)
    session.flush()
    trail.record(
        session,
        at=at,
        actor=actor,
        action="evidence.deleted",
        subject=f"{row.subject_kind}:{row.subject}",
        before={"evidence": row.id, "sha256": row.sha256, "size": row.size},
        after={"why": why},
    )


@transaction
def _mark_expired(session: Session, at: datetime, limit: int) -> list[str]:
    over = session.exec(
        select(Evidence)
        .where(
            col(Evidence.keep_until) < current().calendar.day(at),
            col(Evidence.deleted_at).is_(None),
        )
        .order_by(col(Evidence.id))
        .limit(limit)
    ).all()
    for row in over:
        mark_deleted(session, row, at, actor="clock", why="retention is over")
    return [row.path for row in over]


def _sweep(at: datetime) -> None:
    """Remove files that no row speaks of."""
    found = files.leftovers(at)
    if not found:
        return
    with reading() as session:
        alive = set(session.exec(select(Evidence.path).where(col(Evidence.deleted_at).is_(None))))
    files.removed(sorted(found - alive))


def _years_after(day: date) -> date:
    years = current().policy.evidence.retention_years
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
