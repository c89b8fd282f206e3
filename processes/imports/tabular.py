"""Reading a table (读取表格): csv, csv.gz or xlsx, into rows of text with their places.

Chinese spreadsheets save csv as GB18030 and "Unicode text" as UTF-16; all are recognised. A
formula stays the text it is: `=1+1` in a csv is three characters, and of a workbook only the
values that its author saw are read.
"""

import codecs
import csv
import gzip
import io
import unicodedata
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

from processes.imports import shown, workbook
from processes.imports.problems import ImportRefused, Problem, Problems, Wrong

LARGEST: Final = 64 * 2**20  # bytes of a csv, unpacked
ROWS: Final = workbook.ROWS
LONGEST_CELL: Final = 20_000  # characters
ENCODINGS: Final = ("utf-8", "gb18030")
BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BREAKS: Final = frozenset("\n\r\t")  # allowed inside a cell; fields of one line refuse them
TURNS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Record:
    """One row below the header; `number` is what a spreadsheet shows beside it."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file's header and rows; `notes` are what a reader should be told about the reading."""

    file: str
    columns: tuple[str, ...]
    records: list[Record]
    notes: list[Problem] = field(default_factory=list)


def read(
    path: Path,
    problems: Problems,
    *,
    known: Sequence[str] | None,
    needed: Sequence[str],
    codes: Collection[str] = (),
) -> Table:
    """Return the table in a file; what is wrong with it is added to `problems`.

    `known` are the columns there may be (None: any, where a mapping chooses), `needed` those
    there must be, `codes` those whose numbers are read as a spreadsheet shows them. Rows with
    nothing in them are left out, rows that cannot be read as well: their problem is noted. A
    file that is no table at all is refused at once.
    """
    raw, notes, columns = _opened(path, codes)
    check_header(columns, known, needed, problems)
    records = list(_records(raw, columns, problems))
    if not records and not problems.found:
        problems.say("holds no rows")
    return Table(
        path.name,
        columns,
        records,
        [Problem(file=path.name, sentence=note.sentence, facts=note.facts) for note in notes],
    )


def _opened(
    path: Path, codes: Collection[str]
) -> tuple[Iterator[list[str]], list[Wrong], tuple[str, ...]]:
    try:
        raw, notes = _raw(path, codes)
        return raw, notes, _header(raw)
    except Wrong as wrong:
        problem = Problem(file=path.name, sentence=wrong.sentence, facts=wrong.facts)
        raise ImportRefused(path.name, [problem]) from wrong


def _raw(path: Path, codes: Collection[str]) -> tuple[Iterator[list[str]], list[Wrong]]:
    """Return the rows as text, header first."""
    if not path.is_file():
        raise Wrong("there is no such file")
    suffix = path.name.lower().rpartition(".")[2]
    if suffix in {"xlsx", "xlsm", "xls"}:
        rows, others = workbook.rows(path)
        notes = [Wrong("only its first sheet was read, not {sheets}", sheets=", ".join(others))]
        return iter(_texts(path, rows, codes)), notes if others else []
    if suffix in {"csv", "txt", "tsv", "gz"}:
        return _csv(text(path)), []
    raise Wrong("is neither .csv, .csv.gz nor .xlsx")


def text(path: Path) -> str:
    """Return the text of a file, unpacked and decoded."""
    try:
        return _decode(_bytes(path))
    except (gzip.BadGzipFile, zlib.error, EOFError) as broken:
        raise Wrong("is not a readable .gz file: {why}", why=str(broken)) from broken
    except OSError as broken:
        raise Wrong("cannot be read: {why}", why=broken.strerror or str(broken)) from broken


