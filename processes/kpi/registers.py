"""Indicators and measurements as registers (指标台账、测量值台账)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from models.base import table_of
from models.kpi import Kpi, Measurement
from models.organisation import Person
from processes.kpi import targets as kpi_targets
from processes.register.query import Filters, Page, columns, named, page, same, since, whose
from processes.register.registers import Found, Register
from rules.kpi import Judgement, Level
from rules.period import Frequency


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiRow:
    """An indicator and the newest version of its target."""

    code: str
    name: str
    name_en: str
    element: str
    definition: str
    numerator: str
    denominator: str
    unit: str
    direction: str
    target: Decimal | None
    target_version: int | None
    target_from: date | None
    frequency: str
    scope: str
    owner: str
    owner_name: str
    checker: str | None
    source: str
    formula_version: int
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementRow:
    """What was measured of one indicator, period and scope. `count` is how many cases."""

    kpi: str
    name: str
    period: str
    scope: str
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    unit: str
    target: Decimal | None
    direction: str
    judgement: str | None
    count: int | None
    source: str
    formula_version: int
    corrections: int
    owner: str
    note: str
    ends_on: date
    at: datetime


def kpis(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[KpiRow]:
    """Return the indicators by code; kind is how often they are measured."""
    del at
    kpi, owner, target = table_of(Kpi), table_of(Person), kpi_targets.newest()
    checker = owner.alias("checker")
    query = (
        sa.select(
            *columns(kpi, KpiRow),
            target.c.value.label("target"),
            target.c.version.label("target_version"),
            target.c.valid_from.label("target_from"),
            owner.c.code.label("owner"),
            owner.c.name.label("owner_name"),
            checker.c.code.label("checker"),
        )
        .join(owner, owner.c.id == kpi.c.owner_id)
        .outerjoin(checker, checker.c.id == kpi.c.checker_id)
        .outerjoin(target, target.c.kpi_id == kpi.c.id)
        .order_by(kpi.c.code)
    )
    query = named(whose(query, owner, filters), filters, kpi.c.code, kpi.c.name)
    if filters.subject:
        query = query.where(kpi.c.code == filters.subject)
    if filters.kind:
        query = query.where(kpi.c.frequency == filters.kind)
    if filters.state:
        query = query.where(kpi.c.active == (filters.state == "active"))
    return page(query, lambda row: KpiRow(**row), limit, offset)


def measured(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[MeasurementRow]:
    """Return the measurements, the latest period first; state is how they were judged.

    `kind` is a period, `subject` an indicator, `source` where the value is from.
    """
    del at
    kept, kpi, owner = table_of(Measurement), table_of(Kpi), table_of(Person)
    query = (
        sa.select(
            *columns(kept, MeasurementRow),
            kpi.c.code.label("kpi"),
            kpi.c.name,
            kpi.c.unit,
            kpi.c.direction,
            owner.c.code.label("owner"),
        )
        .join(kpi, kpi.c.id == kept.c.kpi_id)
        .join(owner, owner.c.id == kpi.c.owner_id)
        .order_by(kept.c.ends_on.desc(), kpi.c.code, kept.c.scope)
    )
    query = same(named(query, filters, kpi.c.code, kpi.c.name), kept, filters, "source")
    query = since(whose(query, owner, filters), kept.c.at, filters)
    if filters.subject:
        query = query.where(kpi.c.code == filters.subject)
    if filters.project:
        query = query.where(
            kept.c.scope.in_([f"{level.value}={filters.project}" for level in Level])
        )
    if filters.kind:
        query = query.where(kept.c.period == filters.kind)
    if filters.state:
        query = query.where(kept.c.judgement == filters.state)
    return page(query, _measured, limit, offset)


def _measured(row: dict[str, Any]) -> MeasurementRow:
    return MeasurementRow(**row)


FREQUENCIES: Final = tuple(word.value for word in Frequency)
JUDGEMENTS: Final = tuple(word.value for word in Judgement)


REGISTERS: Final = {
    "kpis": Register(
        read=kpis,
        found=Found(called="Indicators", title="name", page="/kpis/show/{}"),
        filters=("state", "person", "kind", "subject"),
        states=("active", "inactive"),
        kinds=FREQUENCIES,
        heads=(
            ("code", "Code"),
            ("name", "Name"),
            ("element", "Element"),
            ("direction", "Direction"),
            ("target", "Target"),
            ("unit", "Measured in"),
            ("frequency", "Period"),
            ("owner_name", "Owner"),
            ("source", "Source"),
        ),
        labels={"element": "element", "frequency": "frequency"},
    ),
    "measurements": Register(
        read=measured,
        filters=("state", "person", "kind", "subject", "project", "source", "since"),
        states=JUDGEMENTS,
        heads=(
            ("kpi", "Code"),
            ("name", "Name"),
            ("period", "Period"),
            ("scope", "Scope"),
            ("numerator", "Numerator"),
            ("denominator", "Denominator"),
            ("value", "Value"),
            ("target", "Target"),
            ("judgement", "Judgement"),
            ("corrections", "Corrections"),
        ),
        labels={"judgement": "judgement"},
    ),
}
