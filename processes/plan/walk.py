"""Activities without a record of another process, on the walk through a cycle (周期中的活动)."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from sqlmodel import Session, col, select

from models.plan import Activity, ActivityState
from processes.plan import opening
from processes.plan.steps import Step


def plain(session: Session, first: date, last: date) -> Iterator[Step]:
    """Activities without a process of their own: the record that whoever did them named."""
    own = col(Activity.done_on)
    query = select(Activity).where(
        col(Activity.state) == ActivityState.DONE,
        own >= first,
        own <= last,
    )
    for one in session.exec(query.order_by(col(Activity.id))):
        assert one.done_on is not None
        if opening.of(one.kind).told_elsewhere(session, one):
            continue
        yield Step(
            kind="activity",
            code=one.record or one.code,
            title=one.title,
            on=one.done_on,
            activity=one.code,
        )


WALKERS: Final = {"activity": plain}
