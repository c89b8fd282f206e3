"""Registers (台账): what can be listed, filtered and page by page, each declared by its process.

`pdca list` and the pages show the same rows. A row holds codes and instants; names stand beside
codes where a person reads them. None of them writes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, cast

from processes import plug
from processes.register.query import Page
from rules.words import Severity

# The filters of whatever somebody owes.
OWED: Final = ("state", "severity", "project", "person", "subject", "overdue", "since")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How a row is found by the search: its heading, fields of code and title, and its page.

    `page` has a place for the code, or for the field `key`; it is empty where there is none.
    """

    called: str
    code: str = "code"
    title: str = "title"
    page: str = ""
    key: str = ""
    place: int = 50  # among what is found, from top to bottom


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A register that can be listed: how it is read, and which filters it knows with their words.

    `heads` are the columns that a table shows: a row's field and its head. `labels` say of which
    sort of word a field's values are, so that they are shown as people call them.
    """

    read: Callable[..., Page[Any]]
    filters: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    heads: tuple[tuple[str, str], ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    found: Found | None = None  # None: nothing that a search would look for

    def words(self, name: str) -> tuple[str, ...]:
        """Return the words a filter may have; empty if any."""
        return {"state": self.states, "kind": self.kinds, "severity": words(Severity)}.get(name, ())


def words(enum: type[StrEnum]) -> tuple[str, ...]:
    """Return the stable words of an enumeration."""
    return tuple(str(word.value) for word in enum)


def register(name: str) -> Register:
    """Return a register by its name; raise `plug.Unknown` for one that no process has."""
    return cast("Register", plug.one("registers", name))


def names() -> tuple[str, ...]:
    """Return the names of all registers."""
    return plug.keys("registers")
