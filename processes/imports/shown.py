"""Codes as a spreadsheet shows them (单元格显示格式): 12 under the format 00000 is 00012.

A workbook keeps the number and the format apart, and a reader that takes the number alone makes a
second person of it. Only formats that fill with zeros are looked at, and only for codes: what is
counted or measured stays the number that it is. The file was inspected before it comes here.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final
from xml.etree.ElementTree import Element, ParseError, iterparse

PART: Final = re.compile(r'"([^"]*)"|\\(.)|(0+)|([-/ ().])')
PLACE: Final = re.compile(r"([A-Z]+)(\d+)")
BROKEN: Final = (zipfile.BadZipFile, ParseError, KeyError, OSError, ValueError, IndexError)

Format = tuple[str | int, ...]  # literal texts, and how many digits stand between them


def padded(path: Path) -> dict[tuple[int, int], Format]:
    """Return the cells of the first sheet that are shown filled with zeros: (row, column) from 0.

    A workbook whose formats cannot be read has none: its numbers are taken as they are kept.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            formats = _formats(packed)
            if not formats:
                return {}
            with packed.open(_first_sheet(packed)) as sheet:
                return {place: formats[s] for place, s in _cells(sheet) if s in formats}
    except BROKEN:
        return {}


def shown(number: int, form: Format) -> str:
    """Return a number as its format shows it; more digits than the format has go in front."""
    groups = [part for part in form if isinstance(part, int)]
    digits = str(abs(number)).zfill(sum(groups))
    out: list[str] = []
    for part in reversed(form):
        if isinstance(part, str):
            out.append(part)
            continue
        groups.pop()
        cut = len(digits) - part if groups else 0
        out.append(digits[cut:])
        digits = digits[:cut]
    return ("-" if number < 0 else "") + "".join(reversed(out))


def filling(code: str) -> Format | None:
    """Return what a format code fills with zeros; None if it shows the number in another way."""
    parts: list[str | int] = []
    positive, at = code.split(";", 1)[0], 0
    while at < len(positive):
        found = PART.match(positive, at)
        if found is None:
            return None
        quoted, escaped, zeros, plain = found.groups()
        parts.append(len(zeros) if zeros else quoted or escaped or plain or "")
        at = found.end()
    if "." in positive or sum(part for part in parts if isinstance(part, int)) < 2:  # noqa: PLR2004
        return None
    return tuple(parts)


def _formats(packed: zipfile.ZipFile) -> dict[str, Format]:
    """Return, by the number of a cell's style, the formats that fill with zeros."""
    codes: dict[str, str] = {}
    styles: list[str] = []
    with packed.open("xl/styles.xml") as file:
        within = ""
        for event, one in iterparse(file, events=("start", "end")):  # noqa: S314 - inspected
            name = _name(one)
            if event == "start":
                within = name if name in {"cellXfs", "cellStyleXfs"} else within
            elif name == "numFmt":
                codes[one.get("numFmtId", "")] = one.get("formatCode", "")
            elif name == "xf" and within == "cellXfs":
                styles.append(one.get("numFmtId", ""))
            elif name == within:
                within = ""
    found = {number: form for number, code in codes.items() if (form := filling(code))}
    return {str(n): found[style] for n, style in enumerate(styles) if style in found}


def _first_sheet(packed: zipfile.ZipFile) -> str:
    """Return the part that holds the sheet which stands first in the workbook."""
    wanted = ""
    with packed.open("xl/workbook.xml") as file:
        for _, one in iterparse(file):  # noqa: S314 - inspected
            if _name(one) == "sheet" and not wanted:
                wanted = next(v for k, v in one.attrib.items() if k.endswith("}id"))
    with packed.open("xl/_rels/workbook.xml.rels") as file:
        for _, one in iterparse(file):  # noqa: S314 - inspected
            if one.get("Id") == wanted:
                target = one.get("Target", "")
                return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise KeyError(wanted)


def _cells(file: IO[bytes]) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the place and the style of each cell; a place that is not written is the next one."""
    row, column = -1, -1
    for event, one in iterparse(file, events=("start", "end")):  # noqa: S314 - inspected
        name = _name(one)
        if event == "end":
            if name == "row":
                one.clear()
            continue
        if name == "row":
            row, column = int(one.get("r", row + 2)) - 1, -1
        elif name == "c":
            place = PLACE.fullmatch(one.get("r", ""))
            column = _number(place[1]) if place else column + 1
            yield (row, column), one.get("s", "")


def _number(letters: str) -> int:
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found - 1


def _name(one: Element) -> str:
    return str(one.tag).rpartition("}")[2]
