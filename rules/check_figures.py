"""Figures over many checks (检查统计): how much conforms, where, and since when.

A point that did not apply is in no denominator; nothing checked is no data, never 0 or 100.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from rules.check import Result

TENTH: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """So many lines of one point of one project in one month had this result."""

    point: str
    project: str
    unit: str | None
    month: str  # 2026-09
    result: Result
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many were found to be what."""

    conforming: int = 0
    nonconforming: int = 0
    observation: int = 0
    not_applicable: int = 0

    @property
    def checked(self) -> int:
        """How many applied."""
        return self.conforming + self.nonconforming + self.observation

    @property
    def rate(self) -> Decimal | None:
        """The share without a finding, in per cent to a tenth; None if nothing applied."""
        if not self.checked:
            return None
        return (Decimal(100) * self.conforming / self.checked).quantize(TENTH, ROUND_HALF_UP)


def tally(counted: Iterable[Counted]) -> Tally:
    """Add up what was found."""
    sums = dict.fromkeys(Result, 0)
    for one in counted:
        sums[one.result] += one.count
    return Tally(**{result.value: count for result, count in sums.items()})


def by(counted: Iterable[Counted], name: str) -> dict[str, Tally]:
    """Return a tally for each point, project, unit or month, in the order of their words."""
    groups: dict[str, list[Counted]] = {}
    for one in counted:
        groups.setdefault(getattr(one, name) or "", []).append(one)
    return {word: tally(groups[word]) for word in sorted(groups)}


def most_failed(points: dict[str, Tally], *, least: int, most: int) -> list[str]:
    """Return the points most often failed, at least so often, the worst first."""
    failed = [point for point, found in points.items() if found.nonconforming >= least]
    return sorted(failed, key=lambda point: (-points[point].nonconforming, point))[:most]
