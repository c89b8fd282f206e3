"""Measurements (测量值): one of each indicator, period and scope; changed only by a correction.

A correction keeps what stood there, who changed it and why. The same value again changes
nothing. Whatever the way in (a duty, a file, a source), a value enters here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal

from sqlmodel import Session, col, select

from models import trail
from models.engine import transaction
from models.kpi import Kpi, Measurement, MeasurementCorrection
from processes.kpi import catalogue
from processes.kpi import judging as kpi_judging
from processes.kpi import owed as kpi_owed
from processes.kpi import targets as kpi_targets
from rules import kpi as rule
from rules import period as periods
from rules import text
from rules.kpi import ORGANISATION, Observation
from rules.period import Period
from rules.refusal import NotFound, Refused

What = Literal["new", "changed", "unchanged"]
MEASURED: Final = ("value", "numerator", "denominator")


class ReasonMissing(Refused):
    """A value that is there already, and no word on why it should change."""

    sentence = (
        "{kpi} of {period} ({scope}) is recorded as {recorded}: say why it is corrected to {given}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is to be recorded, and where it is from. `evidence` lets somebody look again."""

    observation: Observation
    source: str
    note: str = ""
    count: int | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    duty_id: int | None = None
    reason: str = ""  # of a correction


def record(
    session: Session, kpi: Kpi, given: Given, *, at: datetime, actor: str
) -> tuple[What, Measurement]:
    """Record a value inside the caller's transaction; refuse one that cannot have been measured."""
    assert kpi.id is not None
    period = periods.parse_for(given.observation.period, kpi.frequency)
    rule.refuse_observation(given.observation, unit=kpi.unit)
    found = find(session, kpi.id, period.code, given.observation.scope)
    if found is not None:
        return _again(session, kpi, found, given, at=at, actor=actor), found
    columns = row(kpi, given, kpi_targets.of(session, kpi), period, at=at, actor=actor)
    measurement = Measurement(**columns)
    session.add(measurement)
    session.flush()
    trail.record(
        session,
        at=at,
        actor=actor,
        action="measurement.recorded",
        subject=subject(kpi.code, measurement),
        after={**shown(measurement), "source": measurement.source},
    )
    kpi_owed.settle(session, kpi, measurement, at=at, actor=actor)
    return "new", measurement


@transaction
def correct(
    session: Session,
    *,
    kpi: str,
    period: str,
    scope: str = ORGANISATION,
    value: Decimal | None = None,
    numerator: Decimal | None = None,
    denominator: Decimal | None = None,
    reason: str,
    at: datetime,
    actor: str,
) -> What:
    """Correct a recorded value with a reason (更正), or refuse."""
    known = catalogue.by_code(session, kpi)
    assert known.id is not None
    if find(session, known.id, period, scope) is None:
        raise NotFound(what="measurement", code=f"{kpi}/{period}/{scope}")
    observation = Observation(
        period=period, scope=scope, value=value, numerator=numerator, denominator=denominator
    )
    given = Given(observation=observation, source="correction", reason=reason)
    return record(session, known, given, at=at, actor=actor)[0]


def find(session: Session, kpi_id: int, period: str, scope: str) -> Measurement | None:
    """Return the one measurement of an indicator, period and scope."""
    return session.exec(
        select(Measurement).where(
            col(Measurement.kpi_id) == kpi_id,
            col(Measurement.period) == period,
            col(Measurement.scope) == scope,
        )
    ).first()


def row(
    kpi: Any, given: Given, targets: list[rule.Target], period: Period, *, at: datetime, actor: str
) -> dict[str, Any]:
    """Return the columns of a new measurement. `kpi` needs what a `Kpi` has."""
    seen = given.observation
    return {
        "kpi_id": kpi.id,
        "period": period.code,
        "scope": seen.scope,
        "starts_on": period.first,
        "ends_on": period.last,
        "numerator": seen.numerator,
        "denominator": seen.denominator,
        **kpi_judging.judged(seen, targets, period, kpi),
        "count": given.count if given.count is not None else _count(seen),
        "note": given.note,
        "source": given.source[:160],
        "formula_version": kpi.formula_version,
        "evidence": dict(given.evidence),
        "duty_id": given.duty_id,
        "corrections": 0,
        "at": at,
        "actor": actor[:64],
    }


