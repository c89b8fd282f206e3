"""Reading a ticket log as a stream (读取工单日志): an event a row, by the columns of a mapping."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, cast
from zoneinfo import ZoneInfo

from config.ticket_mapping import Mapping
from processes.imports.instants import parser_of
from processes.imports.problems import ImportRefused, Problem, Problems, Wrong
from rules.calendar import YearOutOfRange, refuse_year
from rules.ticket import Event

LARGEST: Final = 2 * 2**30  # characters unpacked: a log is read as a stream, not kept
LONGEST_LINE: Final = 2**20
MOMENTS: Final = 100_000  # instants remembered as text: a log writes the same ones again and again

Cells = Sequence[str]


class Log:
    """A log and how its mapping reads it; what cannot be read is noted, and named by its row."""

    def __init__(self, path: Path, mapping: Mapping, zone: ZoneInfo, problems: Problems) -> None:
        self.path, self.zone, self.problems = path, zone, problems
        self.columns, self.written = mapping.columns, mapping.written
        self.width, self.place = 0, dict[str, int]()
        self.moments = dict[str, datetime | None]()
        self.parse = parser_of(self.written.dates)
        self.missing = frozenset({"", *self.written.missing})
        self.truths = dict.fromkeys(self.written.yes, True)
        self.truths |= dict.fromkeys(self.written.no, False)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows below the header; what cannot be read ends the file and is noted."""
        number = 1
        try:
            with _opened(self.path) as file:
                reader = csv.reader(_lines(file), strict=True)
                self._learn(next(reader, []))
                for row in reader:
                    number += 1
                    if len(row) == self.width:
                        if any(row):
                            yield number, row
                    elif row:
                        self._note_width(number, row)
        except Wrong as wrong:
            self.problems.add(wrong, row=number + 1)
        except (csv.Error, UnicodeDecodeError, OSError, zlib.error, EOFError) as broken:
            self.problems.say("cannot be read: {why}", row=number + 1, why=str(broken))

    def event(self, row: int, cells: Cells) -> Event | None:
        number = self._text(cells, self.columns.number)
        if number is None:
            self.problems.say("must not be empty", row=row, column=self.columns.number)
            return None
        return Event(
            number=number,
            priority=self._text(cells, self.columns.priority),
            group=self._text(cells, self.columns.group),
            reopened=self.count(
                row, self._cell(cells, self.columns.reopened), self.columns.reopened or ""
            ),
            met_sla=self.truth(
                row, self._cell(cells, self.columns.met_sla), self.columns.met_sla or ""
            ),
        )

    def instant(self, row: int, cells: Cells) -> datetime | None:
        """Return the instant of the row's event; without a zone it is the site's."""
        typed = cells[self.place[self.columns.updated]]
        return self._read(typed, row, self.columns.updated)

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

    def count(self, row: int, typed: str, column: str) -> int | None:
        """Return a whole number that may be unknown."""
        typed = typed.strip()
        if typed in self.missing:
            return None
        if not (typed.isascii() and typed.isdecimal()):
            self.problems.say("{cell} is no whole number", row=row, column=column, cell=typed)
            return None
        return int(typed[:9])

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
        self.width, self.place = len(names), {name: n for n, name in enumerate(names)}
        named = [getattr(self.columns, name) for name in self.columns.__dataclass_fields__]
        lacking = [column for column in named if column is not None and column not in self.place]
        if lacking:
            raise _refused(
                self.path,
                *(
                    Problem(
                        file=self.path.name, row=1, column=name, sentence="the column is missing"
                    )
                    for name in lacking
                ),
            )

    def _note_width(self, number: int, row: Sequence[str]) -> None:
        self.problems.say(
            "the row has {cells} cells, the header {columns}",
            row=number,
            cells=len(row),
            columns=self.width,
        )


@contextmanager
def _opened(path: Path) -> Iterator[io.TextIOWrapper]:
    """Open a log as text; what is no csv is refused before anything is read."""
    name = path.name.lower()
    if not path.is_file():
        raise _refused(path, Problem(file=path.name, sentence="there is no such file"))
    if not name.endswith((".csv", ".csv.gz", ".txt", ".tsv")):
        sentence = "a ticket log is read from .csv or .csv.gz"
        raise _refused(path, Problem(file=path.name, sentence=sentence))
    with path.open("rb") as packed, _unpacked(packed, name) as raw:
        yield io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")


def _unpacked(packed: BinaryIO, name: str) -> BinaryIO:
    return cast("BinaryIO", gzip.GzipFile(fileobj=packed)) if name.endswith(".gz") else packed


def _refused(path: Path, *problems: Problem) -> ImportRefused:
    return ImportRefused(path.name, problems)


def _lines(file: io.TextIOWrapper) -> Iterator[str]:
    left = LARGEST
    while line := file.readline(LONGEST_LINE):
        left -= len(line)
        if len(line) == LONGEST_LINE:
            raise Wrong("a line is longer than {most} characters", most=LONGEST_LINE)
        if left < 0:
            raise Wrong("is larger than {most} MB", most=LARGEST // 2**20)
        yield line
