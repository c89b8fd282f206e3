"""What activities led to (活动的记录), as the walk through a cycle follows it."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from sqlmodel import Session, col, select

from models.audit import AuditProgramme
from models.check import Check, CheckLine
from models.plan import Activity, ActivityState
from processes.audit import walk as audit_walk
from processes.cycle import walk as cycle_walk
from processes.cycle import walkers_kpi as cycle_walkers_kpi
from processes.cycle.walk import Step
from processes.kpi.follow_up import KIND as FOLLOW_UP
from processes.review import walk as review_walk
from rules import review


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
        col(Activity.kind).not_in(("project_quality_check", review.KIND, review.DECISION)),
        # What the audits of a programme have done is told by the programme and its audits.
        col(Activity.record).not_in(select(AuditProgramme.code)),
        # Without a duty the month did it: its letter and its measurements tell.
        (col(Activity.kind) != FOLLOW_UP) | col(Activity.duty_id).is_not(None),
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


cycle_walk.WALKERS.extend((checks, plain, cycle_walkers_kpi.indicators, *audit_walk.WALKERS))
cycle_walk.WALKERS.append(review_walk.reviews)
