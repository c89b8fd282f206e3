"""What others find and decide (验证、裁决、直报决定、作废): signed by a mailed code.

For each act there is a `check_…`, asked before a code is mailed, and the act itself. Only here
does a nonconformity end: found effective by somebody else, or void by the quality head.
"""

from config.current import current
from models.nonconformity import Nonconformity, Round
from processes.attachment.retention import keep_after
from processes.audit import verification as audit_verification
from processes.duty import says
from processes.duty.deed import Deed
from processes.nonconformity import duties as owed
from processes.nonconformity import rows, sources
from rules import gates
from rules import nonconformity as rule
from rules.nonconformity import Event, State
from rules.words import DutyKind, LetterKind


def check_verify(deed: Deed, *, effective: bool, note: str) -> None:
    """Refuse a verification by whoever owns or did it, of nothing, or without saying why not."""
    nonconformity = rows.by_code(deed.session, deed.duty.subject)
    round_ = rows.present_round(deed.session, nonconformity)
    confirmed = deed.duty.kind == DutyKind.VERIFY_EFFECT
    rule.after(State(nonconformity.state), _event(nonconformity, deed, effective=effective))
    gates.independent(
        judges=deed.hands,
        owner=nonconformity.owner_id,
        doers=frozenset(round_.done_hands),
        person=deed.person.name,
    )
    audit_verification.refuse_tied(deed.session, nonconformity, deed.hands, deed.at)
    if not effective:
        gates.reason(note)
        return
    sources.of(nonconformity).check_verdict(deed, nonconformity, effective)
    if confirmed:
        _refuse_early(round_, deed)


def verify(deed: Deed, *, effective: bool, note: str) -> str:
    """Keep what was found: it closes, waits for its effect, or goes another round (有效性验证)."""
    nonconformity = rows.by_code(deed.session, deed.duty.subject)
    round_ = rows.present_round(deed.session, nonconformity)
    _keep(round_, deed, effective=effective, note=note)
    event = _event(nonconformity, deed, effective=effective)
    rows.move(deed, nonconformity, event)
    deed.discharge()
    if event is Event.FIND_INEFFECTIVE:
        return _again(deed, nonconformity, note)
    if event is Event.FIND_EFFECTIVE_SO_FAR:
        owed.give(deed.session, nonconformity, DutyKind.VERIFY_EFFECT, at=deed.at, actor=deed.actor)
        return says.WAITS
    _end(deed, nonconformity, why=says.IT_IS_CLOSED)
    return says.CLOSED


def check_decide_dispute(deed: Deed, *, upheld: bool, reason: str) -> None:
    """Refuse a decision by the one who disputes, or without a reason."""
    nonconformity = rows.by_code(deed.session, deed.duty.subject)
    rule.after(State(nonconformity.state), Event.UPHOLD if upheld else Event.OVERRULE)
    gates.decider(deciders=deed.hands, owner=nonconformity.owner_id, person=deed.person.name)
    gates.reason(reason)


def decide_dispute(deed: Deed, *, upheld: bool, reason: str) -> str:
    """It is none and becomes void, or it stands and the owner owes his plan (裁决异议)."""
    nonconformity = rows.by_code(deed.session, deed.duty.subject)
    reason = gates.reason(reason)
    if upheld:
        nonconformity.void_reason = reason
        rows.move(deed, nonconformity, Event.UPHOLD)
        deed.discharge()
        sources.of(nonconformity).agreed(deed, nonconformity)
        _end(deed, nonconformity, why=says.IT_IS_NONE, note=nonconformity.void_reason)
        return says.VOID
    rows.move(deed, nonconformity, Event.OVERRULE)
    deed.discharge()
    owed.tell_owner(
        deed.session,
        nonconformity,
        at=deed.at,
        facts={"overruled": True, "note": reason, "by": deed.person_id},
    )
    return says.STANDS


def check_decide(deed: Deed, *, text: str) -> None:
    """Refuse a decision of management by the owner himself, or without its text."""
    nonconformity = rows.by_code(deed.session, deed.duty.subject)
    gates.decider(deciders=deed.hands, owner=nonconformity.owner_id, person=deed.person.name)
    gates.reason(text)


