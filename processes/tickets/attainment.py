"""Attainment straight from a ticket log (工单达成情况): by month, priority, group and project.

Each figure shows its counts. A ticket without a target leaves the denominator, a month belongs
to the site's clock, and what the log does not know is written as the log writes it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models.base import table_of
from models.engine import reading
from models.ticket import Ticket as TicketRow
from models.ticket import TicketLog
from processes import plug
from rules import kpi as rule
from rules import period as periods
from rules.kpi import ORGANISATION, Judgement, Observation, Target
from rules.period import Frequency
from rules.refusal import NotFound, Refused
from rules.service_time import ServiceTime, week_of
from rules.ticket import (
    MEASURES,
    Asked,
    Basis,
    Beside,
    Dimension,
    Measure,
    Terms,
    Ticket,
    beside,
)
from rules.ticket_clock import Clock

DEFAULT: Final = "met_sla"
INSTANT: Final = {
    Basis.OPENED: "opened_at",
    Basis.RESOLVED: "resolved_at",
    Basis.CLOSED: "closed_at",
}
RULES: Final = {
    Basis.OPENED: "by the month opened: open past its target at the cut-off is missed",
    Basis.RESOLVED: "by the month resolved: open past its target stands beside the rate",
    Basis.CLOSED: "by the month closed: open past its target stands beside the rate",
}
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
    "waited",
    "pauses",
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
    basis: str
    opened: int
    resolved_in_period: int
    open_at_end: int
    overdue_at_end: int
    no_target: int


@dataclass(slots=True)
class Sum:
    """What the tickets of one period and scope add up to."""

    numerator: Decimal = Decimal(0)
    denominator: Decimal = Decimal(0)
    tickets: int = 0
    no_target: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """How a log's tickets are looked at: its terms, by which instant, told apart by what."""

    log: TicketLog
    terms: Terms
    basis: Basis
    dimensions: tuple[Dimension, ...]
    frequency: Frequency
    at: datetime

    def words(self, ticket: Ticket) -> tuple[str, ...]:
        """Return the scope that a ticket is in, a word for each dimension."""
        return tuple(getattr(ticket, name) or self.log.unknown for name in self.dimensions)


def of_tickets(
    source: str,
    *,
    by: Sequence[str],
    measure: str = DEFAULT,
    period: str | None = None,
    at: datetime,
) -> list[AttainmentRow]:
    """Return the attainment of an imported log, the earliest period first.

    A period that is given is one row of each scope, of whatever length it is.
    """
    basis, dimensions = ways(by)
    figure = figure_of(measure)
    only = periods.parse(period) if period is not None else None
    with reading() as session:
        log = log_of(session, source)
        look = Looked(
            log=log,
            terms=terms_of(log),
            basis=basis,
            dimensions=dimensions,
            frequency=only.frequency if only else Frequency.MONTH,
            at=at,
        )
        tickets = list(_rows(session, look, only=None))
        sums = summed(tickets, figure, look, only=only)
        targets = _targets(session, source, measure)
    counts = _beside(tickets, look, sums)
    return [
        _row(source, figure, look, key, sums[key], counts[key], targets) for key in sorted(sums)
    ]


def observed(
    source: str,
    *,
    measure: str,
    basis: Basis,
    dimensions: Sequence[Dimension],
    period: periods.Period,
    at: datetime,
) -> tuple[list[tuple[Observation, int]], TicketLog]:
    """Return what one period's tickets come to, a scope each, and the log they are from.

    A period of which the log holds nothing is no data where the log goes on after it, or where
    it ended before the log was first brought in; otherwise nothing is known, and none is returned.
    """
    figure = figure_of(measure)
    with reading() as session:
        log = log_of(session, source)
        look = Looked(
            log=log,
            terms=terms_of(log),
            basis=basis,
            dimensions=tuple(dimensions),
            frequency=period.frequency,
            at=at,
        )
        sums = summed(_rows(session, look, only=period), figure, look, only=period)
        if not sums and _is_over(log, period):
            every = {look.words(ticket) for ticket in _rows(session, look, only=None)}
            sums = {(period.code, one): Sum() for one in (every if dimensions else {()})}
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


def terms_of(log: TicketLog) -> Terms:
    """Return the terms that a log's tickets are measured by, as its mapping said them."""
    said = log.terms
    windows, service = said.get("service_time") or [], None
    if windows:
        calendar = current().calendar if said.get("holidays") != "none" else None
        service = ServiceTime(
            zone=current().settings.zone,
            week=week_of("; ".join(windows)),
            off=calendar.holidays - calendar.make_up if calendar else frozenset(),
            make_up=calendar.make_up if calendar else frozenset(),
        )
    return Terms(
        clock=Clock(service),
        targets={name: Decimal(hours) for name, hours in said.get("target_hours", {}).items()},
        due=bool(said.get("due")),
    )