def same(found: Any, given: Observation) -> bool:
    """Whether what is recorded says the same; a value made from counts is compared by them."""
    if given.numerator is not None and given.denominator is not None:
        return (found.numerator, found.denominator) == (given.numerator, given.denominator)
    return found.numerator is None and bool(found.value == given.value)


def closed(period: Period, at: datetime) -> bool:
    """Whether the value of this period was owed already: it has been judged and told."""
    return kpi_owed.due_at(period) < at


def shown(found: Any) -> dict[str, Any]:
    """Return what was measured as the trail keeps it."""
    judgement = getattr(found, "judgement", None)
    return {
        **{name: _text(getattr(found, name)) for name in MEASURED},
        "judgement": judgement.value if judgement is not None else None,
    }


def subject(code: str, found: Any) -> str:
    """Return what the trail calls a measurement."""
    return f"measurement:{code}/{found.period}/{found.scope}"[:120]


def said(seen: Any) -> str:
    """Return a value in a sentence: its counts, where it has any."""
    if seen.numerator is not None and seen.denominator is not None:
        return f"{_text(seen.numerator)}/{_text(seen.denominator)}"
    return _text(seen.value) or "-"


def _again(
    session: Session, kpi: Kpi, found: Measurement, given: Given, *, at: datetime, actor: str
) -> What:
    if same(found, given.observation):
        kpi_owed.settle(session, kpi, found, at=at, actor=actor)
        return "unchanged"
    reason = text.paragraph(given.reason)
    if not reason:
        raise ReasonMissing(
            kpi=kpi.code,
            period=found.period,
            scope=found.scope,
            recorded=said(found),
            given=said(given.observation),
        )
    correction(session, kpi, found, given, reason=reason, at=at, actor=actor)
    return "changed"


def correction(
    session: Session,
    kpi: Kpi,
    found: Measurement,
    given: Given,
    *,
    reason: str,
    at: datetime,
    actor: str,
) -> MeasurementCorrection:
    """Write a correction and what the measurement now says; a miss that was none is noted."""
    period, before = periods.parse(found.period), shown(found)
    _correct(session, kpi, found, given, period)
    assert found.id is not None
    made = MeasurementCorrection(
        measurement_id=found.id,
        number=found.corrections,
        before=before,
        after={**shown(found), "source": given.source},
        reason=reason,
        late=closed(period, at),
        at=at,
        actor=actor[:64],
    )
    session.add(found)
    session.add(made)
    session.flush()
    trail.record(
        session,
        at=at,
        actor=actor,
        action="measurement.corrected",
        subject=subject(kpi.code, found),
        before=before,
        after={**shown(found), "reason": reason, "late": made.late},
    )
    kpi_owed.settle(session, kpi, found, at=at, actor=actor)
    return made


def _correct(session: Session, kpi: Kpi, found: Measurement, given: Given, period: Period) -> None:
    """Let the measurement say what is now known, and be judged by it."""
    seen = given.observation
    for name, value in {
        "numerator": seen.numerator,
        "denominator": seen.denominator,
        **kpi_judging.judged(seen, kpi_targets.of(session, kpi), period, kpi),
        "count": given.count if given.count is not None else _count(seen),
        "formula_version": kpi.formula_version,
    }.items():
        setattr(found, name, value)
    if given.evidence:
        found.evidence = dict(given.evidence)
    found.corrections += 1


def _count(seen: Observation) -> int | None:
    """Return how many cases stand behind a rate: its denominator, where that is a count."""
    whole = seen.denominator
    return int(whole) if whole is not None and whole == whole.to_integral_value() else None


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(rule.plain(value), "f")
