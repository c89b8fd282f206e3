"""The sample company (示例公司): units, thirty people on five levels, eight projects, one gap.

It is loaded through the same imports as anybody's files, in the site's language.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from processes.organisation import import_people as people
from processes.organisation import import_projects as projects
from processes.organisation import import_units as units

DATA: Final = Path(__file__).parents[2] / "config" / "demo"
ACTOR: Final = "operator:demo"
KINDS: Final = {"units": units, "people": people, "projects": projects}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something the company finds, and how it is put right, in one language."""

    source: str
    clause: str
    severities: tuple[str, ...]
    potential: bool
    text: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Somebody is away; both days are included, and the delegate stands in."""

    person: str
    first: date
    last: date
    delegate: str


def load(language: str, at: datetime) -> dict[str, int]:
    """Import the company; return how many of each kind there are."""
    counts = {}
    for kind, process in KINDS.items():
        report = process.take(DATA / f"{kind}.csv", at=at, actor=ACTOR)
        counts[kind] = report.new + report.changed + report.unchanged
        names = DATA / f"{kind}_{language}.csv"
        if names.is_file():
            process.take(names, at=at, actor=ACTOR)
    return counts


@lru_cache(maxsize=2)  # asked with every answer of the year
def findings(language: str) -> list[Finding]:
    """Return what the company may find in its year."""
    with (DATA / "findings.toml").open("rb") as file:
        known: list[dict[str, Any]] = tomllib.load(file)["finding"]
    return [
        Finding(
            source=one["source"],
            clause=one["clause"],
            severities=tuple(one["severity"]),
            potential=one.get("potential", False),
            text=one[language],
        )
        for one in known
    ]


def take_leave(absences: Sequence[Absence], folder: Path, at: datetime) -> None:
    """Enter absences as an operator would: a file with just these columns."""
    if not absences:
        return
    rows = [f"{a.person},{a.first},{a.last},{a.delegate}" for a in absences]
    path = folder / "absences.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["code,absent_from,absent_until,delegate", *rows, ""]), "utf-8")
    people.take(path, at=at, actor=ACTOR)


def words(language: str) -> dict[str, str]:
    """Return what people of the company write besides their findings."""
    with (DATA / "findings.toml").open("rb") as file:
        known: dict[str, dict[str, str]] = tomllib.load(file)["words"]
    return known[language]
