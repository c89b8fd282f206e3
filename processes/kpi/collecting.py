"""Values fetched from sources (定期采集): claim, call, settle; one that fails stops no other.

Due n working days after the period's end. A source that fails is tried again, each time later;
in the end its owner owes the value himself, with an alarm for whoever runs the source. What a
source says another time about a recorded period is a correction, never an overwrite.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from config.kpi import kpi_policy
from models import alarms, trail
from models.engine import transaction
from models.kpi import Kpi, KpiCollection, Measurement
from models.upsert import insert_new
from processes.alarm import wording as says
from processes.kpi import catalogue, late, measurements
from processes.kpi import owed as kpi_owed
from processes.kpi import sources as kpi_sources
from processes.kpi.measurements import Given
from processes.kpi.owed import Owed
from processes.kpi.sources import Fetched, SourceFailed, Wanted
from rules import period as periods
from rules.kpi import ORGANISATION
from rules.period import Period
from rules.refusal import Refused

ALARM: Final = "kpi_source"
BATCH: Final = 50  # fetched in one step of a flow
WAITING, LEASED, DONE, FAILED = "waiting", "leased", "done", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What a turn fetched, and what failed for now or for good."""

    done: int = 0
    failed: int = 0
    given_up: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """One value that this process may fetch; `token` fences a late answer."""

    id: int
    token: int
    wanted: Wanted


def collect(at: datetime, limit: int = BATCH) -> Collected:
    """Fetch what is due, each by itself."""
    open_due(at=at)
    done = failed = given_up = 0
    for _ in range(limit):
        claimed = claim(at=at)
        if claimed is None:
            break
        try:
            fetched = kpi_sources.asking(claimed.wanted.source)(claimed.wanted)
            settle(claimed, fetched, at=at)
            done += 1
        except Exception as failure:  # noqa: BLE001 - one source never stops another; it is told
            given_up += fail(claimed, _why(failure), permanent=_permanent(failure), at=at)
            failed += 1
    return Collected(done=done, failed=failed, given_up=given_up)


@transaction
def open_due(session: Session, *, at: datetime) -> int:
    """Note what is due to be fetched and is not yet; return how many are new."""
    today = current().calendar.day(at)
    tracked = session.exec(
        select(Kpi).where(col(Kpi.active), col(Kpi.source).not_in(sorted(kpi_sources.ASKED)))
    ).all()
    known = {
        (kpi_id, period)
        for kpi_id, period, _ in (kpi_owed.measured(session, today) if tracked else ())
    }
    rows = [
        {
            "kpi_id": kpi.id,
            "period": period.code,
            "source": kpi.source,
            "state": WAITING,
            "attempts": 0,
            "next_at": at,
            "lease_token": 0,
            "opened_at": at,
        }
        for kpi in tracked
        for period in kpi_owed.due_periods(kpi, today)
        if (kpi.id, period.code) not in known and due_at(period) <= at
    ]
    return insert_new(session, KpiCollection, rows)


def due_at(period: Period) -> datetime:
    """Return when the value of a period can be fetched: n working days after its end."""
    now = current()
    noon = datetime.combine(period.last, time(12), now.settings.zone).astimezone(UTC)
    day = now.calendar.day(now.calendar.working_days(noon, kpi_policy().collect.working_days))
    return datetime.combine(day, time(0), now.settings.zone).astimezone(UTC)


