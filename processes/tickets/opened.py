"""The rows of a ticket log, whatever the form of its file (打开工单日志).

UTF-8, GB18030 and UTF-16; commas, semicolons and tabs; packed or not; the first sheet of a
workbook. The form is recognised and never asked for. Text is read as a stream: a log may be
larger than memory.
"""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, Final, cast

from processes.imports import workbook
from processes.imports.problems import ImportRefused, Problem, Wrong

LARGEST: Final = 2 * 2**30  # characters unpacked: a log is read as a stream, not kept
LONGEST_LINE: Final = 2**20
PIECE: Final = 2**20
TEXTS: Final = tuple(f".{kind}{packed}" for kind in ("csv", "tsv", "txt") for packed in ("", ".gz"))
BOOKS: Final = (".xlsx", ".xlsm", ".xls")
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DELIMITERS: Final = ",;\t"
BROKEN: Final = (csv.Error, UnicodeDecodeError, OSError, zlib.error, EOFError)


def is_book(path: Path) -> bool:
    """Whether the file is a workbook, by its name."""
    return path.name.lower().endswith(BOOKS)


@contextmanager
def rows(path: Path, *, yes: str = "true", no: str = "false") -> Iterator[Iterator[list[str]]]:
    """Open a log as rows of text, the header first; what is no log is refused before that.

    `yes` and `no` are what a workbook's own truths are written as.
    """
    name = path.name.lower()
    if not path.is_file():
        raise refused(path, Problem(file=path.name, sentence="there is no such file"))
    if is_book(path):
        yield iter(_book(path, yes, no))
    elif name.endswith(TEXTS):
        encoding = _encoding(path)
        with path.open("rb") as packed, _unpacked(packed, name) as raw:
            file = io.TextIOWrapper(raw, encoding=encoding, newline="")
            lines = _lines(file)
            first = next(lines, "")
            yield csv.reader(_again(first, lines), delimiter=delimiter(first), strict=True)
    else:
        sentence = "a ticket log is read from .csv, .tsv, .txt, the same packed as .gz, or .xlsx"
        raise refused(path, Problem(file=path.name, sentence=sentence))


def refused(path: Path, *problems: Problem) -> ImportRefused:
    """Return the refusal of a whole log."""
    return ImportRefused(path.name, problems)


def delimiter(header: str) -> str:
    """Return what separates the cells of a header: the mark that stands most outside quotes."""
    bare = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def _book(path: Path, yes: str, no: str) -> list[list[str]]:
    try:
        found, _ = workbook.rows(path)
    except Wrong as wrong:
        problem = Problem(file=path.name, sentence=wrong.sentence, facts=wrong.facts)
        raise refused(path, problem) from wrong
    return [[_text(cell, yes, no) for cell in row] for row in found]


def _text(cell: object, yes: str, no: str) -> str:
    """Return a cell as text: dates as ISO says them, whole numbers without a point."""
    if isinstance(cell, bool):
        return yes if cell else no
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat(sep=" ") if isinstance(cell, datetime) else _plain(cell)


def _plain(cell: object) -> str:
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _encoding(path: Path) -> str:
    """Return how a log is written, having looked through all of its bytes."""
    with path.open("rb") as packed, _unpacked(packed, path.name.lower()) as raw:
        try:
            return _recognised(raw)
        except (gzip.BadGzipFile, zlib.error, EOFError, OSError) as broken:
            problem = Problem(
                file=path.name, sentence="cannot be read: {why}", facts={"why": str(broken)}
            )
            raise refused(path, problem) from broken


def _recognised(raw: BinaryIO) -> str:
    piece = raw.read(PIECE)
    for mark, encoding in MARKS:
        if piece.startswith(mark):
            return encoding
    if piece[:2000].count(0) * 3 > len(piece[:2000]):  # no mark, one zero byte in every two
        return "utf-16-le" if piece[1:2] == b"\0" else "utf-16-be"
    decoder, left = codecs.getincrementaldecoder("utf-8")(), LARGEST
    try:
        while piece:
            decoder.decode(piece)
            left -= len(piece)
            if left < 0:
                return "utf-8"  # too large: refused where it is read
            piece = raw.read(PIECE)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _unpacked(packed: BinaryIO, name: str) -> BinaryIO:
    return cast("BinaryIO", gzip.GzipFile(fileobj=packed)) if name.endswith(".gz") else packed


def _again(first: str, lines: Iterator[str]) -> Iterator[str]:
    """Yield the header once more, then the lines that follow it."""
    if first:
        yield first
    yield from lines


def _lines(file: io.TextIOWrapper) -> Iterator[str]:
    left = LARGEST
    while line := file.readline(LONGEST_LINE):
        left -= len(line)
        if len(line) == LONGEST_LINE:
            raise Wrong("a line is longer than {most} characters", most=LONGEST_LINE)
        if left < 0:
            raise Wrong("is larger than {most} MB", most=LARGEST // 2**20)
        yield line


def twice(head: Sequence[str]) -> frozenset[str]:
    """Return the columns that a header has more than once."""
    return frozenset(name for name in head if head.count(name) > 1)
