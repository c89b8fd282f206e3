"""Excel files (xlsx), looked through before anything is loaded (导入安全).

A workbook is a zip of XML: two megabytes can hold gigabytes, and one cell in the last row
can ask for a table of billions. So the real sizes are measured while unpacking in small pieces,
and rows and columns are counted in the raw XML, before the reader sees the file.
"""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from processes.imports import extent
from processes.imports.extent import Sheet, Strings
from processes.imports.problems import Wrong

LARGEST: Final = 256 * 2**20  # bytes of all members together, unpacked
RATIO: Final = 200  # unpacked to packed, of a member above PLAIN bytes
PLAIN: Final = 2**20
MEMBERS: Final = 1000
ROWS: Final = extent.ROWS
SHEETS: Final = "xl/worksheets/"

OLD_OR_LOCKED: Final = b"\xd0\xcf\x11\xe0"  # OLE: .xls, or an xlsx encrypted with a password
# What Python's zipfile raises for broken bytes, by where they are broken.
BROKEN: Final = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, NotImplementedError, RuntimeError, ValueError, OverflowError),
)


def inspect(path: Path) -> None:
    """Refuse a workbook that is not what it says, or larger than can be meant."""
    with path.open("rb") as file:
        if file.read(4) == OLD_OR_LOCKED:
            raise Wrong("an .xls file or one with a password: save it as .xlsx without a password")
    try:
        with zipfile.ZipFile(path) as packed:
            _inspect_members(packed)
    except BROKEN as broken:
        raise Wrong("not a readable .xlsx file: {why}", why=_why(broken)) from broken


def _inspect_members(packed: zipfile.ZipFile) -> None:
    members = packed.infolist()
    if len(members) > MEMBERS:
        raise Wrong(
            "holds {count} parts, at most {most} are read", count=len(members), most=MEMBERS
        )
    for member in members:
        _refuse_name(member.filename)
    left, strings, sheets = LARGEST, Strings(), dict[str, int]()
    for member in members:
        left -= _measure(packed, member, left, strings, sheets)
    for name, cells in sheets.items():
        if strings.may_burst(cells):
            with packed.open(name) as file:
                strings.refuse(extent.tags(_pieces(file)))


def _refuse_name(name: str) -> None:
    lower = name.lower()
    if name.startswith("/") or "\\" in name or ".." in name.split("/"):
        raise Wrong("holds a part named {name}, which leads outside of it", name=ascii(name)[1:-1])
    if lower.endswith("vbaproject.bin") or "macrosheets/" in lower:
        raise Wrong("holds macros: save it as .xlsx without them")
    if "externallinks/" in lower:
        raise Wrong("holds links to other files: paste their values in, and break the links")


def _measure(
    packed: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    left: int,
    strings: Strings,
    sheets: dict[str, int],
) -> int:
    """Return the member's real size; stop at the first limit it breaks."""
    read = _Read(member, left)
    sheet = Sheet()
    with packed.open(member) as file:
        for piece in extent.tags(read.counted(file)):
            if not member.filename.lower().endswith((".xml", ".rels")):
                continue
            _refuse_content(member.filename, piece)
            if member.filename.lower().startswith(SHEETS):
                sheet.grow(piece)
            else:
                strings.grow(piece)
    if sheet.cells:
        sheets[member.filename] = sheet.cells
    return read.size


class _Read:
    """Counts what comes out of a member, and stops where it is more than can be meant."""

    def __init__(self, member: zipfile.ZipInfo, left: int) -> None:
        self.size, self._left = 0, left
        self._allowed = max(PLAIN, member.compress_size * RATIO)

    def counted(self, file: IO[bytes]) -> Iterator[bytes]:
        for piece in _pieces(file):
            self.size += len(piece)
            if self.size > self._left:
                raise Wrong("unpacks to more than {most} MB", most=LARGEST // 2**20)
            if self.size > self._allowed:
                raise Wrong("a part of it unpacks to more than {most} times its size", most=RATIO)
            yield piece


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(extent.PIECE):
        yield piece


def _refuse_content(name: str, piece: bytes) -> None:
    if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece or b"\0" in piece:
        raise Wrong("holds XML with entities of its own, which are not read")
    if name == "[Content_Types].xml" and b"macroEnabled" in piece:
        raise Wrong("holds macros: save it as .xlsx without them")


def rows(path: Path) -> tuple[list[list[object]], list[str]]:
    """Return the first sheet's cells from row 1, and the names of its other sheets."""
    from python_calamine import CalamineError

    inspect(path)
    try:
        with path.open("rb") as file:
            return _load(file)
    except (CalamineError, OSError, ValueError, OverflowError) as broken:
        raise Wrong("not a readable .xlsx file: {why}", why=_why(broken)) from broken
    except BaseException as broken:
        if type(broken).__name__ != "PanicException":  # the reader's own, and no Exception
            raise
        raise Wrong("not a readable .xlsx file: {why}", why=_why(broken)) from broken


def _load(file: IO[bytes]) -> tuple[list[list[object]], list[str]]:
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_filelike(file) as book:
        names = book.sheet_names
        if not names:
            raise Wrong("holds no sheet")
        sheet = book.get_sheet_by_index(0)
        return [list(row) for row in sheet.to_python(skip_empty_area=False)], names[1:]


def _why(broken: BaseException) -> str:
    """Return what a library says, in words that fit on one line of a terminal."""
    return ascii(str(broken))[1:-1][:200]