def decide(deed: Deed, *, decision: str, text: str) -> str:
    """Management gives a resource, orders a measure or accepts the risk (管理层决定)."""
    nonconformity = rows.by_code(deed.session, deed.duty.subject)
    deed.record(
        "nonconformity.decided",
        rows.subject(nonconformity.code),
        after={"decision": decision, "state": nonconformity.state},
    )
    deed.discharge()
    owed.tell_owner(
        deed.session,
        nonconformity,
        at=deed.at,
        facts={"decision": decision, "note": text, "by": deed.person_id},
    )
    return says.DECIDED


def check_void(deed: Deed, *, reason: str) -> None:
    """Refuse anybody but the quality head, or no reason."""
    nonconformity = rows.by_code(deed.session, deed.duty.subject)
    posts = deed.organisation.posts
    rule.after(State(nonconformity.state), Event.VOID)
    gates.voider(
        judges=deed.hands,
        roles=posts[deed.on_behalf_of_id or deed.person_id].roles,
        owner=nonconformity.owner_id,
        owner_roles=posts[nonconformity.owner_id].roles,
        person=deed.person.name,
    )
    gates.reason(reason)


def void(deed: Deed, *, reason: str) -> str:
    """It was raised by mistake: nothing about it is owed any more (作废)."""
    nonconformity = rows.by_code(deed.session, deed.duty.subject)
    nonconformity.void_reason = gates.reason(reason)
    rows.move(deed, nonconformity, Event.VOID)
    _end(deed, nonconformity, why=says.IT_IS_VOID, note=nonconformity.void_reason)
    return says.VOID


def _event(nonconformity: Nonconformity, deed: Deed, *, effective: bool) -> Event:
    confirmed = deed.duty.kind == DutyKind.VERIFY_EFFECT
    return rule.verdict(nonconformity.severity, effective=effective, confirmed=confirmed)


def _refuse_early(round_: Round, deed: Deed) -> None:
    now = current()
    assert round_.done_at is not None
    gates.confirmable(
        done_on=now.calendar.day(round_.done_at),
        today=now.calendar.day(deed.at),
        days=now.policy.deadlines.effect_calendar_days,
    )


def _keep(round_: Round, deed: Deed, *, effective: bool, note: str) -> None:
    if deed.duty.kind == DutyKind.VERIFY_EFFECT:
        round_.effect_by_id, round_.effect_at = deed.person_id, deed.at
        round_.effect_holds, round_.effect_note = effective, note
    else:
        round_.verified_by_id, round_.verified_at = deed.person_id, deed.at
        round_.effective, round_.verification_note = effective, note
    deed.session.add(round_)


def _again(deed: Deed, nonconformity: Nonconformity, note: str) -> str:
    """One round more; from the second time on, the one above hears at once."""
    nonconformity.rounds += 1
    nonconformity.ineffective += 1
    deed.session.add(nonconformity)
    assert nonconformity.id is not None
    deed.session.add(Round(nonconformity_id=nonconformity.id, number=nonconformity.rounds))
    deed.session.flush()
    owed.respond(
        deed.session,
        nonconformity,
        at=deed.at,
        actor=deed.actor,
        letter=LetterKind.INEFFECTIVE,
        facts={"note": note, "by": deed.person_id, "times": nonconformity.ineffective},
        entry=_entry(nonconformity),
    )
    return says.AGAIN


def _entry(nonconformity: Nonconformity) -> int:
    """Return how many levels hear of the new round at once."""
    special = sources.of(nonconformity).enters_at(nonconformity)
    return special if special is not None else int(nonconformity.ineffective > 1)


def _end(deed: Deed, nonconformity: Nonconformity, *, why: str, note: str | None = None) -> None:
    rows.withdraw_rest(
        deed.session, nonconformity, at=deed.at, why=why, note=note, actor=deed.actor
    )
    keep_after(deed.session, rows.KIND, nonconformity.code, deed.at)
    owed.settle_alarms(deed.session, nonconformity, at=deed.at)
    owed.tell_owner(
        deed.session,
        nonconformity,
        at=deed.at,
        facts={"outcome": nonconformity.state, "by": deed.person_id, "why": why}
        | ({"note": note} if note else {}),
    )
