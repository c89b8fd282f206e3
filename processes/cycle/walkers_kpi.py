"""What the month's follow-up of indicators led to (指标跟踪的记录): letter, measurements, misses.

A month names each indicator. A quarter or year names each month's letter alone with what it came
to: an organisation measures more in a year than anybody would walk through.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from sqlmodel import Session, col, select

from config.current import current
from models.kpi import Kpi, KpiMiss, Measurement
from models.plan import Activity, ActivityState
from models.special import KpiLetter
from notifications.charts.series import shown
from processes.cycle.walk import Step
from processes.kpi import follow_up as kpi_follow_up
from rules.kpi import Judgement
from rules.period import Period

MONTH: Final = 31  # days: what is longer is told by its letters


def indicators(session: Session, first: date, last: date) -> Iterator[Step]:
    """What became of each follow-up that was planned for these days."""
    own = col(Activity.nominal_on)
    planned = select(Activity).where(
        col(Activity.kind) == kpi_follow_up.KIND,
        col(Activity.state) != ActivityState.CANCELLED,
        own >= first,
        own <= last,
    )
    whole = (last - first).days < MONTH
    for activity in session.exec(planned.order_by(own)):
        yield from _month(session, activity, whole=whole)


def _month(session: Session, activity: Activity, *, whole: bool) -> Iterator[Step]:
    month = kpi_follow_up.followed(activity)
    measured, missed = _measured(session, month), _missed(session, month)
    if whole:
        for kpi, rows in measured:
            yield _indicator(activity, kpi, rows, missed)
    letter = session.get(KpiLetter, month.code)
    if letter is not None:
        rows = [row for _, some in measured for row in some]
        yield Step(
            kind="kpi_report",
            code=month.code,
            title=activity.title,
            on=current().calendar.day(letter.at),
            activity=activity.code,
            outcome=_attained(rows),
            nonconformities=() if whole else _codes(rows, missed),
        )


def _indicator(
    activity: Activity, kpi: Kpi, rows: Sequence[Measurement], missed: dict[int, str]
) -> Step:
    value = rows[0].value if len(rows) == 1 else None
    return Step(
        kind="measurement",
        code=kpi.code,
        title=kpi.name,
        on=current().calendar.day(max(row.at for row in rows)),
        activity=activity.code,
        outcome=_attained(rows) if value is None else shown(value, kpi.unit),
        nonconformities=_codes(rows, missed),
    )


def _measured(session: Session, month: Period) -> list[tuple[Kpi, list[Measurement]]]:
    """Return what was measured of periods that ended with the month, by indicator."""
    query = (
        select(Kpi, Measurement)
        .join(Measurement, col(Measurement.kpi_id) == col(Kpi.id))
        .where(col(Measurement.ends_on) == month.last)
        .order_by(col(Kpi.code), col(Measurement.scope))
    )
    found: dict[str, tuple[Kpi, list[Measurement]]] = {}
    for kpi, row in session.exec(query):
        found.setdefault(kpi.code, (kpi, []))[1].append(row)
    return list(found.values())


def _missed(session: Session, month: Period) -> dict[int, str]:
    """Return the nonconformity of each measurement of the month that missed its target."""
    query = (
        select(KpiMiss.measurement_id, KpiMiss.nonconformity)
        .join(Measurement, col(Measurement.id) == col(KpiMiss.measurement_id))
        .where(col(Measurement.ends_on) == month.last)
    )
    return dict(session.exec(query).all())


def _attained(rows: Sequence[Measurement]) -> str:
    """Return how many of the targets that were judged were attained."""
    counts: dict[Judgement | None, int] = defaultdict(int)
    for row in rows:
        counts[row.judgement] += 1
    judged = counts[Judgement.MET] + counts[Judgement.MISSED]
    return f"{counts[Judgement.MET]}/{judged}" if judged else ""


def _codes(rows: Sequence[Measurement], missed: dict[int, str]) -> tuple[str, ...]:
    found = (missed.get(row.id or 0) for row in rows)
    return tuple(dict.fromkeys(code for code in found if code))
