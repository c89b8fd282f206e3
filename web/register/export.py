"""Registers as CSV (导出): text that a spreadsheet shows and never computes.

A cell that begins like a formula gets an apostrophe before it, so that what somebody wrote into
a title cannot run on the reader's desk. Numbers of ours stay numbers.
"""

import csv as writer
import io
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from starlette.responses import StreamingResponse

from config.current import current
from processes.register.rows import as_json

MOST: Final = 100_000  # rows of one file
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK: Final = "\ufeff"  # spreadsheets take a file without it for a local encoding


def csv(register: str, rows: Sequence[Any], *, at: datetime) -> StreamingResponse:
    """Return the rows as a file named after the register and the day."""
    day = current().calendar.day(at)
    return StreamingResponse(
        _lines(rows),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{register}-{day}.csv"'},
    )


def safe(value: Any) -> Any:
    """Return a cell as text that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        return f"'{value}"
    return value


def _lines(rows: Sequence[Any]) -> Iterator[str]:
    zone = current().settings.zone
    yield MARK
    if not rows:
        return
    yield _line([field.name for field in fields(rows[0])])
    for row in rows:
        yield _line([safe(value) for value in as_json(row, zone).values()])


def _line(cells: Sequence[Any]) -> str:
    line = io.StringIO()
    writer.writer(line).writerow(cells)
    return line.getvalue()
