"""When a service ticket is a nonconformity (工单何时成为不符合项), as data that can be read aloud.

A ticket log tells one ticket in many rows, an event each. A watch holds at an event when all
of its conditions do; the ticket is raised at the first instant at which one held, because that
is when somebody could have known.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate
from typing import Final

from rules.kpi import Direction, plain, value
from rules.ticket_clock import Clock, Pause
from rules.words import Risk, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of a ticket's log, as far as watches look at it. Unknown is None."""

    number: str
    priority: str | None = None
    group: str | None = None
    reopened: int | None = None
    met_sla: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What makes a ticket a nonconformity; conditions that are None do not count.

    `month` ("2016-03") is that of the first event at which the others held, on the site's clock.
    """

    name: str
    title: str
    severity: Severity
    risk: Risk
    clause: str | None = None
    reopened_at_least: int | None = None
    priority: str | None = None
    group: str | None = None
    met_sla: bool | None = None
    month: str | None = None

    def holds(self, event: Event) -> bool:
        """Whether every condition but the month holds at this event."""
        return (
            (self.reopened_at_least is None or (event.reopened or 0) >= self.reopened_at_least)
            and (self.priority is None or event.priority == self.priority)
            and (self.group is None or event.group == self.group)
            and (self.met_sla is None or event.met_sla is self.met_sla)
        )

    def counts(self, first: datetime) -> bool:
        """Whether the first event, in local time, lies in the month that is watched."""
        return self.month is None or f"{first:%Y-%m}" == self.month


# --- what is counted of tickets (工单指标) -------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket in its final state, as far as indicators count it. Unknown is None."""

    opened_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    due_at: datetime | None = None
    priority: str | None = None
    group: str | None = None
    project: str | None = None
    reopened: int | None = None
    met_sla: bool | None = None
    pauses: Sequence[Pause] = ()
    waited: timedelta = timedelta()  # a bare length, where the log tells no more

    @property
    def done_at(self) -> datetime | None:
        """When the ticket was done: resolved, or closed where no solution is known."""
        return self.resolved_at or self.closed_at

    @property
    def left_at(self) -> datetime | None:
        """When the ticket left those that are open: the earlier of resolved and closed."""
        known = [at for at in (self.resolved_at, self.closed_at) if at is not None]
        return min(known, default=None)


class Basis(StrEnum):
    """By which of its instants a ticket belongs to a period (归属口径)."""

    OPENED = "opened_month"
    RESOLVED = "resolved_month"
    CLOSED = "closed_month"


class Dimension(StrEnum):
    """What tickets are told apart by, beside their period."""

    PRIORITY = "priority"
    GROUP = "group"
    PROJECT = "project"


ANY: Final = "*"  # every other priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the tickets of a log are measured by: the clock, and the hours that are allowed.

    `targets` are hours by priority; `due` says that the log tells an instant by which a ticket
    is due. Of a log that knows neither, only its own flag says whether the SLA was met.
    """

    clock: Clock = field(default_factory=Clock)
    targets: Mapping[str, Decimal] = field(default_factory=dict)
    due: bool = False

    @property
    def known(self) -> bool:
        """Whether the log tells targets at all."""
        return self.due or bool(self.targets)

    def allowed(self, ticket: Ticket) -> timedelta | None:
        """Return how long a ticket may take; None where only an instant says so, or nothing."""
        hours = self.targets.get(ticket.priority or "", self.targets.get(ANY))
        return None if hours is None else timedelta(seconds=int(hours * 3600))

    def lacks_target(self, ticket: Ticket) -> bool:
        """Whether a ticket is in no rate because nothing says by when it had to be done."""
        return self.known and ticket.due_at is None and self.allowed(ticket) is None

    def elapsed(self, ticket: Ticket, until: datetime) -> timedelta | None:
        """Return how long a ticket has taken until an instant, by the clock."""
        if ticket.opened_at is None or until < ticket.opened_at:
            return None
        return self.clock.elapsed(ticket.opened_at, until, ticket.pauses, ticket.waited)

    def within(self, ticket: Ticket, until: datetime) -> bool | None:
        """Whether a ticket was within its target at an instant; None where nothing says so."""
        allowed = self.allowed(ticket)
        if allowed is not None:
            took = self.elapsed(ticket, until)
            return None if took is None else took <= allowed
        return None if ticket.due_at is None else until <= ticket.due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How tickets are looked at: by which terms and basis, and as things stand at an instant."""

    terms: Terms
    basis: Basis
    at: datetime


