"""Special situations of indicators (特殊情况): each found once, told once, explained once.

One row an indicator, scope and period. What an owner called lasting begins a new phase: from
its first period on it is learnt anew what is usual.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row, by_value
from rules.spc import Rule, Side


class KpiSpecial(Row, table=True):
    """One special cause and what became of it.

    `facts` are what its sentence names, `begins_on` the first day of the periods that make it.
    Without a duty it was found in the past and is only marked. `withdrawn_at`: a correction
    showed that it was none.
    """

    __tablename__ = "kpi_special"
    __table_args__ = (sa.UniqueConstraint("kpi_id", "scope", "period"),)

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(default="", max_length=32, index=True)  # TS-0001
    kpi_id: int = Field(foreign_key="kpi.id", index=True)
    scope: str = Field(max_length=160)
    period: str = Field(max_length=16)
    ends_on: date
    begins_on: date
    rule: Rule = Field(sa_type=by_value(Rule))
    side: Side = Field(sa_type=by_value(Side))
    favourable: bool | None = None  # better than usual; None where neither side is good
    facts: dict[str, Any] = Field(sa_type=sa.JSON)
    found_at: datetime
    duty_id: int | None = Field(default=None, foreign_key="duty.id")
    explanation: str = Field(default="", sa_type=sa.Text)
    lasting: bool = False
    explained_by_id: int | None = Field(default=None, foreign_key="person.id")
    explained_at: datetime | None = None
    withdrawn_at: datetime | None = None


class KpiLetter(Row, table=True):
    """A month's KPI letter that was written (指标月报): one a month, ever."""

    __tablename__ = "kpi_letter"

    month: str = Field(primary_key=True, max_length=7)
    at: datetime
    readers: int = 0
