"""An indicator with everything that happened to it (指标履历): versions, values, corrections."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from models.base import table_of
from models.engine import reading
from models.kpi import (
    Kpi,
    KpiCollection,
    KpiFormula,
    KpiMiss,
    KpiTarget,
    Measurement,
    MeasurementCorrection,
)
from processes.history import reading as read
from processes.history.rows import Recorded
from processes.kpi import registers as registers_kpi
from processes.kpi.registers import KpiRow, MeasurementRow
from processes.register.query import Filters
from rules.refusal import NotFound

Values = dict[str, Any]
HIDDEN: Final = frozenset({"id", "kpi_id", "measurement_id", "lease_token", "lease_until"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiHistory:
    """An indicator, its versions, what was measured, corrected, missed and not to be fetched."""

    kpi: KpiRow
    formulas: tuple[Values, ...]
    targets: tuple[Values, ...]
    measurements: tuple[MeasurementRow, ...]
    corrections: tuple[Values, ...]
    misses: tuple[Values, ...]
    collections: tuple[Values, ...]
    trail: tuple[Recorded, ...]


def known(code: str) -> bool:
    """Whether an indicator has this code."""
    table = table_of(Kpi)
    with reading() as session:
        found = session.execute(sa.select(table.c.id).where(table.c.code == code))
        return found.first() is not None


def of_kpi(code: str, *, at: datetime) -> KpiHistory:
    """Return an indicator with its history, or refuse by code."""
    rows = registers_kpi.kpis(Filters(subject=code), at=at).rows
    if not rows:
        raise NotFound(what="kpi", code=code)
    with reading() as session:
        table = table_of(Kpi)
        number = session.execute(sa.select(table.c.id).where(table.c.code == code)).scalar_one()
        subjects = _subjects(session, number, code)
        return KpiHistory(
            kpi=rows[0],
            formulas=_of(session, KpiFormula, number),
            targets=_of(session, KpiTarget, number),
            measurements=tuple(registers_kpi.measured(Filters(subject=code), at=at).rows),
            corrections=_corrections(session, number),
            misses=_of(session, KpiMiss, number),
            collections=_of(session, KpiCollection, number),
            trail=read.trail(session, read.names(session), subjects),
        )


def _of(session: Session, model: Any, number: int) -> tuple[Values, ...]:
    table = table_of(model)
    rows = session.execute(
        sa.select(table).where(table.c.kpi_id == number).order_by(table.c.id)
    ).mappings()
    return tuple({str(n): v for n, v in row.items() if n not in HIDDEN} for row in rows)


def _corrections(session: Session, number: int) -> tuple[Values, ...]:
    kept, measured = table_of(MeasurementCorrection), table_of(Measurement)
    rows = session.execute(
        sa.select(kept, measured.c.period, measured.c.scope)
        .join(measured, measured.c.id == kept.c.measurement_id)
        .where(measured.c.kpi_id == number)
        .order_by(kept.c.id)
    ).mappings()
    return tuple({str(n): v for n, v in row.items() if n not in HIDDEN} for row in rows)


def _subjects(session: Session, number: int, code: str) -> list[str]:
    measured = table_of(Measurement)
    rows = session.execute(
        sa.select(measured.c.period, measured.c.scope).where(measured.c.kpi_id == number)
    )
    return [
        f"kpi:{code}",
        *(f"measurement:{code}/{row.period}/{row.scope}"[:120] for row in rows),
    ]
