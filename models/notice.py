"""The outbox (发件箱): one row is one mail, its bytes finished before anything is sent.

A notice is written in the transaction that gathers its lines, and sent by claim, call and
settle. `message_id` comes from the key and the bytes are frozen at the first attempt, so a
second copy, when SMTP leaves no other way, is the same letter and not another.
"""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row, by_value


class NoticeState(StrEnum):
    """pending → leased → sent; cancelled when nothing in it is open.

    Dead: the address is refused for good. Refused: the relay takes others, and this mail not.
    """

    PENDING = "pending"
    LEASED = "leased"
    SENT = "sent"
    DEAD = "dead"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Notice(Row, table=True):
    """One mail to one person. `rank` orders sending under a relay's limit: lower goes first."""

    __tablename__ = "notice"
    __table_args__ = (
        sa.Index(
            "ix_notice_next_try",
            "next_try_at",
            "rank",
            "id",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        ),
        sa.Index(
            "ix_notice_lease_until",
            "lease_until",
            sqlite_where=sa.text("state = 'leased'"),
            postgresql_where=sa.text("state = 'leased'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=140, unique=True)
    letter: str = Field(max_length=32)
    rank: int = 50
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    address: str = Field(max_length=254)
    message_id: str = Field(max_length=200, unique=True)
    thread: str | None = Field(default=None, max_length=200)
    subject: str = Field(default="", max_length=300)
    mime_hash: str = Field(max_length=64)
    created_at: datetime
    state: NoticeState = Field(default=NoticeState.PENDING, sa_type=by_value(NoticeState))
    next_try_at: datetime
    lease_token: int = 0
    lease_until: datetime | None = None
    leased_by: str | None = Field(default=None, max_length=80)  # `models/lifetime.py`
    attempts: int = 0
    offered_at: datetime | None = None  # set before its final dot: a crash from here on is unsure
    ambiguous_at: datetime | None = None
    copies: int = 0  # final dots without an answer: each may be one copy more than was recorded
    error: str | None = Field(default=None, max_length=500)
    smtp_code: int | None = None
    sent_at: datetime | None = None


class NoticeBytes(Row, table=True):
    """The finished bytes of one mail, in a row of their own, dropped after the policy's days.

    A mail changes its state three times at least, and a database writes the whole row each time:
    beside the bytes that would be the bytes again.
    """

    __tablename__ = "notice_bytes"

    notice_id: int = Field(primary_key=True, foreign_key="notice.id")
    mime: bytes


class Suppression(Row, table=True):
    """An address that a server has refused for good; nothing more is sent to it."""

    __tablename__ = "suppression"

    address: str = Field(primary_key=True, max_length=254)
    reason: str = Field(max_length=500)
    since: datetime
