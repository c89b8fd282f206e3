"""A filled copy of a sheet, brought back (检查表导入核对): unaltered in structure, or refused.

Only the columns to be filled may differ: a line that was renamed, moved, added or taken out is
refused by its number, and nothing of the file is taken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.language import LANGUAGES, say
from processes.imports import workbook
from processes.imports.problems import ImportRefused, Problem, Problems, Wrong
from processes.worksheet.excel import FIRST_ROW, FORMAT, HEAD_ROW, HEADS, MARK, heads
from rules import worksheet as rule
from rules.text import paragraph
from rules.worksheet import Column, Line, Sheet


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
    _compareheads(copy, sheet, problems)
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


def _compareheads(copy: Copy, sheet: Sheet, problems: Problems) -> None:
    wanted = ["", *heads(sheet, copy.language)]
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
