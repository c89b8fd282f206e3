"""Which processes are on (过程启用): one row for each that somebody has switched."""

from datetime import datetime

from sqlmodel import Field

from models.base import Row


class ProcessSwitch(Row, table=True):
    """Whether a process is on, since when and by whose hand."""

    __tablename__ = "process_switch"

    name: str = Field(primary_key=True, max_length=40)
    on: bool
    since: datetime
    by: str = Field(max_length=64)
