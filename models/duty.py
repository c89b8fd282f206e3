"""Everything that a person owes by a time (待办), and what was to be said about it.

A duty is issued, and later discharged or withdrawn; nothing else ends it. `next_at` says when
its next step is due, and `rev` makes each step a claim: whoever moves it first has taken it.
The ladder is a copy made at issue, so that a new policy does not rewrite an old promise.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row, by_value
from rules.words import DutyState, LetterKind, Severity


class Duty(Row, table=True):
    """One thing owed by one person by one instant (UTC).

    `nth` counts the steps taken in this `episode` (an extension begins a new one), `level` the
    people told above the owner in it. `first_due_at` keeps the first promise. `entered_at` is
    set where it was entered later than it says (an import); `handed_at_level` is the level that
    had been told when it changed hands; `late_since` is when the next step should have been
    taken, if the service stood still then.
    """

    __tablename__ = "duty"
    __table_args__ = (
        sa.Index(
            "ix_duty_next_at_open",
            "next_at",
            "id",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
        sa.Index(  # what is overdue, in the order in which it fell due
            "ix_duty_due_at_open",
            "due_at",
            "id",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
        sa.Index("ix_duty_subject", "subject_kind", "subject"),
        sa.Index("ix_duty_owner_state", "owner_id", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=32)
    subject_kind: str = Field(max_length=32)  # "nonconformity", "duty" (an extension), …
    subject: str = Field(max_length=64)  # the code of the thing owed about
    title: str = Field(max_length=300)  # what it was called at issue
    project: str | None = Field(default=None, max_length=64)
    round: int = 1
    owner_id: int = Field(foreign_key="person.id")
    issued_at: datetime
    due_at: datetime
    first_due_at: datetime
    severity: Severity = Field(default=Severity.MINOR, sa_type=by_value(Severity))
    state: DutyState = Field(default=DutyState.OPEN, sa_type=by_value(DutyState))
    ladder: dict[str, Any] = Field(sa_type=sa.JSON)
    calendar: str = Field(max_length=64)
    episode: int = 1
    level: int = 0
    nth: int = 0
    acknowledged_level: int = -1  # the level whose acknowledgement has already moved a step
    extensions: int = 0
    next_at: datetime
    entered_at: datetime | None = None
    late_since: datetime | None = None
    handed_at_level: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    rev: int = 0
    ended_at: datetime | None = None
    ended_by_id: int | None = Field(default=None, foreign_key="person.id")


class Line(Row, table=True):
    """One thing to be told to one person: `duty:{id}:{episode}:{nth}:{letter}:{person}`.

    `person_id` receives; `on_behalf_of_id` is the absent person represented. A line without a
    notice has not been put into a mail yet. `facts` are what the letter needs and rows forget:
    who was passed over and why, the how-manieth time, what was decided.
    """

    __tablename__ = "line"
    __table_args__ = (
        sa.Index("ix_line_duty_episode", "duty_id", "episode"),
        sa.Index(  # of lines without a mail, `ix_line_waiting` is the one to ask
            "ix_line_notice_id",
            "notice_id",
            sqlite_where=sa.text("notice_id IS NOT NULL"),
            postgresql_where=sa.text("notice_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_line_waiting",
            "person_id",
            sqlite_where=sa.text("notice_id IS NULL AND dropped_at IS NULL"),
            postgresql_where=sa.text("notice_id IS NULL AND dropped_at IS NULL"),
        ),
        sa.Index(
            "ix_line_stood_in",
            "on_behalf_of_id",
            sqlite_where=sa.text("on_behalf_of_id IS NOT NULL"),
            postgresql_where=sa.text("on_behalf_of_id IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=120, unique=True)
    duty_id: int | None = Field(default=None, foreign_key="duty.id")  # None: code, sign-in, alarm
    episode: int = 1
    nth: int = 0
    letter: LetterKind = Field(sa_type=by_value(LetterKind))
    level: int | None = None
    person_id: int | None = Field(default=None, foreign_key="person.id")  # None: the operator
    on_behalf_of_id: int | None = Field(default=None, foreign_key="person.id")
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    created_at: datetime
    notice_id: int | None = Field(default=None, foreign_key="notice.id")
    dropped_at: datetime | None = None  # closed before anything was sent: told no more
    set_aside_until: datetime | None = None  # could not be rendered; tried again then


class Answer(Row, table=True):
    """What was answered to a duty, by whom, how (答复记录): the audit evidence of its end."""

    __tablename__ = "answer"

    id: int | None = Field(default=None, primary_key=True)
    duty_id: int = Field(foreign_key="duty.id", index=True)
    act: str = Field(max_length=32)  # answer, acknowledge, ask_extension
    person_id: int = Field(foreign_key="person.id")
    on_behalf_of_id: int | None = Field(default=None, foreign_key="person.id")
    via: str = Field(max_length=300)  # "link of 7 from 10.1.2.3", "session …", "operator O"
    data: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    at: datetime
