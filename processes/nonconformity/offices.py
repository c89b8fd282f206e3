"""The offices by which nonconformities are judged (评审岗位): who holds them, and who follows."""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from models import people
from models.duty import Duty
from models.nonconformity import Nonconformity
from processes.duty.office import Office, Seat
from processes.nonconformity import duties as nonconformity_duties
from processes.nonconformity.rows import KIND
from rules import succession as rule
from rules.words import DutyKind

JUDGED: Final = (*nonconformity_duties.GIVEN, DutyKind.DECIDE)


def may(session: Session, duty: Duty, person: int) -> bool:
    """Whether the person holds the office and had no hand in the nonconformity."""
    found = _judged(session, duty)
    if found is None:
        return True
    kind = DutyKind(duty.kind)
    organisation, offices = people.organisation(session), nonconformity_duties.offices(kind)
    barred = nonconformity_duties.barred_from(session, found, kind)
    return person not in barred and rule.holds_office(organisation, person, offices)


def of(session: Session, duty: Duty, at: datetime) -> Office | None:
    """Return how the office of a decision about a nonconformity stands."""
    found = _judged(session, duty)
    if found is None:
        return None
    kind = DutyKind(duty.kind)
    organisation, offices = people.organisation(session), nonconformity_duties.offices(kind)
    if rule.holds_office(organisation, duty.owner_id, offices):
        return Office(held=True)
    next_ = nonconformity_duties.successor(session, found, kind, gone=duty.owner_id, at=at)
    return Office(held=False, successor=next_)


def _judged(session: Session, duty: Duty) -> Nonconformity | None:
    """Return the nonconformity that is judged; None if the duty is about something else."""
    if duty.subject_kind != KIND:
        return None
    return session.exec(
        select(Nonconformity).where(col(Nonconformity.code) == duty.subject)
    ).one_or_none()


OFFICES: Final = dict.fromkeys(JUDGED, Seat(of=of, may=may))
