"""Planned activities (计划活动): opened when their window has come, done, moved, cancelled.

Each kind of activity has an opener that owes what it asks for: a check, a measurement, an
audit, or the plain duty to carry it out. An activity that could not be opened on its day,
because the service was down, is opened as soon as it is up: it keeps its planned day, its owner
gets at least three working days, and both letter and trail say so.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from models import trail
from models.engine import reading, transaction
from models.plan import Activity, ActivityState
from processes import plug
from processes.plan import activity_people, opening
from processes.watch import switches
from rules import plan as rule
from rules import review

BATCH: Final = 500  # activities to a transaction
KIND: Final = "activity"  # of what a duty is about


def open_due(at: datetime) -> int:
    """Open every activity whose window has come, a batch to a transaction; return how many.

    What fails for one kind stops none of the others.
    """
    opened, failures = 0, []
    for kind in _kinds_waiting(at):
        try:
            opened += _open_kind(kind, at)
        except Exception as failure:  # noqa: BLE001 - raised below, after the other kinds
            failures.append(failure)
    if failures:
        raise ExceptionGroup("activities of these kinds could not be opened", failures)
    return opened


def _kinds_waiting(at: datetime) -> list[str]:
    with reading() as session:
        kinds = session.exec(
            select(Activity.kind).where(*_waiting(at)).distinct().order_by(col(Activity.kind))
        ).all()
    return [kind for kind in kinds if not _switched_off(kind)]


def _switched_off(kind: str) -> bool:
    """Whether what does this kind of activity is off: it stays planned until that is on again."""
    if not plug.has("activities", kind):
        return False
    return switches.off(plug.owner("activities", kind).name)


def _open_kind(kind: str, at: datetime) -> int:
    opened, after = 0, 0
    while True:
        taken, last = _open_batch(kind, at, after)
        opened += taken
        if last is None:
            return opened
        after = last


@transaction
def _open_batch(session: Session, kind: str, at: datetime, after: int) -> tuple[int, int | None]:
    """Open some; return how many, and behind which number to go on (None: nothing is left)."""
    batch = session.exec(
        select(Activity)
        .where(*_waiting(at), col(Activity.kind) == kind, col(Activity.id) > after)
        .order_by(col(Activity.id))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    taken = open_now(session, kind, batch, at)
    return len(taken), batch[-1].id if len(batch) == BATCH else None


def open_now(
    session: Session, kind: str, batch: Sequence[Activity], at: datetime
) -> list[Activity]:
    """Open these activities of one kind; return those for whom there was somebody."""
    taken = activity_people.name_owners(session, batch, at)
    for activity in taken:
        _prepare(activity, at)
    if taken:
        opening.of(kind).opens(session, taken, at, "clock")
        _record(session, taken, at)
    return taken


def _waiting(at: datetime) -> tuple[Any, Any]:
    day = current().calendar.day(at)
    return col(Activity.state) == ActivityState.PLANNED, col(Activity.opens_on) <= day


def done(
    session: Session,
    activity_id: int,
    at: datetime,
    *,
    record: str = "",
    result: str = "",
    done_on: date | None = None,
    actor: str = "clock",
) -> None:
    """Keep that it was carried out, and which record shows it; twice is harmless."""
    activity = session.get(Activity, activity_id)
    if activity is None or activity.state is not ActivityState.OPEN:
        return
    activity.state, activity.done_at = ActivityState.DONE, at
    activity.done_on = done_on or current().calendar.day(at)
    activity.record, activity.result = record[:300], result
    session.add(activity)
    trail.record(
        session,
        at=at,
        actor=actor,
        action="activity.done",
        subject=f"{KIND}:{activity.code}",
        after={"done_on": activity.done_on.isoformat(), "record": activity.record},
    )


def move(session: Session, activity: Activity, until: date, *, at: datetime, actor: str) -> None:
    """Postpone it: the new day counts, the first one is kept."""
    before, calendar = activity.planned_on, current().calendar
    if activity.state is ActivityState.PLANNED:
        lead = calendar.count(activity.opens_on, before)
        activity.opens_on = rule.opens_on(until, lead_days=lead, calendar=calendar)
    activity.planned_on = until
    session.add(activity)
    trail.record(
        session,
        at=at,
        actor=actor,
        action="activity.postponed",
        subject=f"{KIND}:{activity.code}",
        before={"planned_on": before.isoformat()},
        after={"planned_on": until.isoformat(), "first": activity.first_planned_on.isoformat()},
    )


def cancel(session: Session, activity: Activity, *, why: str, at: datetime, actor: str) -> None:
    """Nothing is to be done any more; why is kept."""
    activity.state, activity.cancelled_at = ActivityState.CANCELLED, at
    activity.cancel_reason = why[:300]
    session.add(activity)
    trail.record(
        session,
        at=at,
        actor=actor,
        action="activity.cancelled",
        subject=f"{KIND}:{activity.code}",
        before={"planned_on": activity.planned_on.isoformat()},
        after={"why": activity.cancel_reason},
    )


def facts_of(activity: Activity) -> dict[str, Any]:
    """Return what a letter about it says: its day, and that it was caught up late."""
    return {
        "activity": activity.code,
        "planned_on": activity.planned_on.isoformat(),
        **({"caught_up": True} if activity.caught_up else {}),
        **(review_link(activity) if activity.kind == review.KIND else {}),
    }


def review_link(activity: Activity) -> dict[str, str]:
    """Return where the input of a management review stands, as a letter says it."""
    return {"review": f"{current().settings.base_url}/review/{activity.code}"}


def _prepare(activity: Activity, at: datetime) -> None:
    calendar = current().calendar
    activity.state, activity.opened_at = ActivityState.OPEN, at
    activity.caught_up = rule.caught_up(
        opens_on=activity.opens_on, opened_on=calendar.day(at), calendar=calendar
    )
    activity.due_at = rule.due(activity.planned_on, opened_at=at, calendar=calendar)


def _record(session: Session, activities: Sequence[Activity], at: datetime) -> None:
    session.add_all(activities)
    trail.record_many(
        session,
        [
            trail.Entry(
                at=at,
                actor="clock",
                action="activity.caught_up" if activity.caught_up else "activity.opened",
                subject=f"{KIND}:{activity.code}",
                after={
                    "planned_on": activity.planned_on.isoformat(),
                    "due_at": activity.due_at.isoformat() if activity.due_at else None,
                    "owner": activity.owner_id,
                },
            )
            for activity in activities
        ],
    )
