"""Whose database this is (数据库归属): the instances that have claimed it, and from where.

A folder that is copied takes its database along, and with it everything that is still to be sent.
The copy is known by this: it stands elsewhere than the claim says.
"""

from datetime import datetime

from sqlmodel import Field

from models.base import Row


class Claim(Row, table=True):
    """One instance that may send from this database; `database` is where it saw it."""

    __tablename__ = "claim"

    name: str = Field(primary_key=True, max_length=300)
    named: bool = False  # by PDCA_INSTANCE, else by host and path
    host: str = Field(default="", max_length=120)
    home: str = Field(default="", max_length=300)
    database: str = Field(default="", max_length=300)
    claimed_at: datetime
    seen_at: datetime
    released_at: datetime | None = None
