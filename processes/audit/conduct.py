"""Conducting an audit (实施审核): the checklist is judged line by line; findings follow from it.

The sheet is filled by the team as it goes; handing it in is the closing meeting. Whatever is not
as it should be goes to the auditee for his word, and nobody who may not audit can hand it in.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from config.language import label, say
from models import people
from models.audit import Audit, ChecklistLine, Finding
from models.duty import Duty
from processes.audit import findings as audit_findings
from processes.audit import says as says_audit
from processes.audit import team as audit_team
from processes.audit.ground import policy
from processes.audit.opening import issue
from processes.audit.staffing import record
from processes.duty.deed import Deed
from processes.worksheet import sheets as worksheet
from processes.worksheet.sheets import Provider
from rules import audit_findings as rule
from rules import gates
from rules.audit_findings import Grade
from rules.words import DutyKind
from rules.worksheet import Column, Filled, Line, Sheet, Trouble, unfilled

NO_EVIDENCE: Final = "say what was looked at and where it can be found again"
NO_GAP: Final = "say what is missing against the requirement: the third part of the statement"
COLUMNS: Final = (
    Column(
        name="verdict",
        kind="choice",
        title="Judgement",
        choices=(
            ("conformity", "Conformity"),
            ("major", "Major nonconformity"),
            ("minor", "Minor nonconformity"),
            ("observation", "Observation"),
            ("opportunity", "Opportunity for improvement"),
            ("not_applicable", "Not applicable"),
        ),
    ),
    Column(name="sample", kind="line", title="Sample", help="How many of how many, which ones."),
    Column(
        name="evidence",
        kind="paragraph",
        title="Evidence",
        help="What was seen or heard: records, dates, names of documents.",
    ),
    Column(
        name="gap",
        kind="paragraph",
        title="Gap",
        help="What is missing against the requirement.",
        when=("major", "minor", "observation", "opportunity"),
    ),
)


def lines_of(session: Session, audit: Audit) -> list[ChecklistLine]:
    """Return the checklist in its order."""
    rows = session.exec(select(ChecklistLine).where(col(ChecklistLine.audit_id) == audit.id))
    return sorted(rows.all(), key=lambda row: row.number)


def sheet(session: Session, duty: Duty, language: str) -> Sheet:
    """Return the checklist as a sheet; each line names its requirement and who looks at it."""
    audit = audit_team.by_code(session, duty.subject)
    posts = people.organisation(session).posts
    return Sheet(
        kind=duty.kind,
        subject=audit.code,
        version=1,
        title=duty.title,
        lines=tuple(
            Line(
                key=f"c{row.number}",
                number=str(row.number),
                point=row.requirement,
                criterion=row.clause,
                method=label(language, row.method, "audit_method"),
                note=say(
                    language,
                    "Clause {clause}, looked at by {name}",
                    clause=row.clause,
                    name=posts[row.person_id].name if row.person_id is not None else "—",
                ),
            )
            for row in lines_of(session, audit)
        ),
        columns=COLUMNS,
    )


def judge(_session: Session, _duty: Duty, sheet_: Sheet, filled: Filled) -> list[Trouble]:
    """Return what the checklist lacks: a judgement, its evidence, the gap of a nonconformity."""
    found = unfilled(sheet_, filled)
    for line in sheet_.lines:
        own = filled.get(line.key, {})
        verdict = own.get("verdict", "")
        if verdict and verdict != Grade.NOT_APPLICABLE and not own.get("evidence", "").strip():
            found.append(Trouble(key=line.key, column="evidence", sentence=NO_EVIDENCE))
        if verdict in rule.NEEDS_GAP and not own.get("gap", "").strip():
            found.append(Trouble(key=line.key, column="gap", sentence=NO_GAP))
    return found


def settle(deed: Deed, *, lines: Filled, one: bool | None, reason: str, attendance: str) -> str:
    """Hand the audit in: findings are written, the auditee is asked, the report is owed."""
    session = deed.session
    audit = audit_team.by_code(session, deed.duty.subject)
    _judge_time(audit, deed)
    team = {member.person_id for member in audit_team.team_of(session, audit)}
    audit_team.still(session, audit, {*deed.hands, *team}, at=deed.at)
    filled = worksheet.complete(deed, lines)
    rows = lines_of(session, audit)
    grades = [filled[f"c{row.number}"]["verdict"] for row in rows]
    least = policy().findings.minors_make_a_major
    audit.combined = rule.combined(grades, one=one, reason=reason, least=least)
    audit.combined_reason = reason.strip() or None
    audit.attendance = gates.reason(attendance)
    audit.conducted_at, audit.state = deed.at, "conducted"
    session.add(audit)
    _keep(session, rows, filled)
    _findings(session, audit, rows)
    deed.discharge()
    days = policy().periods.report_working_days
    issue(
        session,
        audit,
        DutyKind.REPORT_AUDIT,
        deed.duty.owner_id,
        days=days,
        at=deed.at,
        actor=deed.actor,
    )
    audit_findings.ask(session, audit, at=deed.at, actor=deed.actor)
    counts = {grade: grades.count(grade) for grade in dict.fromkeys(grades)}
    record(session, audit, "conducted", at=deed.at, actor=deed.actor, findings=counts)
    return says_audit.CONDUCTED


def _judge_time(audit: Audit, deed: Deed) -> None:
    assert audit.opens_at is not None
    if deed.at < audit.opens_at:
        raise rule.TooEarly(day=current().calendar.day(audit.opens_at))


def _keep(session: Session, rows: list[ChecklistLine], filled: Filled) -> None:
    for row in rows:
        own: Mapping[str, Any] = filled[f"c{row.number}"]
        row.verdict, row.sample = own["verdict"], own.get("sample", "")
        row.evidence, row.gap = own.get("evidence", ""), own.get("gap", "")
        session.add(row)
    session.flush()


def _findings(session: Session, audit: Audit, rows: list[ChecklistLine]) -> None:
    """Write a finding for each line that has one; several minors make one major if so decided."""
    found = [_finding(audit, row) for row in rows if row.verdict in rule.FINDINGS]
    minors = [one for one in found if one.grade == Grade.MINOR]
    if audit.combined:
        found.append(_one_major(audit, minors))
    for number, one in enumerate(found, start=1):
        one.number, one.code = number, f"{audit.code}-F{number}"
    if audit.combined:
        for one in minors:
            one.state, one.merged_into = "merged", found[-1].code
    session.add_all(found)
    session.flush()


def _finding(audit: Audit, row: ChecklistLine) -> Finding:
    assert audit.id is not None
    return Finding(
        audit_id=audit.id,
        number=0,
        code="",
        line_id=row.id,
        clause=row.clause,
        grade=row.verdict or "",
        requirement=row.requirement,
        evidence=row.evidence,
        gap=row.gap,
    )


def _one_major(audit: Audit, minors: list[Finding]) -> Finding:
    assert audit.id is not None
    language = current().settings.language
    return Finding(
        audit_id=audit.id,
        number=0,
        code="",
        clause=minors[0].clause,
        grade=Grade.MAJOR,
        requirement="\n".join(f"{one.clause} {one.requirement}" for one in minors),
        evidence="\n".join(f"{one.clause} {one.evidence}" for one in minors),
        gap=say(
            language,
            "{count} minor nonconformities in one area: the system fails there",
            count=len(minors),
        )
        + "\n"
        + "\n".join(f"{one.clause} {one.gap}" for one in minors),
    )


worksheet.register(Provider(kind=DutyKind.CONDUCT_AUDIT, sheet=sheet, judge=judge))
