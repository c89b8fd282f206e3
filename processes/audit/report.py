"""The audit report (审核报告): the three conclusions, what was found, to whom it goes.

Everything in it is frozen when it is handed in, so that page, Word and PDF say the same years
later. It is reviewed, approved and handed out like any document; with its approval the audit is
reported, and follow-up begins.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from config.language import say
from models import people
from models.audit import Audit, AuditProgramme, AuditReport
from models.engine import transaction
from processes.approval import course as approval
from processes.audit import conduct as audit_conduct
from processes.audit import findings as audit_findings
from processes.audit import meetings as audit_meetings
from processes.audit import says as says_audit
from processes.audit import team as audit_team
from processes.audit.ground import policy
from processes.audit.programme import candidates
from processes.audit.staffing import record
from processes.duty.deed import Deed
from rules.audit_findings import Grade, conclusion
from rules.organisation import Organisation
from rules.refusal import NotEntitled, NotFound, Refused
from rules.words import Role

KIND: Final = "audit_report"
GRADES: Final = tuple(grade.value for grade in Grade)
REVIEW: Final = (Role.QUALITY_HEAD, Role.QUALITY, Role.VP_OPERATIONS, Role.CENTRE_DIRECTOR)
APPROVE: Final = (Role.TOP_MANAGEMENT, Role.VP_OPERATIONS)
ON_REPORTED: Final[list[Callable[[Session, datetime, str], None]]] = []
TITLE: Final = "Audit report {code}: {area}"


class ReportIsFixed(Refused):
    """The report is being judged, or in force."""

    sentence = "the report of {audit} cannot be changed: it was not sent back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the lead auditor writes: three answers (yes, partly, no) and five texts."""

    service: str  # (1) meets the requirements of IT service operation
    own: str  # (2) meets the service needs and the organisation's own requirements
    effective: str  # (3) is effectively implemented and maintained
    summary: str
    conclusion: str
    strengths: str = ""
    improvements: str = ""


def write(deed: Deed, words: Words) -> str:
    """Keep the report and hand it in for review."""
    session = deed.session
    audit = audit_team.by_code(session, deed.duty.subject)
    audit_team.still(session, audit, deed.hands, at=deed.at)
    report = AuditReport(
        audit_id=audit.id or 0,
        version=1,
        author_id=deed.duty.owner_id,
        written_at=deed.at,
        content=content(session, audit, words),
    )
    session.add(report)
    session.flush()
    deed.discharge()
    _submit(deed, audit, report)
    record(session, audit, "report_written", at=deed.at, actor=deed.actor)
    return says_audit.REPORTED


@transaction
def rewrite(session: Session, code: str, words: Words, *, person_id: int, at: datetime) -> None:
    """Let its author change a report that was sent back; he hands it in by his duty to revise."""
    audit = audit_team.by_code(session, code)
    report = of_audit(session, audit)
    if report.state != "returned":
        raise ReportIsFixed(audit=code)
    if report.author_id != person_id:
        posts = people.organisation(session).posts
        raise NotEntitled(person=posts[person_id].name, owner=posts[report.author_id].name)
    report.content, report.written_at = content(session, audit, words), at
    session.add(report)
    record(session, audit, "report_rewritten", at=at, actor=f"person:{person_id}")


def of_audit(session: Session, audit: Audit) -> AuditReport:
    """Return the report of an audit, or refuse by name."""
    found = session.exec(
        select(AuditReport)
        .where(col(AuditReport.audit_id) == audit.id)
        .order_by(col(AuditReport.version).desc())
    ).first()
    if found is None:
        raise NotFound(what="audit report", code=audit.code)
    return found


def content(session: Session, audit: Audit, words: Words) -> dict[str, Any]:
    """Return the whole report as values: names and texts as they are today."""
    posts, area = people.organisation(session).posts, audit_team.area_of(session, audit)
    lines = audit_conduct.lines_of(session, audit)
    findings = audit_findings.of_audit(session, audit)
    day, clock = current().calendar.day, current().calendar.local
    owner = posts[area.owner_id] if area.owner_id is not None else None
    return {
        "code": audit.code,
        "organisation": current().settings.organisation,
        "area": area.name,
        "area_code": area.code,
        "auditee": owner.name if owner else "",
        "programme": session.get_one(AuditProgramme, audit.programme_id).code,
        "criteria": list(policy().titles.values()),
        "clauses": list(audit.clauses),
        "place": audit.place,
        "opened": f"{clock(audit.opens_at):%Y-%m-%d %H:%M}" if audit.opens_at else "",
        "closed": f"{clock(audit.conducted_at):%Y-%m-%d %H:%M}" if audit.conducted_at else "",
        "attendance": audit.attendance,
        "team": [
            {"name": posts[m.person_id].name, "role": m.role, "proof": m.proof[:12]}
            for m in audit_team.team_of(session, audit)
        ],
        "words": asdict(words),
        "conclusion": conclusion(words.service, words.own, words.effective),
        "statistics": statistics(lines, findings),
        "distribution": distribution(lines),
        "findings": [
            {
                "code": f.code,
                "clause": f.clause,
                "grade": f.grade,
                "requirement": f.requirement,
                "evidence": f.evidence,
                "gap": f.gap,
                "state": f.state,
                "nonconformity": f.nonconformity or "",
                "merged_into": f.merged_into or "",
            }
            for f in findings
        ],
        "combined": audit.combined_reason or "" if audit.combined is not None else "",
        "meetings": [m.kind for m in audit_meetings.meetings_of(session, audit)],
        "readers": [posts[p].name for p in readers(session, audit)],
        "written_on": str(day(audit.conducted_at)) if audit.conducted_at else "",
    }


