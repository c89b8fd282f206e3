"""The board as a workbook (看板导出): a sheet of rates by period, and one of every value."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from config.current import current
from config.language import label, say, show_instant
from processes.kpi.board import Board, BoardRow, Cell, CellState
from processes.paper.files import Column, Sheet, excel
from rules.kpi import plain

STATES: Final[dict[CellState, str]] = {
    CellState.MET: "attained",
    CellState.MISSED: "missed its target",
    CellState.NO_DATA: "nothing to measure",
    CellState.MISSING: "value missing",
    CellState.AWAITED: "not due yet",
    CellState.PLAIN: "no target",
}


def workbook(board: Board, *, at: datetime, language: str) -> bytes:
    """Return the workbook; what is missing says so, and no cell of it is a zero."""
    settings = current().settings
    facts = [(say(language, "As of"), show_instant(language, at, settings.zone))]
    sheets = [_by_period(board, facts, language), _values(board, facts, language)]
    return excel(sheets, organisation=settings.organisation, language=language)


def _by_period(board: Board, facts: list[tuple[str, str]], language: str) -> Sheet:
    codes = sorted({cell.period for row in board.rows for cell in row.cells}, reverse=True)
    heads = ("Code", "Indicator", "Owner", "Target")
    columns = [Column(title=say(language, head), width=18) for head in heads]
    columns += [Column(title=code, width=11) for code in codes]
    return Sheet(
        name=say(language, "By period"),
        title=say(language, "Attainment of indicators"),
        columns=columns,
        rows=[_line(row, codes, language) for row in board.rows],
        facts=facts,
    )


def _line(row: BoardRow, codes: list[str], language: str) -> list[Any]:
    cells = {cell.period: cell for cell in row.cells}
    head = [row.series.code, row.series.called(language), row.series.owner_name, row.target]
    return head + [_short(cells[code], language) if code in cells else "" for code in codes]


def _short(cell: Cell, language: str) -> str:
    if cell.value is None:
        return say(language, STATES[cell.state])
    mark = "△" if cell.special else ""
    missed = "✕" if cell.state is CellState.MISSED else ""
    return f"{_text(cell.value)}{missed}{mark}"


def _values(board: Board, facts: list[tuple[str, str]], language: str) -> Sheet:
    heads: tuple[tuple[str, float], ...] = (
        ("Code", 14),
        ("Indicator", 26),
        ("Element", 10),
        ("Period", 10),
        ("Value", 12),
        ("Numerator", 12),
        ("Denominator", 12),
        ("Target", 12),
        ("Judged", 14),
        ("Special", 10),
        ("Corrected", 10),
    )
    return Sheet(
        name=say(language, "Values"),
        title=say(language, "Values of indicators"),
        columns=[Column(title=say(language, head), width=width) for head, width in heads],
        rows=[row for one in board.rows for row in _each(one, language)],
        facts=facts,
        notes=[say(language, "✕ missed its target, △ special situation")],
    )


def _each(row: BoardRow, language: str) -> Iterator[list[Any]]:
    one = row.series
    for cell in row.cells:
        yield [
            one.code,
            one.called(language),
            label(language, one.element, "element"),
            cell.period,
            _text(cell.value),
            _text(cell.numerator),
            _text(cell.denominator),
            _text(cell.target),
            say(language, STATES[cell.state]),
            "△" if cell.special else "",
            str(cell.corrections) if cell.corrections else "",
        ]


def _text(value: Decimal | None) -> str:
    return "" if value is None else format(plain(value), "f")
