"""Postponing and cancelling planned activities (活动变更): asked with a reason, decided by another.

The plan stays as it is until whoever approved it, or stands for that office, has decided. An
activity that is already open is a duty: more time is asked for there.
"""

from datetime import date, datetime

from sqlmodel import Session, col, select

from config.current import current
from models import people, trail
from models.approval import Approval
from models.engine import reading, transaction
from models.organisation import Project
from models.plan import Activity, ActivityChange, ActivityState
from processes.duty import issued as duties
from processes.duty.deed import Deed
from processes.plan import activities
from processes.plan import letters as plan_letters
from processes.plan import says as says_plan
from processes.plan.activities import KIND
from processes.plan.activity_answers import of_code
from rules import approval, gates
from rules import plan as rule
from rules.approval import ApprovalState
from rules.refusal import NotFound
from rules.words import DutyKind, Role

QUALITY: frozenset[str] = frozenset({Role.QUALITY, Role.QUALITY_HEAD})


@transaction
def ask(
    session: Session,
    code: str,
    *,
    person_id: int,
    until: date | None,
    reason: str,
    at: datetime,
    operator: str | None = None,
) -> str:
    """Ask to postpone an activity to `until`, or to cancel it; issues the duty to decide.

    `operator` typed it for the person: the trail names both.
    """
    activity = of_code(session, code)
    _refuse(session, activity, person_id, until, at)
    change = ActivityChange(
        activity_id=activity.id or 0,
        until=until,
        reason=gates.reason(reason),
        asked_by_id=person_id,
        asked_at=at,
        was_planned_on=activity.planned_on,
    )
    session.add(change)
    session.flush()
    actor = f"operator:{operator}"[:64] if operator else f"person:{person_id}"
    change.duty_id = _owe_decision(session, activity, change, at, actor)
    session.add(change)
    trail.record(
        session,
        at=at,
        actor=actor,
        on_behalf_of=f"person:{person_id}" if operator else None,
        action="activity.change_asked",
        subject=f"{KIND}:{activity.code}",
        before={"planned_on": activity.planned_on.isoformat()},
        after={"until": until.isoformat() if until else None, "reason": change.reason},
    )
    return says_plan.ASKED


def _owe_decision(
    session: Session, activity: Activity, change: ActivityChange, at: datetime, actor: str
) -> int | None:
    return duties.issue(
        session,
        kind=DutyKind.DECIDE_CHANGE,
        subject_kind=KIND,
        subject=activity.code,
        title=activity.title,
        owner_id=_decider(session, activity, change.asked_by_id, at),
        due_at=_decide_by(at),
        at=at,
        project=activity.project,
        facts=_facts(change),
        actor=actor,
    ).id


def check(deed: Deed, *, grants: bool, note: str) -> None:
    """Refuse a decision by the asker, or a no without a reason."""
    change = of_duty(deed.session, deed.duty.id)
    if change.asked_by_id in deed.hands:
        raise rule.OwnChange(person=deed.person.name)
    if not grants:
        gates.reason(note)


def decide(deed: Deed, *, grants: bool, note: str) -> str:
    """Move or cancel it, or leave the plan as it is."""
    check(deed, grants=grants, note=note)
    change = of_duty(deed.session, deed.duty.id)
    activity = of_code(deed.session, deed.duty.subject)
    change.granted, change.decided_by_id, change.decided_at = grants, deed.person_id, deed.at
    change.note = note.strip()
    deed.session.add(change)
    deed.discharge()
    change.granted = grants and activity.state is ActivityState.PLANNED
    said = _carry_out(deed, change, activity, note)
    plan_letters.tell_asker(deed.session, change, activity, deed.at)
    return said


def _carry_out(deed: Deed, change: ActivityChange, activity: Activity, note: str) -> str:
    if not change.granted:
        deed.record("activity.change_refused", f"{KIND}:{activity.code}", after={"note": note})
        return says_plan.NOT_CHANGED
    if change.until is None:
        activities.cancel(deed.session, activity, why=change.reason, at=deed.at, actor=deed.actor)
        return says_plan.CANCELLED
    activities.move(deed.session, activity, change.until, at=deed.at, actor=deed.actor)
    return says_plan.CHANGED


