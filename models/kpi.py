"""Indicators, their targets, and what was measured (服务能力管理指标体系、目标值、测量值).

A measurement is unique by indicator, period and scope. What is written once is changed only by
a correction, which keeps what stood there before, who changed it and why. Targets and formulas
have versions: what was judged stays judged by the target in force on the period's last day.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

from models.base import Row, by_value
from rules.kpi import Direction, Element, Judgement, Level
from rules.period import Frequency


class Exact(TypeDecorator[Decimal]):
    """A decimal kept as its digits: SQLite's numbers are binary and would lose the last one."""

    impl = sa.String(64)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> str | None:
        del dialect
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Any) -> Decimal | None:
        del dialect
        return None if value is None else Decimal(value)


class Kpi(Row, table=True):
    """An indicator (指标): what is measured, how often, of what, and who answers for it.

    `source` says where its values come from: `report` (a duty of its owner), `import`,
    `tickets:SOURCE:MEASURE…`, `sql:NAME`, `http:NAME`, `prometheus:NAME`.
    """

    __tablename__ = "kpi"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=200)
    name_en: str = Field(default="", max_length=200)
    element: Element = Field(default=Element.PROCESS, sa_type=by_value(Element))
    definition: str = Field(default="", sa_type=sa.Text)
    numerator: str = Field(default="", max_length=300)
    denominator: str = Field(default="", max_length=300)
    unit: str = Field(default="%", max_length=32)
    direction: Direction = Field(default=Direction.AT_LEAST, sa_type=by_value(Direction))
    frequency: Frequency = Field(default=Frequency.MONTH, sa_type=by_value(Frequency))
    scope: Level = Field(default=Level.ORGANISATION, sa_type=by_value(Level))
    source: str = Field(default="report", max_length=160)
    formula_version: int = 1
    owner_id: int = Field(foreign_key="person.id", index=True)
    checker_id: int | None = Field(default=None, foreign_key="person.id")
    active: bool = True
    since: date  # the first day that is tracked: periods that end before it are owed by nobody
    rev: int = 0


