"""What stands in a register (台账行): values, the same on a page and as JSON.

Keys of JSON are the fields' names: stable words of the command line.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRow:
    """Something owed. `owner` is a code; `nth` counts the steps taken in this episode."""

    id: int
    kind: str
    subject: str
    title: str
    owner: str
    owner_name: str
    project: str | None
    severity: str
    issued_at: datetime
    due_at: datetime
    state: str
    episode: int
    level: int
    nth: int
    next_at: datetime | None
    round: int
    extensions: int
    ended_at: datetime | None
    ended_by: str | None
    subject_kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NonconformityRow:
    """A nonconformity. `level` is the highest that any duty about it stands at."""

    code: str
    title: str
    severity: str
    risk: str
    priority: int
    state: str
    source: str
    project: str | None
    unit: str | None
    clause: str | None
    owner: str
    owner_name: str
    raised_by: str | None
    raised_at: datetime
    due_at: datetime
    closed_at: datetime | None
    level: int
    rounds: int
    extensions: int
    recurs_from: str | None
    brought_in: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """One line of the outbox: what one person is told about one duty, and the state of its mail.

    `person` receives, `address` is where its mail goes; a line not yet in a mail is pending.
    """

    key: str
    letter: str
    level: int | None
    person: str | None
    person_name: str | None
    on_behalf_of: str | None
    address: str | None
    duty: int | None
    subject: str | None
    state: str
    created_at: datetime
    sent_at: datetime | None
    message_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRow:
    """Something an operator must mend, or had to."""

    kind: str
    ref: str
    message: str
    first_at: datetime
    last_at: datetime
    cleared_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A person; `manager` is the code as imported, whether or not somebody has it."""

    code: str
    name: str
    email: str | None
    manager: str | None
    unit: str | None
    roles: list[str]
    active: bool
    language: str | None
    absent_from: date | None
    absent_until: date | None
    delegate: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """A unit of the organisation."""

    code: str
    name: str
    parent: str | None
    head: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRow:
    """A project under contract."""

    code: str
    name: str
    customer: str | None
    customer_email: str | None
    manager: str | None
    unit: str | None
    start: date | None
    end: date | None
    contract: str | None


def as_json(row: Any, zone: ZoneInfo) -> dict[str, Any]:
    """Return a row as JSON has it: instants with the site's offset, absent is null."""
    return {name: plain(value, zone) for name, value in asdict(row).items()}


def plain(value: Any, zone: ZoneInfo) -> Any:
    """Return a value, and all that is in it, as JSON has it."""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: plain(inner, zone) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner, zone) for inner in value]
    return value