def of_duty(session: Session, number: int | None) -> ActivityChange:
    """Return the change that this duty decides."""
    found = session.exec(
        select(ActivityChange).where(col(ActivityChange.duty_id) == number)
    ).one_or_none()
    if found is None:
        raise NotFound(what="activity", code=number)
    return found


def _refuse(
    session: Session, activity: Activity, person_id: int, until: date | None, at: datetime
) -> None:
    if activity.state is ActivityState.OPEN:
        raise rule.AlreadyOpen(code=activity.code)
    if activity.state is not ActivityState.PLANNED:
        raise rule.NothingToChange(code=activity.code)
    if not may_ask(session, activity, person_id):
        raise rule.MayNotAsk(code=activity.code)
    if until is not None:
        calendar = current().calendar
        rule.postponable(
            until, planned_on=activity.planned_on, today=calendar.day(at), calendar=calendar
        )
    undecided = session.exec(
        select(ActivityChange.id).where(
            col(ActivityChange.activity_id) == activity.id, col(ActivityChange.granted).is_(None)
        )
    ).first()
    if undecided is not None:
        raise rule.ChangeAlreadyAsked(code=activity.code)


def may_ask(session: Session, activity: Activity, person_id: int) -> bool:
    """Whether it is his to ask: quality, whom the plan names, or the project's manager."""
    post = people.organisation(session).posts.get(person_id)
    if post is None or not post.active:
        return False
    if post.roles & QUALITY or activity.owner in {post.code, *post.roles}:
        return True
    managed = session.exec(
        select(Project.id).where(
            col(Project.code) == activity.project, col(Project.manager_id) == person_id
        )
    ).first()
    return managed is not None


def _decider(session: Session, activity: Activity, asker: int, at: datetime) -> int:
    """Return who decides: the plan's approver, its reviewer, an office; never the asker."""
    organisation = people.organisation(session)
    signed = session.exec(
        select(Approval)
        .where(
            col(Approval.kind) == "quality_plan",
            col(Approval.code) == activity.plan,
            col(Approval.state) == ApprovalState.APPROVED,
        )
        .order_by(col(Approval.version).desc())
    ).first()
    named = [signed.approved_by_id, signed.reviewed_by_id] if signed else []
    candidates = [
        *(one for one in named if one is not None),
        *organisation.holders(Role.QUALITY_HEAD),
        *organisation.holders(Role.TOP_MANAGEMENT),
    ]
    barred, day = frozenset({asker}), current().calendar.day(at)
    found = approval.choose(organisation, candidates, barred=barred, day=day)
    found = found or approval.anybody(organisation, candidates, barred=barred)
    if found is None:
        raise rule.NobodyToDecide(code=activity.code)
    return found


def _decide_by(at: datetime) -> datetime:
    now = current()
    return now.calendar.working_days(at, now.policy.deadlines.extension_working_days)


def _facts(change: ActivityChange) -> dict[str, object]:
    return {
        "asked_by": change.asked_by_id,
        "reason": change.reason,
        "asked_until": change.until.isoformat() if change.until else None,
        "planned_on": change.was_planned_on.isoformat(),
    }


def of_activity(code: str) -> list[ActivityChange]:
    """Return every change asked for an activity, oldest first."""
    with reading() as session:
        query = (
            select(ActivityChange)
            .join(Activity, col(Activity.id) == ActivityChange.activity_id)
            .where(col(Activity.code) == code)
            .order_by(col(ActivityChange.id))
        )
        return list(session.exec(query))


def may_ask_for(code: str, person_id: int) -> bool:
    """Whether the person may ask for a change of this activity."""
    with reading() as session:
        found = session.exec(select(Activity).where(col(Activity.code) == code)).one_or_none()
        return found is not None and may_ask(session, found, person_id)
