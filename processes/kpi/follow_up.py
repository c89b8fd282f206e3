"""The month's follow-up of indicators (指标跟踪活动): planned like anything, done by the month.

Owners measure, the machinery judges and the monthly letter tells: whoever the plan names for it
has nothing to type as long as that works. What the month leaves undone by the planned day is
owed by hand, and so is a month of which nothing is measured.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from config.current import current
from models.engine import transaction
from models.plan import Activity, ActivityState
from models.special import KpiLetter
from processes.duty import issued as duties
from processes.kpi import board as kpi_board
from processes.kpi import letter as kpi_letter
from processes.kpi.board import Board, CellState, Wanted
from processes.kpi.letter import Month
from processes.plan import activities, activity_answers
from rules import period as periods
from rules import plan as rule
from rules.period import Frequency, Period

KIND: Final = "kpi_follow_up"  # of a planned activity
OUTSTANDING: Final = (CellState.MISSING, CellState.AWAITED)
CAME: Final = "the month has been judged, and its letter has gone out"


def followed(activity: Activity) -> Period:
    """Return the month that is followed up: the one before the activity's own."""
    return periods.ended(activity.nominal_on, Frequency.MONTH)


def open_follow_ups(session: Session, opened: Sequence[Activity], at: datetime, actor: str) -> None:
    """Wait for the month where something is measured in it; otherwise it is owed by hand."""
    board = _board(session, at)
    bare = [one for one in opened if not kpi_letter.of_month(board.rows, followed(one))]
    activity_answers.open_plain(session, bare, at, actor)


@transaction
def settle(session: Session, *, at: datetime) -> int:
    """End what the month has done, owe what it has not; return how many are done."""
    waiting = session.exec(
        select(Activity)
        .where(col(Activity.kind) == KIND, col(Activity.state) == ActivityState.OPEN)
        .order_by(col(Activity.id))
    ).all()
    # Who has carried it out by hand waits for somebody to check that.
    return sum(_settle_one(session, one, at) for one in waiting if not one.done_hands)


def _settle_one(session: Session, activity: Activity, at: datetime) -> bool:
    month = followed(activity)
    if session.get(KpiLetter, month.code) is not None:
        found = kpi_letter.of_month(_board(session, at).rows, month)
        if found and not any(one.cell.state in OUTSTANDING for one in found):
            _done(session, activity, month, found, at)
            return True
    if activity.duty_id is None and activity.due_at is not None and activity.due_at <= at:
        _owe(session, activity, at)
    return False


def _done(
    session: Session, activity: Activity, month: Period, found: Sequence[Month], at: datetime
) -> None:
    assert activity.id is not None
    for duty in duties.open_duties_about(session, activities.KIND, activity.code):
        duties.withdraw(session, duty, at=at, why=CAME)
    result = kpi_letter.lead(found, current().settings.language)
    activities.done(session, activity.id, at, record=month.code, result=result)


def _owe(session: Session, activity: Activity, at: datetime) -> None:
    """Have its owner see to what is outstanding: its day is over."""
    activity.due_at = current().calendar.working_days(at, rule.LEAST_WORKING_DAYS)
    activity_answers.open_plain(session, [activity], at, "clock")
    session.add(activity)


def _board(session: Session, at: datetime) -> Board:
    return kpi_board.board(session, Wanted(), at=at, people=None)


activities.OPENERS[KIND] = open_follow_ups