def statistics(lines: Any, findings: Any) -> dict[str, int]:
    """Return the lines by judgement, and how many majors were made of minors."""
    counts = Counter(row.verdict for row in lines if row.verdict)
    made = sum(f.grade == Grade.MAJOR and f.line_id is None for f in findings)
    return {**{grade: counts.get(grade, 0) for grade in GRADES}, "combined": made}


def distribution(lines: Any) -> list[dict[str, Any]]:
    """Return the distribution table (不符合项分布表): judgements by criterion and chapter."""
    found: dict[str, Counter[str]] = {}
    for row in lines:
        prefix, _, number = row.clause.partition(":")
        chapter = f"{prefix}:{number.split('.')[0]}" if number else prefix
        found.setdefault(chapter, Counter())[row.verdict or ""] += 1
    return [
        {"chapter": chapter, **{grade: counts.get(grade, 0) for grade in GRADES}}
        for chapter, counts in sorted(found.items())
    ]


def readers(session: Session, audit: Audit) -> list[int]:
    """Return to whom the report goes: top management, quality, the audited, owners of findings."""
    organisation = people.organisation(session)
    area = audit_team.area_of(session, audit)
    heads = candidates(organisation, Role.TOP_MANAGEMENT, Role.QUALITY_HEAD)
    above = organisation.chain(area.owner_id).people[:1] if area.owner_id is not None else ()
    owners = [area.owner_id] if area.owner_id is not None else []
    team = [member.person_id for member in audit_team.team_of(session, audit)]
    found = [*owners, *above, *heads, *team]
    return [p for p in dict.fromkeys(found) if organisation.posts[p].active]


def judges(organisation: Organisation, auditee: int | None, *roles: Role) -> list[int]:
    """Return who may review or approve: never the auditee, and whom he leads only at the end."""
    found = [one for one in candidates(organisation, *roles) if one != auditee]
    return sorted(found, key=lambda one: auditee in organisation.chain(one).people)


def approved(session: Session, code: str, version: int, at: datetime, by_id: int) -> None:
    """The report is in force: the audit is reported, follow-up begins (`ON_APPROVED`)."""
    del version
    audit = audit_team.by_code(session, code)
    report = of_audit(session, audit)
    report.state, report.approved_at, report.approved_by_id = "approved", at, by_id
    audit.state, audit.reported_at = "reported", at
    session.add(report)
    record(session, audit, "reported", at=at, actor=f"person:{by_id}")
    session.flush()
    for follows in ON_REPORTED:
        follows(session, at, f"person:{by_id}")


def returned(session: Session, code: str, version: int, reason: str, at: datetime) -> None:
    """The report goes back to its author (`ON_RETURNED`)."""
    del version
    audit = audit_team.by_code(session, code)
    report = of_audit(session, audit)
    report.state = "returned"
    session.add(report)
    record(session, audit, "report_returned", at=at, actor="clock", reason=reason)


def _submit(deed: Deed, audit: Audit, report: AuditReport) -> None:
    session, procedure = deed.session, policy().procedure
    organisation = deed.organisation
    area = audit_team.area_of(session, audit)
    top = candidates(organisation, Role.TOP_MANAGEMENT)  # about whom nobody else may decide
    approval.submit(
        session,
        kind=KIND,
        code=audit.code,
        version=report.version,
        title=say(current().settings.language, TITLE, code=audit.code, area=area.name),
        author_id=report.author_id,
        reviewers=judges(organisation, area.owner_id, procedure.reviews, *REVIEW),
        approvers=[*judges(organisation, area.owner_id, procedure.approves, *APPROVE), *top],
        readers=readers(session, audit),
        at=deed.at,
        actor=deed.actor,
        summary=report.content["words"]["summary"],
        hands=deed.hands,
    )


approval.ON_APPROVED[KIND] = approved
approval.ON_RETURNED[KIND] = returned
