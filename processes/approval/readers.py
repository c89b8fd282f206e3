"""Handing approved documents out (分发), and who says that he has them (签收).

A version that comes into force replaces the one before it: who had not received that one yet
need not any more, because he is handed the new one.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from config.current import current
from config.plan import plan_policy
from models import people
from models.approval import Approval, Reading
from models.duty import Duty
from processes.approval import says as says_approval
from processes.duty import issued as duties
from processes.duty.deed import Deed
from rules.refusal import NotFound
from rules.words import DutyKind


def hand_out(session: Session, row: Approval, *, at: datetime, actor: str) -> int:
    """Owe a receipt to each reader who still works here; return how many."""
    for duty in duties.open_duties_about(session, row.kind, row.code):
        if duty.kind == DutyKind.READ:
            duties.withdraw(session, duty, at=at, why=says_approval.NEWER_IN_FORCE, actor=actor)
    posts = people.organisation(session).posts
    named = [one for one in dict.fromkeys(row.readers) if one in posts and posts[one].active]
    for person in named:
        assert row.id is not None
        duty = _issue(session, row, person, at=at, actor=actor)
        session.add(
            Reading(approval_id=row.id, person_id=person, duty_id=duty.id, handed_out_at=at)
        )
    session.flush()
    return len(named)


def received(deed: Deed, *, note: str) -> None:
    """Keep that the reader of this duty has the version."""
    reading = deed.session.exec(
        select(Reading).where(col(Reading.duty_id) == deed.duty.id)
    ).one_or_none()
    if reading is None:
        raise NotFound(what="document", code=deed.duty.subject)
    reading.read_at, reading.read_by_id = deed.at, deed.person_id
    deed.session.add(reading)
    row = deed.session.get(Approval, reading.approval_id)
    assert row is not None
    deed.record(
        "document.received",
        f"{row.kind}:{row.code}",
        after={
            "version": row.version,
            "reader": reading.person_id,
            **({"note": note} if note else {}),
        },
    )


def _issue(session: Session, row: Approval, person: int, *, at: datetime, actor: str) -> Duty:
    return duties.issue(
        session,
        kind=DutyKind.READ,
        subject_kind=row.kind,
        subject=row.code,
        title=row.title,
        owner_id=person,
        due_at=current().calendar.working_days(at, plan_policy().approval.read_working_days),
        at=at,
        project=row.project,
        facts={"reason": row.summary} if row.summary else None,
        actor=actor,
    )
