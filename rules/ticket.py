"""When a service ticket is a nonconformity (工单何时成为不符合项), as data that can be read aloud.

A ticket log tells one ticket in many rows, an event each. A watch holds at an event when all
of its conditions do; the ticket is raised at the first instant at which one held, because that
is when somebody could have known.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from rules.kpi import Direction, plain, value
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


class Basis(StrEnum):
    """By which of its instants a ticket belongs to a period (归属口径)."""

    OPENED = "opened_month"
    CLOSED = "closed_month"


class Dimension(StrEnum):
    """What tickets are told apart by, beside their period."""

    PRIORITY = "priority"
    GROUP = "group"
    PROJECT = "project"


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

    part: Callable[[Ticket], Part]
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


def _on_time(ticket: Ticket) -> bool | None:
    done = ticket.resolved_at or ticket.closed_at
    return None if done is None or ticket.due_at is None else done <= ticket.due_at


def _reopened(ticket: Ticket) -> bool | None:
    return None if ticket.reopened is None else ticket.reopened > 0


def _seconds(ticket: Ticket) -> Part:
    done = ticket.resolved_at or ticket.closed_at
    if done is None or ticket.opened_at is None or done < ticket.opened_at:
        return NOTHING
    lasted = done - ticket.opened_at
    return Decimal(lasted.days * 86_400 + lasted.seconds), Decimal(1)


MEASURES: Final[Mapping[str, Measure]] = {
    "met_sla": Measure(part=lambda ticket: _counted(ticket.met_sla)),
    "on_time": Measure(part=lambda ticket: _counted(_on_time(ticket))),
    "resolved": Measure(part=lambda ticket: _counted(ticket.resolved_at is not None)),
    "reopened": Measure(
        part=lambda ticket: _counted(_reopened(ticket)), direction=Direction.AT_MOST
    ),
    "hours_to_resolve": Measure(
        part=_seconds, unit="h", direction=Direction.AT_MOST, scale=Decimal(3600)
    ),
}
