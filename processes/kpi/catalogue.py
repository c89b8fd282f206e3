"""Indicators as rows (指标登记): a formula or target that changes becomes a version.

What was measured before keeps the formula and the target of its day. A target that is given
for the first time counts since ever; a later one from the day that is named, or from today.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from config.kpi import kpi_policy
from models.kpi import Kpi, KpiFormula, KpiTarget, Measurement
from processes.kpi import judging as kpi_judging
from rules import period as periods
from rules.kpi import Direction
from rules.period import Frequency
from rules.refusal import NotFound

FORMULA: Final = ("definition", "numerator", "denominator", "unit", "source")


def by_code(session: Session, code: str) -> Kpi:
    """Return the indicator, or refuse by name."""
    found = session.exec(select(Kpi).where(col(Kpi.code) == code)).first()
    if found is None:
        raise NotFound(what="kpi", code=code)
    return found


def targets(session: Session, kpi_id: int) -> Sequence[KpiTarget]:
    """Return every version of its target, the first one first."""
    return session.exec(
        select(KpiTarget).where(col(KpiTarget.kpi_id) == kpi_id).order_by(col(KpiTarget.version))
    ).all()


def formulas(session: Session, kpi_id: int) -> Sequence[KpiFormula]:
    """Return every version of its formula, the first one first."""
    return session.exec(
        select(KpiFormula).where(col(KpiFormula.kpi_id) == kpi_id).order_by(col(KpiFormula.version))
    ).all()


def tracked_since(at: datetime, frequency: Frequency) -> date:
    """Return the first day of tracking that begins now: so many periods back as policy says."""
    period = periods.containing(current().calendar.day(at), frequency)
    for _ in range(kpi_policy().report.look_back):
        period = periods.preceding(period)
    return period.first


def note_formula(session: Session, kpi: Kpi, *, at: datetime, actor: str) -> None:
    """Keep the formula as it now is under the indicator's version of it."""
    assert kpi.id is not None
    session.add(
        KpiFormula(
            kpi_id=kpi.id,
            version=kpi.formula_version,
            **{name: getattr(kpi, name) for name in FORMULA},
            at=at,
            actor=actor[:64],
        )
    )


def set_target(
    session: Session,
    kpi: Kpi,
    value: Decimal,
    direction: Direction,
    *,
    valid_from: date | None,
    at: datetime,
    actor: str,
) -> bool:
    """Put a target in force; False if it is in force already. What was judged stays judged."""
    assert kpi.id is not None
    known = targets(session, kpi.id)
    last = known[-1] if known else None
    if last is not None and (last.value, last.direction) == (value, direction):
        return False
    begins = valid_from if last is None else valid_from or current().calendar.day(at)
    row: dict[str, Any] = {"value": value, "direction": direction, "at": at, "actor": actor[:64]}
    if last is not None and last.valid_from is not None and begins == last.valid_from:
        for name, new in row.items():  # named twice for the same day: the later word counts
            setattr(last, name, new)
        session.add(last)
    else:
        if last is not None and begins is not None:
            last.valid_until = begins - timedelta(days=1)
            session.add(last)
        version = last.version + 1 if last else 1
        session.add(KpiTarget(kpi_id=kpi.id, version=version, valid_from=begins, **row))
    session.flush()
    kpi_judging.judge_again(session, kpi)
    return True


def measured(session: Session, kpi_id: int) -> bool:
    """Whether anything was ever measured of it."""
    return (
        session.exec(select(Measurement.id).where(col(Measurement.kpi_id) == kpi_id)).first()
        is not None
    )
