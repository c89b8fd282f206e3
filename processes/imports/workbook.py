"""Excel files (xlsx), looked through before anything is loaded (导入安全).

A workbook is a zip of XML: two megabytes can hold gigabytes, and one cell in the last row
can ask for a table of billions. So the real sizes are measured while unpacking in small pieces,
and rows and columns are counted in the raw XML, before the reader sees the file.
"""

import re
import zipfile
from pathlib import Path
from typing import IO, Final

from processes.imports.problems import Wrong

LARGEST: Final = 256 * 2**20  # bytes of all members together, unpacked
RATIO: Final = 200  # unpacked to packed, of a member above PLAIN bytes
PLAIN: Final = 2**20
MEMBERS: Final = 1000
ROWS: Final = 200_000
COLUMNS: Final = 200
CELLS: Final = 8_000_000  # a table is laid out whole, empty cells included
PIECE: Final = 2**18
OVERLAP: Final = 64  # a cell's reference may lie across two pieces

OLD_OR_LOCKED: Final = b"\xd0\xcf\x11\xe0"  # OLE: .xls, or an xlsx encrypted with a password
REFERENCE: Final = re.compile(rb"""\br=["']([A-Z]*)(\d+)["']""")


def inspect(path: Path) -> None:
    """Refuse a workbook that is not what it says, or larger than can be meant."""
    with path.open("rb") as file:
        if file.read(4) == OLD_OR_LOCKED:
            raise Wrong("an .xls file or one with a password: save it as .xlsx without a password")
    try:
        with zipfile.ZipFile(path) as packed:
            _inspect_members(packed)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as broken:
        raise Wrong("not a readable .xlsx file: {why}", why=str(broken)) from broken


def _inspect_members(packed: zipfile.ZipFile) -> None:
    members = packed.infolist()
    if len(members) > MEMBERS:
        raise Wrong(
            "holds {count} parts, at most {most} are read", count=len(members), most=MEMBERS
        )
    for member in members:
        _refuse_name(member.filename)
    left = LARGEST
    for member in members:
        left -= _measure(packed, member, left)


def _refuse_name(name: str) -> None:
    if name.startswith("/") or "\\" in name or ".." in name.split("/"):
        raise Wrong("holds a part named {name}, which leads outside of it", name=name)
    if name.lower().endswith("vbaproject.bin") or "macrosheets/" in name.lower():
        raise Wrong("holds macros: save it as .xlsx without them")


def _measure(packed: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> int:
    """Return the member's real size; stop at the first limit it breaks."""
    size, tail, extent = 0, b"", Extent()
    allowed = max(PLAIN, member.compress_size * RATIO)
    with packed.open(member) as file:
        while piece := file.read(PIECE):
            size += len(piece)
            if size > left:
                raise Wrong("unpacks to more than {most} MB", most=LARGEST // 2**20)
            if size > allowed:
                raise Wrong("a part of it unpacks to more than {most} times its size", most=RATIO)
            _refuse_content(member.filename, tail + piece, extent)
            tail = piece[-OVERLAP:]
    return size


def _refuse_content(name: str, piece: bytes, extent: "Extent") -> None:
    if not name.lower().endswith((".xml", ".rels")):
        return
    if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece or b"\0" in piece:
        raise Wrong("holds XML with entities of its own, which are not read")
    if name == "[Content_Types].xml" and b"macroEnabled" in piece:
        raise Wrong("holds macros: save it as .xlsx without them")
    if name.startswith("xl/worksheets/"):
        extent.grow(piece)


class Extent:
    """How far down and right the cells of a sheet reach."""

    def __init__(self) -> None:
        self.rows = self.columns = 0

    def grow(self, piece: bytes) -> None:
        """Take in the references of a piece of XML; refuse what is too far."""
        for column, row in set(REFERENCE.findall(piece)):
            self.rows = max(self.rows, int(row[:12]))
            self.columns = max(self.columns, _number(column))
        if self.rows > ROWS:
            raise Wrong("has cells below row {most}, the last that is read", most=ROWS)
        if self.columns > COLUMNS:
            raise Wrong("has cells beyond column {most}, the last that is read", most=COLUMNS)
        if self.rows * self.columns > CELLS:
            raise Wrong("spans more than {most} cells", most=CELLS)


def _number(letters: bytes) -> int:
    """Return a column's number: A is 1, AA is 27."""
    found = 0
    for letter in letters[:4]:
        found = found * 26 + letter - 64
    return found


def rows(path: Path) -> tuple[list[list[object]], list[str]]:
    """Return the first sheet's cells from row 1, and the names of its other sheets."""
    from python_calamine import CalamineError

    inspect(path)
    try:
        with path.open("rb") as file:
            return _load(file)
    except (CalamineError, OSError, ValueError) as broken:
        raise Wrong("not a readable .xlsx file: {why}", why=str(broken)) from broken


def _load(file: IO[bytes]) -> tuple[list[list[object]], list[str]]:
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_filelike(file) as book:
        names = book.sheet_names
        if not names:
            raise Wrong("holds no sheet")
        sheet = book.get_sheet_by_index(0)
        return [list(row) for row in sheet.to_python(skip_empty_area=False)], names[1:]
