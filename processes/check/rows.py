"""Checks as rows (检查存取): found, numbered, recorded."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import trail
from models.check import Check
from models.nonconformity import Counter
from models.upsert import insert_new
from rules.refusal import NotFound

KIND = "check"  # `subject_kind` of its duties, and what it is called in a refusal


def subject(code: str) -> str:
    """Return what the trail calls it."""
    return f"{KIND}:{code}"


def by_code(session: Session, code: str) -> Check:
    """Return it, locked until this transaction ends, or refuse by name."""
    found = session.exec(
        select(Check)
        .where(col(Check.code) == code)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound(what=KIND, code=code)
    return found


def exists(session: Session, code: str) -> bool:
    """Whether there is a check of this code."""
    return session.exec(select(Check.id).where(col(Check.code) == code)).first() is not None


def next_codes(session: Session, year: int, count: int) -> list[str]:
    """Return so many of QC-YYYY-NNNN; the counter's row stays locked until the end."""
    series = f"QC-{year}"
    insert_new(session, Counter, [{"series": series, "last": 0}])
    session.execute(
        sa.update(Counter)
        .where(col(Counter.series) == series)
        .values(last=col(Counter.last) + count)
        .execution_options(synchronize_session=False)
    )
    last = session.execute(
        select(col(Counter.last)).where(col(Counter.series) == series)
    ).scalar_one()
    return [f"{series}-{number:04d}" for number in range(last - count + 1, last + 1)]


def entry(
    check: Check,
    action: str,
    *,
    at: datetime,
    actor: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> trail.Entry:
    """Return the row of the trail about a check that no deed made."""
    return trail.Entry(
        at=at, actor=actor, action=action, subject=subject(check.code), before=before, after=after
    )
