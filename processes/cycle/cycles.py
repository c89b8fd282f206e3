"""Cycles (PDCA 周期): the year, quarter and month that one turn of the wheel belongs to.

A cycle ties what its turns produced together. It is opened by the first turn within it and
closed by the first turn after its end; its figures are those of the last turn within it.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models import trail
from models.engine import transaction
from models.record import Cycle
from models.upsert import insert_new

Period = tuple[str, str, date, date]  # code, kind, first day, last day


def periods(day: date) -> tuple[Period, Period, Period]:
    """Return the year, the quarter and the month of a local day."""
    quarter = (day.month - 1) // 3
    return (
        (f"{day.year}", "year", date(day.year, 1, 1), date(day.year, 12, 31)),
        (
            f"{day.year}-Q{quarter + 1}",
            "quarter",
            date(day.year, 3 * quarter + 1, 1),
            _last_of_month(day.year, 3 * quarter + 3),
        ),
        (
            f"{day.year}-{day.month:02}",
            "month",
            day.replace(day=1),
            _last_of_month(day.year, day.month),
        ),
    )


@transaction
def open_cycles(session: Session, at: datetime) -> list[str]:
    """Open the cycles of this instant that are not open yet; return their codes."""
    opened = []
    for code, kind, first, last in periods(current().calendar.day(at)):
        row = {"code": code, "kind": kind, "starts_on": first, "ends_on": last}
        if insert_new(session, Cycle, [{**row, "opened_at": at, "facts": {}}]):
            opened.append(code)
    _told(session, "cycle.opened", opened, at)
    return opened


@transaction
def close_cycles(session: Session, at: datetime) -> list[str]:
    """Close the cycles that ended before this instant's day; return their codes."""
    over = session.exec(
        select(Cycle)
        .where(col(Cycle.ends_on) < current().calendar.day(at), col(Cycle.closed_at).is_(None))
        .order_by(col(Cycle.ends_on), col(Cycle.code))
    ).all()
    for cycle in over:
        cycle.closed_at = at
        session.add(cycle)
    codes = [cycle.code for cycle in over]
    _told(session, "cycle.closed", codes, at)
    return codes


@transaction
def keep_figures(session: Session, figures: dict[str, Any], at: datetime) -> None:
    """Keep the figures of this turn with the cycles that it belongs to."""
    codes = [period[0] for period in periods(current().calendar.day(at))]
    session.execute(
        sa.update(Cycle)
        .where(col(Cycle.code).in_(codes), col(Cycle.closed_at).is_(None))
        .values(facts={**figures, "as_of": at.isoformat()})
    )


def _told(session: Session, action: str, codes: Sequence[str], at: datetime) -> None:
    trail.record_many(
        session,
        [
            trail.Entry(at=at, actor="clock", action=action, subject=f"cycle:{code}")
            for code in codes
        ],
    )


def _last_of_month(year: int, month: int) -> date:
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return first_of_next - timedelta(days=1)
