"""How indicators are followed (指标跟踪参数): when values are due, and what follows a miss."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import ConfigDict, Field, with_config

from config import choices
from config.current import current
from rules.period import Frequency
from rules.words import Severity

FILE: Final = "kpi.toml"
FORBID: Final = ConfigDict(extra="forbid")
Days = Annotated[int, Field(strict=True, ge=1, le=250)]


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """When a value is owed, and how far back when tracking begins."""

    working_days: Days
    look_back: Annotated[int, Field(strict=True, ge=0, le=120)]


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Collect:
    """When values are fetched, and how often a source that fails is tried."""

    working_days: Days
    retry_minutes: Annotated[int, Field(strict=True, ge=1, le=1440)]
    tries: Annotated[int, Field(strict=True, ge=1, le=20)]
    lease_minutes: Annotated[int, Field(strict=True, ge=1, le=1440)]


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """What a missed target raises, and how many later measurements verify the action."""

    severity: Severity
    verify_by: Annotated[int, Field(strict=True, ge=1, le=12)]
    whole: tuple[Frequency, ...]
    months: Annotated[int, Field(strict=True, ge=1, le=60)]


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Systems:
    """When next year's indicator system and its tracking plan are owed."""

    month: Annotated[int, Field(strict=True, ge=1, le=12)]
    system_working_days: Days
    plan_working_days: Days


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class KpiPolicy:
    """Everything that the quality department decides about following indicators."""

    report: Report
    collect: Collect
    miss: Miss
    systems: Systems


def kpi_policy() -> KpiPolicy:
    """Return the policy of the home in use."""
    return load_kpi_policy(current().settings.home, _stamp(current().settings.home))


@lru_cache(maxsize=8)
def load_kpi_policy(home: Path, _changed: int = 0) -> KpiPolicy:
    """Return the policy of a home; raise `Misconfigured` naming everything wrong."""
    return choices.load(KpiPolicy, FILE, home)


def _stamp(home: Path) -> int:
    """Return when the home's own file was changed last; 0 without one."""
    own = home / choices.FOLDER / FILE
    return own.stat().st_mtime_ns if own.exists() else 0
