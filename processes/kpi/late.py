"""Knowledge that comes late (迟到数据): a ticket log says something else of a recorded value.

The value stays. Its owner is told both counts, once, and agrees or not; only then is it
corrected. What a log says again after somebody kept the value is not asked again.
"""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from config.kpi import kpi_policy
from config.language import say
from models.duty import Duty
from models.kpi import Kpi, KpiCollection, LateValue, Measurement
from processes.duty import issued as duties
from processes.kpi import measurements
from processes.kpi.from_tickets import parts
from processes.kpi.measurements import Given
from rules import period as periods
from rules.kpi import Observation
from rules.words import DutyKind, DutyState

KIND: Final = "kpi_late"  # `subject_kind` of its duties
TICKETS: Final = "tickets:"
WAITING: Final = "waiting"
AGAIN: Final = "the log says again what is recorded"


def ask_again(session: Session, source: str, at: datetime) -> None:
    """Let what was computed from a log be computed once more: tickets of it have come."""
    tracked = session.exec(
        select(Kpi).where(col(Kpi.active), col(Kpi.source).startswith(TICKETS))
    ).all()
    wanted = [kpi.id for kpi in tracked if parts(kpi.source.removeprefix(TICKETS))[0] == source]
    if not wanted:
        return
    session.execute(
        sa.update(KpiCollection)
        .where(col(KpiCollection.kpi_id).in_(wanted), col(KpiCollection.state) != "leased")
        .values(state=WAITING, attempts=0, next_at=at)
    )


def asked(session: Session, kpi: Kpi, given: Given, *, at: datetime) -> bool:
    """Ask the owner about a value that its log no longer gives; False if it may be recorded."""
    if not kpi.source.startswith(TICKETS):
        return False
    assert kpi.id is not None
    seen = given.observation
    period = periods.parse_for(seen.period, kpi.frequency)
    found = measurements.find(session, kpi.id, period.code, seen.scope)
    if found is None:
        return False
    row = _row(session, found)
    duty = _open_duty(session, row)
    if measurements.same(found, seen):
        if duty is not None:
            duties.withdraw(session, duty, at=at, why=AGAIN)
        return False
    if row is not None and _says(row, seen) and (duty is not None or row.decision is not None):
        return True
    row = row or LateValue(measurement_id=found.id or 0, at=at)
    row.value, row.numerator, row.denominator = seen.value, seen.numerator, seen.denominator
    row.evidence, row.at, row.decision, row.decided_at = dict(given.evidence), at, None, None
    row.duty_id = (duty or _issue(session, kpi, found, at=at)).id
    session.add(row)
    return True


def of_duty(session: Session, duty: Duty) -> tuple[Kpi, Measurement, LateValue]:
    """Return what a duty asks about: the indicator, what is recorded, and what the log says."""
    row = session.exec(select(LateValue).where(col(LateValue.duty_id) == duty.id)).one()
    found = session.get_one(Measurement, row.measurement_id)
    return session.get_one(Kpi, found.kpi_id), found, row


def observation(found: Measurement, row: LateValue) -> Observation:
    """Return what the log says, as a value that can be recorded."""
    return Observation(
        period=found.period,
        scope=found.scope,
        value=None if row.denominator is not None else row.value,
        numerator=row.numerator,
        denominator=row.denominator,
    )


def _row(session: Session, found: Measurement) -> LateValue | None:
    query = select(LateValue).where(col(LateValue.measurement_id) == found.id)
    return session.exec(query).first()


def _open_duty(session: Session, row: LateValue | None) -> Duty | None:
    duty = session.get(Duty, row.duty_id) if row is not None and row.duty_id else None
    return duty if duty is not None and duty.state == DutyState.OPEN else None


def _says(row: LateValue, seen: Observation) -> bool:
    """Whether the log says the same that it said when it was asked about."""
    if seen.denominator is not None:
        return (row.numerator, row.denominator) == (seen.numerator, seen.denominator)
    return row.value == seen.value


def _issue(session: Session, kpi: Kpi, found: Measurement, *, at: datetime) -> Duty:
    now = current()
    return duties.issue(
        session,
        kind=DutyKind.CONFIRM_VALUE,
        subject_kind=KIND,
        subject=kpi.code,
        title=say(
            now.settings.language,
            "{name}, {period}: the log says something else now",
            name=kpi.name,
            period=found.period,
        ),
        owner_id=kpi.owner_id,
        due_at=now.calendar.working_days(at, kpi_policy().report.working_days),
        at=at,
    )


ON: Final = {"tickets.imported": ask_again}
