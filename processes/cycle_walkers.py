"""What activities led to (活动的记录), as the walk through a cycle follows it."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from sqlmodel import Session, col, select

from models.check import Check, CheckLine
from models.plan import Activity, ActivityState
from processes import cycle_walk
from processes.cycle_walk import Step


def checks(session: Session, first: date, last: date) -> Iterator[Step]:
    """Project quality checks that were carried out, with what each of them raised."""
    own = col(Check.performed_on)
    done = session.exec(select(Check).where(own >= first, own <= last)).all()
    raised: dict[int, list[str]] = defaultdict(list)
    found = select(CheckLine.check_id, CheckLine.nonconformity).where(
        col(CheckLine.nonconformity).is_not(None),
        col(CheckLine.check_id).in_([one.id for one in done]),
    )
    for number, code in session.exec(found):
        raised[number].append(code or "")
    for one in done:
        assert one.performed_on is not None
        yield Step(
            kind="check",
            code=one.code,
            title=one.project,
            on=one.performed_on,
            activity=one.activity,
            outcome=str(one.score) if one.score is not None else "",
            nonconformities=tuple(raised.get(one.id or 0, ())),
        )


def plain(session: Session, first: date, last: date) -> Iterator[Step]:
    """Activities without a process of their own: the record that whoever did them named."""
    own = col(Activity.done_on)
    query = select(Activity).where(
        col(Activity.state) == ActivityState.DONE,
        own >= first,
        own <= last,
        col(Activity.kind) != "project_quality_check",
    )
    for one in session.exec(query.order_by(col(Activity.id))):
        assert one.done_on is not None
        yield Step(
            kind="activity",
            code=one.record or one.code,
            title=one.title,
            on=one.done_on,
            activity=one.code,
        )


cycle_walk.WALKERS.extend((checks, plain))
