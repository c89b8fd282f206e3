"""Targets of indicators as rules judge by them (目标值): every version, with its validity."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.base import columns, table_of
from models.kpi import Kpi, KpiTarget
from rules import kpi as rule
from rules.kpi import Target


def of(session: Session, kpi: Kpi) -> list[Target]:
    """Return every version of an indicator's target."""
    rows = session.exec(select(KpiTarget).where(col(KpiTarget.kpi_id) == kpi.id))
    return [made(row, kpi.unit) for row in rows]


def by_kpi(session: Session, ids: Iterable[int] | None = None) -> dict[int, list[Target]]:
    """Return every version of many indicators' targets, by the indicator's id."""
    kpi, target = columns(Kpi), columns(KpiTarget)
    query = sa.select(
        target.kpi_id,
        target.version,
        target.value,
        target.direction,
        target.valid_from,
        target.valid_until,
        kpi.unit,
    ).join_from(KpiTarget, Kpi, kpi.id == target.kpi_id)
    if ids is not None:
        query = query.where(target.kpi_id.in_(list(ids)))
    found: dict[int, list[Target]] = defaultdict(list)
    for row in session.execute(query):
        found[row.kpi_id].append(made(row, row.unit))
    return found


def newest() -> sa.Subquery:
    """Return the version in force last, or about to be, of each indicator's target."""
    target = table_of(KpiTarget)
    last = (
        sa.select(target.c.kpi_id, sa.func.max(target.c.version).label("version"))
        .group_by(target.c.kpi_id)
        .subquery()
    )
    return (
        sa.select(target)
        .join(last, (last.c.kpi_id == target.c.kpi_id) & (last.c.version == target.c.version))
        .subquery()
    )


def made(row: Any, unit: str) -> Target:
    """Return a version as rules know it."""
    return Target(
        value=row.value,
        direction=row.direction,
        per=rule.per(unit),
        version=row.version,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )
