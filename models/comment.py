"""What somebody said about a thing (留言): a reply by mail is kept, and is no answer."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row


class Comment(Row, table=True):
    """One reply to one letter, on the thing that the letter was about."""

    __tablename__ = "comment"
    __table_args__ = (sa.Index("ix_comment_subject", "subject_kind", "subject"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    subject_kind: str = Field(max_length=32)
    subject: str = Field(max_length=120)
    duty_id: int | None = Field(default=None, foreign_key="duty.id", index=True)
    person_id: int | None = Field(
        default=None, foreign_key="person.id"
    )  # None: a stranger's address
    address: str = Field(default="", max_length=254)
    returned_id: int | None = Field(default=None, foreign_key="returned.id")
    text: str
