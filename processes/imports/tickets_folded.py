"""The rows of a ticket log folded into tickets (工单折叠): the last row of a number counts.

Every row is judged, not only the last: a log in which one event is written wrongly is refused,
by its row and column, and nothing of it is taken.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from config.ticket_mapping import Mapping
from processes.imports.problems import Problems
from processes.imports.ticket_log import Log

INSTANTS: Final = ("opened", "resolved", "closed", "due", "updated")
TEXTS: Final = ("priority", "group", "project")
LONGEST: Final = {"number": 64, "priority": 120, "group": 120, "project": 120}

Values = dict[str, Any]


@dataclass(slots=True)
class Folded:
    """What a log tells: its events, and of each ticket the last row and its number of rows."""

    events: int = 0
    tickets: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def values(self) -> Iterator[tuple[str, Values]]:
        """Yield each ticket's number and columns."""
        for number, row in self.tickets.items():
            yield number, dict(zip(FIELDS, row, strict=True))


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
    "events",
)


def fold(path: Path, mapping: Mapping, zone: ZoneInfo, problems: Problems) -> Folded:
    """Read a log as a stream; what is wrong with it is added to `problems`."""
    log, found = Log(path, mapping, zone, problems), Folded()
    read: Callable[[int, Sequence[str]], tuple[Any, ...]] | None = None
    tickets = found.tickets
    for number, cells in log.rows():
        read = read or _reader(log)
        key, *row = read(number, cells)
        found.events += 1
        if key is None:
            continue
        before = tickets.get(key)
        tickets[key] = (*row, before[-1] + 1 if before else 1)
    return found


def _reader(log: Log) -> Callable[[int, Sequence[str]], tuple[Any, ...]]:
    """Return what reads one row: made once, when the header has said where the columns stand."""
    columns = log.columns
    instants = [_instant(log, getattr(columns, name)) for name in INSTANTS]
    texts = [_text(log, getattr(columns, name), LONGEST[name]) for name in TEXTS]
    number, where = _text(log, columns.number, LONGEST["number"]), columns.number

    def read(row: int, cells: Sequence[str]) -> tuple[Any, ...]:
        key = number(row, cells)
        if key is None:
            log.problems.say("must not be empty", row=row, column=where)
        return (
            key,
            *[one(row, cells) for one in instants],
            *[one(row, cells) for one in texts],
            log.reopened(row, cells),
            log.met_sla(row, cells),
        )

    return read


def _instant(log: Log, column: str | None) -> Callable[[int, Sequence[str]], datetime | None]:
    if column is None:
        return lambda _row, _cells: None
    place, moments, missing = log.place[column], log.moments, log.missing

    def read(row: int, cells: Sequence[str]) -> datetime | None:
        typed = cells[place]
        known = moments.get(typed)  # nearly every instant stands in several rows
        if known is not None or typed in missing:
            return known
        return log.moment(row, typed, column)

    return read


def _text(log: Log, column: str | None, most: int) -> Callable[[int, Sequence[str]], str | None]:
    if column is None:
        return lambda _row, _cells: None
    place, missing, kept = log.place[column], log.missing, dict[str, str | None]()

    def read(row: int, cells: Sequence[str]) -> str | None:
        typed = cells[place].strip()
        if typed in kept:
            return kept[typed]
        if len(typed) > most or not typed.isprintable():
            log.problems.say(
                "must be at most {most} printable characters", row=row, column=column, most=most
            )
            return None
        found = None if typed in missing else typed
        if len(kept) < 10_000:  # noqa: PLR2004 - numbers are as many as tickets, groups are few
            kept[typed] = found
        return found

    return read
