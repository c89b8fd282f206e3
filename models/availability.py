"""Time without a service (停机), and what is taken out of it by agreement (例外登记).

Planned or not is never stored: it is judged from the announcement, the beginning and the
contract's terms each time that it is asked.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row, by_value
from rules.availability import Exclusion


class Outage(Row, table=True):
    """One outage as somebody or something declared it; `planned` is what it claims to be."""

    __tablename__ = "outage"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    service_id: int | None = Field(default=None, foreign_key="service.id", index=True)
    starts_at: datetime = Field(index=True)
    ends_at: datetime | None = None  # still going on
    announced_at: datetime | None = None
    planned: bool = False
    counted: bool = True
    cause: str = Field(default="", sa_type=sa.Text)
    source: str = Field(default="", max_length=160)


class ExclusionWindow(Row, table=True):
    """Minutes that were taken out: why, when announced, by whom agreed, and the evidence."""

    __tablename__ = "exclusion"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    service_id: int | None = Field(default=None, foreign_key="service.id", index=True)
    kind: Exclusion = Field(sa_type=by_value(Exclusion))
    starts_at: datetime
    ends_at: datetime
    announced_at: datetime | None = None
    agreed_by: str = Field(default="", max_length=200)
    evidence: str = Field(default="", max_length=300)
    note: str = Field(default="", sa_type=sa.Text)
