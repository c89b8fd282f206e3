"""What a history is made of (履历条目): values, read once and shown anywhere."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from processes.register.rows import DutyRow, NonconformityRow, PersonRow
from rules.organisation import End


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A person as a history shows one."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Somebody was told: the letter, at which level, for whom, and what became of the mail.

    `passed` are those who could not be told before him, and why. Without a person it was the
    operator's address.
    """

    at: datetime
    duty: int
    episode: int
    nth: int
    letter: str
    level: int | None
    person: Named | None
    on_behalf_of: Named | None
    again: int
    passed: tuple[tuple[Named, str], ...]
    mail: str
    address: str | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Somebody acted on a duty: answered, acknowledged or asked for more time."""

    at: datetime
    duty: int
    act: str
    person: Named
    on_behalf_of: Named | None
    via: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """A later date that was asked for; `granted` is None while nobody has decided."""

    duty: int
    episode: int
    asked_at: datetime
    asked_by: Named
    until: date
    reason: str
    decided_at: datetime | None
    decided_by: Named | None
    granted: bool | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file of evidence; `line` is the key of the line of a sheet that it shows."""

    id: int
    duty: int
    name: str
    size: int
    sha256: str
    by: Named
    at: datetime
    deleted_at: datetime | None
    line: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One row of the trail. `actor` is a person's name where it was a person."""

    seq: int
    at: datetime
    actor: str
    on_behalf_of: str | None
    action: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyHistory:
    """A duty and everything that happened to it, each in the order of time."""

    duty: DutyRow
    told: tuple[Told, ...]
    answers: tuple[Answered, ...]
    extensions: tuple[Extended, ...]
    evidence: tuple[Attached, ...]
    trail: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NonconformityHistory:
    """A nonconformity with its rounds, its duties and everything that happened to them."""

    nonconformity: NonconformityRow
    description: str
    source_record: str | None
    potential: bool
    severity_reason: str | None
    priority_reason: str
    straight_up_at: datetime | None
    straight_up_reason: str | None
    void_reason: str | None
    rounds: tuple[dict[str, Any], ...]
    duties: tuple[DutyRow, ...]
    told: tuple[Told, ...]
    answers: tuple[Answered, ...]
    extensions: tuple[Extended, ...]
    evidence: tuple[Attached, ...]
    trail: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonHistory:
    """A person, who stands above, what is owed now, and what was told last."""

    person: PersonRow
    chain: tuple[Named, ...]
    chain_ends: End
    duties: tuple[DutyRow, ...]
    told: tuple[Told, ...]
    trail: tuple[Recorded, ...]
