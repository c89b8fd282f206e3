"""The steps of an approval as duties (审批步骤): to whom each goes, and what is kept of it.

Where nobody can approve at the moment, an alarm stands and `ask_missing` asks as soon as there
is somebody: a reviewed document never waits in silence.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from config.plan import plan_policy
from models import alarms, people, trail
from models.approval import Approval
from models.duty import Duty
from models.engine import transaction
from processes.alarm import wording as says
from processes.duty import issued as duties
from rules import approval as rule
from rules.approval import ApprovalState as State
from rules.refusal import NotFound
from rules.words import DutyKind

KINDS_OF_AUTHOR: Final = (DutyKind.DRAW_UP, DutyKind.REVISE)
NO_APPROVER: Final = "no_approver"  # the alarm while a reviewed document can be given to nobody


def row_of(session: Session, kind: str, code: str, version: int) -> Approval | None:
    """Return the row of one version; None if it was never handed in."""
    return session.exec(
        select(Approval).where(
            col(Approval.kind) == kind,
            col(Approval.code) == code,
            col(Approval.version) == version,
        )
    ).one_or_none()


def of_duty(session: Session, duty: Duty) -> Approval:
    """Return the version whose present step this duty is."""
    row = session.exec(select(Approval).where(col(Approval.duty_id) == duty.id)).one_or_none()
    if row is None:
        raise NotFound(what="document", code=duty.subject)
    return row


def refuse_another(session: Session, kind: str, code: str) -> None:
    """Refuse a version while another of the same document is under way."""
    busy = session.exec(
        select(Approval.version).where(
            col(Approval.kind) == kind,
            col(Approval.code) == code,
            col(Approval.state).in_((State.REVIEW, State.APPROVAL)),
        )
    ).first()
    if busy is not None:
        raise rule.UnderWay(code=code, version=busy)


def reviewer(session: Session, row: Approval, at: datetime) -> int:
    """Return who reviews; refuse if there is nobody, or nobody left to approve after him."""
    organisation, day = people.organisation(session), current().calendar.day(at)
    author = frozenset(row.author_hands)
    found = rule.choose(organisation, row.reviewers, barred=author, day=day)
    if found is None:
        raise rule.NobodyToReview(title=row.title, named=_named(session, row.reviewers))
    if rule.choose(organisation, row.approvers, barred=author | {found}, day=day) is None:
        raise rule.NobodyToApprove(title=row.title, named=_named(session, row.approvers))
    return found


def ask_approver(session: Session, row: Approval, *, at: datetime, actor: str) -> bool:
    """Issue the duty to approve; False and an alarm if there is nobody to give it to."""
    organisation, day = people.organisation(session), current().calendar.day(at)
    barred = frozenset({*row.author_hands, *row.review_hands})
    found = rule.choose(organisation, row.approvers, barred=barred, day=day)
    found = found or rule.anybody(organisation, row.approvers, barred=barred)
    ref = f"approval:{row.id}"
    if found is None:
        row.duty_id = None
        message = says.nobody_approves(row.title, _named(session, row.approvers))
        alarms.raise_alarm(session, kind=NO_APPROVER, ref=ref, message=message, at=at)
        return False
    alarms.clear_alarm(session, kind=NO_APPROVER, ref=ref, at=at)
    issue(session, row, DutyKind.APPROVE, found, at=at, actor=actor)
    return True


@transaction
def ask_missing(session: Session, at: datetime) -> int:
    """Ask the approvers of what was reviewed when nobody could; return how many are new."""
    waiting = session.exec(
        select(Approval).where(
            col(Approval.state) == State.APPROVAL, col(Approval.duty_id).is_(None)
        )
    ).all()
    return sum(ask_approver(session, row, at=at, actor="clock") for row in waiting)


def issue(
    session: Session,
    row: Approval,
    kind: DutyKind,
    owner_id: int,
    *,
    at: datetime,
    actor: str,
    facts: dict[str, Any] | None = None,
) -> Duty:
    """Owe the next step of this version."""
    said = facts or ({"reason": row.summary} if row.summary else {})
    duty = duties.issue(
        session,
        kind=kind,
        subject_kind=row.kind,
        subject=row.code,
        title=row.title,
        owner_id=owner_id,
        due_at=current().calendar.working_days(at, _days(kind)),
        at=at,
        project=row.project,
        round=row.round,
        facts=said,
        actor=actor,
    )
    row.duty_id = duty.id
    session.add(row)
    session.flush()
    return duty


def end_drawing_up(session: Session, row: Approval, *, at: datetime, actor: str) -> None:
    """End what the author owed about it: it was handed in, by whichever way."""
    for duty in duties.open_duties_about(session, row.kind, row.code):
        if duty.kind in KINDS_OF_AUTHOR:
            duties.discharge(session, duty, by_id=row.author_id, at=at, actor=actor)


def record(
    session: Session,
    row: Approval,
    what: str,
    *,
    at: datetime,
    actor: str,
    on_behalf_of: str | None = None,
) -> None:
    """Write a step into the trail, about the document itself."""
    trail.record(
        session,
        at=at,
        actor=actor,
        on_behalf_of=on_behalf_of,
        action=f"document.{what}",
        subject=f"{row.kind}:{row.code}",
        after={
            "version": row.version,
            "state": row.state.value,
            "round": row.round,
            "author": row.author_id,
            "reviewed_by": row.reviewed_by_id,
            "approved_by": row.approved_by_id,
        },
    )


def _days(kind: DutyKind) -> int:
    periods = plan_policy().approval
    return {
        DutyKind.REVIEW: periods.review_working_days,
        DutyKind.APPROVE: periods.approve_working_days,
        DutyKind.REVISE: periods.revise_working_days,
        DutyKind.READ: periods.read_working_days,
    }[kind]


def _named(session: Session, candidates: Iterable[int]) -> str:
    posts = people.organisation(session).posts
    return "、".join(posts[one].name for one in candidates if one in posts) or "–"
