"""A sheet as an Excel file (离线检查表): taken along, filled, and brought back unaltered.

The file carries what it is a copy of in a hidden first row, and the key of each line in a
hidden first column. Only the columns to be filled may differ when it comes back: a line that
was renamed, moved, added or taken out is refused by its number, and nothing of the file is
taken. Every cell is text, so that nothing somebody wrote is ever computed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from config.language import LANGUAGES, say
from processes.imports import workbook
from processes.imports.problems import ImportRefused, Problem, Problems, Wrong
from rules import worksheet as rule
from rules.text import paragraph
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
WIDTHS: Final = {"number": 6, "point": 26, "criterion": 34, "method": 30, "scoring": 26}


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A file that says of itself which sheet it is a copy of; nothing of it is judged yet."""

    file: str
    kind: str
    subject: str
    version: str
    language: str
    structure: str
    rows: list[list[str]]


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
        for number, head in enumerate(_heads(sheet, language)):
            page.write_string(HEAD_ROW - 1, number + 1, head, formats["head"])
        for number, line in enumerate(sheet.lines):
            values = filled.get(line.key, {})
            _write_line(page, FIRST_ROW - 1 + number, line, sheet, values, formats, language)
    return made.getvalue()


def parse(path: Path) -> Copy:
    """Return what the file says it is, or refuse what is no sheet of ours."""
    try:
        cells, _ = workbook.rows(path)
        rows = [[_text(cell) for cell in row] for row in cells]
        parts = _parts(rows)
    except Wrong as wrong:
        problem = Problem(file=path.name, sentence=wrong.sentence, facts=wrong.facts)
        raise ImportRefused(path.name, [problem]) from wrong
    _, _, kind, subject, version, language, structure = parts
    return Copy(
        file=path.name,
        kind=kind,
        subject=subject,
        version=version,
        language=language,
        structure=structure,
        rows=rows,
    )


def _parts(rows: list[list[str]]) -> list[str]:
    """Return what the hidden first row says."""
    parts = (rows[0][0] if rows and rows[0] else "").split("|")
    if len(parts) != 7 or parts[:2] != [MARK, FORMAT] or parts[5] not in LANGUAGES:  # noqa: PLR2004
        raise Wrong("is no sheet that was exported here, or its first row was removed")
    return parts


def taken(copy: Copy, sheet: Sheet) -> dict[str, dict[str, str]]:
    """Return what was filled, or refuse with every alteration by its row and line.

    `sheet` is the duty's own, in the language of the copy.
    """
    problems = Problems(copy.file)
    if (copy.kind, copy.subject) != (sheet.kind, sheet.subject):
        problems.say(
            "is the sheet of {found}, not of {wanted}", found=copy.subject, wanted=sheet.subject
        )
    elif copy.structure != sheet.structure:
        problems.say(
            "{code} has another sheet now: export it anew, and copy what you filled",
            code=sheet.subject,
        )
    problems.refuse_if_any()
    _compare_heads(copy, sheet, problems)
    problems.refuse_if_any()
    found = {line.key: values for line, values in _lines(copy, sheet, problems)}
    problems.refuse_if_any()
    return found


def _lines(copy: Copy, sheet: Sheet, problems: Problems) -> Iterator[tuple[Line, dict[str, str]]]:
    """Yield each line with what was filled; note what is not as it was written."""
    known = {line.key: line for line in sheet.lines}
    order: list[str] = []
    for number, row in enumerate(copy.rows[FIRST_ROW - 1 :], start=FIRST_ROW):
        cells = [*row, *[""] * (1 + len(rule.FIXED) + len(sheet.columns) - len(row))]
        if not any(cells):
            continue
        line = known.get(cells[0])
        if line is None:
            said = cells[2] or next(cell for cell in cells if cell)
            problems.say("a line was added: “{text}”", row=number, text=said[:60])
        elif line.key in order:
            problems.say("line {number} stands there twice", row=number, number=line.number)
        else:
            order.append(line.key)
            _compare_fixed(copy, line, cells, number, problems)
            yield line, dict(_values(sheet, line, cells, number, problems))
    _compare_order(order, sheet, problems)


