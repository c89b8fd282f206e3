"""Documents on their way to being in force (编制—审核—批准), and who has received them (签收).

One row stands for one version of one document, whatever its kind: a plan, a programme, a
report. Whoever had a hand in a step is kept as a list of people, the absent one and his delegate
alike, because three different people have to be behind the three steps.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row, by_value
from rules.approval import ApprovalState as State


class Approval(Row, table=True):
    """One version of a document: drawn up, reviewed, approved, or sent back with a reason.

    `duty_id` is the duty by which its present step is owed; `round` counts how often it was
    submitted. Candidates are ids in the order in which they are asked.
    """

    __tablename__ = "approval"
    __table_args__ = (sa.UniqueConstraint("kind", "code", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=32)
    code: str = Field(max_length=64)
    version: int
    title: str = Field(max_length=300)
    project: str | None = Field(default=None, max_length=64)
    summary: str = Field(default="", sa_type=sa.Text)
    state: State = Field(default=State.REVIEW, sa_type=by_value(State))
    round: int = 1
    duty_id: int | None = Field(default=None, foreign_key="duty.id", index=True)
    author_id: int = Field(foreign_key="person.id")
    author_hands: list[int] = Field(default_factory=list, sa_type=sa.JSON)
    reviewers: list[int] = Field(default_factory=list, sa_type=sa.JSON)
    approvers: list[int] = Field(default_factory=list, sa_type=sa.JSON)
    readers: list[int] = Field(default_factory=list, sa_type=sa.JSON)
    submitted_at: datetime
    reviewed_at: datetime | None = None
    reviewed_by_id: int | None = Field(default=None, foreign_key="person.id")
    review_hands: list[int] = Field(default_factory=list, sa_type=sa.JSON)
    review_note: str = Field(default="", sa_type=sa.Text)
    approved_at: datetime | None = None
    approved_by_id: int | None = Field(default=None, foreign_key="person.id")
    approval_note: str = Field(default="", sa_type=sa.Text)
    returned_at: datetime | None = None
    returned_by_id: int | None = Field(default=None, foreign_key="person.id")
    returned_reason: str = Field(default="", sa_type=sa.Text)


class Reading(Row, table=True):
    """One person to whom an approved version was handed out (分发与签收)."""

    __tablename__ = "reading"
    __table_args__ = (sa.UniqueConstraint("approval_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    approval_id: int = Field(foreign_key="approval.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    duty_id: int | None = Field(default=None, foreign_key="duty.id", index=True)
    handed_out_at: datetime
    read_at: datetime | None = None
    read_by_id: int | None = Field(default=None, foreign_key="person.id")
