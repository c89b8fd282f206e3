"""The input of a management review (管理评审输入), in the order of ISO 9001 9.3.2.

What reached the top of the chain and is still open stands first; the rest follows clause 9.3 of
ISO 9001 and of ISO/IEC 20000-1. Computed from rows whenever it is asked for, until the review is
held: from then on what was kept is shown (`review_keeping.py`).
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import Session, col, select

from config.current import current
from models.engine import reading
from models.plan import Activity, ActivityState
from processes.review import followed, reliability, results, standing
from processes.review.parts import ReviewInput, Span
from rules import review as rule


def of(
    activity: str | None, *, year: int, at: datetime, held_on: date | None = None
) -> ReviewInput:
    """Return the input of a review as of this instant; of a year where none is planned.

    `held_on` is the day of one that was held and of which nothing was kept.
    """
    with reading() as session:
        today = current().calendar.day(at)
        ends = held_on or (today if activity else min(today, date(year, 12, 31)))
        before = previous(session, activity, until=ends)
        first, last = rule.period(before=before.done_on if before else None, year=year, today=ends)
        return between(session, first, last, before=before, at=at)


def between(
    session: Session, first: date, last: date, *, before: Activity | None, at: datetime
) -> ReviewInput:
    """Return the input of these days, both included; what is open is open at `at`."""
    span = _span(first, last, at)
    board = results.board(session, span)
    return ReviewInput(
        since=first,
        until=last,
        at=at,
        top=standing.top(session, span),
        before=followed.before(session, span, before),
        changes=results.changes(session, span),
        objectives=results.objectives(session, span, board),
        nonconformities=results.nonconformities(session, span),
        checks=results.checks(session, span),
        audits=results.audits(span),
        customers=results.customers(session, span, board),
        risks=standing.risks(session, span),
        engine=reliability.engine(session, span),
        improvements=reliability.improved(session, span),
    )


def previous(session: Session, activity: str | None, *, until: date) -> Activity | None:
    """Return the review that was carried out last before this one."""
    own = col(Activity.done_on)
    query = select(Activity).where(
        col(Activity.kind) == rule.KIND, col(Activity.state) == ActivityState.DONE, own <= until
    )
    if activity is not None:
        query = query.where(col(Activity.code) != activity)
    return session.exec(query.order_by(own.desc(), col(Activity.id).desc()).limit(1)).first()


def _span(first: date, last: date, at: datetime) -> Span:
    zone = current().settings.zone
    ends = datetime.combine(last + timedelta(days=1), time(), zone)
    return Span(
        first=first, last=last, begins=datetime.combine(first, time(), zone), ends=ends, at=at
    )


def as_json(found: ReviewInput) -> dict[str, Any]:
    """Return the input as a document of stable keys."""
    kept: dict[str, Any] = _adapter().dump_python(found, mode="json")
    return kept


def from_json(kept: Mapping[str, Any]) -> ReviewInput:
    """Return an input that was kept; what it did not know yet is empty."""
    return _adapter().validate_python(dict(kept))


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[ReviewInput]:
    return TypeAdapter(ReviewInput)
