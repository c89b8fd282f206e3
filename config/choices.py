"""The organisation's choices (组织的选择): a packaged TOML file, replaced key by key at home.

Whoever edits such a file is told everything that is wrong with it at once, by file and key.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from config.reading import Misconfigured, Problem, read_toml, told

PACKAGED: Final = Path(__file__).parent
FOLDER: Final = "config"  # of a home, where its own files lie

Key = tuple[str | int, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Choices:
    """What is chosen after all, and which file chose each key."""

    data: Mapping[str, Any]
    packaged: Path
    own_file: Path
    own: Mapping[str, Any]

    def chooser(self, key: Key) -> Path:
        """Return the file to correct: the home's where it names the key, else the packaged."""
        return self.own_file if _names(self.own, key) else self.packaged

    def where(self, key: Key) -> str:
        """Return the file and the key, as a problem names them."""
        return ": ".join([str(self.chooser(key)), ".".join(str(part) for part in key)])

    def problem(self, key: Key, sentence: str, **facts: Any) -> Problem:
        """Return what is wrong at a key."""
        return Problem(self.where(key), sentence, facts)


def read(name: str, home: Path) -> Choices:
    """Read a packaged file and the file of the same name in the home, if there is one."""
    packaged, own_file = PACKAGED / name, home / FOLDER / name
    own = read_toml(own_file) if own_file.exists() else {}
    return Choices(_merged(_packaged(packaged), own), packaged, own_file, own)


@cache
def _packaged(file: Path) -> dict[str, Any]:
    """Return what ships with the code: it stays as it is, and nobody changes what is read here."""
    return read_toml(file)


def value(choices: Choices, key: Key) -> Any:
    """Return what stands at a key: an empty table where nothing does, None below a mere value."""
    found: Any = choices.data
    for part in key:
        found = found.get(part, {}) if isinstance(found, Mapping) else None
    return found


def judged_at(kind: type[T], choices: Choices, key: Key, problems: list[Problem]) -> T | None:
    """Return what stands at a key as that kind; None and its problems noted if it is not one."""
    return judged(kind, value(choices, key), choices, key, problems)


def judged(
    kind: type[T], value: Any, choices: Choices, key: Key, problems: list[Problem]
) -> T | None:
    """Return the value as that kind; None and its problems noted, below the key, if it is not."""
    try:
        found: T = _adapter(kind).validate_python(value)  # type: ignore[arg-type]
        return found
    except ValidationError as wrong:
        for error in wrong.errors():
            below = (part for part in error["loc"] if part != "[key]")
            problems.append(told(choices.where((*key, *below)), error))
        return None


def load(kind: type[T], name: str, home: Path) -> T:
    """Return a file that is one table of that kind; raise `Misconfigured` naming all mistakes."""
    problems: list[Problem] = []
    found = judged_at(kind, read(name, home), (), problems)
    refuse(problems)
    assert found is not None
    return found


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Return what judges a kind; made once, because making it takes longer than judging."""
    return TypeAdapter(kind)


def refuse(problems: Iterable[Problem]) -> None:
    """Raise `Misconfigured` with every problem on a line of its own, if there is any."""
    found = list(problems)
    if found:
        raise Misconfigured(*found)


def _names(own: Any, key: Sequence[str | int]) -> bool:
    """Whether a file names the key, or something above it that is no table."""
    for part in key:
        if not isinstance(own, Mapping):
            return True
        if part not in own:
            return False
        own = own[part]
    return True


def _merged(packaged: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(packaged)
    for name, value in own.items():
        below = result.get(name)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            result[name] = _merged(below, value)
        else:
            result[name] = value
    return result
