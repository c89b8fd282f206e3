"""The annual quality plan (年度运维服务质量管理计划), its lines, and its dated activities.

A plan is one version for one year; a change is another version with its reason. A line says
what is done about which object, how often, by whom, checked by whom, and what record it leaves.
An activity is one such thing on one day: it outlives the version that planned it.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row, by_value


class PlanState(StrEnum):
    """The life of one version."""

    DRAFT = "draft"  # 编制中
    SUBMITTED = "submitted"  # 审批中
    IN_FORCE = "in_force"  # 已生效
    REPLACED = "replaced"  # 已被新版本替代


class ActivityState(StrEnum):
    """The life of one activity; late is not a state but a comparison with a day."""

    PLANNED = "planned"  # 未开始
    OPEN = "open"  # 进行中
    DONE = "done"  # 已完成
    CANCELLED = "cancelled"  # 已取消


class Plan(Row, table=True):
    """One version of the plan for one year. `code` is the year as people write it: "2026".

    `objectives` are rows of indicator, definition, target, period; `roles` of role and what it
    answers for. `readers` are codes of people or roles to whom it is handed out.
    """

    __tablename__ = "plan"
    __table_args__ = (sa.UniqueConstraint("code", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=32)
    year: int = Field(index=True)
    version: int = 1
    number: str = Field(default="", max_length=64)  # of the document: QMP-2026
    title: str = Field(max_length=300)
    purpose: str = Field(default="", sa_type=sa.Text)
    scope: str = Field(default="", sa_type=sa.Text)
    objectives: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    roles: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    readers: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    state: PlanState = Field(default=PlanState.DRAFT, sa_type=by_value(PlanState))
    change_reason: str = Field(default="", sa_type=sa.Text)
    author_id: int | None = Field(default=None, foreign_key="person.id")
    drafted_at: datetime
    in_force_at: datetime | None = None
    replaced_at: datetime | None = None


class PlanItem(Row, table=True):
    """One line of a version. `number` is the line's own and stays over the versions: "03".

    `object_kind` is organisation, projects (each one under contract on the day), project, units
    or unit; `object` the code where one is meant. `rule` is an RFC 5545 recurrence; of each of
    its days the `working_day`-th working day is meant: 1 on or after it, -1 on or before it,
    0 the day itself. `lead_days` working days before it the activity opens. `owner` and
    `checker` are a role or a person's code.
    """

    __tablename__ = "plan_item"
    __table_args__ = (sa.UniqueConstraint("plan_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id", index=True)
    number: str = Field(max_length=16)
    kind: str = Field(max_length=32)  # project_quality_check, internal_audit, …
    title: str = Field(max_length=300)
    detail: str = Field(default="", sa_type=sa.Text)
    object_kind: str = Field(default="organisation", max_length=16)
    object: str = Field(default="", max_length=160)
    rule: str = Field(max_length=300)
    working_day: int = 1
    lead_days: int = 0
    owner: str = Field(max_length=64)
    checker: str = Field(default="", max_length=64)
    output: str = Field(default="", max_length=300)
    source: str = Field(default="", max_length=300)  # the improvement or decision behind it


class Activity(Row, table=True):
    """One planned thing on one day (计划活动). Days are local to the site.

    `nominal_on` is the day of the recurrence rule, before the calendar moved it; with year, line
    and object it makes the activity the same however often the plan is expanded.
    `first_planned_on` is kept when `planned_on` is postponed. `due_at` is set when it opens.
    """

    __tablename__ = "activity"
    __table_args__ = (
        sa.Index(
            "ix_activity_waiting",
            "opens_on",
            sqlite_where=sa.text("state = 'planned'"),
            postgresql_where=sa.text("state = 'planned'"),
        ),
        sa.Index("ix_activity_planned_on", "planned_on"),
        sa.Index("ix_activity_project", "project", "kind"),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    plan: str = Field(max_length=32, index=True)  # code of the plan, whatever its version
    item: str = Field(max_length=16)  # number of the line
    version: int = 1  # of the plan that meant it last
    kind: str = Field(max_length=32)
    title: str = Field(max_length=300)
    detail: str = Field(default="", sa_type=sa.Text)
    object_kind: str = Field(max_length=16)  # organisation, project, unit
    object: str = Field(default="", max_length=160)
    project: str | None = Field(default=None, max_length=64)
    unit: str | None = Field(default=None, max_length=160)
    nominal_on: date
    first_planned_on: date
    planned_on: date
    opens_on: date
    owner: str = Field(max_length=64)  # a role or a person's code
    checker: str = Field(default="", max_length=64)
    output: str = Field(default="", max_length=300)
    owner_id: int | None = Field(default=None, foreign_key="person.id")  # set when it opens
    checker_id: int | None = Field(default=None, foreign_key="person.id")
    state: ActivityState = Field(default=ActivityState.PLANNED, sa_type=by_value(ActivityState))
    opened_at: datetime | None = None
    caught_up: bool = False  # opened later than planned, because the service was down
    due_at: datetime | None = None
    duty_id: int | None = Field(default=None, foreign_key="duty.id", index=True)
    done_at: datetime | None = None
    done_on: date | None = None
    done_hands: list[int] = Field(default_factory=list, sa_type=sa.JSON)  # may not check it
    result: str = Field(default="", sa_type=sa.Text)
    record: str = Field(default="", max_length=300)  # which record shows it: CK-2026-0003
    cancelled_at: datetime | None = None
    cancel_reason: str = Field(default="", max_length=300)


class ActivityChange(Row, table=True):
    """A request to postpone or cancel a planned activity, and what was decided (活动变更)."""

    __tablename__ = "activity_change"

    id: int | None = Field(default=None, primary_key=True)
    activity_id: int = Field(foreign_key="activity.id", index=True)
    until: date | None = None  # None: to be cancelled
    reason: str = Field(sa_type=sa.Text)
    asked_by_id: int = Field(foreign_key="person.id")
    asked_at: datetime
    duty_id: int | None = Field(default=None, foreign_key="duty.id", index=True)
    was_planned_on: date
    granted: bool | None = None
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = None
    note: str = Field(default="", sa_type=sa.Text)


class Improvement(Row, table=True):
    """Something that one cycle found and the next plan should take up (改进建议)."""

    __tablename__ = "improvement"
    __table_args__ = (sa.UniqueConstraint("source", "ref", "cycle"),)

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=32)  # quality_check, kpi, internal_audit, nonconformity, …
    ref: str = Field(max_length=120)  # what it follows from, within its source
    cycle: str = Field(max_length=32, index=True)  # the year it was found in: "2026"
    text: str = Field(sa_type=sa.Text)
    proposed_at: datetime
    taken_into: str | None = Field(default=None, max_length=32)  # the plan that took it up
    taken_item: str | None = Field(default=None, max_length=16)
