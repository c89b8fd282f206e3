"""Numbers as people type them (数字单元格), read only where they can mean one thing.

`1,5` is fifteen or one and a half, `1.234` after it is a thousand or one: a file in which that
has to be guessed is not taken. A cell without a number is empty, not `NS` or `NA`.
"""

import re
from decimal import Decimal
from typing import Final

from processes.imports.problems import Wrong

PLAIN: Final = re.compile(r"[+-]?\d{1,18}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(?:[,，' _]\d{3})+(?:\.\d+)?", re.ASCII)
COMMA: Final = re.compile(r"[+-]?[\d.]*\d[,，]\d+", re.ASCII)
MISSING: Final = frozenset(
    {"ns", "na", "n/a", "n.a.", "nan", "null", "none", "-", "--", "—", "/", "?", "无", "未统计"}
)


def decimal(cell: str) -> Decimal:
    """Read a number with a point for the decimals and nothing between the thousands."""
    if PLAIN.fullmatch(cell):
        return Decimal(cell)
    raise Wrong(_why(cell), cell=cell)


def count(cell: str) -> Decimal:
    """Read a number that is not below zero."""
    found = decimal(cell)
    if found < 0:
        raise Wrong("{cell} is negative", cell=cell)
    return found


def _why(cell: str) -> str:
    if cell.lower() in MISSING:
        return "{cell} is no number: leave the cell empty where there is none"
    if cell.rstrip("%％ ") != cell and PLAIN.fullmatch(cell.rstrip("%％ ")):
        return "{cell}: leave the per cent sign away, the indicator's unit says it"
    if THOUSANDS.fullmatch(cell):
        return "{cell}: write thousands without a separator"
    if COMMA.fullmatch(cell):
        return "{cell}: write decimals with a point, as in 95.5"
    return "{cell} is no number: write it like 95.5"
