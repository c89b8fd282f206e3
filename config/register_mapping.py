"""How a register kept elsewhere is read (台账映射): its columns, its words, and what it lacks.

A mapping is a TOML file that says `register = "nonconformities"`. It names for each of our
columns the column of the file, or several in braces; what the file writes and what it means;
and what every row is given because the file does not hold it.
"""

import string
from collections.abc import Mapping as Of
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from config.choices import FOLDER, PACKAGED
from config.reading import Misconfigured, Unfit, read_toml, told

REGISTERS: Final = "registers"  # the folder of mappings
MARK: Final = "register"  # the key by which a file is known to be one
FORBID: Final = ConfigDict(extra="forbid")


def _template(written: str) -> str:
    """Take a column's name, or text with columns in braces and nothing else of the program."""
    try:
        parts = list(string.Formatter().parse(written))
    except ValueError as broken:
        raise Unfit("is no column: {why}", why=str(broken)) from broken
    if any(name is not None and (not name or spec or turn) for _, name, spec, turn in parts):
        raise Unfit("name the columns of the file in braces, and nothing else")
    return written


Template = Annotated[str, AfterValidator(_template)]


@dataclass(frozen=True, slots=True, kw_only=True, config=FORBID)
class Written:
    """How the file writes dates, and what it writes where it knows nothing."""

    dates: str | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, config=FORBID)
class RegisterMapping:
    """A whole mapping; `shortened` are our columns that are cut where they are too long."""

    register: Literal["nonconformities", "checks", "audits"]
    columns: dict[str, Template]
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    written: Written = Written()
    shortened: tuple[str, ...] = ()
    description: str = ""


def load_register(name: str, home: Path, register: str) -> RegisterMapping | None:
    """Return the mapping of that name or at that path; None if the file is of another kind."""
    path = _found(name, home)
    if not path.is_file():
        return None
    raw = read_toml(path)
    if MARK not in raw:
        return None
    mapping = _whole(path, raw)
    if mapping.register != register:
        raise Misconfigured(f"{path}: {MARK} = {mapping.register!r}, not {register!r}")
    return mapping


def _whole(path: Path, raw: Of[str, Any]) -> RegisterMapping:
    try:
        return TypeAdapter(RegisterMapping).validate_python(raw)
    except ValidationError as wrong:
        problems = (
            told(f"{path}: " + ".".join(str(part) for part in error["loc"]), error)
            for error in wrong.errors()
        )
        raise Misconfigured(*problems) from wrong


def _found(name: str, home: Path) -> Path:
    if Path(name).suffix != ".toml":
        for folder in (home / FOLDER / REGISTERS, PACKAGED / REGISTERS):
            if (path := folder / f"{name}.toml").is_file():
                return path
    return Path(name)
