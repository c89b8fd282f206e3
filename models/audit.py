"""Internal audit (内部审核): the programme of a year, the auditors, each audit and what it found.

An auditor stands in a team only beside a proof of independence (独立性证明): the team's row
refers to the proof of the same audit and person, and a proof with conflicts cannot be written
without an exception granted by a second person. Both are constraints of the database, so that
no page, import or default leads around the gate of `processes/audit/team.py`.

The processes, each one transaction:
    audit_areas.sync(at)                       units and processes become areas
    audit_programme.draft(year, at, actor)     frequency and order, computed with their reasons
    audit_programme.edit / submit              edits keep both values and the reason; approval
    audit_assignment.propose(puzzle)           an exact solver's proposal, nothing written
    audit_staffing.staff(at, actor)            the proposal through the gate, audit by audit
    audit_team.put(session, audit, …)          the one function that writes `AuditTeam`
    audit_opening.open_due(at)                 audits of the month: the lead owes the plan
    audit_plan.settle(deed, …)                 timetable, checklist, meetings, notice
    audit_conduct.settle(deed, …)              checklist judged; findings; the auditee answers
    audit_findings / audit_report / audit_closing / audit_records
    audit_activities.settle(at)                the annual plan's activity is done by all of it
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row


class AuditArea(Row, table=True):
    """What is audited (受审核领域): a unit of the organisation or a process of the policy.

    `owner_id` manages it and answers its nonconformities; `clauses` are the criteria that apply.
    `importance` is 1 to 5; `status` is steady, changed or new.
    """

    __tablename__ = "audit_area"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=160, unique=True)
    kind: str = Field(max_length=16)  # unit, process
    name: str = Field(max_length=200)
    unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    owner_id: int | None = Field(default=None, foreign_key="person.id")
    importance: int = 3
    status: str = Field(default="steady", max_length=16)
    clauses: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    site: str | None = Field(default=None, max_length=64)
    active: bool = True


class AuditProgramme(Row, table=True):
    """The audits of a year (审核方案) and the procedure it was made under, as it stood then."""

    __tablename__ = "audit_programme"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)  # AP-2026
    year: int = Field(unique=True)
    version: int = 1
    state: str = Field(default="draft", max_length=16)  # draft, submitted, approved
    purpose: str = Field(default="", sa_type=sa.Text)
    scope: str = Field(default="", sa_type=sa.Text)
    criteria: str = Field(default="", sa_type=sa.Text)
    methods: str = Field(default="", sa_type=sa.Text)
    frequency: str = Field(default="", sa_type=sa.Text)
    procedure: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    procedure_hash: str = Field(max_length=64)
    author_id: int | None = Field(default=None, foreign_key="person.id")
    drafted_at: datetime
    approved_at: datetime | None = None
    approved_by_id: int | None = Field(default=None, foreign_key="person.id")
    solution: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON(none_as_null=True))
    rev: int = 0


class AuditLine(Row, table=True):
    """One area in a programme: how often and when, as computed and as somebody edited it."""

    __tablename__ = "audit_line"
    __table_args__ = (sa.UniqueConstraint("programme_id", "area_id"),)

    id: int | None = Field(default=None, primary_key=True)
    programme_id: int = Field(foreign_key="audit_programme.id", index=True)
    area_id: int = Field(foreign_key="audit_area.id", index=True)
    points: int
    reasons: list[list[Any]] = Field(default_factory=list, sa_type=sa.JSON)  # [word, count, points]
    rank: int
    computed_months: list[int] = Field(default_factory=list, sa_type=sa.JSON)
    months: list[int] = Field(default_factory=list, sa_type=sa.JSON)
    edited_reason: str | None = Field(default=None, sa_type=sa.Text)
    edited_by_id: int | None = Field(default=None, foreign_key="person.id")
    edited_at: datetime | None = None


class Auditor(Row, table=True):
    """Somebody who may audit (内审员): qualified in writing, for what and until when."""

    __tablename__ = "auditor"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", unique=True)
    lead: bool = False  # 审核组长资格
    competence: list[str] = Field(default_factory=list, sa_type=sa.JSON)  # clause prefixes; * all
    trained_on: date | None = None
    valid_until: date | None = None  # None: never trained, may not audit
    site: str | None = Field(default=None, max_length=64)
    most_audits: int | None = None  # a year; None: as many as fall to him


class AuditorUnit(Row, table=True):
    """A unit that somebody belongs or belonged to (所在与曾在部门); an open end is today."""

    __tablename__ = "auditor_unit"
    __table_args__ = (sa.UniqueConstraint("person_id", "unit_id", "begins_on"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")
    begins_on: date | None = None
    ends_on: date | None = None


class Work(Row, table=True):
    """Work that somebody did (工作经历): what he may not audit for as long as the policy says.

    `area` names a unit or a process by its code; `project` a project.
    """

    __tablename__ = "work"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    area: str | None = Field(default=None, max_length=160, index=True)
    project: str | None = Field(default=None, max_length=64)
    what: str = Field(max_length=300)
    begins_on: date
    ends_on: date | None = None


class Audit(Row, table=True):
    """One audit (一次审核) of one area, from its place in the programme to its last verdict."""

    __tablename__ = "audit"
    __table_args__ = (sa.UniqueConstraint("line_id", "month"),)

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)  # IA-2026-NET-03
    programme_id: int = Field(foreign_key="audit_programme.id", index=True)
    line_id: int = Field(foreign_key="audit_line.id")
    area_id: int = Field(foreign_key="audit_area.id", index=True)
    month: int
    planned_on: date
    clauses: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    needs: int = 2  # auditors
    weight: int = 1  # half-days, what the load is counted in
    # planned, opened, announced, conducted, reported, closed, cancelled
    state: str = Field(default="planned", max_length=16, index=True)
    purpose: str = Field(default="", sa_type=sa.Text)
    scope: str = Field(default="", sa_type=sa.Text)
    opens_at: datetime | None = None  # the opening meeting
    closes_at: datetime | None = None  # the closing meeting
    place: str = Field(default="", max_length=200)
    notified_at: datetime | None = None
    conducted_at: datetime | None = None
    attendance: str = Field(default="", sa_type=sa.Text)  # 首末次会议签到
    combined: bool | None = None  # several minors reported as one major
    combined_reason: str | None = Field(default=None, sa_type=sa.Text)
    reported_at: datetime | None = None
    closed_at: datetime | None = None
    unstaffed: list[list[Any]] = Field(default_factory=list, sa_type=sa.JSON)
    brought_in: dict[str, Any] | None = Field(  # from a register kept elsewhere
        default=None, sa_type=sa.JSON(none_as_null=True)
    )
    rev: int = 0


class AuditException(Row, table=True):
    """Somebody audits in spite of a conflict (独立性例外): one asks for it, another grants."""

    __tablename__ = "audit_exception"
    __table_args__ = (
        sa.CheckConstraint("decided_by_id <> asked_by_id", name="second_person"),
        sa.CheckConstraint("decided_by_id <> person_id", name="not_for_oneself"),
    )

    id: int | None = Field(default=None, primary_key=True)
    audit_id: int = Field(foreign_key="audit.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    conflicts: list[list[Any]] = Field(sa_type=sa.JSON)
    reason: str = Field(sa_type=sa.Text)
    asked_by_id: int = Field(foreign_key="person.id")
    asked_at: datetime
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = None
    granted: bool | None = None
    note: str | None = Field(default=None, sa_type=sa.Text)


class AuditProof(Row, table=True):
    """What was asked about one auditor's independence, and answered (独立性证明): never changed.

    `facts` are what the rule was given, `hash` is of everything in the row.
    """

    __tablename__ = "audit_proof"
    __table_args__ = (
        sa.UniqueConstraint("audit_id", "person_id", "hash", name="uq_audit_proof_of"),
        # No proof with a conflict but by exception: the database itself says no.
        sa.CheckConstraint("conflicts = 0 OR exception_id IS NOT NULL", name="independent"),
        sa.CheckConstraint("length(hash) = 64", name="hash"),
    )

    id: int | None = Field(default=None, primary_key=True)
    audit_id: int = Field(foreign_key="audit.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    at: datetime
    facts: dict[str, Any] = Field(sa_type=sa.JSON)
    conflicts: int
    exception_id: int | None = Field(default=None, foreign_key="audit_exception.id")
    hash: str = Field(max_length=64)


class AuditTeam(Row, table=True):
    """Who audits (审核组): written by `processes/audit/team.py` alone, never without its proof."""

    __tablename__ = "audit_team"
    __table_args__ = (
        sa.UniqueConstraint("audit_id", "person_id"),
        sa.ForeignKeyConstraint(
            ["audit_id", "person_id", "proof"],
            ["audit_proof.audit_id", "audit_proof.person_id", "audit_proof.hash"],
            name="fk_audit_team_proof",
        ),
        sa.CheckConstraint("role IN ('lead', 'auditor')", name="role"),
    )

    id: int | None = Field(default=None, primary_key=True)
    audit_id: int = Field(foreign_key="audit.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    role: str = Field(max_length=16)
    proof: str = Field(max_length=64)
    at: datetime


class AuditAgenda(Row, table=True):
    """One entry of the timetable (审核日程): when, with which clauses, by whom."""

    __tablename__ = "audit_agenda"
    __table_args__ = (sa.UniqueConstraint("audit_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    audit_id: int = Field(foreign_key="audit.id", index=True)
    number: int
    what: str = Field(max_length=32)  # opening, clauses, findings, closing
    begins_at: datetime
    ends_at: datetime
    clauses: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    person_id: int | None = Field(default=None, foreign_key="person.id")


class ChecklistLine(Row, table=True):
    """One line of the checklist (检查表): a clause, what to look at, what was seen and judged."""

    __tablename__ = "audit_checklist"
    __table_args__ = (sa.UniqueConstraint("audit_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    audit_id: int = Field(foreign_key="audit.id", index=True)
    number: int
    clause: str = Field(max_length=64)
    requirement: str = Field(sa_type=sa.Text)
    method: str = Field(max_length=32)  # documents, records, interview, site
    person_id: int | None = Field(default=None, foreign_key="person.id")
    verdict: str | None = Field(default=None, max_length=16)  # a grade, or not_applicable
    sample: str = Field(default="", sa_type=sa.Text)
    evidence: str = Field(default="", sa_type=sa.Text)
    gap: str = Field(default="", sa_type=sa.Text)


class Finding(Row, table=True):
    """What was found (审核发现): requirement, evidence and gap, and the auditee's word on it."""

    __tablename__ = "audit_finding"
    __table_args__ = (sa.UniqueConstraint("audit_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    audit_id: int = Field(foreign_key="audit.id", index=True)
    number: int
    code: str = Field(max_length=64, unique=True)  # IA-2026-NET-03-F1
    line_id: int | None = Field(default=None, foreign_key="audit_checklist.id")
    clause: str = Field(max_length=64)
    grade: str = Field(max_length=16)  # conformity, major, minor, observation, opportunity
    requirement: str = Field(default="", sa_type=sa.Text)
    evidence: str = Field(default="", sa_type=sa.Text)
    gap: str = Field(default="", sa_type=sa.Text)
    # noted (nothing to answer), asked, confirmed, disputed, upheld (withdrawn), overruled, merged
    state: str = Field(default="noted", max_length=16)
    answered_by_id: int | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime | None = None
    answer: str | None = Field(default=None, sa_type=sa.Text)
    merged_into: str | None = Field(default=None, max_length=64)
    nonconformity: str | None = Field(default=None, max_length=64, index=True)
    carried_by_id: int | None = Field(default=None, foreign_key="person.id")
    carried_at: datetime | None = None
    carried_reason: str | None = Field(default=None, sa_type=sa.Text)


class MeetingInvite(Row, table=True):
    """A meeting in calendars (会议邀请): one UID for ever, the sequence rises with changes."""

    __tablename__ = "meeting_invite"
    __table_args__ = (sa.UniqueConstraint("audit_id", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    audit_id: int = Field(foreign_key="audit.id", index=True)
    kind: str = Field(max_length=16)  # opening, closing
    uid: str = Field(max_length=200, unique=True)
    sequence: int = 0
    cancelled: bool = False
    begins_at: datetime
    ends_at: datetime
    place: str = Field(default="", max_length=200)
    invited: list[int] = Field(default_factory=list, sa_type=sa.JSON)


class AuditReport(Row, table=True):
    """The report of an audit (审核报告): what it says, word for word, and who approved it."""

    __tablename__ = "audit_report"
    __table_args__ = (sa.UniqueConstraint("audit_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    audit_id: int = Field(foreign_key="audit.id", index=True)
    version: int = 1
    state: str = Field(default="submitted", max_length=16)  # submitted, returned, approved
    author_id: int = Field(foreign_key="person.id")
    written_at: datetime
    content: dict[str, Any] = Field(sa_type=sa.JSON)
    approved_at: datetime | None = None
    approved_by_id: int | None = Field(default=None, foreign_key="person.id")
