"""The documented procedure of internal audit (内部审核程序) and its criteria, from TOML.

The product obeys what stands here and prints it; a programme keeps a copy of the procedure it
was approved under, so that a later edit does not rewrite the past.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import date, time
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field, with_config

from config import choices
from config.policy import FORBID, Count
from config.reading import Problem
from rules.audit_programme import Weights
from rules.words import Role

CRITERIA: Final = ("iso20000.toml", "gbt28827.toml", "own.toml")
_FILES: Final = tuple(f"criteria/{name}" for name in CRITERIA)
Points = Annotated[int, Field(strict=True, ge=0, le=1_000)]


_TABLES: Final = frozenset(
    {"procedure", "periods", "team", "points", "frequency", "findings", "unit", "process"}
)


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """Who plans, conducts, reports and keeps records, and whether exceptions are allowed."""

    plans: Role
    reviews: Role
    approves: Role
    conducts: Role
    keeps_records: Role
    exception_allowed: Annotated[bool, Field(strict=True)]
    plan_approved: Annotated[bool, Field(strict=True)]
    grants_exception: Role


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """Months, working days and calendar days, as named."""

    coverage_months: Annotated[int, Field(strict=True, ge=1, le=60)]
    cooling_months: Annotated[int, Field(strict=True, ge=0, le=120)]
    notice_working_days: Count
    prepare_working_days: Count
    plan_working_days: Count
    confirm_working_days: Count
    report_working_days: Count
    carry_calendar_days: Count


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """How many audit, and how long it takes them."""

    auditors: Annotated[int, Field(strict=True, ge=1, le=20)]
    clauses_per_half_day: Count
    morning: time
    afternoon: time
    half_day_hours: Annotated[int, Field(strict=True, ge=1, le=8)]
    meeting_minutes: Annotated[int, Field(strict=True, ge=5, le=240)]


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """How findings are weighed."""

    minors_make_a_major: Annotated[int, Field(strict=True, ge=2, le=100)]


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitArea:
    """What holds for every unit."""

    importance: Annotated[int, Field(strict=True, ge=1, le=5)]
    clauses: tuple[str, ...]


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process that is audited, whoever's unit carries it."""

    zh: str
    en: str
    importance: Annotated[int, Field(strict=True, ge=1, le=5)]
    clauses: tuple[str, ...]
    role: Role | None = None
    owner: str | None = None
    unit: str | None = None


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A clause by number, with the organisation's own short words."""

    zh: str
    en: str
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPolicy:
    """The whole procedure. `criteria` are by prefixed number: 20000:8.6.1."""

    procedure: Procedure
    periods: Periods
    team: Team
    weights: Weights
    bands: Mapping[int, int]
    findings: Findings
    unit: UnitArea
    processes: Mapping[str, Process]
    criteria: Mapping[str, Criterion]
    titles: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the procedure as a programme keeps it: without the criteria's words."""
        parts = ("procedure", "periods", "team", "weights", "bands", "findings")
        return {name: _plain(getattr(self, name)) for name in parts}

    @property
    def mark(self) -> str:
        """Return the hash by which a programme names the procedure it was made under."""
        told = json.dumps(self.to_json(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()


def audit_policy(home: Path) -> AuditPolicy:
    """Return the procedure of a home; raise `Misconfigured` naming every mistake."""
    own = [home / choices.FOLDER / name for name in ("audit.toml", *_FILES)]
    return _read(home, tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in own))


@lru_cache(maxsize=8)
def _read(home: Path, _changed: tuple[int, ...]) -> AuditPolicy:
    problems: list[Problem] = []
    chosen = choices.read("audit.toml", home)
    parts: dict[str, Any] = {
        name: choices.judged_at(kind, chosen, (key,), problems)
        for name, kind, key in (
            ("procedure", Procedure, "procedure"),
            ("periods", Periods, "periods"),
            ("team", Team, "team"),
            ("weights", with_config(FORBID)(Weights), "points"),
            ("findings", Findings, "findings"),
            ("unit", UnitArea, "unit"),
        )
    }
    bands = choices.judged_at(dict[int, Points], chosen, ("frequency",), problems)
    processes = choices.judged_at(dict[str, Process], chosen, ("process",), problems)
    strangers = set(chosen.data) - _TABLES
    sentence = "there is no such key: remove it or correct its spelling"
    problems += [chosen.problem((name,), sentence) for name in sorted(strangers)]
    criteria, titles = _criteria(home, problems)
    for code, own in {"unit": parts["unit"], **(processes or {})}.items():
        problems += _unknown(chosen, code, own.clauses if own else (), criteria)
    choices.refuse(problems)
    return AuditPolicy(
        **parts, bands=bands or {1: 0}, processes=processes or {}, criteria=criteria, titles=titles
    )


def _criteria(home: Path, problems: list[Problem]) -> tuple[dict[str, Criterion], dict[str, str]]:
    found: dict[str, Criterion] = {}
    titles: dict[str, str] = {}
    for name in CRITERIA:
        chosen = choices.read(f"criteria/{name}", home)
        prefix = str(chosen.data.get("prefix", ""))
        titles[prefix] = str(chosen.data.get("title", prefix))
        clauses = choices.judged_at(dict[str, Criterion], chosen, ("clause",), problems)
        found |= {f"{prefix}:{number}": one for number, one in (clauses or {}).items()}
    return found, titles


def _unknown(
    chosen: choices.Choices, code: str, clauses: tuple[str, ...], criteria: Mapping[str, Any]
) -> list[Problem]:
    key = ("unit", "clauses") if code == "unit" else ("process", code, "clauses")
    sentence = "no file of criteria has the clause {clause}"
    return [chosen.problem(key, sentence, clause=c) for c in clauses if c not in criteria]


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(inner) for name, inner in asdict(value).items()}
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, time | date) else value
