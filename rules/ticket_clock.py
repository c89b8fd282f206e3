"""How long a ticket has taken (工单计时): service time from its opening, less its pauses.

Time is intervals: what is counted is what is left of them, never a sum added to an instant.
Overlapping pauses count once, and what of a pause lies before the opening or after the end of
the ticket counts for nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from rules.service_time import ServiceTime
from rules.spans import Spans, merged

NONE: Final = timedelta()
Pause = tuple[datetime, datetime | None]  # no end: the ticket is still waiting


@dataclass(slots=True)
class Clock:
    """Counts service time between instants; without a service time it runs round the clock.

    The days of a year are laid out once and added up, so that a ticket of a year costs no more
    than one of an hour.
    """

    service: ServiceTime | None = None
    _years: dict[int, "_Year"] = field(default_factory=dict)

    def elapsed(
        self,
        begins: datetime,
        ends: datetime,
        pauses: Sequence[Pause] = (),
        waited: timedelta = NONE,
    ) -> timedelta:
        """Return how long the clock ran between two instants, less pauses and a bare length."""
        if ends <= begins:
            return NONE
        ran = self.between(begins, ends)
        for pause in inside(pauses, begins, ends) if pauses else ():
            ran -= self.between(*pause)
        return max(ran - waited, NONE)

    def between(self, begins: datetime, ends: datetime) -> timedelta:
        """Return how much service time lies between two instants."""
        if self.service is None:
            return ends - begins
        zone = self.service.zone
        first, last = begins.astimezone(zone), ends.astimezone(zone)
        found = self._year(last.year).until(last, ends) - self._year(first.year).until(
            first, begins
        )
        for year in range(first.year, last.year):
            found += self._year(year).whole
        return found

    def _year(self, number: int) -> "_Year":
        found = self._years.get(number)
        if found is None:
            assert self.service is not None
            found = self._years[number] = _Year(self.service, number)
        return found


class _Year:
    """The service time of one local year, by its days."""

    def __init__(self, service: ServiceTime, number: int) -> None:
        first, after = date(number, 1, 1), date(number + 1, 1, 1)
        self.first = first.toordinal()
        bounds = [
            datetime.combine(date.fromordinal(day), time(), service.zone).astimezone(UTC)
            for day in range(self.first, after.toordinal() + 1)
        ]
        self.days: list[Spans] = [[] for _ in bounds[1:]]
        place = 0
        for begins, ends in service.spans(bounds[0], bounds[-1]):
            start = begins
            while start < ends:
                while bounds[place + 1] <= start:
                    place += 1
                stop = min(ends, bounds[place + 1])
                self.days[place].append((start, stop))
                start = stop
        self.before, total = [], NONE
        for spans in self.days:
            self.before.append(total)
            total += sum((ends - begins for begins, ends in spans), NONE)
        self.whole = total

    def until(self, local: datetime, instant: datetime) -> timedelta:
        """Return the service time of the year before an instant of it."""
        place = local.toordinal() - self.first
        found = self.before[place]
        for opens, closes in self.days[place]:
            if instant <= opens:
                break
            found += min(instant, closes) - opens
        return found


def inside(pauses: Iterable[Pause], begins: datetime, ends: datetime) -> Spans:
    """Return what of the pauses lies between two instants, overlaps once."""
    return merged(
        (max(start, begins), ends if stop is None else min(stop, ends)) for start, stop in pauses
    )


def of_states(changes: Sequence[tuple[datetime, bool]]) -> list[Pause]:
    """Return the pauses of a history: from each row that waits to the next row of the ticket.

    `changes` are the instants of a ticket's rows in their order, and whether each waits.
    """
    found: list[Pause] = []
    for place, (begins, waits) in enumerate(changes):
        if waits:
            ends = changes[place + 1][0] if place + 1 < len(changes) else None
            if ends != begins:
                found.append((begins, ends))
    return _joined(found)


def _joined(pauses: Sequence[Pause]) -> list[Pause]:
    """Return pauses that follow each other without a gap as one."""
    found: list[Pause] = []
    for begins, ends in pauses:
        if found and found[-1][1] == begins:
            found[-1] = (found[-1][0], ends)
        else:
            found.append((begins, ends))
    return found
