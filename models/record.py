"""What the system remembers about itself (系统记录): trail, alarms, holds, codes, cycles."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row


class Trail(Row, table=True):
    """One act, chained to the one before by hash (审计轨迹): append only, person ids, no names."""

    __tablename__ = "trail"

    seq: int | None = Field(default=None, primary_key=True)
    at: datetime
    actor: str = Field(max_length=64)  # "person:7", "operator:root", "clock"
    on_behalf_of: str | None = Field(default=None, max_length=64)
    action: str = Field(max_length=64)
    subject: str = Field(max_length=120, index=True)  # "nonconformity:NC-2026-0001", "duty:3"
    before: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON(none_as_null=True))
    after: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON(none_as_null=True))
    prev_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64, unique=True)


class TrailHead(Row, table=True):
    """The chain's last link, locked by whoever appends: one row, id 1."""

    __tablename__ = "trail_head"

    id: int = Field(default=1, primary_key=True)
    seq: int = 0
    hash: str = Field(default="0" * 64, max_length=64)


class Alarm(Row, table=True):
    """Something an operator must mend (告警); one open row per kind and ref."""

    __tablename__ = "alarm"
    __table_args__ = (
        sa.Index(
            "ix_alarm_open",
            "kind",
            "ref",
            unique=True,
            sqlite_where=sa.text("cleared_at IS NULL"),
            postgresql_where=sa.text("cleared_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=64)
    ref: str = Field(max_length=120)
    message: str = Field(max_length=500)
    first_at: datetime
    last_at: datetime
    cleared_at: datetime | None = None


class Hold(Row, table=True):
    """An operator's pause of a flow, which the clock obeys (暂停)."""

    __tablename__ = "hold"

    flow: str = Field(primary_key=True, max_length=64)
    since: datetime
    by: str = Field(max_length=120)


class Code(Row, table=True):
    """A signature code mailed to one person for one content (签署验证码): used once, 5 tries."""

    __tablename__ = "code"
    __table_args__ = (sa.Index("ix_code_person_at", "person_id", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    duty_id: int = Field(foreign_key="duty.id")
    content_hash: str = Field(max_length=64)
    code_hash: str = Field(max_length=64)
    at: datetime
    expires_at: datetime
    tries: int = 0
    used_at: datetime | None = None


class Lease(Row, table=True):
    """Who may do a thing that only one may do at a time (租约), fenced by its token."""

    __tablename__ = "lease"

    name: str = Field(primary_key=True, max_length=64)
    holder: str = Field(default="", max_length=120)
    token: int = 0
    until: datetime


class Beat(Row, table=True):
    """When a part of the service last did its work (心跳): what `/health` and alarms judge by."""

    __tablename__ = "beat"

    name: str = Field(primary_key=True, max_length=64)
    at: datetime
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)


class Stamp(Row, table=True):
    """A random mark that triggers renew with every change of some tables (变更印记).

    Whoever keeps a copy in memory compares marks: a counter would come back to a number it
    had before when a transaction is rolled back, a random mark does not.
    """

    __tablename__ = "stamp"

    name: str = Field(primary_key=True, max_length=64)
    mark: str = Field(max_length=64)


class Cycle(Row, table=True):
    """One turn of Plan-Do-Check-Act over a year, quarter or month (PDCA 周期)."""

    __tablename__ = "cycle"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=32, unique=True)  # "2026", "2026-Q3", "2026-09"
    kind: str = Field(max_length=16)
    starts_on: date
    ends_on: date
    opened_at: datetime
    closed_at: datetime | None = None
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
