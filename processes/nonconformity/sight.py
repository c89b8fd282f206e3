"""Who may look at a nonconformity (可见范围)."""

from datetime import datetime

from sqlmodel import col, select

from models.duty import Duty
from models.engine import reading
from models.nonconformity import Nonconformity
from models.people import organisation
from processes.duty.entitlement import standing_in
from processes.duty.sight import area_of
from processes.nonconformity.rows import KIND


def may_see(person_id: int, code: str, at: datetime) -> bool:
    """Whether the nonconformity, or any duty about it, is the person's to look at."""
    with reading() as session:
        found = session.exec(
            select(Nonconformity).where(col(Nonconformity.code) == code)
        ).one_or_none()
        if found is None:
            return False
        area = area_of(organisation(session), person_id)
        if area is None or found.owner_id in area or found.raised_by_id == person_id:
            return True
        duties = session.exec(
            select(Duty.id).where(col(Duty.subject_kind) == KIND, col(Duty.subject) == code)
        )
        return any(
            standing_in(session, number, person_id, at).may_see for number in duties if number
        )
