"""What was filled into the lines of a sheet (检查表填写): a draft until its duty is answered."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row


class WorksheetLine(Row, table=True):
    """One line of the sheet of one duty; the key "" is what is said of the sheet as a whole."""

    __tablename__ = "worksheet_line"
    __table_args__ = (sa.UniqueConstraint("duty_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    duty_id: int = Field(foreign_key="duty.id")
    key: str = Field(max_length=120)
    filled: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    rev: int = 1
    by_id: int = Field(foreign_key="person.id")
    at: datetime
