"""The filters of a register as its address carries them (台账筛选): `?state=…&overdue=1&page=2`.

A word that is none of ours is left out rather than refused: an old bookmark shows more, never
an error page.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from starlette.datastructures import QueryParams

from processes.register import registers
from processes.register.query import Filters
from rules import text

PAGE: Final = 50  # rows
ANY: Final = "any"  # said where leaving the word out would mean the usual state
MOST_PAGES: Final = 1_000_000
LONGEST: Final = 100  # characters of a word


def _day(word: str) -> date:
    day = date.fromisoformat(word)
    if not date(1990, 1, 1) <= day <= date(2199, 12, 31):
        raise ValueError(word)
    return day


def _level(word: str) -> int:
    if not (word.isdecimal() and word.isascii() and len(word) < 4):  # noqa: PLR2004
        raise ValueError(word)
    return int(word)


# Words that are more than words, and how they are read.
READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "level": _level,
    "due_from": _day,
    "due_until": _day,
    "ended_from": _day,
}


def _readable(name: str, word: str) -> bool:
    try:
        READ[name](word)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a reader wants to see of a register."""

    words: dict[str, str]  # as the address has them, for the form and for links
    page: int

    def filters(self, people: frozenset[int] | None, reader: int) -> Filters:
        """Return the filters, within the people whose matters the reader may list."""
        kept = {name: word for name, word in self.words.items() if word != ANY}
        overdue = bool(kept.pop("overdue", ""))
        find = kept.pop("find", None)
        read = {name: READ[name](word) for name, word in kept.items() if name in READ}
        words: dict[str, Any] = {**kept, **read, "overdue": overdue, "find": find}
        return Filters(**words, people=people, reader=reader)

    @property
    def offset(self) -> int:
        return (self.page - 1) * PAGE


def asked(register: str, query: QueryParams, *, state: str = "") -> Asked:
    """Read a register's filters from an address; `state` is what it shows unless told otherwise."""
    known = registers.register(register)
    names = [n for n in known.filters if n not in {"since", "ids"}] + ["find"]
    words = {name: text.line(query.get(name, ""))[:LONGEST] for name in names}
    if "state" not in query and not words.get("overdue"):
        words["state"] = state
    for name in names:
        allowed: Sequence[str] = known.words(name)
        if allowed and words[name] not in {*allowed, ANY}:
            words[name] = ""
        if name in READ and not _readable(name, words[name]):
            words[name] = ""
    return Asked(
        words={name: word for name, word in words.items() if word}, page=page_number(query)
    )


def page_number(query: QueryParams) -> int:
    """Return the number of the page that an address asks for; the first where it is none."""
    number = query.get("page", "1")
    page = int(number) if number.isdecimal() and number.isascii() and len(number) < 8 else 1  # noqa: PLR2004
    return min(max(page, 1), MOST_PAGES)
