"""Findings and what becomes of them (审核发现): the auditee's word, then a nonconformity of his.

A confirmed finding is raised at once as a nonconformity of the area's manager; a disputed one is
decided by the head of quality, who must not have audited it. Opportunities are noted.
"""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from config.current import current
from models import people
from models.audit import Audit, AuditArea, Finding
from models.organisation import Unit
from processes.audit import says as says_audit
from processes.audit import team as audit_team
from processes.audit.ground import policy
from processes.audit.staffing import record
from processes.duty import issued as duties
from processes.duty.deed import Deed
from processes.nonconformity import raising as nonconformities
from processes.nonconformity.duties import somebody
from processes.nonconformity.entry import New
from rules import audit_findings as rule
from rules import gates, text
from rules.audit_findings import Grade
from rules.refusal import NotFound, Refused
from rules.words import DutyKind, Role, Severity

KIND: Final = "audit_finding"
SOURCE: Final = "internal_audit"
DECIDERS: Final = (Role.QUALITY_HEAD, Role.TOP_MANAGEMENT, Role.QUALITY)


class OwnFinding(Refused):
    """Who audited or answers for it was to decide a dispute about it."""

    sentence = "{person} audited this or answers for it, and may not decide about it"


class NobodyDecides(Refused):
    """Nobody may decide a dispute."""

    sentence = "nobody who neither audited nor answers for {audit} may decide the dispute"


def of_audit(session: Session, audit: Audit) -> list[Finding]:
    """Return the findings in their order."""
    rows = session.exec(select(Finding).where(col(Finding.audit_id) == audit.id)).all()
    return sorted(rows, key=lambda row: row.number)


def by_code(session: Session, code: str) -> tuple[Finding, Audit]:
    """Return a finding with its audit, or refuse by name."""
    found = session.exec(select(Finding).where(col(Finding.code) == code)).one_or_none()
    if found is None:
        raise NotFound(what="audit", code=code)
    return found, session.get_one(Audit, found.audit_id)


def ask(session: Session, audit: Audit, *, at: datetime, actor: str) -> None:
    """Put what is not as it should be to whoever manages the area."""
    area = audit_team.area_of(session, audit)
    assert area.owner_id is not None
    for finding in of_audit(session, audit):
        if finding.grade not in rule.ANSWERED or finding.state != "noted":
            continue
        finding.state = "asked"
        session.add(finding)
        _issue(session, finding, DutyKind.CONFIRM_FINDING, area.owner_id, at=at, actor=actor)


def check_answer(deed: Deed) -> None:
    """Refuse the auditee's word from whoever audited him, be it as his delegate."""
    _, audit = by_code(deed.session, deed.duty.subject)
    if deed.hands & _auditors(deed.session, audit):
        raise OwnFinding(person=deed.person.name)


def confirm(deed: Deed) -> str:
    """The auditee agrees: it becomes a nonconformity of his (确认)."""
    finding, audit = by_code(deed.session, deed.duty.subject)
    _answered(deed, finding, "confirmed", None)
    deed.discharge()
    _raise(deed.session, audit, finding, at=deed.at, actor=deed.actor)
    return says_audit.CONFIRMED


def dispute(deed: Deed, reason: str) -> str:
    """The auditee does not agree: somebody who did not audit it decides (异议)."""
    finding, audit = by_code(deed.session, deed.duty.subject)
    reason = gates.reason(reason)
    decider = somebody(deed.session, DECIDERS, barred=_barred(deed.session, audit), at=deed.at)
    if decider is None:
        raise NobodyDecides(audit=audit.code)
    _answered(deed, finding, "disputed", reason)
    deed.discharge()
    _issue(
        deed.session,
        finding,
        DutyKind.DECIDE_FINDING,
        decider,
        at=deed.at,
        actor=deed.actor,
        facts={"reason": reason},
    )
    return says_audit.DISPUTED


def check_decide(deed: Deed, reason: str) -> None:
    """Refuse a decision by whoever audited it or answers for it, or without a reason."""
    _, audit = by_code(deed.session, deed.duty.subject)
    if deed.hands & _barred(deed.session, audit):
        raise OwnFinding(person=deed.person.name)
    gates.reason(reason)


def decide(deed: Deed, *, upheld: bool, reason: str) -> str:
    """The dispute is upheld and the finding withdrawn, or the finding stands."""
    check_decide(deed, reason)
    finding, audit = by_code(deed.session, deed.duty.subject)
    _answered(deed, finding, "upheld" if upheld else "overruled", gates.reason(reason))
    deed.discharge()
    if upheld:
        return says_audit.WITHDRAWN
    _raise(deed.session, audit, finding, at=deed.at, actor=deed.actor)
    return says_audit.STANDS


def _answered(deed: Deed, finding: Finding, state: str, reason: str | None) -> None:
    before = finding.state
    finding.state, finding.answer = state, reason or finding.answer
    finding.answered_by_id, finding.answered_at = deed.person_id, deed.at
    deed.session.add(finding)
    deed.record(
        f"audit_finding.{state}",
        f"{KIND}:{finding.code}",
        before={"state": before},
        after={"state": state},
    )


def _raise(session: Session, audit: Audit, finding: Finding, *, at: datetime, actor: str) -> None:
    """Raise it as a nonconformity of the area's manager, without undue delay."""
    area, posts = audit_team.area_of(session, audit), people.organisation(session).posts
    lead = audit_team.lead_of(session, audit)
    assert area.owner_id is not None
    first = (finding.gap or finding.requirement).splitlines()[0]
    finding.nonconformity = nonconformities.raise_in(
        session,
        New(
            title=text.shortened(f"{finding.clause} {first}", 200),
            description=f"{finding.requirement}\n\n{finding.evidence}\n\n{finding.gap}",
            owner_code=posts[area.owner_id].code,
            raised_at=at,
            source=SOURCE,
            source_record=audit.code,
            potential=finding.grade == Grade.OBSERVATION,
            unit=_unit(session, area),
            clause=finding.clause,
            severity=rule.SEVERITY.get(finding.grade, Severity.MINOR),
            raised_by=posts[lead].code if lead is not None else None,
        ),
        actor=actor,
    )
    session.add(finding)
    record(
        session, audit, "finding_raised", at=at, actor=actor, nonconformity=finding.nonconformity
    )


def _unit(session: Session, area: AuditArea) -> str | None:
    unit = session.get(Unit, area.unit_id) if area.unit_id is not None else None
    return unit.code if unit else None


def _barred(session: Session, audit: Audit) -> frozenset[int]:
    owner = audit_team.area_of(session, audit).owner_id
    return _auditors(session, audit) | ({owner} if owner is not None else set())


def _auditors(session: Session, audit: Audit) -> frozenset[int]:
    return frozenset(member.person_id for member in audit_team.team_of(session, audit))


def _issue(
    session: Session,
    finding: Finding,
    kind: DutyKind,
    owner: int,
    *,
    at: datetime,
    actor: str,
    facts: dict[str, str] | None = None,
) -> None:
    first = (finding.gap or finding.requirement).splitlines()[0]
    duties.issue(
        session,
        kind=kind,
        subject_kind=KIND,
        subject=finding.code,
        title=text.shortened(f"{finding.clause} {first}", 200),
        owner_id=owner,
        due_at=current().calendar.working_days(at, policy().periods.confirm_working_days),
        at=at,
        severity=rule.SEVERITY.get(finding.grade, Severity.MINOR),
        facts=dict(facts) if facts else None,
        actor=actor,
    )
