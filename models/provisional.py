"""Answers by link that may be a mail scanner's (暂定答复), and what a person has answered with.

A provisional answer keeps what the rows were that it changed, so that "that was not me" brings
them back. It stays as evidence whatever became of it.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, col

from models.base import Row, by_value, columns
from models.duty import Line
from rules.provisional import Doubt, Standing
from rules.words import LetterKind


class Provisional(Row, table=True):
    """One act by link that its person has not confirmed, or how that ended."""

    __tablename__ = "provisional"
    __table_args__ = (
        sa.Index(  # an answer not yet settled holds a duty's next letter back
            "ix_provisional_open",
            "duty_id",
            sqlite_where=sa.text("standing = 'open'"),
            postgresql_where=sa.text("standing = 'open'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    duty_id: int = Field(foreign_key="duty.id", index=True)
    answer_id: int | None = Field(default=None, foreign_key="answer.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    act: str = Field(max_length=32)
    doubt: Doubt = Field(sa_type=by_value(Doubt))
    standing: Standing = Field(default=Standing.OPEN, sa_type=by_value(Standing))
    given_at: datetime
    until: datetime
    settled_at: datetime | None = None
    browser: str | None = Field(default=None, max_length=64)
    network: str | None = Field(default=None, max_length=64)
    changed: list[list[Any]] = Field(default_factory=list, sa_type=sa.JSON)  # [table, key, was, is]
    made: list[list[Any]] = Field(default_factory=list, sa_type=sa.JSON)  # [table, key]


class Acquaintance(Row, table=True):
    """A browser or a network that a person has answered with (熟悉的浏览器与网络): a hash."""

    __tablename__ = "acquaintance"

    person_id: int = Field(primary_key=True, foreign_key="person.id")
    mark: str = Field(primary_key=True, max_length=64)
    since: datetime


def keeps_back() -> sa.ColumnElement[bool]:
    """Return the condition under which a line waits: its duty's answer is not settled."""
    held = columns(Provisional)
    return sa.and_(
        col(Line.letter).not_in([LetterKind.PROVISIONAL, LetterKind.CODE]),
        sa.exists().where(held.duty_id == col(Line.duty_id), held.standing == Standing.OPEN),
    )
