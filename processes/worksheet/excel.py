"""A sheet as an Excel file (离线检查表): taken along, filled, and brought back unaltered.

The file carries what it is a copy of in a hidden first row, and the key of each line in a
hidden first column; `worksheet_copy.py` compares it when it comes back. Every cell is text, so
that nothing somebody wrote is ever computed.
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

from config.language import say
from rules import worksheet as rule
from rules.worksheet import Column, Filled, Line, Sheet

MARK: Final = "pdca-worksheet"
FORMAT: Final = "1"
META_ROW, TITLE_ROW, HELP_ROW, HEAD_ROW, FIRST_ROW = 1, 2, 3, 4, 5  # as a spreadsheet counts
HEADS: Final[dict[str, str]] = {
    "number": "No.",
    "point": "What is looked at",
    "criterion": "Criterion",
    "method": "Sampling and method",
    "scoring": "Scoring",
    "weight": "Weight",
}
HELP: Final = (
    "Fill the white columns only. A line that is renamed, moved, added or taken out is refused"
    " when the file comes back."
)
# In characters of a column; a Chinese one is two wide.
WIDTHS: Final = {
    "number": 5,
    "point": 18,
    "criterion": 27,
    "method": 23,
    "scoring": 23,
    "weight": 5,
}
LONG, SHORT = 24, 9  # of a column to be filled
HEIGHT: Final = 12.5  # points of a line of text
LEAST, MOST_HIGH = 40.0, 400.0  # points of a row; Excel has 409 at most
FONT: Final = "宋体"
LATIN: Final = 0x2E80  # letters from here on are twice as wide


def write(sheet: Sheet, filled: Filled, language: str) -> bytes:
    """Return the sheet as a workbook with what has been filled so far."""
    import xlsxwriter

    made = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        page = book.add_worksheet(say(language, "Sheet"))
        formats = _formats(book)
        _set_up(page, sheet, language)
        page.write_string(META_ROW - 1, 0, _meta(sheet, language))
        page.write_string(TITLE_ROW - 1, 1, sheet.title, formats["title"])
        page.write_string(HELP_ROW - 1, 1, say(language, HELP), formats["help"])
        for number, head in enumerate(heads(sheet, language)):
            page.write_string(HEAD_ROW - 1, number + 1, head, formats["head"])
        for number, line in enumerate(sheet.lines):
            values = filled.get(line.key, {})
            _write_line(page, FIRST_ROW - 1 + number, line, sheet, values, formats, language)
    return made.getvalue()


def _meta(sheet: Sheet, language: str) -> str:
    told = (MARK, FORMAT, sheet.kind, sheet.subject, str(sheet.version), language, sheet.structure)
    return "|".join(told)


def heads(sheet: Sheet, language: str) -> list[str]:
    """Return the heads of the columns that a reader sees."""
    fixed = [say(language, HEADS[name]) for name in rule.FIXED]
    return [*fixed, *(say(language, column.title) for column in sheet.columns)]


def _set_up(page: Any, sheet: Sheet, language: str) -> None:
    """Hide what is ours, lock what is fixed, and print it on A4 across."""
    page.set_row(META_ROW - 1, None, None, {"hidden": True})
    page.set_column(0, 0, 2, None, {"hidden": True})
    for number, name in enumerate(rule.FIXED, start=1):
        page.set_column(number, number, WIDTHS[name])
    for number, column in enumerate(sheet.columns, start=1 + len(rule.FIXED)):
        page.set_column(number, number, _width(column))
        if column.choices:
            labels = [say(language, called) for _, called in column.choices]
            last = FIRST_ROW - 2 + len(sheet.lines)
            allowed = {"validate": "list", "source": labels}
            page.data_validation(FIRST_ROW - 1, number, last, number, allowed)
    page.set_row(TITLE_ROW - 1, 24)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    page.repeat_rows(HEAD_ROW - 1)
    page.freeze_panes(HEAD_ROW, 3)
    page.protect("", {"format_rows": True, "format_columns": True})


def _formats(book: Any) -> dict[str, Any]:
    plain = {"font_name": FONT, "font_size": 9}
    text = {**plain, "text_wrap": True, "valign": "top", "border": 1, "num_format": "@"}
    return {
        "title": book.add_format({**plain, "bold": True, "font_size": 14}),
        "help": book.add_format({**plain, "font_color": "#5B6675"}),
        "head": book.add_format({**text, "bold": True, "bg_color": "#DCE6F2"}),
        "fixed": book.add_format({**text, "bg_color": "#F3F5F8"}),
        "free": book.add_format({**text, "locked": False}),
    }


def _write_line(
    page: Any,
    row: int,
    line: Line,
    sheet: Sheet,
    values: Mapping[str, str],
    formats: Mapping[str, Any],
    language: str,
) -> None:
    page.write_string(row, 0, line.key)
    page.set_row(row, _height(line, sheet, values))
    for number, cell in enumerate(line.fixed(), start=1):
        page.write_string(row, number, cell, formats["fixed"])
    for number, column in enumerate(sheet.columns, start=1 + len(rule.FIXED)):
        value = values.get(column.name, "")
        called = dict(column.choices).get(value)
        shown = say(language, called) if called else value
        page.write_string(row, number, shown, formats["free"])


def _width(column: Column) -> int:
    return LONG if column.kind == "paragraph" else SHORT


def _height(line: Line, sheet: Sheet, values: Mapping[str, str]) -> float:
    """Return how high a row is, so that its longest cell can be read without dragging it."""
    fixed = zip(line.fixed(), WIDTHS.values(), strict=True)
    own = ((values.get(column.name, ""), _width(column)) for column in sheet.columns)
    lines = max(_lines_of(text, width) for text, width in (*fixed, *own))
    return min(max(LEAST, lines * HEIGHT + 4), MOST_HIGH)


def _lines_of(text: str, width: int) -> int:
    """Return how many lines a text takes in a column of so many characters."""
    wide = (sum(2 if ord(letter) > LATIN else 1 for letter in part) for part in text.split("\n"))
    return sum(1 + int(units // (width - 1)) for units in wide)
