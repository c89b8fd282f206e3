"""The end of an audit (关闭审核): only when everything found is verified, or carried by decision.

What is still open long after the report is put to the head of quality: carry it into the next
audit with a reason, or wait. Nothing ends by being forgotten.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from config.language import say
from models.audit import Audit, Finding
from models.engine import transaction
from models.nonconformity import Nonconformity
from processes.audit import coverage as audit_coverage
from processes.audit import findings as audit_findings
from processes.audit import letters as audit_letters
from processes.audit import says as says_audit
from processes.audit import team as audit_team
from processes.audit.ground import policy
from processes.audit.opening import issue
from processes.audit.staffing import record
from processes.audit.team import KIND
from processes.duty import issued as duties
from processes.duty.deed import Deed
from processes.nonconformity.duties import somebody
from rules import gates
from rules.nonconformity import ENDED
from rules.words import DutyKind, Role

DECIDERS: Final = (Role.QUALITY_HEAD, Role.TOP_MANAGEMENT)
DECIDE_DAYS: Final = 5
VERIFIED: Final = "{code}: {nc} is verified"
CARRIED: Final = "{code} is carried into the next audit: {why}"
ALL_VERIFIED: Final = "everything that was found is verified"


@transaction
def close_due(session: Session, *, at: datetime) -> list[str]:
    """Close the audits whose findings are all verified; return their codes.

    Where something is open long after the report, the decision about it is owed.
    """
    closed = []
    reported = session.exec(
        select(Audit).where(col(Audit.state) == "reported").order_by(col(Audit.id))
    ).all()
    for audit in reported:
        if not still_open(session, audit):
            _close(session, audit, at=at, actor="clock")
            closed.append(audit.code)
        elif _waited(audit, at):
            _ask(session, audit, at)
    audit_coverage.mended(session, at=at)
    return closed


def still_open(session: Session, audit: Audit) -> list[Finding]:
    """Return the findings that are neither settled, verified nor carried."""
    return [one for one in audit_findings.of_audit(session, audit) if _open(session, one)]


def check_carry(deed: Deed, reason: str) -> None:
    """Refuse a decision by whoever owns what is open, or without a reason."""
    audit = audit_team.by_code(deed.session, deed.duty.subject)
    owner = audit_team.area_of(deed.session, audit).owner_id
    if owner is not None:
        gates.decider(deciders=deed.hands, owner=owner, person=deed.person.name)
    gates.reason(reason)


def carry(deed: Deed, *, carries: bool, reason: str) -> str:
    """Carry what is open into the next audit and close this one, or wait (结转)."""
    check_carry(deed, reason)
    session = deed.session
    audit = audit_team.by_code(session, deed.duty.subject)
    deed.discharge()
    if not carries:
        record(
            session, audit, "left_open", at=deed.at, actor=deed.actor, reason=gates.reason(reason)
        )
        return says_audit.WAITING
    left = still_open(session, audit)
    for finding in left:
        finding.carried_by_id, finding.carried_at = deed.person_id, deed.at
        finding.carried_reason = gates.reason(reason)
        session.add(finding)
    codes = [finding.code for finding in left]
    record(session, audit, "carried", at=deed.at, actor=deed.actor, findings=codes, reason=reason)
    _close(session, audit, at=deed.at, actor=deed.actor)
    return says_audit.CARRIED


def _open(session: Session, finding: Finding) -> bool:
    if finding.carried_at is not None or finding.state in {"noted", "upheld", "merged"}:
        return False
    if finding.nonconformity is None:
        return True
    state = session.exec(
        select(Nonconformity.state).where(col(Nonconformity.code) == finding.nonconformity)
    ).one()
    return state not in ENDED


def _waited(audit: Audit, at: datetime) -> bool:
    assert audit.reported_at is not None
    return at >= audit.reported_at + timedelta(days=policy().periods.carry_calendar_days)


def _ask(session: Session, audit: Audit, at: datetime) -> None:
    asked = duties.open_duties_about(session, KIND, audit.code)
    if any(duty.kind == DutyKind.CARRY_FINDINGS for duty in asked) or _decided(session, audit):
        return
    owner = audit_team.area_of(session, audit).owner_id
    barred = frozenset({owner} if owner is not None else ())
    decider = somebody(session, DECIDERS, barred=barred, at=at)
    if decider is not None:
        issue(session, audit, DutyKind.CARRY_FINDINGS, decider, days=DECIDE_DAYS, at=at)


def _decided(session: Session, audit: Audit) -> bool:
    """Whether somebody has decided to wait: then it is asked no more."""
    from models.duty import Duty

    return (
        session.exec(
            select(Duty.id).where(
                col(Duty.subject_kind) == KIND,
                col(Duty.subject) == audit.code,
                col(Duty.kind) == DutyKind.CARRY_FINDINGS,
            )
        ).first()
        is not None
    )


def _close(session: Session, audit: Audit, *, at: datetime, actor: str) -> None:
    audit.state, audit.closed_at = "closed", at
    for duty in duties.open_duties_about(session, KIND, audit.code):
        duties.withdraw(session, duty, at=at, why=ALL_VERIFIED, actor=actor)
    record(session, audit, "closed", at=at, actor=actor)
    readers = [audit_team.area_of(session, audit).owner_id, audit_team.lead_of(session, audit)]
    audit_letters.tell(
        session,
        [*readers, *audit_letters.planners(session)],
        ref=f"audit_closed:{audit.code}",
        at=at,
        facts=lambda language: _facts(session, language, audit),
    )


def _facts(session: Session, language: str, audit: Audit) -> dict[str, Any]:
    found = audit_findings.of_audit(session, audit)
    verified = [one for one in found if one.nonconformity and one.carried_at is None]
    carried = [one for one in found if one.carried_at is not None]
    area = audit_team.area_of(session, audit).name
    counts = {"verified": len(verified), "carried": len(carried)}
    return {
        "subject_line": say(language, "Audit closed: {audit} {area}", audit=audit.code, area=area),
        "headline": say(language, "The audit is closed"),
        "lead": say(
            language,
            "What the audit found is settled: {verified} findings verified, {carried} carried into"
            " the next audit by decision.",
            **counts,
        ),
        "why": say(language, "You are told because you lead, answer for, or were part of it."),
        "sentences": [
            *(say(language, VERIFIED, code=one.code, nc=one.nonconformity) for one in verified),
            *(say(language, CARRIED, code=one.code, why=one.carried_reason) for one in carried),
        ],
        "link": f"{current().settings.base_url}/audits/{audit.code}",
    }
