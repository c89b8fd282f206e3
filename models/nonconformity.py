"""The register of nonconformities (不符合项台账) and the rounds of answering them.

A nonconformity keeps one state; each round (轮次) keeps what was found to be the cause, what
was planned, done and verified in it. An ineffective verification begins another round, and
the earlier one stays as it was: that is the evidence.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row, by_value
from rules.words import Risk, Severity


class Nonconformity(Row, table=True):
    """A requirement not met (actual) or about not to be met (potential 潜在)."""

    __tablename__ = "nonconformity"
    __table_args__ = (
        sa.Index("ix_nonconformity_state_severity", "state", "severity"),
        sa.Index("ix_nonconformity_recurrence", "project", "clause", "cause_key"),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    title: str = Field(max_length=300)
    description: str = Field(default="", sa_type=sa.Text)
    source: str = Field(default="daily", max_length=64)
    source_record: str | None = Field(default=None, max_length=120)
    potential: bool = False
    project: str | None = Field(default=None, max_length=64)
    unit: str | None = Field(default=None, max_length=160)
    clause: str | None = Field(default=None, max_length=64)
    severity: Severity = Field(default=Severity.MINOR, sa_type=by_value(Severity))
    severity_reason: str | None = Field(default=None, max_length=300)
    risk: Risk = Field(default=Risk.NORMAL, sa_type=by_value(Risk))
    priority: int = 0
    priority_reason: str = Field(default="", max_length=300)
    state: str = Field(default="raised", max_length=32)
    rounds: int = 1
    ineffective: int = 0
    owner_id: int = Field(foreign_key="person.id", index=True)
    raised_by_id: int | None = Field(default=None, foreign_key="person.id")
    raised_at: datetime
    due_at: datetime
    first_due_at: datetime  # the first promise; an agreed plan or an extension moves `due_at`
    closed_at: datetime | None = None
    void_reason: str | None = Field(default=None, sa_type=sa.Text)
    straight_up_at: datetime | None = None
    straight_up_reason: str | None = Field(default=None, max_length=300)
    cause_key: str | None = Field(default=None, max_length=64)  # normalised cause, for recurrence
    recurs_from: str | None = Field(default=None, max_length=64)  # code of the earlier one
    brought_in: dict[str, Any] | None = Field(  # from a register kept elsewhere: when, what unknown
        default=None, sa_type=sa.JSON(none_as_null=True)
    )
    rev: int = 0


class Round(Row, table=True):
    """One round from cause to verification (一轮整改)."""

    __tablename__ = "round"
    __table_args__ = (sa.UniqueConstraint("nonconformity_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    nonconformity_id: int = Field(foreign_key="nonconformity.id", index=True)
    number: int = 1
    method: str | None = Field(default=None, max_length=32)
    cause: str | None = Field(default=None, sa_type=sa.Text)
    correction: str | None = Field(default=None, sa_type=sa.Text)
    corrective_action: str | None = Field(default=None, sa_type=sa.Text)
    preventive_action: str | None = Field(default=None, sa_type=sa.Text)
    look_elsewhere: str | None = Field(default=None, sa_type=sa.Text)
    planned_on: date | None = None
    planned_by_id: int | None = Field(default=None, foreign_key="person.id")
    agreed_by_id: int | None = Field(default=None, foreign_key="person.id")
    agreed_at: datetime | None = None
    done: str | None = Field(default=None, sa_type=sa.Text)
    evidence_note: str | None = Field(default=None, sa_type=sa.Text)
    done_by_id: int | None = Field(default=None, foreign_key="person.id")
    done_at: datetime | None = None
    done_hands: list[int] = Field(default_factory=list, sa_type=sa.JSON)  # may not verify it
    planned_hands: list[int] = Field(default_factory=list, sa_type=sa.JSON)  # may not agree
    verified_by_id: int | None = Field(default=None, foreign_key="person.id")
    verified_at: datetime | None = None
    effective: bool | None = None
    verification_note: str | None = Field(default=None, sa_type=sa.Text)
    effect_holds: bool | None = None  # a major one, looked at again after 90 days
    effect_by_id: int | None = Field(default=None, foreign_key="person.id")
    effect_at: datetime | None = None
    effect_note: str | None = Field(default=None, sa_type=sa.Text)


class Counter(Row, table=True):
    """The last number given in a series of codes, such as NC-2026 (编号序列)."""

    __tablename__ = "counter"

    series: str = Field(primary_key=True, max_length=64)
    last: int = 0


class GateException(Row, table=True):
    """A gate passed by decision of a second person (例外放行): a record, never a silence."""

    __tablename__ = "exception"

    id: int | None = Field(default=None, primary_key=True)
    gate: str = Field(max_length=64)
    subject_kind: str = Field(max_length=32)
    subject: str = Field(max_length=64)
    asked_by_id: int = Field(foreign_key="person.id")
    granted_by_id: int = Field(foreign_key="person.id")
    reason: str = Field(sa_type=sa.Text)
    at: datetime


class Evidence(Row, table=True):
    """A file attached to a duty (证据): kept under a generated name outside any web root."""

    __tablename__ = "evidence"

    id: int | None = Field(default=None, primary_key=True)
    duty_id: int = Field(foreign_key="duty.id", index=True)
    subject_kind: str = Field(max_length=32)
    subject: str = Field(max_length=64, index=True)
    name: str = Field(max_length=200)  # as the person called it, for display only
    content_type: str = Field(max_length=100)
    size: int
    sha256: str = Field(max_length=64)
    path: str = Field(max_length=200, unique=True)  # relative to the evidence folder
    by_id: int = Field(foreign_key="person.id")
    at: datetime
    keep_until: date | None = None
    deleted_at: datetime | None = None
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
