"""Planned activities without a process of their own (一般计划活动): carried out, then checked.

Whoever carried it out does not check it. Without a checker in the plan it is done with the
account of whoever carried it out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from models.duty import Duty
from models.plan import Activity, ActivityState
from processes.duty import extension
from processes.duty.deed import Deed
from processes.duty.issuing import Owed, issue_many
from processes.plan import activities
from processes.plan import says as says_plan
from processes.plan.activities import KIND
from rules import gates
from rules import plan as rule
from rules.refusal import NotFound
from rules.words import DutyKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What a kind of activity adds to being carried out and checked; each as for all others.

    `duty` is how its carrying out is owed; `finished` is told when it is done for good,
    `sent_back` which duty its owner owes anew.
    """

    duty: DutyKind = DutyKind.CARRY_OUT
    finished: Callable[[Deed, Activity], None] = lambda _deed, _activity: None
    sent_back: Callable[[Deed, Activity, int], None] = lambda _deed, _activity, _duty: None


ORDINARY: Final = Own()
OWN: Final[dict[str, Own]] = {}  # by kind of activity


def of_kind(kind: str) -> Own:
    """Return what a kind of activity adds."""
    return OWN.get(kind, ORDINARY)


def open_plain(session: Session, opened: Sequence[Activity], at: datetime, actor: str) -> None:
    """Owe the carrying out of each: the opener of every kind without its own."""
    owed = [_owed(activity, of_kind(activity.kind).duty, at=at) for activity in opened]
    for activity, number in zip(opened, issue_many(session, owed, at=at, actor=actor), strict=True):
        activity.duty_id = number


def carry_out(
    deed: Deed, *, done_on: date | None, result: str, record: str, evidence_note: str
) -> str:
    """It was done: kept with its record, and put to the checker if the plan names one."""
    activity = of_code(deed.session, deed.duty.subject)
    today = current().calendar.day(deed.at)
    rule.carried_out(done_on or today, today=today)
    shown = f"{record}{evidence_note}"
    gates.implementation(agreed=True, done=result, note=shown, files=deed.files)
    activity.done_on, activity.result, activity.record = done_on or today, result, record[:300]
    activity.done_hands = sorted(deed.hands)
    deed.session.add(activity)
    deed.discharge()
    if _to_check(deed, activity):
        return says_plan.TO_BE_CHECKED
    _finish(deed, activity)
    return says_plan.RECORDED


def check_activity(deed: Deed, *, confirmed: bool, note: str) -> str:
    """The checker confirms it, or sends it back to whoever owes it."""
    activity = of_code(deed.session, deed.duty.subject)
    gates.independent(
        judges=deed.hands,
        owner=activity.owner_id or 0,
        doers=frozenset(activity.done_hands),
        person=deed.person.name,
    )
    if not confirmed:
        note = gates.reason(note)
    deed.discharge()
    if confirmed:
        _finish(deed, activity)
        return says_plan.RECORDED
    facts = {**activities.facts_of(activity), "note": note, "by": deed.person_id}
    own = of_kind(activity.kind)
    _issue(deed, activity, _owed(activity, own.duty, at=deed.at, facts=facts))
    own.sent_back(deed, activity, activity.duty_id or 0)
    return says_plan.SENT_BACK


def of_code(session: Session, code: str) -> Activity:
    """Return the activity, locked until this transaction ends; or refuse by code."""
    found = session.exec(
        select(Activity).where(col(Activity.code) == code).with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFound(what="activity", code=code)
    return found


def _to_check(deed: Deed, activity: Activity) -> bool:
    """Ask the checker, unless the plan names none or he had a hand in it himself."""
    checker = activity.checker_id
    if checker is None or checker in activity.done_hands:
        return False
    facts = {**activities.facts_of(activity), "note": activity.result}
    _issue(
        deed,
        activity,
        _owed(activity, DutyKind.CHECK_ACTIVITY, at=deed.at, facts=facts, by=checker),
    )
    return True


def _finish(deed: Deed, activity: Activity) -> None:
    assert activity.id is not None
    activities.done(
        deed.session,
        activity.id,
        deed.at,
        record=activity.record,
        result=activity.result,
        done_on=activity.done_on,
        actor=deed.actor,
    )
    of_kind(activity.kind).finished(deed, activity)


def _owed(
    activity: Activity,
    kind: DutyKind,
    *,
    at: datetime,
    facts: dict[str, Any] | None = None,
    by: int | None = None,
) -> Owed:
    """Return what is owed about it: on its own day the first time, three working days later on."""
    owner = by or activity.owner_id
    first = facts is None and activity.due_at is not None
    assert owner is not None
    return Owed(
        kind=kind,
        subject_kind=KIND,
        subject=activity.code,
        title=activity.title,
        owner_id=owner,
        due_at=activity.due_at
        if first and activity.due_at
        else current().calendar.working_days(at, rule.LEAST_WORKING_DAYS),
        project=activity.project,
        facts=facts or activities.facts_of(activity),
    )


def _issue(deed: Deed, activity: Activity, owed: Owed) -> None:
    (activity.duty_id,) = issue_many(deed.session, [owed], at=deed.at, actor=deed.actor)
    deed.session.add(activity)


def extended(session: Session, duty: Duty, at: datetime) -> None:
    """More time for the duty moves the activity's day, and keeps the first one (延期)."""
    activity = of_code(session, duty.subject)
    until = current().calendar.day(duty.due_at)
    carried_out = duty.kind == of_kind(activity.kind).duty
    if carried_out and activity.state is ActivityState.OPEN:
        activity.due_at = duty.due_at
        activities.move(session, activity, until, at=at, actor="clock")


activities.OPENERS[activities.DEFAULT] = open_plain
extension.ON_GRANTED[KIND] = extended