@transaction
def claim(session: Session, *, at: datetime) -> Claimed | None:
    """Take the next value to fetch; None if nothing waits. A lease that is over may be taken."""
    row = session.exec(
        select(KpiCollection)
        .where(
            sa.or_(
                sa.and_(col(KpiCollection.state) == WAITING, col(KpiCollection.next_at) <= at),
                sa.and_(col(KpiCollection.state) == LEASED, col(KpiCollection.lease_until) <= at),
            )
        )
        .order_by(col(KpiCollection.next_at), col(KpiCollection.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    kpi = session.get_one(Kpi, row.kpi_id)
    row.state, row.lease_token = LEASED, row.lease_token + 1
    row.lease_until = at + timedelta(minutes=kpi_policy().collect.lease_minutes)
    row.attempts += 1
    session.add(row)
    session.flush()
    assert row.id is not None
    wanted = Wanted(
        kpi_id=row.kpi_id,
        code=kpi.code,
        source=kpi.source,
        unit=kpi.unit,
        period=periods.parse(row.period),
        at=at,
    )
    return Claimed(id=row.id, token=row.lease_token, wanted=wanted)


@transaction
def settle(session: Session, claimed: Claimed, fetched: Fetched, *, at: datetime) -> int:
    """Record what a source answered; 0 if somebody else has taken the claim over."""
    row = _mine(session, claimed)
    if row is None:
        return 0
    kpi = session.get_one(Kpi, row.kpi_id)
    if not fetched.observations:
        raise SourceFailed("the source gave no value for {period}", period=row.period)
    for observation in fetched.observations:
        given = Given(
            observation=observation,
            source=claimed.wanted.source,
            evidence=fetched.evidence,
            reason="the source says so now",
        )
        if not late.asked(session, kpi, given, at=at):
            measurements.record(session, kpi, given, at=at, actor="clock")
    row.state, row.settled_at, row.error = DONE, at, None
    session.add(row)
    alarms.clear_alarm(session, kind=ALARM, ref=_ref(kpi, row.period), at=at)
    return len(fetched.observations)


@transaction
def fail(session: Session, claimed: Claimed, why: str, *, permanent: bool, at: datetime) -> bool:
    """Note a failure: tried again later, or given up; True if its owner now owes the value."""
    row = _mine(session, claimed)
    if row is None:
        return False
    policy = kpi_policy().collect
    row.error = why[:500]
    if not permanent and row.attempts < policy.tries:
        wait = timedelta(minutes=policy.retry_minutes * 2 ** (row.attempts - 1))
        row.state, row.next_at = WAITING, at + wait
        session.add(row)
        return False
    row.state = FAILED
    kpi = session.get_one(Kpi, row.kpi_id)
    period = periods.parse(row.period)
    if not _measured(session, kpi, period) and not kpi_owed.is_asked(session, kpi, period):
        owed = Owed(scope=ORGANISATION, owner_id=kpi.owner_id)
        duty = kpi_owed.owe(session, kpi, period, owed, at=at, facts={"note": why})
        row.duty_id = duty.id
    session.add(row)
    _alarm(session, kpi, row, why, at)
    return True


def _alarm(session: Session, kpi: Kpi, row: KpiCollection, why: str, at: datetime) -> None:
    message = says.no_value(kpi.code, row.period, row.source, row.attempts, why)
    alarms.raise_alarm(session, kind=ALARM, ref=_ref(kpi, row.period), message=message, at=at)
    trail.record(
        session,
        at=at,
        actor="clock",
        action="kpi.source_failed",
        subject=f"kpi:{kpi.code}",
        after={"period": row.period, "source": row.source, "why": why[:300], "tries": row.attempts},
    )


@transaction
def clear_settled(session: Session, *, at: datetime) -> int:
    """End the alarms of sources whose value has come by another way; return how many."""
    failed = session.exec(select(KpiCollection).where(col(KpiCollection.state) == FAILED)).all()
    cleared = 0
    for row in failed:
        kpi = session.get_one(Kpi, row.kpi_id)
        if kpi.active and not _measured(session, kpi, periods.parse(row.period)):
            continue
        row.state, row.settled_at = DONE, at
        session.add(row)
        cleared += alarms.clear_alarm(session, kind=ALARM, ref=_ref(kpi, row.period), at=at)
    return cleared


def recompute(code: str, period: str, *, reason: str, at: datetime) -> Sequence[str]:
    """Ask a source again about a period that is recorded; what differs is a correction."""
    return _recompute(code, reason, at, *_asked_again(code, period, at))


def _asked_again(code: str, period: str, at: datetime) -> tuple[str, Fetched]:
    from models.engine import reading

    with reading() as session:
        kpi = catalogue.by_code(session, code)
        wanted = Wanted(
            kpi_id=kpi.id or 0,
            code=code,
            source=kpi.source,
            unit=kpi.unit,
            period=periods.parse_for(period, kpi.frequency),
            at=at,
        )
    return kpi.source, kpi_sources.asking(kpi.source)(wanted)


@transaction
def _recompute(
    session: Session, code: str, reason: str, at: datetime, source: str, seen: Fetched
) -> list[str]:
    kpi = catalogue.by_code(session, code)
    changed = []
    for observation in seen.observations:
        given = Given(observation=observation, source=source, evidence=seen.evidence, reason=reason)
        what, row = measurements.record(session, kpi, given, at=at, actor="clock")
        if what != "unchanged":
            changed.append(row.scope)
    return changed


def _mine(session: Session, claimed: Claimed) -> KpiCollection | None:
    return session.exec(
        select(KpiCollection)
        .where(
            col(KpiCollection.id) == claimed.id,
            col(KpiCollection.state) == LEASED,
            col(KpiCollection.lease_token) == claimed.token,
        )
        .with_for_update()
    ).first()


def _measured(session: Session, kpi: Kpi, period: Period) -> bool:
    found = session.exec(
        select(Measurement.id).where(
            col(Measurement.kpi_id) == kpi.id, col(Measurement.period) == period.code
        )
    )
    return found.first() is not None


def _ref(kpi: Kpi, period: str) -> str:
    return f"kpi:{kpi.code}/{period}"


def _why(failure: Any) -> str:
    if isinstance(failure, SourceFailed | Refused | OSError):
        return str(failure) or type(failure).__name__
    return f"{type(failure).__name__}: {failure}"  # a fault of ours or of the source's library


def _permanent(failure: Any) -> bool:
    if isinstance(failure, SourceFailed):
        return failure.permanent
    return isinstance(
        failure, Refused
    )  # what it answered cannot be a value: asking again is no help
