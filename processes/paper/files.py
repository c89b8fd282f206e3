"""Documents to hand over (文件导出): Word from a template, Excel from rows.

What people wrote is text in both: no field, formula, link or markup of theirs is ever carried
out by the reader's office program. What cannot be seen is left out, because Word refuses to
open a file that has it.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final, Literal

import notifications.documents
from config.language import say
from rules import text

TEMPLATES: Final = Path(notifications.documents.__file__).parent
CELL_MOST: Final = 32_000  # characters that a cell of a spreadsheet holds
SHEET_MOST: Final = 31
NOT_IN_SHEET_NAMES: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
FONT: Final = "宋体"

Kind = Literal["text", "number", "date"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a sheet; `width` in characters."""

    title: str
    width: float = 14
    kind: Kind = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet: a title, pairs of facts above the table, the table, lines below it."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    facts: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()


def word(template: str, data: Mapping[str, Any], language: str) -> bytes:
    """Return the template filled in; `t("…")` in it speaks the language."""
    from docxtpl import DocxTemplate  # type: ignore[import-untyped]
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    environment.globals["t"] = partial(say, language)
    # The numbers between these words are fields, which Word counts itself.
    words = say(language, "Page {page} of {pages}", page="|", pages="|").split("|")
    environment.globals["page_words"] = words
    document = DocxTemplate(io.BytesIO(_template(template)))
    document.render(clean(dict(data)), environment, autoescape=True)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def excel(sheets: Sequence[Sheet], *, organisation: str = "", language: str = "zh") -> bytes:
    """Return a workbook whose heads stay in view and which prints on whole pages."""
    import xlsxwriter

    written = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    with xlsxwriter.Workbook(written, options) as book:
        formats = _formats(book)
        for name, sheet in zip(_names(sheets), sheets, strict=True):
            _write(book.add_worksheet(name), sheet, formats, organisation, language)
    return written.getvalue()


def clean(value: Any) -> Any:
    """Return the value with every text in it free of what an office program refuses."""
    if isinstance(value, str):
        return text.paragraph(value)
    if isinstance(value, Mapping):
        return {name: clean(inner) for name, inner in value.items()}
    if isinstance(value, Sequence):
        return [clean(inner) for inner in value]
    return "" if value is None else value


@lru_cache(maxsize=16)
def _template(name: str) -> bytes:
    return (TEMPLATES / f"{name}.docx").read_bytes()


def _formats(book: Any) -> dict[str, Any]:
    plain = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
    cell = {**plain, "border": 1, "text_wrap": True}
    return {
        "title": book.add_format({**plain, "font_name": "黑体", "font_size": 16, "bold": True}),
        "fact": book.add_format({**plain, "bold": True}),
        "plain": book.add_format({**plain, "num_format": "@"}),
        "head": book.add_format(
            {**cell, "bold": True, "bg_color": "#E7ECF2", "align": "center", "num_format": "@"}
        ),
        "text": book.add_format({**cell, "num_format": "@"}),
        "number": book.add_format({**cell, "align": "right"}),
        "date": book.add_format({**cell, "num_format": "yyyy-mm-dd", "align": "center"}),
    }


def _write(page: Any, sheet: Sheet, formats: Mapping[str, Any], whose: str, language: str) -> None:
    page.write_string(0, 0, _cell(sheet.title), formats["title"])
    page.set_row(0, 26)
    row = 1
    for called, told in sheet.facts:
        page.write_string(row, 0, _cell(called), formats["fact"])
        page.write_string(row, 1, _cell(told), formats["plain"])
        row += 1
    head = row
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, column.width)
        page.write_string(head, at, _cell(column.title), formats["head"])
    for row, values in enumerate(sheet.rows, head + 1):
        _row(page, row, values, sheet.columns, formats)
    below = head + 1 + len(sheet.rows)
    for offset, note in enumerate(sheet.notes, 1):
        page.write_string(below + offset, 0, _cell(note), formats["plain"])
    page.freeze_panes(head + 1, 0)
    if sheet.rows:
        page.autofilter(head, 0, below - 1, len(sheet.columns) - 1)
    _printed(page, head, whose, language)


def _row(
    page: Any,
    row: int,
    values: Sequence[Any],
    columns: Sequence[Column],
    formats: Mapping[str, Any],
) -> None:
    for at, (value, column) in enumerate(zip(values, columns, strict=True)):
        if column.kind == "number" and isinstance(value, int | float):
            page.write_number(row, at, value, formats["number"])
        elif column.kind == "date" and isinstance(value, date):
            page.write_datetime(row, at, value, formats["date"])
        else:
            page.write_string(row, at, _cell(value), formats["text"])


def _printed(page: Any, head: int, whose: str, language: str) -> None:
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
    page.repeat_rows(head)
    page.set_header(f"&L{whose.replace('&', '&&')[:100]}")
    page.set_footer(f"&C{say(language, 'Page {page} of {pages}', page='&P', pages='&N')}")


def _cell(value: Any) -> str:
    return text.shortened(text.paragraph("" if value is None else str(value)), CELL_MOST)


def _names(sheets: Iterable[Sheet]) -> list[str]:
    """Return a name for each sheet that a workbook takes: short, plain and not there twice."""
    found: list[str] = []
    for sheet in sheets:
        name = text.line(sheet.name).translate(NOT_IN_SHEET_NAMES).strip() or "Sheet"
        name, n = name[:SHEET_MOST], 2
        while name.lower() in {other.lower() for other in found}:
            name = f"{name[: SHEET_MOST - 4]} {n}"
            n += 1
        found.append(name)
    return found
