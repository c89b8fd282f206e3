"""The pauses of a log's tickets (等待时段): told by states of a history, or one a row."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from processes.tickets.log import Log
from rules.ticket_clock import Pause, of_states

Tickets = dict[str, tuple[Any, ...]]
PLACE = -2  # of the pauses in a folded row


class Waits:
    """Gathers what the rows of each ticket tell of its waiting."""

    def __init__(self, log: Log) -> None:
        self.log, self.columns = log, log.columns
        self.states = frozenset(log.written.waiting_states)
        self.changes: dict[str, list[tuple[datetime, bool]]] = {}
        self.pauses: dict[str, list[Pause]] = {}
        self.told = bool(self.states) or self.columns.waiting_from is not None

    def note(self, number: str, at: datetime, row: int, cells: Sequence[str]) -> None:
        """Take what one row of a ticket tells."""
        if self.states:
            state = self.columns.state or ""
            typed = cells[self.log.place[state]].strip()
            waits = typed in self.states or self.log.values.state.get(typed) in self.states
            self.changes.setdefault(number, []).append((at, waits))
        else:
            self._interval(number, row, cells)

    def _interval(self, number: str, row: int, cells: Sequence[str]) -> None:
        log, names = self.log, (self.columns.waiting_from or "", self.columns.waiting_until or "")
        typed = [cells[log.place[name]] for name in names]
        begins, ends = (log.moment(row, *pair) for pair in zip(typed, names, strict=True))
        if begins is None:
            if ends is not None:
                log.problems.say("the pause has no beginning", row=row, column=names[0])
        elif ends is not None and ends < begins:
            log.problems.say("the pause ends before it begins", row=row, column=names[1])
        elif ends != begins:
            self.pauses.setdefault(number, []).append((begins, ends))

    def tell(self, tickets: Tickets) -> None:
        """Put the pauses of each ticket into its folded row, in the order of their instants."""
        for number, changes in self.changes.items():
            changes.sort(key=_instant)  # of equal instants the later line stays the later
            self._put(tickets, number, of_states(changes))
        for number, pauses in self.pauses.items():
            self._put(tickets, number, sorted(set(pauses), key=_open_last))

    def _put(self, tickets: Tickets, number: str, pauses: Sequence[Pause]) -> None:
        if pauses and number in tickets:
            kept = [[at and at.isoformat() for at in pause] for pause in pauses]
            row = tickets[number]
            tickets[number] = (*row[:PLACE], kept, row[-1])


def _instant(change: tuple[datetime, bool]) -> datetime:
    return change[0]


def _open_last(pause: Pause) -> tuple[datetime, bool, datetime]:
    begins, ends = pause
    return begins, ends is None, ends or begins
