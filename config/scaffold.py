"""What `pdca init` writes into a new home (初始化): settings, policies and import templates.

A file that is already there is somebody's work and is left as it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.choices import FOLDER, PACKAGED
from config.labels import LABELS
from config.language import label
from config.reading import Misconfigured, Problem
from config.secret import PRIVATE

HOME: Final = PACKAGED / "home"
# Every file of choices that ships with the product: one more is in every new home.
POLICIES: Final = ("*.toml", "criteria/*.toml", "checks/*.toml", "tickets/*.toml")
KINDS: Final = "#   {kinds}"  # the place of the list in a policy
BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"  # without it Excel takes Chinese for another encoding


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaffolded:
    """The files written, and those that were there already and stay as they were."""

    written: tuple[Path, ...]
    kept: tuple[Path, ...]


def scaffold(home: Path, templates: Mapping[str, Sequence[str]]) -> Scaffolded:
    """Write what a new home begins with; raise `Misconfigured` where nothing can be written.

    `templates` are the columns of each table that can be imported, by its name.
    """
    written, kept = [], []
    for path, text in _files(home, templates):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=PRIVATE, exist_ok=False)
            with path.open("w", encoding="utf-8", newline="") as file:
                file.write(text)
        except FileExistsError:
            if path.parent.is_dir():
                kept.append(path)
                continue
            found = Problem(str(path.parent), "is a file, and a folder is needed")
            raise Misconfigured(found) from None
        except OSError as broken:
            found = Problem(str(path), "cannot be written: {why}", {"why": broken.strerror})
            raise Misconfigured(found) from broken
        written.append(path)
    return Scaffolded(written=tuple(written), kept=tuple(kept))


def _files(home: Path, templates: Mapping[str, Sequence[str]]) -> Iterator[tuple[Path, str]]:
    for path in sorted(HOME.iterdir()):
        yield home / path.name, path.read_text("utf-8")
    for pattern in POLICIES:
        for path in sorted(PACKAGED.glob(pattern)):
            yield home / FOLDER / path.relative_to(PACKAGED), _told(path.read_text("utf-8"))
    for kind, columns in templates.items():
        yield home / "import" / f"{kind}.csv", f"{BOM}{','.join(columns)}\r\n"


def _told(text: str) -> str:
    """Return a policy with the list of kinds of duty where it says so, for who writes ladders."""
    kinds = [
        f"#   {word:<16} {label('zh', word, 'duty_kind')} · {label('en', word, 'duty_kind')}"
        for word in LABELS["duty_kind"]
    ]
    return text.replace(KINDS, "\n".join(kinds))