class KpiFormula(Row, table=True):
    """One version of how an indicator is computed (计算公式版本): earlier ones stay readable."""

    __tablename__ = "kpi_formula"
    __table_args__ = (sa.UniqueConstraint("kpi_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    kpi_id: int = Field(foreign_key="kpi.id", index=True)
    version: int = 1
    definition: str = Field(default="", sa_type=sa.Text)
    numerator: str = Field(default="", max_length=300)
    denominator: str = Field(default="", max_length=300)
    unit: str = Field(default="%", max_length=32)
    source: str = Field(default="report", max_length=160)
    at: datetime
    actor: str = Field(max_length=64)


class KpiTarget(Row, table=True):
    """One version of a target (目标值版本), in force from one local day to another."""

    __tablename__ = "kpi_target"
    __table_args__ = (sa.UniqueConstraint("kpi_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    kpi_id: int = Field(foreign_key="kpi.id", index=True)
    version: int = 1
    value: Decimal = Field(sa_type=Exact)
    direction: Direction = Field(default=Direction.AT_LEAST, sa_type=by_value(Direction))
    valid_from: date | None = None  # None: since ever
    valid_until: date | None = None  # included; None: until further notice
    at: datetime
    actor: str = Field(max_length=64)


class Measurement(Row, table=True):
    """What was measured of one period and scope (测量值), and how it was judged.

    `count` is how many cases stand behind it, `evidence` where they can be looked at again.
    `target` is the one in force on the period's last day; None while there is none.
    """

    __tablename__ = "measurement"
    __table_args__ = (
        sa.UniqueConstraint("kpi_id", "period", "scope"),
        sa.Index("ix_measurement_kpi_ends", "kpi_id", "ends_on"),
        sa.Index("ix_measurement_judgement_ends", "judgement", "ends_on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kpi_id: int = Field(foreign_key="kpi.id", index=True)
    period: str = Field(max_length=16)
    scope: str = Field(default="organisation", max_length=160)
    starts_on: date
    ends_on: date
    value: Decimal | None = Field(default=None, sa_type=Exact)
    numerator: Decimal | None = Field(default=None, sa_type=Exact)
    denominator: Decimal | None = Field(default=None, sa_type=Exact)
    count: int | None = None
    note: str = Field(default="", sa_type=sa.Text)
    target: Decimal | None = Field(default=None, sa_type=Exact)
    target_version: int | None = None
    judgement: Judgement | None = Field(default=None, sa_type=by_value(Judgement))
    source: str = Field(max_length=160)  # as the indicator's, or "file:NAME"
    formula_version: int = 1
    evidence: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    corrections: int = 0
    duty_id: int | None = Field(default=None, foreign_key="duty.id")
    at: datetime
    actor: str = Field(max_length=64)


class MeasurementCorrection(Row, table=True):
    """A value that was changed (更正记录): before, after, who, when and why; never erased."""

    __tablename__ = "measurement_correction"
    __table_args__ = (sa.UniqueConstraint("measurement_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    measurement_id: int = Field(foreign_key="measurement.id", index=True)
    number: int = 1
    before: dict[str, Any] = Field(sa_type=sa.JSON)
    after: dict[str, Any] = Field(sa_type=sa.JSON)
    reason: str = Field(sa_type=sa.Text)
    late: bool = False  # the period had been closed: the value was judged and reported already
    at: datetime
    actor: str = Field(max_length=64)


class LateValue(Row, table=True):
    """What a log says of a recorded value now (迟到数据): asked of the owner, who agrees or not.

    One row a measurement: what the log said last, and what was decided about it.
    """

    __tablename__ = "late_value"

    id: int | None = Field(default=None, primary_key=True)
    measurement_id: int = Field(foreign_key="measurement.id", unique=True)
    value: Decimal | None = Field(default=None, sa_type=Exact)
    numerator: Decimal | None = Field(default=None, sa_type=Exact)
    denominator: Decimal | None = Field(default=None, sa_type=Exact)
    evidence: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    duty_id: int | None = Field(default=None, foreign_key="duty.id")
    decision: str | None = Field(default=None, max_length=16)  # agree, keep
    reason: str = Field(default="", sa_type=sa.Text)
    at: datetime
    decided_at: datetime | None = None


class KpiCollection(Row, table=True):
    """One value to be fetched of one indicator and period (采集): claim, call, settle.

    `state`: waiting (to be tried at `next_at`), leased (somebody is calling), done, failed (given
    up: its owner owes the value and an alarm stands).
    """

    __tablename__ = "kpi_collection"
    __table_args__ = (
        sa.UniqueConstraint("kpi_id", "period"),
        sa.Index("ix_kpi_collection_next", "state", "next_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kpi_id: int = Field(foreign_key="kpi.id", index=True)
    period: str = Field(max_length=16)
    source: str = Field(max_length=160)
    state: str = Field(default="waiting", max_length=16)
    attempts: int = 0
    next_at: datetime
    lease_token: int = 0
    lease_until: datetime | None = None
    error: str | None = Field(default=None, max_length=500)
    duty_id: int | None = Field(default=None, foreign_key="duty.id")
    opened_at: datetime
    settled_at: datetime | None = None


class KpiMiss(Row, table=True):
    """A missed target and the nonconformity it belongs to (未达成项): one a measurement, ever.

    Missed again while the nonconformity is open, a period adds a row and not a nonconformity.
    `indicator_change` is what the owner says must change in the indicator itself.
    """

    __tablename__ = "kpi_miss"

    id: int | None = Field(default=None, primary_key=True)
    measurement_id: int = Field(foreign_key="measurement.id", unique=True)
    kpi_id: int = Field(foreign_key="kpi.id", index=True)
    period: str = Field(max_length=16)
    scope: str = Field(max_length=160)
    nonconformity: str = Field(max_length=64, index=True)
    at: datetime
    indicator_change: str = Field(default="", sa_type=sa.Text)
    withdrawn_at: datetime | None = None  # a correction showed that it was none


class KpiSystem(Row, table=True):
    """A year's indicator system or tracking plan (指标体系、指标跟踪计划), as it was handed in.

    `content` is the copy that reviewer and approver saw; the indicators themselves live on.
    """

    __tablename__ = "kpi_system"
    __table_args__ = (sa.UniqueConstraint("kind", "year", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=32)  # indicator_system, tracking_plan
    code: str = Field(max_length=32)  # KPI-2027, KTP-2027
    year: int
    version: int = 1
    state: str = Field(default="owed", max_length=16)  # owed, submitted, returned, approved
    author_id: int | None = Field(default=None, foreign_key="person.id")
    content: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    summary: str = Field(default="", sa_type=sa.Text)
    opened_at: datetime
    submitted_at: datetime | None = None
    approved_at: datetime | None = None
