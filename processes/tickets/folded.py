"""The rows of a ticket log folded into tickets (工单折叠): the newest row of a number counts.

The newest is that of the latest instant, whatever the order of the file; of equal instants the
later line.

Every row is judged, not only the last: a log in which one event is written wrongly is refused,
by its row and column, and nothing of it is taken.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from config.ticket_mapping import Mapping
from processes.imports.problems import Problems
from processes.tickets.log import Log
from processes.tickets.waiting import Waits

SPAN: Final = ("opened", "resolved", "closed", "due")
TEXTS: Final = ("priority", "group", "project")
LONGEST: Final = {"number": 64, "priority": 120, "group": 120, "project": 120}

KEPT: Final = 50_000  # sets of cells that are remembered as read

# (log, row, typed, column): what a cell means; what is wrong with it is noted.
Cell = Callable[[Log, int, str, str], Any]
# (row, cells): a ticket's number, and what the row says of it.
Read = Callable[[int, Sequence[str]], tuple[str | None, tuple[Any, ...]]]


@dataclass(slots=True)
class Folded:
    """What a log tells: its events, and of each ticket the last row and its number of rows."""

    events: int = 0
    tickets: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    left: tuple[str, ...] = ()  # columns of the log that the mapping does not name


# The order of a folded row: columns of the table of tickets.
FIELDS: Final = (
    "opened_at",
    "resolved_at",
    "closed_at",
    "due_at",
    "updated_at",
    "priority",
    "group",
    "project",
    "reopened",
    "met_sla",
    "waited",
    "pauses",
    "events",
)
UPDATED, REOPENED, PAUSES = (FIELDS.index(name) for name in ("updated_at", "reopened", "pauses"))


def fold(path: Path, mapping: Mapping, zone: ZoneInfo, problems: Problems) -> Folded:
    """Read a log as a stream; what is wrong with it is added to `problems`."""
    log, found = Log(path, mapping, zone, problems), Folded()
    read: Read | None = None
    waits = Waits(log)
    note = waits.note if waits.told else None
    tickets = found.tickets
    for row, cells in log.rows():
        read = read or _reader(log)
        number, values = read(row, cells)
        found.events += 1
        if number is None:
            problems.say("must not be empty", row=row, column=mapping.columns.number)
            continue
        at = values[UPDATED]
        if at is None:
            at = log.latest(row, values[:3]) if _unknown(log, cells) else None
            values = (*values[:UPDATED], at, *values[UPDATED + 1 :])
        if note is not None and at is not None:
            note(number, at, row, cells)
        before = tickets.get(number)
        if before is None:
            tickets[number] = (*values, None, 1)
        elif at is None or before[UPDATED] is None or at >= before[UPDATED]:
            tickets[number] = (*values, None, before[-1] + 1)
        else:
            tickets[number] = (*before[:-1], before[-1] + 1)
    found.left = log.left
    waits.tell(tickets)
    if log.set_once:
        _never(tickets)
    return found


def _unknown(log: Log, cells: Sequence[str]) -> bool:
    """Whether a row tells no instant of its event, rather than one that cannot be read."""
    return cells[log.place[log.columns.updated]].strip() in log.missing


def _never(tickets: dict[str, tuple[Any, ...]]) -> None:
    """Read an empty instant of reopening as never."""
    for number, row in tickets.items():
        if row[REOPENED] is None:
            tickets[number] = (*row[:REOPENED], 0, *row[REOPENED + 1 :])


def _reader(log: Log) -> Read:
    """Return what reads one row: made once, when the header has said where the columns stand.

    The rows of one ticket say nearly the same again and again, so what stands in some columns
    together is read once: a log is several times faster for it.
    """
    columns = log.columns
    span = _Part(log, [(getattr(columns, name), _instant) for name in SPAN])
    updated = _Part(log, [(columns.updated, _instant)])
    words = _Part(
        log,
        [
            *((getattr(columns, name), _meant(log, name)) for name in TEXTS),
            (columns.reopened, _reopened),
            (columns.met_sla, _met_sla),
            (columns.waiting, _length),
        ],
    )
    number = _Part(log, [(columns.number, _text(LONGEST["number"]))])

    def read(row: int, cells: Sequence[str]) -> tuple[str | None, tuple[Any, ...]]:
        return number(row, cells)[0], (
            *span(row, cells),
            *updated(row, cells),
            *words(row, cells),
        )

    return read


class _Part:
    """Some columns that are read together; None for those that the log does not have."""

    def __init__(self, log: Log, columns: Sequence[tuple[str | None, Cell]]) -> None:
        self.log, self.columns = log, columns
        self.kept: dict[Any, tuple[Any, ...]] = {}
        places = [log.place[column] for column, _ in columns if column is not None]
        self.pick = itemgetter(*places) if places else lambda _cells: ()
        self.alone = len(places) == 1

    def __call__(self, row: int, cells: Sequence[str]) -> tuple[Any, ...]:
        picked = self.pick(cells)
        found = self.kept.get(picked)
        return found if found is not None else self._read(row, picked)

    def _read(self, row: int, picked: Any) -> tuple[Any, ...]:
        before = len(self.log.problems.found)
        typed = iter((picked,) if self.alone else picked)
        found = tuple(
            None if column is None else read(self.log, row, next(typed), column)
            for column, read in self.columns
        )
        if len(self.log.problems.found) == before:  # what is wrong is named at each of its rows
            if len(self.kept) >= KEPT:
                self.kept.clear()
            self.kept[picked] = found
        return found


def _instant(log: Log, row: int, typed: str, column: str) -> datetime | None:
    return log.moment(row, typed, column)


def _reopened(log: Log, row: int, typed: str, column: str) -> int | None:
    return log.count(row, typed, column)


def _met_sla(log: Log, row: int, typed: str, column: str) -> bool | None:
    return log.truth(row, typed, column)


def _length(log: Log, row: int, typed: str, column: str) -> int | None:
    return log.length(row, typed, column)


def _meant(log: Log, name: str) -> Cell:
    """Return what reads a word as the mapping means it."""
    words, read = getattr(log.values, name), _text(LONGEST[name])

    def meant(log: Log, row: int, typed: str, column: str) -> str | None:
        text = read(log, row, typed, column)
        return None if text is None else words.get(text, text)

    return meant if words else read


def _text(most: int) -> Cell:
    def read(log: Log, row: int, typed: str, column: str) -> str | None:
        text = typed.strip()
        if len(text) > most or not text.isprintable():
            log.problems.say(
                "must be at most {most} printable characters", row=row, column=column, most=most
            )
            return None
        return None if text in log.missing else text

    return read
