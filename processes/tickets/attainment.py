"""Attainment straight from a ticket log (工单达成情况): by month, priority, group and project.

Each figure shows its counts. A ticket without a target leaves the denominator, a month belongs
to the site's clock, and what the log does not know is written as the log writes it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models.base import table_of
from models.engine import reading
from models.kpi import Kpi
from models.ticket import Ticket as TicketRow
from models.ticket import TicketLog
from processes.kpi import targets as kpi_targets
from rules import kpi as rule
from rules import period as periods
from rules.kpi import ORGANISATION, Judgement, Observation, Target
from rules.period import Frequency
from rules.refusal import NotFound, Refused
from rules.ticket import MEASURES, Basis, Dimension, Measure, Ticket

DEFAULT: Final = "met_sla"
INSTANT: Final = {Basis.OPENED: "opened_at", Basis.CLOSED: "closed_at"}
READ: Final = (
    "opened_at",
    "resolved_at",
    "closed_at",
    "due_at",
    "priority",
    "group",
    "project",
    "reopened",
    "met_sla",
)
Key = tuple[str, tuple[str, ...]]  # the period's code and a word for each dimension


class MeasureUnknown(Refused):
    """A figure that nothing computes from tickets."""

    sentence = "{measure} is not computed from tickets: use one of {known}"


class ByUnknown(Refused):
    """Not a way in which tickets can be told apart."""

    sentence = "{by} is no way to tell tickets apart: use {known}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttainmentRow:
    """One figure of tickets. `kpi` is the log's source; counts are those of the tickets."""

    kpi: str
    period: str
    scope: str
    numerator: Decimal
    denominator: Decimal
    value: Decimal | None
    target: Decimal | None
    judgement: Judgement | None
    tickets: int


@dataclass(slots=True)
class Sum:
    """What the tickets of one period and scope add up to."""

    numerator: Decimal = Decimal(0)
    denominator: Decimal = Decimal(0)
    tickets: int = 0


def of_tickets(source: str, *, by: Sequence[str], measure: str = DEFAULT) -> list[AttainmentRow]:
    """Return the attainment of an imported log, the earliest period first."""
    basis, dimensions = ways(by)
    figure = figure_of(measure)
    with reading() as session:
        log = _log(session, source)
        sums = summed(session, log, figure, basis, dimensions, Frequency.MONTH)
        targets = _targets(session, source, measure)
    return [_row(source, figure, dimensions, key, sums[key], targets) for key in sorted(sums)]


def observed(
    source: str,
    *,
    measure: str,
    basis: Basis,
    dimensions: Sequence[Dimension],
    period: periods.Period,
) -> tuple[list[tuple[Observation, int]], TicketLog]:
    """Return what one period's tickets come to, a scope each, and the log they are from.

    No ticket at all is an observation too: no data, and not a silence.
    """
    figure = figure_of(measure)
    with reading() as session:
        log = _log(session, source)
        sums = summed(session, log, figure, basis, dimensions, period.frequency, only=period)
    if not sums and not dimensions:
        sums[period.code, ()] = Sum()
    found = []
    for (code, words), one in sorted(sums.items()):
        numerator, denominator = figure.counts(one.numerator, one.denominator)
        scope = scope_of(dimensions, words)
        found.append(
            (
                Observation(period=code, scope=scope, numerator=numerator, denominator=denominator),
                one.tickets,
            )
        )
    return found, log


def ways(by: Sequence[str]) -> tuple[Basis, tuple[Dimension, ...]]:
    """Return by which instant and which dimensions to count, or refuse by name."""
    known = ", ".join([*Basis, *Dimension])
    wanted = [word.strip() for word in by if word.strip()]
    bases = [Basis(word) for word in wanted if word in set(Basis)]
    dimensions = tuple(Dimension(word) for word in wanted if word in set(Dimension))
    strange = [word for word in wanted if word not in {*Basis, *Dimension}]
    if strange or len(bases) != 1 or len(set(wanted)) != len(wanted):
        raise ByUnknown(by=",".join(strange or wanted) or "-", known=known)
    return bases[0], dimensions


