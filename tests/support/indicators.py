"""Indicators and measurements as rows, for tests of what is made of them."""

from datetime import date
from decimal import Decimal

from sqlmodel import col, select

from models.engine import writing
from models.kpi import Kpi, KpiTarget, Measurement
from models.organisation import Person
from rules import kpi as rule
from rules import period as periods
from rules.kpi import ORGANISATION, Direction, Element, Judgement, Observation
from rules.period import Frequency
from tests.support.cast import at

NOW = at("2026-01-01")


def indicator(code="K1", **columns):
    """Write an indicator of Li's with a target of at least 95, unless told otherwise."""
    given = {
        "name": "SLA达成率",
        "name_en": "SLA attainment",
        "element": Element.PROCESS,
        "unit": "%",
        "direction": Direction.AT_LEAST,
        "frequency": Frequency.MONTH,
        "since": date(2020, 1, 1),
        "target": 95,
        "owner": "li",
        **columns,
    }
    target, owner = given.pop("target"), given.pop("owner")
    with writing() as session:
        person = session.exec(select(Person.id).where(col(Person.code) == owner)).one()
        kpi = Kpi(code=code, owner_id=person, **given)
        session.add(kpi)
        session.flush()
        if target is not None:
            session.add(
                KpiTarget(
                    kpi_id=kpi.id,
                    value=Decimal(str(target)),
                    direction=given["direction"],
                    at=NOW,
                    actor="test",
                )
            )
        return kpi.id


def measure(kpi_id, values, *, first="2024-01", scope=ORGANISATION, target=95, **columns):
    """Write one measurement a period from `first` on; None leaves a gap, a pair is counts."""
    period = periods.parse(first)
    direction = columns.pop("direction", Direction.AT_LEAST)
    with writing() as session:
        for value in values:
            if value is not None:
                session.add(_measured(kpi_id, period, value, scope, target, direction, columns))
            period = periods.following(period)


def _measured(kpi_id, period, value, scope, target, direction, columns):
    counts = isinstance(value, tuple)
    numerator, denominator = map(Decimal, value) if counts else (None, None)
    seen = Observation(
        period=period.code,
        value=None if counts else Decimal(str(value)),
        numerator=numerator,
        denominator=denominator,
    )
    wanted = None
    if target is not None:
        per = rule.HUNDRED if counts else rule.ONE
        wanted = rule.Target(value=Decimal(str(target)), direction=direction, per=per)
    judged = rule.judge(seen, wanted)
    shown = rule.value(numerator, denominator, per=rule.HUNDRED) if counts else seen.value
    return Measurement(
        kpi_id=kpi_id,
        period=period.code,
        scope=scope,
        starts_on=period.first,
        ends_on=period.last,
        value=None if judged is Judgement.NO_DATA else shown,
        numerator=numerator,
        denominator=denominator,
        target=None if target is None else Decimal(str(target)),
        target_version=None if target is None else 1,
        judgement=judged,
        source="report",
        at=NOW,
        actor="test",
        **columns,
    )


def correct(kpi_id, period, value):
    """Change what was measured, as a correction does."""
    with writing() as session:
        row = session.exec(
            select(Measurement).where(
                col(Measurement.kpi_id) == kpi_id, col(Measurement.period) == period
            )
        ).one()
        row.value, row.corrections = Decimal(str(value)), row.corrections + 1
        session.add(row)
