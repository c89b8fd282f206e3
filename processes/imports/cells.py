"""What a cell means (单元格): text, code, address, date, yes or no; or why it cannot.

An empty cell in a column that is there means empty; only a column that is not there leaves
what is known.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Any, Final
from zoneinfo import ZoneInfo

from processes.imports.problems import Problems, Wrong
from processes.imports.tabular import Record
from rules.address import AddressRefused, normalise
from rules.calendar import YearOutOfRange, refuse_year

YES: Final = frozenset({"yes", "y", "true", "1", "是", "在职"})
NO: Final = frozenset({"no", "n", "false", "0", "否", "离职"})
CODE: Final = re.compile(r"[^\s:;,，；：\"'<>\\]+")
DAY: Final = re.compile(r"(\d{1,4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")

Read = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a kind: its name, how a cell is read, and whether a row cannot do without."""

    name: str
    read: Read
    needed: bool = False
    default: Any = None  # of a new row when the cell is empty or the column missing


def parse(
    records: list[Record], columns: tuple[Column, ...], problems: Problems
) -> list[tuple[int, dict[str, Any]]]:
    """Return each row's number and values, of the columns that the file has."""
    return [(record.number, _values(record, columns, problems)) for record in records]


def _values(record: Record, columns: tuple[Column, ...], problems: Problems) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in columns:
        if column.name not in record.cells:
            continue
        cell = record.cells[column.name].strip()
        if column.needed and not cell:
            problems.say("must not be empty", row=record.number, column=column.name)
            continue
        try:
            values[column.name] = column.read(cell) if cell else column.default
        except Wrong as wrong:
            problems.add(wrong, row=record.number, column=column.name)
    return values


def line(most: int) -> Read:
    """Return a reader of text on one line, at most so many characters."""

    def read(cell: str) -> str:
        return _at_most(_one_line(cell), most)

    return read


def prose(most: int) -> Read:
    """Return a reader of text of several lines."""

    def read(cell: str) -> str:
        return _at_most(cell.replace("\r\n", "\n").replace("\r", "\n"), most)

    return read


@dataclass(frozen=True, slots=True)
class Code:
    """A reader of a natural key: no blanks, nothing that a list or a link would break."""

    most: int

    def __call__(self, cell: str) -> str:
        """Return the code, or say why it cannot be one."""
        if not CODE.fullmatch(cell):
            raise Wrong("{code} cannot be a code: no blanks, colons, commas or quotes", code=cell)
        return _at_most(cell, self.most)


def code(most: int = 64) -> Code:
    """Return a reader of codes of at most so many characters."""
    return Code(most)


def address(cell: str) -> str:
    """Read a mail address as it is kept."""
    try:
        return normalise(cell)
    except AddressRefused as refused:
        raise Wrong(refused.sentence, **refused.facts) from refused


def day(cell: str) -> date:
    """Read a date: 2026-09-28, 2026/9/28, 2026年9月28日."""
    found = DAY.fullmatch(cell)
    if found is None:
        raise Wrong("{cell} is no date: write it like 2026-09-28", cell=cell)
    try:
        year, month, number = (int(part) for part in found.groups())
        refuse_year(year)
        return date(year, month, number)
    except YearOutOfRange as refused:
        raise Wrong(refused.sentence, **refused.facts) from refused
    except ValueError as broken:
        raise Wrong("{cell} is no date: write it like 2026-09-28", cell=cell) from broken


def instant(zone: ZoneInfo, *, of_day: time) -> Read:
    """Return a reader of instants; without a zone they are the site's, a date is at `of_day`."""

    def read(cell: str) -> datetime:
        if DAY.fullmatch(cell):
            local = datetime.combine(day(cell), of_day, zone)
        else:
            local = _moment(cell)
            local = local if local.tzinfo else local.replace(tzinfo=zone)
        return local.astimezone(UTC)

    return read


def _moment(cell: str) -> datetime:
    try:
        found = datetime.fromisoformat(cell.replace("/", "-"))
        refuse_year(found.year)
    except YearOutOfRange as refused:
        raise Wrong(refused.sentence, **refused.facts) from refused
    except ValueError as broken:
        raise Wrong(
            "{cell} is no time: write it like 2026-09-28 14:30 or 2026-09-28T14:30+08:00", cell=cell
        ) from broken
    return found


def truth(cell: str) -> bool:
    """Read yes or no."""
    if cell.lower() in YES:
        return True
    if cell.lower() in NO:
        return False
    raise Wrong("{cell} is neither yes nor no", cell=cell)


def one_of(words: type[Enum]) -> Read:
    """Return a reader of one stable word, in whatever letters."""

    def read(cell: str) -> str:
        try:
            return str(words(cell.lower()).value)
        except ValueError:
            known = ", ".join(str(word.value) for word in words)
            raise Wrong(
                "{cell} is not known here: use one of {known}", cell=cell, known=known
            ) from None

    return read


def some_of(words: type[Enum]) -> Read:
    """Return a reader of stable words with semicolons between them."""
    single = one_of(words)

    def read(cell: str) -> list[str]:
        parts = (part.strip() for part in re.split("[;；]", cell))
        return sorted({single(part) for part in parts if part})

    return read


def _one_line(cell: str) -> str:
    if any(mark in cell for mark in "\r\n\t"):
        raise Wrong("must stand on one line")
    return cell


def _at_most(cell: str, most: int) -> str:
    if len(cell) > most:
        raise Wrong(
            "{length} characters are too many, at most {most} are kept", length=len(cell), most=most
        )
    return cell
