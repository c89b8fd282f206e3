"""How a ticket log is read (工单映射): which column is what, and what makes a nonconformity.

Mappings lie in `config/tickets/`, a home's own beside its policies, or anywhere as a file. A
key that is not known is refused by name.
"""

import re
import string
from dataclasses import field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from config.choices import FOLDER, PACKAGED
from config.reading import Misconfigured, Unfit, read_toml, told
from rules.service_time import ServiceTimeRefused, week_of
from rules.words import Risk, Severity

TICKETS: Final = "tickets"  # the folder of mappings
FACTS: Final = ("number", "priority", "group", "reopened")  # that a title may name
FORBID: Final = ConfigDict(extra="forbid")


def _title(template: str) -> str:
    """Take a title that names facts of a ticket and nothing else of the program."""
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as broken:
        raise Unfit("is no title: {why}", why=str(broken)) from broken
    wrong = [name for _, name, spec, turn in parts if name is not None and (spec or turn)]
    wrong += [name for _, name, _, _ in parts if name is not None and name not in FACTS]
    if wrong:
        raise Unfit(
            "names {wrong} in braces: a title may name {known}",
            wrong=", ".join(wrong),
            known=", ".join(FACTS),
        )
    return template


@dataclass(frozen=True, slots=True, kw_only=True, config=FORBID)
class Columns:
    """Which column of the log is what; `updated` is the instant of a row's event."""

    number: str
    updated: str
    opened: str | None = None
    resolved: str | None = None
    closed: str | None = None
    due: str | None = None
    priority: str | None = None
    group: str | None = None
    project: str | None = None
    reopened: str | None = None
    met_sla: str | None = None
    state: str | None = None  # in which a row's event puts the ticket
    waiting: str | None = None  # how long the ticket has waited up to the row
    waiting_from: str | None = None  # one pause a row
    waiting_until: str | None = None

    def named(self) -> dict[str, str]:
        """Return the columns that the mapping names, by what they are."""
        every = ((name, getattr(self, name)) for name in self.__dataclass_fields__)
        return {name: column for name, column in every if column is not None}


def _zone(name: str | None) -> str | None:
    if name is not None and name not in available_timezones():
        raise Unfit("is no time zone: write it like Asia/Shanghai, or UTC")
    return name


@dataclass(frozen=True, slots=True, kw_only=True, config=FORBID)
class Written:
    """How the log writes dates, yes and no, and what it does not know."""

    dates: str
    missing: tuple[str, ...] = ("",)
    yes: tuple[str, ...] = ("true",)
    no: tuple[str, ...] = ("false",)
    timezone: Annotated[str | None, AfterValidator(_zone)] = None  # of instants that carry none
    waiting_states: tuple[str, ...] = ()  # words of the state in which the clock stands still
    waiting_unit: Literal["seconds", "minutes", "hours"] = "seconds"
    header_row: Annotated[int, Field(ge=1, le=20)] = 1  # a report has its title above the header

    def zone(self, site: ZoneInfo) -> ZoneInfo:
        """Return the zone of instants that carry none."""
        return ZoneInfo(self.timezone) if self.timezone else site


Words = dict[str, str]  # what the log writes, and what is meant


@dataclass(frozen=True, slots=True, kw_only=True, config=FORBID)
class Values:
    """What the log's words mean; what is not named stays as it is written."""

    priority: Words = field(default_factory=dict)
    group: Words = field(default_factory=dict)
    project: Words = field(default_factory=dict)
    state: Words = field(default_factory=dict)


_WINDOW: Final = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:-(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun))?"
    r" \d\d:\d\d-\d\d:\d\d",
    re.ASCII,
)


def _windows(windows: tuple[str, ...]) -> tuple[str, ...]:
    """Take a service time: each entry one window of one day or a range of days."""
    wrong = [window for window in windows if not _WINDOW.fullmatch(window)]
    if wrong:
        raise Unfit("{wrong} is no window: write it like Mon-Fri 09:00-18:00", wrong=wrong[0])
    try:
        if windows:
            week_of("; ".join(windows))
    except ServiceTimeRefused as refused:
        raise Unfit("its windows overlap, or end before they begin") from refused
    return windows


Hours = Annotated[Decimal, Field(gt=0, le=100_000)]


@dataclass(frozen=True, slots=True, kw_only=True, config=FORBID)
class Clocked:
    """The `[clock]` of a log whose tickets belong to no contract."""

    service_time: Annotated[tuple[str, ...], AfterValidator(_windows)] = ()
    holidays: Literal["site", "none"] = "site"
    target_hours: dict[str, Hours] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, config=FORBID)
class Watched:
    """A `[[nonconformities]]` of the mapping: conditions, and what is raised."""

    name: str
    title: Annotated[str, AfterValidator(_title)]
    severity: Severity = Severity.MINOR
    risk: Risk = Risk.NORMAL
    clause: str | None = None
    reopened_at_least: Annotated[int, Field(ge=1)] | None = None
    priority: str | None = None
    group: str | None = None
    met_sla: bool | None = None
    month: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=FORBID)
class Mapping:
    """A whole mapping. `fold` says how the rows of one ticket make one: the last is its state."""

    source: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,40}$")]
    columns: Columns
    written: Written
    fold: Literal["last"] = "last"
    description: str = ""
    nonconformities: list[Watched] = field(default_factory=list)
    values: Values = field(default_factory=Values)
    clock: Clocked = field(default_factory=Clocked)

    def __post_init__(self) -> None:
        """Refuse a mapping whose words contradict each other."""
        columns, states = self.columns, self.written.waiting_states
        if (columns.waiting_from is None) != (columns.waiting_until is None):
            raise Unfit("waiting_from and waiting_until are named together, or neither of them")
        if states and columns.state is None:
            raise Unfit("waiting_states need the column of the state: name it under [columns]")
        if sum((bool(states), bool(columns.waiting), bool(columns.waiting_from))) > 1:
            raise Unfit("a log tells waiting in one form: a length, states, or intervals")


def load_mapping(name: str, home: Path) -> tuple[Mapping, Path]:
    """Return the mapping of that name or at that path, and its file; or say what is wrong."""
    path = _found(name, home)
    try:
        return TypeAdapter(Mapping).validate_python(read_toml(path)), path
    except ValidationError as wrong:
        raise Misconfigured(*(_told(path, error) for error in wrong.errors())) from wrong


def _found(name: str, home: Path) -> Path:
    """Look for a file of that name in the home, then among those supplied, else take a path."""
    if Path(name).suffix != ".toml":
        for folder in (home / FOLDER / TICKETS, PACKAGED / TICKETS):
            if (path := folder / f"{name}.toml").is_file():
                return path
    path = Path(name)
    if path.is_file():
        return path
    packaged = PACKAGED.parent / name  # "config/tickets/uci.toml" from anywhere
    return packaged if packaged.is_file() else path


def _told(path: Path, error: Any) -> Any:
    key = ".".join(str(part) for part in error["loc"])
    return told(f"{path}: {key}", error)
