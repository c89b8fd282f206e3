"""What a letter is made of (信函): values only, gathered from rows by `processes/outbox`.

One letter goes to one person and holds one item, or many of them as a digest or a table. An
item is one line of the outbox: one duty, and why this person hears of it now.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from rules.words import LetterKind, Severity


class Shape(StrEnum):
    """How the items stand in the mail."""

    SINGLE = "single"  # one item, its own template
    DIGEST = "digest"  # what you owe: own reminders, overdue duties, new assignments
    TABLE = "table"  # more level notices, or other letters of one kind, than one would open


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """Somebody below the reader who could not be told, and why (越过)."""

    name: str
    reason: str  # "inactive" | "no_address" | "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to be told about one duty. Instants are aware UTC; the letter knows the zone.

    `level` is the level climbed to, None for reminders and the owner's own letters. `again`
    counts repeats at the top (0: first time). `facts` are the letter's own: `reason` of a
    straight-up report, `asked_until`, `granted`, `note`, `outcome`, `code`, `link` …
    """

    letter: LetterKind
    duty: int | None
    kind: str  # kind of duty: respond, act, verify …
    subject: str  # code of the thing owed about
    subject_kind: str = "nonconformity"
    called: str = ""  # what it is called with its code; English, the key of its translation
    title: str
    severity: Severity
    link: str
    issued_at: datetime | None = None
    due_at: datetime | None = None
    overdue_days: int = 0  # working days past due at the letter's instant
    owner_name: str = ""
    owner_unit: str = ""
    project: str = ""
    level: int | None = None
    again: int = 0
    marks: tuple[LetterKind, ...] = ()  # a second reason told in the same mail (straight up)
    on_behalf_of: str = ""  # name of the absent person represented
    passed_over: tuple[PassedOver, ...] = ()
    advice: str = (
        ""  # what whoever owes it does now: an English sentence, the key of its translation
    )
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail before rendering. `at` is its Date header and the instant it speaks of."""

    key: str  # the notice's key: the Message-ID is made from it
    shape: Shape
    letter: LetterKind  # of the first item; a digest speaks of several
    language: str  # "zh" | "en"
    zone: ZoneInfo
    at: datetime
    to_name: str
    to_address: str
    items: tuple[Item, ...]
    thread: str | None = None  # root of the mail thread, one a subject
    first_in_thread: bool = False
    organisation: str = ""
    base_url: str = ""
    listed_at: str = ""  # the page that lists every item; empty for whoever cannot sign in
    sender: str = ""  # From address; ladder letters speak in the quality department's name
    installation: str = ""  # keeps Message-IDs of two homes with one domain apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A finished mail: the bytes that are sent are these and no others."""

    subject: str
    mime: bytes
    message_id: str
