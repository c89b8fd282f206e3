"""How much a workbook's XML asks for (展开规模), counted in its raw bytes before it is loaded.

A cell's place may be written or implied, and one long text may be shared by a million cells:
both are counted, because the reader lays out every place and copies every text.
"""

import re
from array import array
from collections.abc import Iterable, Iterator
from typing import Final

from processes.imports.problems import Wrong

ROWS: Final = 200_000
COLUMNS: Final = 200
CELLS: Final = 8_000_000  # a table is laid out whole, empty cells included
TEXT: Final = 256 * 2**20  # bytes of text, each time that it is shown
PIECE: Final = 2**18
OVERLAP: Final = 64

REFERENCE: Final = re.compile(rb"""\br\s*=\s*["']([A-Z]*)(\d+)["']""")
TAG: Final = re.compile(rb"<(?:[\w.-]+:)?(row|c)(?=[\s/>])")
STRING: Final = re.compile(rb"<(?:[\w.-]+:)?si(?=[\s/>])")
SHARED: Final = re.compile(rb"""\bt\s*=\s*["']s["']""")
NUMBER: Final = re.compile(rb"""\bt\s*=\s*["']s["'][^<>]*><(?:[\w.-]+:)?v>(\d{1,9})<""")


def tags(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces cut where a tag begins, so that none lies across two of them."""
    tail = b""
    for piece in pieces:
        both = tail + piece
        cut = both.rfind(b"<")
        cut = cut if 0 <= len(both) - cut < PIECE else len(both) - OVERLAP
        yield both[:cut]
        tail = both[cut:]
    yield tail


class Sheet:
    """How far down and right the cells of a sheet reach, written or implied."""

    def __init__(self) -> None:
        self.rows = self.columns = self.cells = 0
        self._row_tags = self._row_places = self._cell_places = 0
        self._width = self._widest = 0

    def grow(self, piece: bytes) -> None:
        """Take in a piece of the sheet's XML; refuse what is too far."""
        for column, row in REFERENCE.findall(piece):
            self.rows = max(self.rows, int(row[:12]))
            self.columns = max(self.columns, _number(column))
            self._row_places += not column
            self._cell_places += bool(column)
        for name in TAG.findall(piece):
            if name == b"c":
                self.cells += 1
                self._width += 1
                self._widest = max(self._widest, self._width)
            else:
                self._row_tags += 1
                self._width = 0
        self._refuse()

    def _refuse(self) -> None:
        rows, columns = self.rows, self.columns
        if self._row_tags > self._row_places:
            rows += self._row_tags - self._row_places
        if self.cells > self._cell_places:
            columns += self._widest
        if rows > ROWS:
            raise Wrong("has cells below row {most}, the last that is read", most=ROWS)
        if columns > COLUMNS:
            raise Wrong("has cells beyond column {most}, the last that is read", most=COLUMNS)
        if rows * columns > CELLS or self.cells > CELLS:
            raise Wrong("spans more than {most} cells", most=CELLS)


class Strings:
    """The texts that cells share: how long each is in the file, in bytes."""

    def __init__(self) -> None:
        self._lengths = array("L")
        self._begun = False

    def grow(self, piece: bytes) -> None:
        """Take in a piece of their XML; refuse more texts than there may be cells."""
        first, *others = STRING.split(piece)
        if self._begun:
            self._lengths[-1] += len(first)
        self._lengths.extend(map(len, others))
        self._begun = self._begun or bool(others)
        if len(self._lengths) > CELLS:
            raise Wrong("spans more than {most} cells", most=CELLS)

    def may_burst(self, cells: int) -> bool:
        """Whether so many cells could show more text than is read."""
        return bool(self._lengths) and max(self._lengths) * cells > TEXT

    def refuse(self, sheet: Iterable[bytes]) -> None:
        """Add up what the cells of a sheet show; a cell that cannot be told shows the longest."""
        shown, known = 0, len(self._lengths)
        longest = max(self._lengths)
        for piece in sheet:
            numbers = [int(number) for number in NUMBER.findall(piece)]
            shown += sum(self._lengths[n] for n in numbers if n < known)
            shown += longest * (len(SHARED.findall(piece)) - len(numbers))
            if shown > TEXT:
                raise Wrong("its cells show more than {most} MB of text", most=TEXT // 2**20)


def _number(letters: bytes) -> int:
    """Return a column's number: A is 1, AA is 27."""
    found = 0
    for letter in letters[:4]:
        found = found * 26 + letter - 64
    return found
