"""How results are shown (结果展示): one JSON document, or a table that a person reads."""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any, Final
from zoneinfo import ZoneInfo

from service.commands.wording import language

PIPED: Final = 240  # columns of a table that no terminal shows


def as_json(document: Any) -> None:
    """Print one JSON document on stdout: instants with offset, absent is null."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=1, default=_plain)
    sys.stdout.write("\n")


def rows_as_json(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print a list, an object a line, so that line tools can read it too."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, default=_plain) for row in rows)
    sys.stdout.write(f"[\n{lines}\n]\n" if lines else "[]\n")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "") -> None:
    """Print a table. What people wrote is text in it: no markup, no control characters."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(
        title=title or None,
        title_justify="left",
        header_style="bold",
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for head in heads:
        made.add_column(head, overflow="fold")
    for row in rows:
        made.add_row(*(Text(printable(cell)) for cell in row))
    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPED  # a row stays a line, for whoever searches in it
    console.print(made)


def line(text: str) -> None:
    """Print a line on stdout."""
    print(printable(text))


def note(text: str) -> None:
    """Print a line on stderr: for the person, not for the result."""
    print(printable(text), file=sys.stderr)


def printable(text: str) -> str:
    """Return the text without what would steer a terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def cell(value: Any, zone: ZoneInfo) -> str:
    """Return a value as a table shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "; ".join(cell(part, zone) for part in value)
    return str(value)


def called(word: str, kind: str) -> str:
    """Return what a stable word is called in the command line's language."""
    if language() == "en":
        return word
    from config.language import label

    return label(language(), word, kind)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