Part = tuple[Decimal, Decimal]  # what one ticket adds to numerator and denominator
NOTHING: Final[Part] = (Decimal(0), Decimal(0))
CASE: Final[Part] = (Decimal(0), Decimal(1))
HIT: Final[Part] = (Decimal(1), Decimal(1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure of tickets: what each adds, and on which side it is good.

    A ticket that the figure says nothing about (no target, no such instant) adds to neither
    count: it leaves the denominator.
    """

    part: Callable[[Ticket, Asked], Part]
    unit: str = "%"
    direction: Direction = Direction.AT_LEAST
    scale: Decimal = Decimal(1)  # of the numerator: seconds are added up, hours are shown

    def counts(self, numerator: Decimal, denominator: Decimal) -> Part:
        """Return both counts as they are kept; a scaled one is rounded away from the target."""
        if self.scale == 1:
            return plain(numerator), plain(denominator)
        kept = value(numerator, self.scale, direction=self.direction, places=6)
        return kept or Decimal(0), plain(denominator)


def _counted(known: bool | None) -> Part:  # noqa: FBT001 - a fact of the ticket, not a switch
    if known is None:
        return NOTHING
    return HIT if known else CASE


def _met_sla(ticket: Ticket, asked: Asked) -> Part:
    """Take the log's own flag, but of tickets that have a target."""
    return NOTHING if asked.terms.lacks_target(ticket) else _counted(ticket.met_sla)


def _on_time(ticket: Ticket, asked: Asked) -> Part:
    """Count what was done; by the month opened, what is open past its target is missed now."""
    if ticket.done_at is not None:
        return _counted(asked.terms.within(ticket, ticket.done_at))
    late = asked.basis is Basis.OPENED and asked.terms.within(ticket, asked.at) is False
    return CASE if late else NOTHING


def _reopened(ticket: Ticket, _asked: Asked) -> Part:
    return _counted(None if ticket.reopened is None else ticket.reopened > 0)


def _seconds(ticket: Ticket, asked: Asked) -> Part:
    took = None if ticket.done_at is None else asked.terms.elapsed(ticket, ticket.done_at)
    if took is None:
        return NOTHING
    return Decimal(took.days * 86_400 + took.seconds), Decimal(1)


MEASURES: Final[Mapping[str, Measure]] = {
    "met_sla": Measure(part=_met_sla),
    "on_time": Measure(part=_on_time),
    "resolved": Measure(part=lambda ticket, _asked: _counted(ticket.done_at is not None)),
    "reopened": Measure(part=_reopened, direction=Direction.AT_MOST),
    "hours_to_resolve": Measure(
        part=_seconds, unit="h", direction=Direction.AT_MOST, scale=Decimal(3600)
    ),
}


# --- what stands beside a rate (工单数量) --------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """How many tickets a period had: opened and resolved in it, open and overdue at its end."""

    opened: int
    resolved_in_period: int
    open_at_end: int
    overdue_at_end: int


def beside(
    tickets: Iterable[Ticket], periods: Sequence[tuple[datetime, datetime]], terms: Terms
) -> list[Beside]:
    """Return the counts of periods, in their order; each is a half-open span of instants.

    The periods follow each other without overlaps; a running one ends with what is known now.
    """
    begins, ends = [span[0] for span in periods], [span[1] for span in periods]
    opened, resolved = [0] * len(ends), [0] * len(ends)
    open_, overdue = [0] * (len(ends) + 1), [0] * (len(ends) + 1)
    for ticket in tickets:
        _count(opened, begins, ends, ticket.opened_at)
        _count(resolved, begins, ends, ticket.resolved_at)
        if ticket.opened_at is None:
            continue
        left = ticket.left_at
        # Open at the last instant of a period: opened before its end, and not left before it.
        first = bisect_right(ends, ticket.opened_at)
        last = len(ends) if left is None else bisect_right(ends, left)
        _range(open_, first, last)
        late = bisect_left(ends[first:last], True, key=lambda end: _late(terms, ticket, end))
        _range(overdue, first + late, last)
    counts = zip(opened, resolved, accumulate(open_[:-1]), accumulate(overdue[:-1]), strict=True)
    return [
        Beside(opened=a, resolved_in_period=b, open_at_end=c, overdue_at_end=d)
        for a, b, c, d in counts
    ]


def _late(terms: Terms, ticket: Ticket, end: datetime) -> bool:
    return terms.within(ticket, end) is False


def _count(
    counts: list[int],
    begins: Sequence[datetime],
    ends: Sequence[datetime],
    instant: datetime | None,
) -> None:
    """Add one to the period that an instant lies in, if it lies in one."""
    place = -1 if instant is None else bisect_right(begins, instant) - 1
    if place >= 0 and instant is not None and instant < ends[place]:
        counts[place] += 1


def _range(changes: list[int], first: int, last: int) -> None:
    """Add one to every place from the first up to the last, as a difference."""
    if first < last:
        changes[first] += 1
        changes[last] -= 1
