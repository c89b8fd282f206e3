"""How a ticket log is read (工单映射): which column is what, and what makes a nonconformity.

Mappings lie in `config/tickets/`, a home's own beside its policies, or anywhere as a file. A
key that is not known is refused by name.
"""

import string
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from config.choices import FOLDER, PACKAGED
from config.reading import Misconfigured, Unfit, read_toml, told
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


@dataclass(frozen=True, slots=True, kw_only=True, config=FORBID)
class Written:
    """How the log writes dates, yes and no, and what it does not know."""

    dates: str
    missing: tuple[str, ...] = ("",)
    yes: tuple[str, ...] = ("true",)
    no: tuple[str, ...] = ("false",)


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
