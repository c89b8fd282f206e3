"""One search over everything (全文检索): what a reader may see whose code or title has the words.

Each register says of itself how a row of it is found (`Found`); nothing here names one. Every
word must stand somewhere in the row, as it is written: `%` is a character like any other.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from processes import plug
from processes.register import registers
from processes.register.query import Filters
from processes.register.registers import Found
from rules import text

LONGEST: Final = 100  # characters that are looked for; the rest of what was typed is left out
AT_ONCE: Final = 10  # of each register


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing found: `kind` is its register, `page` its address, empty where it has none."""

    kind: str
    code: str
    title: str
    state: str
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """What one register has: the first of it, and whether there is more."""

    kind: str
    rows: tuple[Hit, ...]
    more: bool


def words(typed: str) -> str:
    """Return what is looked for of what was typed: one line, not longer than may be."""
    return text.line(typed)[:LONGEST].strip()


def find(
    typed: str, *, at: datetime, people: frozenset[int] | None = None, reader: int | None = None
) -> list[Hits]:
    """Return what each register has; `people` and `reader` as registers know them."""
    wanted = words(typed)
    if not wanted:
        return []
    filters = Filters(find=wanted, people=people, reader=reader, counted=False)
    found = (
        _of(name, known.read, known.found, filters, at)
        for name in registers.names()
        if (known := registers.register(name)).found is not None
    )
    return sorted((hits for hits in found if hits.rows), key=lambda hits: _place(hits.kind))


def _of(kind: str, read: Any, shape: Found | None, filters: Filters, at: datetime) -> Hits:
    assert shape is not None
    rows = read(filters, at=at, limit=AT_ONCE + 1).rows
    hits = tuple(_hit(kind, row, shape) for row in rows[:AT_ONCE])
    return Hits(kind=kind, rows=hits, more=len(rows) > AT_ONCE)


def _place(kind: str) -> int:
    shape = registers.register(kind).found
    return shape.place if shape is not None else 0


def _hit(kind: str, row: Any, shape: Found) -> Hit:
    key = str(getattr(row, shape.key or shape.code))
    return Hit(
        kind=kind,
        code=str(getattr(row, shape.code)),
        title=str(getattr(row, shape.title) or ""),
        state=str(getattr(row, "state", "")),
        page=shape.page.format(quote(key, safe="")) if shape.page else "",
    )


def called(kind: str) -> str:
    """Return the English sentence that a register of hits is headed by."""
    found = registers.register(kind).found
    if found is None:
        raise plug.Unknown(table="registers", key=kind, known=", ".join(registers.names()))
    return found.called
