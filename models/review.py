"""What a management review saw and what it decided (管理评审记录): one row each time it is held.

`content` is the input as it stood when the review was held, and is never computed anew: an
auditor later reads what management read. `decisions` are what it decided, line by line; what
becomes of them is read from the activities and improvements that they became.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row


class Review(Row, table=True):
    """One holding of the review that an activity of the plan asks for; days are local.

    A review that its checker sent back is held again: another row, and the first one stays.
    `confirmed_at` is when it was confirmed, and its decisions came into force.
    """

    __tablename__ = "review"

    id: int | None = Field(default=None, primary_key=True)
    activity: str = Field(max_length=64, index=True)
    duty_id: int = Field(foreign_key="duty.id", unique=True)
    at: datetime
    since: date
    until: date
    content: dict[str, Any] = Field(sa_type=sa.JSON)
    words: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    decisions: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    held_by_id: int = Field(foreign_key="person.id")
    confirmed_at: datetime | None = None
