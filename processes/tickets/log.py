"""Reading a ticket log as a stream (读取工单日志): an event a row, by the columns of a mapping."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from config.ticket_mapping import Mapping
from processes.imports.instants import Read, parser_of
from processes.imports.problems import Problem, Problems, Wrong
from processes.tickets import opened
from rules.calendar import YearOutOfRange, refuse_year
from rules.ticket import Event

MOMENTS: Final = 100_000  # instants remembered as text: a log writes the same ones again and again
STANDING_IN: Final = ("opened", "resolved", "closed")  # for the instant of a row that has none
SECONDS: Final = {"seconds": 1, "minutes": 60, "hours": 3600}
LONGEST_WAIT: Final = 10**10  # seconds

Cells = Sequence[str]


class Log:
    """A log and how its mapping reads it; what cannot be read is noted, and named by its row."""

    def __init__(self, path: Path, mapping: Mapping, zone: ZoneInfo, problems: Problems) -> None:
        self.path, self.problems = path, problems
        self.columns, self.written = mapping.columns, mapping.written
        self.values, self.zone = mapping.values, mapping.written.zone(zone)
        self.width, self.place = 0, dict[str, int]()
        self.moments = dict[str, datetime | None]()
        self.set_once = False  # the column of reopenings holds instants: empty is never
        self.left: tuple[str, ...] = ()  # columns that the mapping does not name
        self.parse = _parser(self.written.dates, book=opened.is_book(path))
        self.missing = frozenset({"", *self.written.missing})
        self.truths = dict.fromkeys(self.written.yes, True)
        self.truths |= dict.fromkeys(self.written.no, False)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows below the header; what cannot be read ends the file and is noted."""
        number = self.written.header_row
        report = number > 1
        try:
            yes, no = (words[0] if words else "" for words in (self.written.yes, self.written.no))
            with opened.rows(self.path, yes=yes, no=no) as reader:
                for _ in range(number - 1):
                    next(reader, None)
                self._learn(next(reader, []))
                for row in reader:
                    number += 1
                    if len(row) == self.width:
                        if any(row[1:] if report else row):  # what stands alone is a footer
                            yield number, row
                    elif row:
                        self._note_width(number, row)
        except Wrong as wrong:
            self.problems.add(wrong, row=number + 1)
        except opened.BROKEN as broken:
            self.problems.say("cannot be read: {why}", row=number + 1, why=str(broken))

    def event(self, row: int, cells: Cells) -> Event | None:
        number = self._text(cells, self.columns.number)
        if number is None:
            self.problems.say("must not be empty", row=row, column=self.columns.number)
            return None
        return Event(
            number=number,
            priority=self._meant(cells, "priority"),
            group=self._meant(cells, "group"),
            reopened=self.count(
                row, self._cell(cells, self.columns.reopened), self.columns.reopened or ""
            ),
            met_sla=self.truth(
                row, self._cell(cells, self.columns.met_sla), self.columns.met_sla or ""
            ),
        )

    def instant(self, row: int, cells: Cells) -> datetime | None:
        """Return the instant of the row's event, or the latest that the row tells instead."""
        typed = cells[self.place[self.columns.updated]]
        known = self.moment(row, typed, self.columns.updated)
        if known is not None or typed.strip() not in self.missing:
            return known  # what cannot be read is noted already
        named = [getattr(self.columns, name) for name in STANDING_IN]
        told = [self.moment(row, cells[self.place[name]], name) for name in named if name]
        return self.latest(row, told)

    def latest(self, row: int, told: Sequence[datetime | None]) -> datetime | None:
        """Return the latest instant that stands in for a missing one; note that there is none."""
        found = max((at for at in told if at is not None), default=None)
        if found is None:
            self.problems.say(
                "nothing says when the event was: fill it in, or opened, resolved or closed",
                row=row,
                column=self.columns.updated,
            )
        return found

    def moment(self, row: int, typed: str, column: str) -> datetime | None:
        """Return an instant that may be unknown; the same text is read once."""
        typed = typed.strip()
        if typed in self.missing:
            return None
        if typed not in self.moments:
            if len(self.moments) > MOMENTS:
                self.moments.clear()
            self.moments[typed] = self._read(typed, row, column)
        elif self.moments[typed] is None:
            self._read(typed, row, column)  # named at every row where it stands
        return self.moments[typed]

    def _read(self, typed: str, row: int, column: str) -> datetime | None:
        try:
            found = self.parse(typed.strip())
            refuse_year(found.year)
        except (ValueError, YearOutOfRange):
            self.problems.say(
                "{cell} is no time as the mapping writes it: {form}",
                row=row,
                column=column,
                cell=typed,
                form=self.written.dates,
            )
            return None
        return (found if found.tzinfo else found.replace(tzinfo=self.zone)).astimezone(UTC)

    def _text(self, cells: Cells, column: str | None) -> str | None:
        if column is None:
            return None
        typed = cells[self.place[column]].strip()
        return None if typed in self.missing else typed

    def _meant(self, cells: Cells, name: str) -> str | None:
        """Return a word as the mapping means it."""
        typed = self._text(cells, getattr(self.columns, name))
        words: dict[str, str] = getattr(self.values, name)
        return None if typed is None else words.get(typed, typed)

    def count(self, row: int, typed: str, column: str) -> int | None:
        """Return how often a ticket was reopened: a count, a yes or no, or an instant of it."""
        typed = typed.strip()
        if typed in self.missing:
            return 0 if self.set_once else None
        whole = typed.removesuffix(".0")
        if whole.isascii() and whole.isdecimal():
            return int(whole[:9])
        if typed in self.truths:
            return int(self.truths[typed])
        try:
            refuse_year(self.parse(typed).year)
        except (ValueError, YearOutOfRange):
            self.problems.say("{cell} is no whole number", row=row, column=column, cell=typed)
            return None
        self.set_once = True
        return 1

    def length(self, row: int, typed: str, column: str) -> int | None:
        """Return a length of waiting in seconds, which may be unknown."""
        typed = typed.strip()
        if typed in self.missing:
            return None
        try:
            found = Decimal(typed) * SECONDS[self.written.waiting_unit]
        except InvalidOperation:
            found = Decimal("NaN")
        if not (found.is_finite() and 0 <= found <= LONGEST_WAIT):
            self.problems.say("{cell} is no length of time", row=row, column=column, cell=typed)
            return None
        return round(found)

    def truth(self, row: int, typed: str, column: str) -> bool | None:
        """Return a yes or no that may be unknown."""
        typed = typed.strip()
        if typed in self.missing:
            return None
        known = self.truths.get(typed)
        if known is None:
            self.problems.say("{cell} is neither yes nor no", row=row, column=column, cell=typed)
        return known

    def _cell(self, cells: Cells, column: str | None) -> str:
        """Return a cell; one of a column that the mapping does not name is unknown."""
        return cells[self.place[column]] if column is not None else ""

    def _learn(self, head: Sequence[str]) -> None:
        """Learn where the columns stand; refuse a log that lacks one which the mapping names."""
        names = [name.strip() for name in head]
        if names:
            names[0] = names[0].removeprefix("\ufeff")
        self.width, self.place = len(names), {name: n for n, name in enumerate(names)}
        named = dict.fromkeys(self.columns.named().values())
        again = opened.twice(names)
        wrong = [(name, "the column is missing") for name in named if name not in self.place]
        wrong += [(name, "the column stands there twice") for name in named if name in again]
        if wrong:
            found = (
                Problem(file=self.path.name, row=1, column=name, sentence=sentence)
                for name, sentence in wrong
            )
            raise opened.refused(self.path, *found)
        self.left = tuple(dict.fromkeys(name for name in names if name and name not in named))

    def _note_width(self, number: int, row: Sequence[str]) -> None:
        self.problems.say(
            "the row has {cells} cells, the header {columns}",
            row=number,
            cells=len(row),
            columns=self.width,
        )


def _parser(form: str, *, book: bool) -> Read:
    """Return what reads an instant; a workbook's own dates come as ISO writes them."""
    read = parser_of(form)
    if not book:
        return read

    def either(typed: str) -> datetime:
        try:
            return read(typed)
        except ValueError:
            return datetime.fromisoformat(typed)

    return either