def _bytes(path: Path) -> bytes:
    with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as file:
        found = file.read(LARGEST + 1)
    if len(found) > LARGEST:
        raise Wrong("is larger than {most} MB", most=LARGEST // 2**20)
    if found[:4] == b"PK\x03\x04" or found[:4] == workbook.OLD_OR_LOCKED:
        raise Wrong("is an Excel file under another name: call it .xlsx")
    return found


def _decode(raw: bytes) -> str:
    for mark, encoding in BOMS:
        if raw.startswith(mark):
            return _decoded(raw, encoding)
    half = raw[:2000].count(0) * 3  # text without a mark, one zero byte in every two
    if half > len(raw[:2000]) > 0:
        return _decoded(raw, "utf-16-le" if raw[1:2] == b"\0" else "utf-16-be")
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Wrong("is neither UTF-8, UTF-16 nor GB18030 text: save it as UTF-8")


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as broken:
        raise Wrong("is neither UTF-8, UTF-16 nor GB18030 text: save it as UTF-8") from broken


def _csv(content: str) -> Iterator[list[str]]:
    first = content[: content.find("\n")] if "\n" in content else content
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error as broken:
        raise Wrong(
            "line {line} cannot be read as csv: {why}", line=reader.line_num, why=str(broken)
        ) from broken


def _texts(path: Path, rows: list[list[object]], codes: Collection[str]) -> list[list[str]]:
    """Return the cells as text; numbers in columns of codes as the spreadsheet shows them."""
    texts = [[_text(cell) for cell in row] for row in rows]
    names = [name.strip().lower() for name in texts[0]] if texts else []
    wanted = {place for place, name in enumerate(names) if name in codes}
    for (row, column), form in (shown.padded(path) if wanted else {}).items():
        if column in wanted and 0 < row < len(rows) and column < len(rows[row]):
            cell = rows[row][column]
            if isinstance(cell, float | int) and not isinstance(cell, bool) and cell == int(cell):
                texts[row][column] = shown.shown(int(cell), form)
    return texts


def _text(cell: object) -> str:
    """Return what a cell of a workbook would be in a csv."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:  # noqa: PLR2004 - exact
        return str(int(cell))
    if isinstance(cell, datetime):
        at_midnight = cell.time() == time()
        return cell.date().isoformat() if at_midnight else cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _header(raw: Iterator[list[str]]) -> tuple[str, ...]:
    for row in raw:
        names = [name.strip().lower() for name in row]
        while names and not names[-1]:
            names.pop()  # a spreadsheet's empty columns at the end
        if names:
            return tuple(names)
        break
    raise Wrong("has no header row")


def check_header(
    columns: tuple[str, ...],
    known: Sequence[str] | None,
    needed: Sequence[str],
    problems: Problems,
) -> None:
    """Note the columns that are unknown, missing or there twice."""
    for name in dict.fromkeys(columns):
        if columns.count(name) > 1:
            problems.say("the column stands there twice", row=1, column=name or "?")
        elif known is not None and name not in known:
            problems.say(
                "there is no such column here: known are {known}",
                row=1,
                column=name or "?",
                known=", ".join(known),
            )
    for name in needed:
        if name not in columns:
            problems.say("the column is missing", row=1, column=name)


def _records(
    raw: Iterable[list[str]], columns: tuple[str, ...], problems: Problems
) -> Iterator[Record]:
    for number, row in _numbered(raw, problems):
        cells = _fitted(row, len(columns))
        if cells is None:
            problems.say(
                "the row has {cells} cells, the header {columns}",
                row=number,
                cells=len(row),
                columns=len(columns),
            )
            continue
        for column, cell in zip(columns, cells, strict=True):
            _check_cell(cell, number, column, problems)
        yield Record(number, dict(zip(columns, cells, strict=True)))


def _numbered(raw: Iterable[list[str]], problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that hold something; what cannot be read ends the file and is noted."""
    number = 1
    try:
        for row in raw:
            number += 1
            if number > ROWS:
                problems.say("has more than {most} rows", most=ROWS)
                return
            if any(cell and not cell.isspace() for cell in row):
                yield number, row
    except Wrong as wrong:
        problems.add(wrong, row=number + 1)


def _fitted(row: list[str], width: int) -> list[str] | None:
    """Return as many cells as the header has; None if some are missing or too many are filled."""
    if len(row) < width or any(row[width:]):
        return None
    return row[:width]


def _check_cell(cell: str, row: int, column: str, problems: Problems) -> None:
    if len(cell) > LONGEST_CELL:
        problems.say(
            "{length} characters are too many, at most {most} are kept",
            row=row,
            column=column,
            length=len(cell),
            most=LONGEST_CELL,
        )
    elif not cell.isprintable() and (bad := forbidden(cell)):
        problems.say(
            "holds the character {character}, which cannot be written in text",
            row=row,
            column=column,
            character=bad,
        )


def forbidden(cell: str) -> str | None:
    """Return the name of the first letter that no reader can see: U+0000.

    That is controls, and marks that turn the direction of what follows; breaks are none.
    """
    for letter in cell:
        control = unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}
        if letter in TURNS or (control and letter not in BREAKS):
            return f"U+{ord(letter):04X}"
    return None
