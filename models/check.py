"""Project quality checks (运维服务项目质量检查): planned, opened, done; what was found, by point.

A check keeps the version of the sheet that it was opened with, and what was found is append
only: triggers refuse UPDATE and DELETE of `check_line`, as they do of the trail.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row, by_value
from models.kpi import Exact
from rules.check import CheckKind, CheckState, Conclusion, Result
from rules.words import Severity


class CheckSheetVersion(Row, table=True):
    """One version of a sheet, word for word as it was when it was first used."""

    __tablename__ = "check_sheet"
    __table_args__ = (sa.UniqueConstraint("code", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64)
    version: int
    hash: str = Field(max_length=64)
    body: dict[str, Any] = Field(sa_type=sa.JSON)
    at: datetime


class Check(Row, table=True):
    """One check of one project. `planned_on` never changes, however late it is opened.

    `carried` are the observations asked again here: their key on the sheet, check and point.
    `points` narrows a follow-up to what was found before; None is the whole sheet.
    """

    __tablename__ = "quality_check"
    __table_args__ = (
        sa.UniqueConstraint("activity"),
        sa.Index("ix_check_project_performed", "project", "performed_on"),
        sa.Index("ix_check_state_planned", "state", "planned_on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    project: str = Field(max_length=64)
    unit: str | None = Field(default=None, max_length=160)  # the project's at opening
    kind: CheckKind = Field(default=CheckKind.ROUTINE, sa_type=by_value(CheckKind))
    state: CheckState = Field(default=CheckState.PLANNED, sa_type=by_value(CheckState))
    planned_on: date
    activity: str | None = Field(default=None, max_length=120)  # of the annual plan
    follows: str | None = Field(default=None, max_length=64)  # the check that a 复查 looks after
    points: list[str] | None = Field(default=None, sa_type=sa.JSON(none_as_null=True))
    carried: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    sheet_id: int | None = Field(default=None, foreign_key="check_sheet.id")
    wanted_id: int | None = Field(default=None, foreign_key="person.id")  # asked for by name
    inspector_id: int | None = Field(default=None, foreign_key="person.id")
    manager_id: int | None = Field(default=None, foreign_key="person.id")  # whose work is checked
    exception_id: int | None = Field(default=None, foreign_key="exception.id")
    created_at: datetime
    opened_at: datetime | None = None
    due_at: datetime | None = None
    performed_on: date | None = None
    performed_at: datetime | None = None
    score: Decimal | None = Field(default=None, sa_type=Exact)
    conclusion: Conclusion | None = Field(default=None, sa_type=by_value(Conclusion))
    findings: int = 0
    observations: int = 0
    summary: str = Field(default="", sa_type=sa.Text)
    cancelled_why: str | None = Field(default=None, sa_type=sa.Text)
    brought_in: dict[str, Any] | None = Field(  # from a register kept elsewhere
        default=None, sa_type=sa.JSON(none_as_null=True)
    )


class CheckLine(Row, table=True):
    """What was found at one point of one check (检查记录): append only."""

    __tablename__ = "check_line"
    __table_args__ = (
        sa.UniqueConstraint("check_id", "key"),
        sa.Index("ix_check_line_point", "point", "result"),
    )

    id: int | None = Field(default=None, primary_key=True)
    check_id: int = Field(foreign_key="quality_check.id")
    key: str = Field(max_length=120)
    point: str = Field(max_length=64)  # of an earlier observation: the point that it was about
    number: str = Field(max_length=16)
    result: Result = Field(sa_type=by_value(Result))
    weight: Decimal = Field(sa_type=Exact)
    evidence: str = Field(default="", sa_type=sa.Text)
    problem: str = Field(default="", sa_type=sa.Text)
    severity: Severity | None = Field(default=None, sa_type=by_value(Severity))
    nonconformity: str | None = Field(default=None, max_length=64)
    follows_line_id: int | None = Field(default=None, foreign_key="check_line.id")


class CarriedLine(Row, table=True):
    """An observation that a later check asks about (观察项跟踪): each is carried once."""

    __tablename__ = "check_carried"

    line_id: int = Field(primary_key=True, foreign_key="check_line.id")
    check_id: int = Field(foreign_key="quality_check.id", index=True)


class CheckerRequest(Row, table=True):
    """A checker who is not independent, asked for with a reason (检查人例外申请)."""

    __tablename__ = "checker_request"

    id: int | None = Field(default=None, primary_key=True)
    check_id: int = Field(foreign_key="quality_check.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    conflicts: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    asked_by_id: int = Field(foreign_key="person.id")
    reason: str = Field(sa_type=sa.Text)
    asked_at: datetime
    duty_id: int | None = Field(default=None, foreign_key="duty.id", index=True)
    granted: bool | None = None
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = None
    note: str = Field(default="", sa_type=sa.Text)
