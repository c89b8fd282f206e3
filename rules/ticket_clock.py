"""How long a ticket has taken (工单计时): service time from its opening, less its pauses.

Time is intervals: what is counted is what is left of them, never a sum added to an instant.
Overlapping pauses count once, and what of a pause lies before the opening or after the end of
the ticket counts for nothing.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Final

from rules.service_time import ServiceTime
from rules.spans import Spans, merged

NONE: Final = timedelta()
Pause = tuple[datetime, datetime | None]  # no end: the ticket is still waiting


@dataclass(slots=True)
class Clock:
    """Counts service time between instants; without a service time it runs round the clock.

    The service time of the years that are asked for is laid out once and added up, so that a
    ticket of a year costs no more than one of an hour.
    """

    service: ServiceTime | None = None
    _laid: "_Laid | None" = None

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
        laid = self._laid
        if laid is None or not laid.first <= begins.year - 1 <= ends.year + 1 <= laid.last:
            laid = self._lay(self.service, begins.year - 1, ends.year + 1)
        return laid.until(ends) - laid.until(begins)

    def _lay(self, service: ServiceTime, first: int, last: int) -> "_Laid":
        """Lay out the years that are asked for, beside those that are laid out already."""
        if self._laid is not None:
            first, last = min(first, self._laid.first), max(last, self._laid.last)
        self._laid = _Laid(service, first, last)
        return self._laid


class _Laid:
    """The service time of some years, and how much of it lies before each of its spans.

    A year more on each side is laid out than is asked for: an instant's own zone may put it into
    another year than UTC does.
    """

    def __init__(self, service: ServiceTime, first: int, last: int) -> None:
        self.first, self.last = first, last
        spans = service.spans(
            datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
        )
        self.starts = [begins for begins, _ in spans]
        self.lengths = [ends - begins for begins, ends in spans]
        self.before = [NONE, *accumulate(self.lengths, initial=NONE)]

    def until(self, instant: datetime) -> timedelta:
        """Return the service time before an instant."""
        place = bisect_right(self.starts, instant)
        if not place:
            return NONE
        return self.before[place] + min(instant - self.starts[place - 1], self.lengths[place - 1])


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
