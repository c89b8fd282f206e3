"""What may be declared about a nonconformity itself (直报与作废), and by whom."""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from models import people
from models.duty import Duty
from models.nonconformity import Nonconformity
from processes.duty import issued as duties
from processes.duty.entitlement import manages_project, represents
from processes.duty.subject import Subject
from processes.nonconformity.rows import KIND
from rules.words import DutyKind, DutyState, Role

STRAIGHT_UP: Final = "straight_up"
VOID: Final = "void"


def acts(session: Session, duty: Duty, person_id: int, at: datetime) -> frozenset[str]:
    """Return what the person may declare about the nonconformity of this duty."""
    found = set()
    if _may_report_duty_up(session, duty, person_id, at):
        found.add(STRAIGHT_UP)
    if Role.QUALITY_HEAD in people.organisation(session).posts[person_id].roles:
        found.add(VOID)
    return frozenset(found)


def may_report_up(
    session: Session, nonconformity: Nonconformity, person_id: int, at: datetime
) -> bool:
    """Whether the person may declare that it cannot be solved in the team."""
    organisation = people.organisation(session)
    post = organisation.posts[person_id]
    if person_id == nonconformity.owner_id or post.roles & {Role.QUALITY, Role.QUALITY_HEAD}:
        return True
    if represents(organisation, nonconformity.owner_id, person_id, at) is not None:
        return True
    return manages_project(session, nonconformity.project, person_id)


def _may_report_duty_up(session: Session, duty: Duty, person_id: int, at: datetime) -> bool:
    if duty.state is not DutyState.OPEN:
        return False
    nonconformity = session.exec(
        select(Nonconformity).where(col(Nonconformity.code) == duty.subject)
    ).one_or_none()
    if nonconformity is None or _reported(session, nonconformity.code):
        return False
    return may_report_up(session, nonconformity, person_id, at)


def _reported(session: Session, code: str) -> bool:
    return any(
        duty.kind == DutyKind.DECIDE for duty in duties.open_duties_about(session, KIND, code)
    )


SUBJECTS: Final = {KIND: Subject(called="Nonconformity {code}", acts=acts)}
