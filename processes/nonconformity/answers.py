"""What the owner answers, and quality's word on the plan (回复、同意、实施).

Each function is one answer inside the caller's transaction: gates, state, what it says in its
round, the duty's end, the next duty, the trail. They return a sentence for the person: what
happens next.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlmodel import Session

from config.current import current
from models.duty import Duty
from models.nonconformity import Nonconformity, Round
from processes.duty import says
from processes.duty.deed import Deed
from processes.nonconformity import duties as owed
from processes.nonconformity import rows, sources
from processes.nonconformity.recurrence import link_recurrence
from rules import gates
from rules import nonconformity as rule
from rules.nonconformity import Event, State
from rules.words import DutyKind

# A plan agreed after its own date still gives the owner so many working days.
GRACE_WORKING_DAYS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Cause and plan as the owner gives them."""

    cause: str
    method: str | None
    correction: str
    corrective_action: str
    preventive_action: str
    look_elsewhere: str
    planned_on: date | None


def accept(deed: Deed, plan: Plan) -> str:
    """The owner accepts and plans; quality is asked to agree (接受并提交计划)."""
    nonconformity = rows.by_code(deed.session, deed.duty.subject)
    planned_on = gates.plan(
        cause=plan.cause,
        method=plan.method,
        corrective_action=plan.corrective_action,
        planned_on=plan.planned_on,
    )
    _judge_date(nonconformity, planned_on, deed.at)
    if State(nonconformity.state) is not State.ACCEPTED:
        _give_in(deed, nonconformity)
    round_ = rows.present_round(deed.session, nonconformity)
    _keep(round_, plan, deed)
    rows.move(deed, nonconformity, Event.PLAN, planned_on=planned_on.isoformat())
    link_recurrence(deed, nonconformity, cause=plan.cause)
    deed.discharge()
    owed.give(deed.session, nonconformity, DutyKind.AGREE, at=deed.at, actor=deed.actor)
    return says.PLANNED


def dispute(deed: Deed, reason: str) -> str:
    """The owner disputes; the quality head decides, and the duty to respond runs on (异议)."""
    nonconformity = rows.by_code(deed.session, deed.duty.subject)
    reason = gates.reason(reason)
    rows.move(deed, nonconformity, Event.DISPUTE)
    owed.give(
        deed.session,
        nonconformity,
        DutyKind.DECIDE_DISPUTE,
        at=deed.at,
        actor=deed.actor,
        facts={"reason": reason, "asked_by": deed.person_id},
    )
    return says.DISPUTED


def check_agree(deed: Deed, *, agrees: bool, note: str) -> None:
    """Refuse a word on the plan by whoever made it, or a refusal without a reason."""
    nonconformity = rows.by_code(deed.session, deed.duty.subject)
    round_ = rows.present_round(deed.session, nonconformity)
    rule.after(State(nonconformity.state), Event.AGREE if agrees else Event.REFUSE_PLAN)
    gates.independent(
        judges=deed.hands,
        owner=nonconformity.owner_id,
        doers=frozenset(round_.planned_hands),
        person=deed.person.name,
    )
    if not agrees:
        gates.reason(note)


def agree(deed: Deed) -> str:
    """Quality agrees to the plan; the owner now owes the action (同意计划)."""
    nonconformity = rows.by_code(deed.session, deed.duty.subject)
    round_ = rows.present_round(deed.session, nonconformity)
    round_.agreed_by_id, round_.agreed_at = deed.person_id, deed.at
    deed.session.add(round_)
    rows.move(deed, nonconformity, Event.AGREE)
    assert round_.planned_on is not None
    due_at = _act_by(round_.planned_on, deed.at)
    nonconformity.due_at = max(nonconformity.due_at, due_at)
    deed.session.add(nonconformity)
    deed.discharge()
    sources.of(nonconformity).agreed(deed, nonconformity)
    owed.act(deed.session, nonconformity, due_at=due_at, at=deed.at, actor=deed.actor)
    return says.AGREED


def refuse_plan(deed: Deed, note: str) -> str:
    """Quality sends the plan back; the owner owes another (退回计划)."""
    nonconformity = rows.by_code(deed.session, deed.duty.subject)
    note = gates.reason(note)
    rows.move(deed, nonconformity, Event.REFUSE_PLAN)
    deed.discharge()
    owed.respond(
        deed.session,
        nonconformity,
        at=deed.at,
        actor=deed.actor,
        facts={"sent_back": True, "note": note, "by": deed.person_id},
    )
    return says.SENT_BACK


def implement(deed: Deed, *, done: str, note: str) -> str:
    """The owner has acted, with evidence; somebody else is asked to verify (实施完成)."""
    nonconformity = rows.by_code(deed.session, deed.duty.subject)
    round_ = rows.present_round(deed.session, nonconformity)
    gates.implementation(
        agreed=round_.agreed_at is not None, done=done, note=note, files=deed.files
    )
    round_.done, round_.evidence_note = done, note
    round_.done_by_id, round_.done_at = deed.person_id, deed.at
    round_.done_hands = sorted(deed.hands)
    deed.session.add(round_)
    rows.move(deed, nonconformity, Event.IMPLEMENT)
    deed.discharge()
    owed.give(deed.session, nonconformity, DutyKind.VERIFY, at=deed.at, actor=deed.actor)
    return says.IMPLEMENTED


def extended(session: Session, duty: Duty, _at: datetime) -> None:
    """A later day for the action is a later day for the nonconformity (延期)."""
    if duty.kind != DutyKind.ACT:
        return
    nonconformity = rows.by_code(session, duty.subject)
    nonconformity.due_at = max(nonconformity.due_at, duty.due_at)
    nonconformity.rev += 1
    session.add(nonconformity)


def _judge_date(nonconformity: Nonconformity, planned_on: date, at: datetime) -> None:
    now = current()
    days = now.policy.deadlines.act_calendar_days[nonconformity.severity]
    last = max(nonconformity.due_at, now.calendar.calendar_days(at, days))
    gates.planned_date(planned_on, first=now.calendar.day(at), last=now.calendar.day(last))


def _give_in(deed: Deed, nonconformity: Nonconformity) -> None:
    """Accept it; a dispute that was open is no longer to be decided."""
    disputed = State(nonconformity.state) is State.DISPUTED
    rows.move(deed, nonconformity, Event.ACCEPT)
    if disputed:
        rows.withdraw_kind(
            deed,
            nonconformity,
            DutyKind.DECIDE_DISPUTE,
            why=says.HE_GAVE_IN,
        )


def _keep(round_: Round, plan: Plan, deed: Deed) -> None:
    round_.method = plan.method
    round_.cause = plan.cause
    round_.correction = plan.correction
    round_.corrective_action = plan.corrective_action
    round_.preventive_action = plan.preventive_action
    round_.look_elsewhere = plan.look_elsewhere
    round_.planned_on = plan.planned_on
    round_.planned_by_id = deed.person_id
    round_.planned_hands = sorted(deed.hands)
    round_.agreed_by_id = round_.agreed_at = None
    deed.session.add(round_)


def _act_by(planned_on: date, at: datetime) -> datetime:
    calendar = current().calendar
    planned = calendar.close_of(planned_on)
    return planned if planned > at else calendar.working_days(at, GRACE_WORKING_DAYS)
