"""When a service ticket is a nonconformity (工单何时成为不符合项), as data that can be read aloud.

A ticket log tells one ticket in many rows, an event each. A watch holds at an event when all
of its conditions do; the ticket is raised at the first instant at which one held, because that
is when somebody could have known.
"""

from dataclasses import dataclass
from datetime import datetime

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
