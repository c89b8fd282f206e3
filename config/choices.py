"""The organisation's choices (组织的选择): a packaged TOML file, replaced key by key at home.

Whoever edits such a file is told everything that is wrong with it at once, by file and key.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from config.reading import Misconfigured, read_toml, wrong

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

    def problem(self, key: Key, what: str) -> str:
        """Return the sentence that says which file, which key and what is wrong."""
        name = ".".join(str(part) for part in key)
        return f"{self.chooser(key)}: {name}: {what}" if name else f"{self.chooser(key)}: {what}"


def read(name: str, home: Path) -> Choices:
    """Read a packaged file and the file of the same name in the home, if there is one."""
    packaged, own_file = PACKAGED / name, home / FOLDER / name
    own = read_toml(own_file) if own_file.exists() else {}
    return Choices(_merged(read_toml(packaged), own), packaged, own_file, own)


def value(choices: Choices, key: Key) -> Any:
    """Return what stands at a key: an empty table where nothing does, None below a mere value."""
    found: Any = choices.data
    for part in key:
        found = found.get(part, {}) if isinstance(found, Mapping) else None
    return found


def judged_at(kind: type[T], choices: Choices, key: Key, problems: list[str]) -> T | None:
    """Return what stands at a key as that kind; None and its problems noted if it is not one."""
    return judged(kind, value(choices, key), choices, key, problems)


def judged(kind: type[T], value: Any, choices: Choices, key: Key, problems: list[str]) -> T | None:
    """Return the value as that kind; None and its problems noted, below the key, if it is not."""
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as found:
        problems.extend(sentences(choices, key, found))
        return None


def sentences(choices: Choices, at: Key, found: ValidationError) -> list[str]:
    """Say each thing that pydantic found wrong below a key."""
    return [
        choices.problem((*at, *(p for p in e["loc"] if p != "[key]")), wrong(e))
        for e in found.errors()
    ]


def refuse(problems: Iterable[str]) -> None:
    """Raise `Misconfigured` with every problem on a line of its own, if there is any."""
    found = list(dict.fromkeys(problems))
    if found:
        raise Misconfigured("\n".join(found))


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
