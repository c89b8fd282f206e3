"""What could not be given to anybody (无人可派): an alarm now, a duty as soon as somebody may.

A nonconformity never waits for ever because a role was empty on one day: as soon as somebody
may judge, `issue_missing` gives him what is still owed.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from models import alarms
from models.engine import transaction
from models.nonconformity import Nonconformity, Round
from models.record import Alarm
from processes.nonconformity.duties import ALARM, give
from processes.nonconformity.rows import KIND, by_code, present_round
from rules.nonconformity import ENDED, State
from rules.refusal import NotFound
from rules.words import DutyKind


@transaction
def issue_missing(session: Session, *, at: datetime) -> int:
    """Issue what could not be given to anybody when it was due, and now can; return how many."""
    waiting = session.exec(
        select(Alarm).where(col(Alarm.cleared_at).is_(None), col(Alarm.kind).startswith(ALARM))
    ).all()
    return sum(_mend(session, alarm, at) for alarm in waiting)


def _mend(session: Session, alarm: Alarm, at: datetime) -> bool:
    kind = DutyKind(alarm.kind.removeprefix(ALARM))
    try:
        nonconformity = by_code(session, alarm.ref.removeprefix(f"{KIND}:"))
    except NotFound:
        return False
    if not _still_owed(nonconformity, present_round(session, nonconformity), kind):
        alarms.clear_alarm(session, kind=alarm.kind, ref=alarm.ref, at=at)
        return False
    return give(session, nonconformity, kind, at=at, actor="clock") is not None


def _still_owed(nonconformity: Nonconformity, round_: Round, kind: DutyKind) -> bool:
    state = State(nonconformity.state)
    if kind is DutyKind.DECIDE:
        return state not in ENDED
    wanted = {
        DutyKind.AGREE: state is State.PLANNED and round_.agreed_at is None,
        DutyKind.VERIFY: state is State.IMPLEMENTED and round_.verified_at is None,
        DutyKind.VERIFY_EFFECT: state is State.IMPLEMENTED and round_.verified_at is not None,
        DutyKind.DECIDE_DISPUTE: state is State.DISPUTED,
    }
    return wanted.get(kind, False)
