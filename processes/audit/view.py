"""A programme and an audit as somebody reads them (审核方案与审核的读取): page, print and export.

Values alone, with names beside ids; nothing here writes.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from models import people
from models.audit import (
    Audit,
    AuditAgenda,
    AuditArea,
    AuditException,
    AuditLine,
    AuditProgramme,
    AuditReport,
    ChecklistLine,
    Finding,
    MeetingInvite,
)
from models.engine import reading
from processes.approval import course as approval
from processes.approval.course import ApprovalState
from processes.audit import conduct as audit_conduct
from processes.audit import findings as audit_findings
from processes.audit import meetings as audit_meetings
from processes.audit import plan_approval as audit_plan_approval
from processes.audit import programme as audit_programme
from processes.audit import registers as registers_audit
from processes.audit import report as audit_report
from processes.audit import team as audit_team
from processes.audit.registers import AuditRow
from processes.register.query import Filters
from rules.audit import SAID
from rules.organisation import Post
from rules.refusal import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody in a team, and what proves that he may audit."""

    person: Post
    role: str
    proof: str
    proven_at: datetime
    facts: dict[str, Any]
    conflicts: tuple[tuple[str, str], ...]  # sentence and what it is about, excepted


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditView:
    """One audit with everything about it."""

    row: AuditRow
    audit: Audit
    area: AuditArea
    team: tuple[Member, ...]
    agenda: tuple[AuditAgenda, ...]
    checklist: tuple[ChecklistLine, ...]
    findings: tuple[Finding, ...]
    meetings: tuple[MeetingInvite, ...]
    exceptions: tuple[AuditException, ...]
    report: AuditReport | None
    approval: ApprovalState | None
    plan_came_back: bool
    unstaffed: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]  # name, reasons
    posts: dict[int, Post]

    def name(self, person: int | None) -> str:
        """Return somebody's name, or nothing."""
        post = self.posts.get(person) if person is not None else None
        return post.name if post else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One area of a programme: its months, why, and its audits."""

    line: AuditLine
    area: AuditArea
    owner: str
    audits: tuple[AuditRow, ...]

    def in_month(self, month: int) -> AuditRow | None:
        """Return the audit of a month."""
        return next((row for row in self.audits if row.month == month), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeView:
    """A year's programme with everything about it."""

    programme: AuditProgramme
    entries: tuple[Entry, ...]
    uncovered: tuple[str, ...]
    approval: ApprovalState | None
    loads: tuple[tuple[str, int], ...]
    names: dict[int, str]


def audit_of(code: str, *, at: datetime) -> AuditView:
    """Return an audit, or refuse by name."""
    rows = registers_audit.audits(Filters(subject=code), at=at).rows
    if not rows:
        raise NotFound(what="audit", code=code)
    with reading() as session:
        audit = session.exec(select(Audit).where(col(Audit.code) == code)).one()
        return _audit_view(session, rows[0], audit)


def programme_of(year: int, *, at: datetime) -> ProgrammeView:
    """Return the programme of a year, or refuse by name."""
    with reading() as session:
        programme = audit_programme.find(session, year)
        if programme is None:
            raise NotFound(what="audit programme", code=str(year))
        rows = defaultdict(list)
        for row in registers_audit.audits(Filters(), at=at).rows:
            if row.programme == programme.code:
                rows[row.area].append(row)
        posts = people.organisation(session).posts
        return ProgrammeView(
            programme=programme,
            entries=tuple(
                Entry(
                    line=line,
                    area=area,
                    owner=posts[area.owner_id].name if area.owner_id is not None else "",
                    audits=tuple(rows[area.code]),
                )
                for line, area in audit_programme.lines_of(session, programme)
            ),
            uncovered=audit_programme.uncovered(session, programme),
            approval=approval.state(
                session, audit_programme.KIND, programme.code, programme.version
            ),
            loads=_loads(programme, posts),
            names={number: post.name for number, post in posts.items()},
        )


def years() -> list[int]:
    """Return the years that have a programme, the newest first."""
    with reading() as session:
        found = session.exec(select(AuditProgramme.year).order_by(col(AuditProgramme.year).desc()))
        return list(found)


def may_see(person_id: int, code: str, people_: frozenset[int] | None) -> bool:
    """Whether an audit is somebody's to look at: the area's, the team's, or whose office it is."""
    if people_ is None:
        return True
    with reading() as session:
        audit = session.exec(select(Audit).where(col(Audit.code) == code)).one_or_none()
        if audit is None:
            return False
        team = {member.person_id for member in audit_team.team_of(session, audit)}
        return audit_team.area_of(session, audit).owner_id in people_ or person_id in team


def _audit_view(session: Session, row: AuditRow, audit: Audit) -> AuditView:
    posts = dict(people.organisation(session).posts)
    report = _report(session, audit)
    return AuditView(
        row=row,
        audit=audit,
        area=audit_team.area_of(session, audit),
        team=tuple(
            Member(
                person=posts[member.person_id],
                role=member.role,
                proof=proof.hash,
                proven_at=proof.at,
                facts=proof.facts,
                conflicts=tuple((SAID[r], w) for r, w in proof.facts["conflicts"]),
            )
            for member, proof in audit_team.proofs(session, audit)
        ),
        agenda=tuple(_agenda(session, audit)),
        checklist=tuple(audit_conduct.lines_of(session, audit)),
        findings=tuple(audit_findings.of_audit(session, audit)),
        meetings=tuple(audit_meetings.meetings_of(session, audit)),
        exceptions=tuple(
            session.exec(select(AuditException).where(col(AuditException.audit_id) == audit.id))
        ),
        report=report,
        approval=approval.state(session, audit_report.KIND, audit.code, report.version)
        if report
        else None,
        plan_came_back=audit_plan_approval.came_back(session, audit),
        unstaffed=tuple(
            (posts[person].name, tuple((SAID[reason], what) for reason, what in found))
            for _, told in audit.unstaffed
            for person, found in told
        ),
        posts=posts,
    )


def _agenda(session: Session, audit: Audit) -> list[AuditAgenda]:
    rows = session.exec(select(AuditAgenda).where(col(AuditAgenda.audit_id) == audit.id)).all()
    return sorted(rows, key=lambda row: row.number)


def _report(session: Session, audit: Audit) -> AuditReport | None:
    try:
        return audit_report.of_audit(session, audit)
    except NotFound:
        return None


def _loads(programme: AuditProgramme, posts: Any) -> tuple[tuple[str, int], ...]:
    loads = (programme.solution or {}).get("loads", {})
    found = [(posts[int(who)].name, load) for who, load in loads.items() if int(who) in posts]
    return tuple(sorted(found, key=lambda one: (-one[1], one[0])))


def today(at: date) -> int:
    """Return the year whose programme a reader means when he names none."""
    known = years()
    return at.year if at.year in known or not known else known[0]
