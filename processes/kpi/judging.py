"""Measurements judged by the target of their day (判定落库)."""

from typing import Any

from sqlmodel import Session, col, select

from models.kpi import Kpi, Measurement
from processes.kpi import targets as kpi_targets
from rules import kpi as rule
from rules import period as periods
from rules.kpi import Observation, Target
from rules.period import Period


def judged(
    observation: Observation, targets: list[Target], period: Period, kpi: Any
) -> dict[str, Any]:
    """Return the columns that follow from what was measured: value, target, judgement.

    `kpi` needs `unit` and `direction`. The value of a rate is made from its counts.
    """
    target = rule.in_force(targets, period.last)
    shown = observation.value
    if observation.numerator is not None and observation.denominator is not None:
        shown = rule.value(
            observation.numerator,
            observation.denominator,
            per=rule.per(kpi.unit),
            direction=target.direction if target else kpi.direction,
        )
    return {
        "value": shown,
        "target": target.value if target else None,
        "target_version": target.version if target else None,
        "judgement": rule.judge(observation, target),
    }


def judge_again(session: Session, kpi: Kpi) -> int:
    """Judge what a new version of the target covers; return how many judgements changed.

    Earlier periods keep theirs: their target is still the one that was in force.
    """
    found = kpi_targets.of(session, kpi)
    changed = 0
    for row in session.exec(select(Measurement).where(col(Measurement.kpi_id) == kpi.id)):
        after = judged(observation_of(row), found, periods.parse(row.period), kpi)
        if any(getattr(row, name) != value for name, value in after.items()):
            for name, value in after.items():
                setattr(row, name, value)
            session.add(row)
            changed += 1
    session.flush()
    return changed


def observation_of(row: Measurement) -> Observation:
    """Return a measurement as rules know it."""
    return Observation(
        period=row.period,
        scope=row.scope,
        value=row.value,
        numerator=row.numerator,
        denominator=row.denominator,
    )