def figure_of(measure: str) -> Measure:
    """Return the figure of that name, or refuse."""
    if measure not in MEASURES:
        raise MeasureUnknown(measure=measure, known=", ".join(MEASURES))
    return MEASURES[measure]


def scope_of(dimensions: Sequence[Dimension], words: Sequence[str]) -> str:
    """Return how a scope is written: `priority=1 - Critical;group=Group 56`."""
    parts = [f"{name}={word}" for name, word in zip(dimensions, words, strict=True)]
    return ";".join(parts) or ORGANISATION


def summed(
    session: Session,
    log: TicketLog,
    figure: Measure,
    basis: Basis,
    dimensions: Sequence[Dimension],
    frequency: Frequency,
    *,
    only: periods.Period | None = None,
) -> dict[Key, Sum]:
    """Add up the tickets of a log by period and dimensions; one without the instant is left out."""
    found: dict[Key, Sum] = {}
    code = _coder(current().settings.zone, frequency)
    instant = INSTANT[basis]
    for row in _rows(session, log, instant, only):
        period = code(getattr(row, instant))
        words = tuple(getattr(row, name) or log.unknown for name in dimensions)
        one = found.setdefault((period, words), Sum())
        numerator, denominator = figure.part(row)
        one.numerator += numerator
        one.denominator += denominator
        one.tickets += 1
    return found


def _rows(
    session: Session, log: TicketLog, instant: str, only: periods.Period | None
) -> Iterator[Ticket]:
    table = table_of(TicketRow)
    query = sa.select(*(table.c[name] for name in READ)).where(
        table.c.log_id == log.id, table.c[instant].is_not(None)
    )
    if only is not None:
        zone = current().settings.zone
        begins = datetime.combine(only.first, time(), zone)
        ends = datetime.combine(only.last + timedelta(days=1), time(), zone)
        query = query.where(table.c[instant] >= begins, table.c[instant] < ends)
    for row in session.execute(query, execution_options={"yield_per": 5000}):
        yield Ticket(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


def _coder(zone: ZoneInfo, frequency: Frequency) -> Any:
    known: dict[tuple[int, int], str] = {}

    def code(instant: datetime) -> str:
        local = instant.astimezone(zone)
        month = (local.year, local.month)
        if month not in known:
            known[month] = periods.containing(local.date(), frequency).code
        return known[month]

    return code


def _log(session: Session, source: str) -> TicketLog:
    found = session.exec(select(TicketLog).where(col(TicketLog.source) == source)).first()
    if found is None:
        raise NotFound(what="ticket log", code=source)
    return found


def _targets(session: Session, source: str, measure: str) -> list[Target]:
    """Return the targets of the indicator that is computed from this log, if there is one."""
    names = [f"tickets:{source}:{measure}"]
    names += [f"tickets:{source}"] if measure == DEFAULT else []
    wanted = sa.or_(
        col(Kpi.source).in_(names),
        col(Kpi.source).startswith(f"{names[0]}:", autoescape=True),
    )
    kpi = session.exec(select(Kpi).where(wanted, col(Kpi.active)).order_by(col(Kpi.code))).first()
    return kpi_targets.of(session, kpi) if kpi is not None else []


def _row(
    source: str,
    figure: Measure,
    dimensions: Sequence[Dimension],
    key: Key,
    one: Sum,
    targets: Sequence[Target],
) -> AttainmentRow:
    code, words = key
    target = rule.in_force(targets, periods.parse(code).last)
    numerator, denominator = figure.counts(one.numerator, one.denominator)
    observation = Observation(period=code, numerator=numerator, denominator=denominator)
    judgement = rule.judge(observation, target)
    return AttainmentRow(
        kpi=source,
        period=code,
        scope=scope_of(dimensions, words),
        numerator=numerator,
        denominator=denominator,
        value=rule.value(
            numerator,
            denominator,
            per=rule.per(figure.unit),
            direction=target.direction if target else figure.direction,
        ),
        target=target.value if target else None,
        judgement=judgement,
        tickets=one.tickets,
    )