def _compare_heads(copy: Copy, sheet: Sheet, problems: Problems) -> None:
    wanted = ["", *_heads(sheet, copy.language)]
    row = copy.rows[HEAD_ROW - 1] if len(copy.rows) >= HEAD_ROW else []
    found = [*row, *[""] * (len(wanted) - len(row))]
    for head, there in zip(wanted, found, strict=False):
        if head != there:
            problems.say(
                "the column “{head}” was renamed, moved or removed: “{found}” stands there",
                row=HEAD_ROW,
                head=head,
                found=there[:60],
            )
    for extra in filter(None, found[len(wanted) :]):
        problems.say("a column was added: “{text}”", row=HEAD_ROW, text=extra[:60])


def _compare_fixed(
    copy: Copy, line: Line, cells: Sequence[str], row: int, problems: Problems
) -> None:
    for name, wanted, found in zip(rule.FIXED, line.fixed(), cells[1:], strict=False):
        if paragraph(wanted) != found:
            problems.say(
                "line {number} was altered: “{found}” stands where “{wanted}” was",
                row=row,
                column=say(copy.language, HEADS[name]),
                number=line.number,
                found=found[:60],
                wanted=wanted[:60],
            )


def _compare_order(order: Sequence[str], sheet: Sheet, problems: Problems) -> None:
    """Note the lines that were taken out, and the first that stands elsewhere."""
    there = [line.key for line in sheet.lines if line.key in order]
    for line in sheet.lines:
        if line.key not in order:
            problems.say("line {number} is missing: {point}", number=line.number, point=line.point)
    moved = (found for wanted, found in zip(there, order, strict=True) if wanted != found)
    elsewhere = sheet.line(next(moved, ""))
    if elsewhere is not None:
        number, point = elsewhere.number, elsewhere.point
        problems.say("line {number} was moved: {point}", number=number, point=point)


def _values(
    sheet: Sheet, line: Line, cells: Sequence[str], row: int, problems: Problems
) -> Iterator[tuple[str, str]]:
    for column, cell in zip(sheet.columns, cells[1 + len(rule.FIXED) :], strict=False):
        value = _word(column, cell)
        _, troubles = rule.cleaned(sheet, {line.key: {column.name: value}})
        for trouble in troubles:
            problems.say(trouble.sentence, row=row, column=column.name, **trouble.facts)
        yield column.name, value


def _word(column: Column, cell: str) -> str:
    """Return the stable word of a choice, whichever language it was written in."""
    for word, called in column.choices:
        if cell.casefold() in {word, *(say(lang, called).casefold() for lang in LANGUAGES)}:
            return word
    return cell


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if hasattr(cell, "isoformat"):
        cell = cell.isoformat()
    return paragraph(str(cell))


def _meta(sheet: Sheet, language: str) -> str:
    told = (MARK, FORMAT, sheet.kind, sheet.subject, str(sheet.version), language, sheet.structure)
    return "|".join(told)


def _heads(sheet: Sheet, language: str) -> list[str]:
    fixed = [say(language, HEADS[name]) for name in rule.FIXED]
    return [*fixed, *(say(language, column.title) for column in sheet.columns)]


def _set_up(page: Any, sheet: Sheet, language: str) -> None:
    """Hide what is ours, lock what is fixed, and print it on A4 across."""
    page.set_row(META_ROW - 1, None, None, {"hidden": True})
    page.set_column(0, 0, 2, None, {"hidden": True})
    for number, name in enumerate(rule.FIXED, start=1):
        page.set_column(number, number, WIDTHS.get(name, 9))
    for number, column in enumerate(sheet.columns, start=1 + len(rule.FIXED)):
        page.set_column(number, number, 30 if column.kind == "paragraph" else 13)
        if column.choices:
            labels = [say(language, called) for _, called in column.choices]
            last = FIRST_ROW - 2 + len(sheet.lines)
            allowed = {"validate": "list", "source": labels}
            page.data_validation(FIRST_ROW - 1, number, last, number, allowed)
    page.set_row(TITLE_ROW - 1, 24)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(HEAD_ROW - 1)
    page.freeze_panes(HEAD_ROW, 3)
    page.protect("", {"format_rows": True, "format_columns": True})


def _formats(book: Any) -> dict[str, Any]:
    text = {"text_wrap": True, "valign": "top", "border": 1, "font_size": 10, "num_format": "@"}
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "help": book.add_format({"italic": True, "font_color": "#5B6675"}),
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
    for number, cell in enumerate(line.fixed(), start=1):
        page.write_string(row, number, cell, formats["fixed"])
    for number, column in enumerate(sheet.columns, start=1 + len(rule.FIXED)):
        value = values.get(column.name, "")
        called = dict(column.choices).get(value)
        shown = say(language, called) if called else value
        page.write_string(row, number, shown, formats["free"])
