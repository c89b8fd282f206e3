"""Extensions asked of a duty, and what was decided (延期申请与审批)."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row


class Extension(Row, table=True):
    """One request for a later date; `granted` is None until somebody decides."""

    __tablename__ = "extension"

    id: int | None = Field(default=None, primary_key=True)
    duty_id: int = Field(foreign_key="duty.id", index=True)
    episode: int
    asked_by_id: int = Field(foreign_key="person.id")
    asked_at: datetime
    until: date  # local day of the site
    reason: str = Field(sa_type=sa.Text)
    decide_duty_id: int | None = Field(default=None, foreign_key="duty.id", index=True)
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = None
    granted: bool | None = None
    note: str = Field(default="", sa_type=sa.Text)