def _is_over(log: TicketLog, period: periods.Period) -> bool:
    """Whether an empty period of a log was empty, and not merely not brought in yet."""
    zone = current().settings.zone
    after = datetime.combine(period.last + timedelta(days=1), time(), zone)
    first = log.first_at or log.imported_at
    return after <= first or (log.newest_at is not None and after <= log.newest_at)


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
    tickets: Iterable[Ticket], figure: Measure, look: Looked, *, only: periods.Period | None = None
) -> dict[Key, Sum]:
    """Add up tickets by period and dimensions; one without the instant is left out."""
    found: dict[Key, Sum] = {}
    code = _coder(current().settings.zone, look.frequency)
    instant = INSTANT[look.basis]
    asked = Asked(terms=look.terms, basis=look.basis, at=look.at)
    for ticket in tickets:
        at = getattr(ticket, instant)
        if at is None or (only is not None and code(at) != only.code):
            continue
        one = found.setdefault((code(at), look.words(ticket)), Sum())
        numerator, denominator = figure.part(ticket, asked)
        one.numerator += numerator
        one.denominator += denominator
        one.tickets += 1
        one.no_target += look.terms.lacks_target(ticket)
    return found


def _rows(session: Session, look: Looked, *, only: periods.Period | None) -> Iterator[Ticket]:
    """Yield the tickets of a log; where it tells no solution, closed stands for it."""
    table, stands = table_of(TicketRow), not look.log.terms.get("resolved", True)
    instant = INSTANT[look.basis]
    if stands and look.basis is Basis.RESOLVED:
        instant = INSTANT[Basis.CLOSED]
    query = sa.select(*(table.c[name] for name in READ)).where(table.c.log_id == look.log.id)
    if only is not None:
        begins, ends = _span(only)
        query = query.where(table.c[instant] >= begins, table.c[instant] < ends)
    for row in session.execute(query, execution_options={"yield_per": 5000}):
        yield _ticket(row, closed_stands=stands)


def _ticket(row: Any, *, closed_stands: bool) -> Ticket:
    (*instants, priority, group, project, reopened, met_sla, waited, pauses) = row
    opened, resolved, closed, due = instants
    return Ticket(
        opened_at=opened,
        resolved_at=closed if closed_stands else resolved,
        closed_at=closed,
        due_at=due,
        priority=priority,
        group=group,
        project=project,
        reopened=reopened,
        met_sla=met_sla,
        waited=timedelta(seconds=waited or 0),
        pauses=tuple((_instant(begins), _instant(ends)) for begins, ends in pauses or ()),
    )


def _instant(kept: str | None) -> Any:
    return None if kept is None else datetime.fromisoformat(kept)


def _span(period: periods.Period) -> tuple[datetime, datetime]:
    """Return the instants between which a period lies, half open, in UTC."""
    zone = current().settings.zone
    ends = period.last + timedelta(days=1)
    begin, end = (datetime.combine(day, time(), zone) for day in (period.first, ends))
    return begin.astimezone(UTC), end.astimezone(UTC)


def _beside(tickets: Sequence[Ticket], look: Looked, sums: Mapping[Key, Sum]) -> dict[Key, Beside]:
    """Return the counts that stand beside each figure: of the tickets of its scope."""
    codes = sorted({code for code, _ in sums}, key=lambda code: periods.parse(code).first)
    spans = [_span(periods.parse(code)) for code in codes]
    spans = [(begins, max(begins, min(ends, look.at))) for begins, ends in spans]
    scopes: dict[tuple[str, ...], list[Ticket]] = {words: [] for _, words in sums}
    for ticket in tickets:
        if (words := look.words(ticket)) in scopes:
            scopes[words].append(ticket)
    return {
        (code, words): one
        for words, some in scopes.items()
        for code, one in zip(codes, beside(some, spans, look.terms), strict=True)
    }


def _coder(zone: ZoneInfo, frequency: Frequency) -> Any:
    known: dict[tuple[int, int], str] = {}

    def code(instant: datetime) -> str:
        local = instant.astimezone(zone)
        month = (local.year, local.month)
        if month not in known:
            known[month] = periods.containing(local.date(), frequency).code
        return known[month]

    return code


def log_of(session: Session, source: str) -> TicketLog:
    """Return the log of that source, or refuse."""
    found = session.exec(select(TicketLog).where(col(TicketLog.source) == source)).first()
    if found is None:
        raise NotFound(what="ticket log", code=source)
    return found


def _targets(session: Session, source: str, measure: str) -> list[Target]:
    """Return the targets that the figures of this log are judged by, if a process has any."""
    found = (one(session, source, measure) for one in plug.each("targets", "tickets"))
    return [target for targets in found for target in targets]


def _row(
    source: str,
    figure: Measure,
    look: Looked,
    key: Key,
    one: Sum,
    counts: Beside,
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
        scope=scope_of(look.dimensions, words),
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
        basis=RULES[look.basis],
        opened=counts.opened,
        resolved_in_period=counts.resolved_in_period,
        open_at_end=counts.open_at_end,
        overdue_at_end=counts.overdue_at_end,
        no_target=one.no_target,
    )
