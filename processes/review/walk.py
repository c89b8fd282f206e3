"""Management reviews on the walk through a cycle (周期中的管理评审), with their decisions."""

from collections.abc import Iterator
from datetime import date

from sqlmodel import Session, col, select

from models.plan import Activity, ActivityState
from models.review import Review
from processes.cycle.walk import Step
from processes.review import followed as review_followed
from rules import review as rule


def reviews(session: Session, first: date, last: date) -> Iterator[Step]:
    """Yield each review that was carried out in these days, then its decisions."""
    own = col(Activity.done_on)
    query = select(Activity).where(
        col(Activity.kind) == rule.KIND,
        col(Activity.state) == ActivityState.DONE,
        own >= first,
        own <= last,
    )
    for one in session.exec(query.order_by(col(Activity.id))):
        assert one.done_on is not None
        yield Step(
            kind="review",
            code=one.record or one.code,
            title=one.title,
            on=one.done_on,
            activity=one.code,
        )
        yield from _decided(session, one, one.done_on)


def _decided(session: Session, own: Activity, on: date) -> Iterator[Step]:
    held = select(Review).where(
        col(Review.activity) == own.code, col(Review.confirmed_at).is_not(None)
    )
    for kept in session.exec(held):
        for one in review_followed.of_review(session, kept, kept.at):
            until = f"→ {one.until.isoformat()}" if one.until else ""
            yield Step(
                kind="decision",
                code=one.code or review_followed.ref_of(own.code, one.number),
                title=one.what,
                on=on,
                activity=own.code,
                outcome=one.done_on.isoformat() if one.done_on else until,
            )
