"""Service tickets as their log tells them (工单): several rows of a log folded into one.

Only what indicators are computed from is kept. A log is imported as often as it is exported:
what is the same changes nothing.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row


class TicketLog(Row, table=True):
    """A log under its source's name, as it was last read (工单日志)."""

    __tablename__ = "ticket_log"

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=64, unique=True)
    file: str = Field(max_length=200)
    sha256: str = Field(max_length=64)  # of the file
    mapping_sha256: str = Field(default="", max_length=64)
    events: int = 0
    tickets: int = 0
    unknown: str = Field(default="-", max_length=16)  # how the log writes what it does not know
    imported_at: datetime
    first_at: datetime | None = None  # when the log was first brought in
    newest_at: datetime | None = None  # the latest instant that the log holds of anything
    # What its mapping says of figures: resolved and due named or not, clock, targets.
    terms: dict[str, Any] = Field(
        default_factory=dict, sa_column=sa.Column(sa.JSON, nullable=False)
    )
    actor: str = Field(max_length=64)


class Ticket(Row, table=True):
    """One ticket in its final state; instants UTC, unknown is None."""

    __tablename__ = "ticket"
    __table_args__ = (
        sa.UniqueConstraint("log_id", "number"),
        sa.Index("ix_ticket_log_opened", "log_id", "opened_at"),
        sa.Index("ix_ticket_log_resolved", "log_id", "resolved_at"),
        sa.Index("ix_ticket_log_closed", "log_id", "closed_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    log_id: int = Field(foreign_key="ticket_log.id")
    number: str = Field(max_length=64)
    opened_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    due_at: datetime | None = None
    updated_at: datetime | None = None
    priority: str | None = Field(default=None, max_length=120)
    group: str | None = Field(default=None, max_length=120)
    project: str | None = Field(default=None, max_length=120)
    reopened: int | None = None
    met_sla: bool | None = None
    waited: int | None = None  # seconds, where the log tells a bare length
    # Spans in which the clock stands still: from, until or null; instants in UTC.
    pauses: list[Any] | None = Field(
        default=None, sa_column=sa.Column(sa.JSON(none_as_null=True), nullable=True)
    )
    events: int = 1
