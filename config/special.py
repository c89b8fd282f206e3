"""What the quality department decides about looking at indicators (特殊情况与指标调整参数)."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import ConfigDict, Field, with_config

from config import choices
from config.current import current

FILE: Final = "special.toml"
FORBID: Final = ConfigDict(extra="forbid")
Periods = Annotated[int, Field(strict=True, ge=1, le=120)]


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Learn:
    """How many values it takes to know what is usual."""

    enough: Annotated[int, Field(strict=True, ge=6, le=120)]
    settled: Periods


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """How long the owner has for his sentence, and how far back he is asked."""

    working_days: Annotated[int, Field(strict=True, ge=1, le=250)]
    periods: Periods


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyLetter:
    """When the KPI letter goes out, and how many charts it carries."""

    working_day: Annotated[int, Field(strict=True, ge=1, le=20)]
    charts: Annotated[int, Field(strict=True, ge=0, le=40)]


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceLimits:
    """From when on an indicator should be looked at anew."""

    month: Annotated[int, Field(strict=True, ge=1, le=12)]
    periods: Periods
    margin_percent: Annotated[int, Field(strict=True, ge=1, le=100)]
    missed: Periods
    no_data: Periods
    cases: Annotated[int, Field(strict=True, ge=1, le=100_000)]


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialPolicy:
    """The whole file."""

    learning: Learn
    explain: Explain
    letter: MonthlyLetter
    advice: AdviceLimits


def special_policy() -> SpecialPolicy:
    """Return the policy of the home in use."""
    home = current().settings.home
    own = home / choices.FOLDER / FILE
    return load_special_policy(home, own.stat().st_mtime_ns if own.exists() else 0)


@lru_cache(maxsize=8)
def load_special_policy(home: Path, _changed: int = 0) -> SpecialPolicy:
    """Return the policy of a home; raise `Misconfigured` naming everything wrong."""
    return choices.load(SpecialPolicy, FILE, home)
