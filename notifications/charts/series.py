"""What a chart over time is drawn from (序列): values by period, with the gaps left in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from config.language import listed, say

Number = Decimal | float | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One period. A value of None is missing: it is drawn as a gap, never as zero."""

    label: str  # of the period, as people write it: 2026-09
    value: Number | None
    missed: bool = False  # the target
    special: bool = False  # a special cause (特殊情况) was found here


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is usual in each period (控制限); None where nothing can be said of it."""

    centre: Sequence[Number | None]
    lower: Sequence[Number | None]
    upper: Sequence[Number | None]


def known(values: Sequence[Number | None]) -> list[float]:
    """Return the values there are."""
    return [float(value) for value in values if value is not None]


def spoken(points: Sequence[Point], language: str, *, target: str, unit: str) -> str:
    """Return the chart as a sentence, for whoever cannot see it and for a letter's text part."""
    if not points:
        return say(language, "There is nothing to show.")
    first, last = points[0].label, points[-1].label
    told = [
        say(language, "{n} periods from {first} to {last}.", n=len(points), first=first, last=last)
    ]
    newest = next((point for point in reversed(points) if point.value is not None), None)
    if newest is not None:
        value = shown(newest.value, unit)
        told.append(say(language, "Latest: {value} in {period}.", value=value, period=newest.label))
    if target:
        told.append(say(language, "Target: {target}.", target=target))
    told += _named(points, language)
    return ("" if language == "zh" else " ").join(told)


def _named(points: Sequence[Point], language: str) -> Iterator[str]:
    missing = [point.label for point in points if point.value is None]
    missed = [point.label for point in points if point.missed]
    special = [point.label for point in points if point.special]
    if missed:
        yield say(language, "Target missed in {periods}.", periods=listed(language, missed))
    if special:
        yield say(language, "Special situation in {periods}.", periods=listed(language, special))
    if missing:
        yield say(language, "No data for {periods}.", periods=listed(language, missing))


def shown(value: Number | None, unit: str) -> str:
    """Return a value as a chart writes it: at most two decimals, a percent sign close by."""
    if value is None:
        return "–"
    digits = f"{float(value):,.2f}".rstrip("0").rstrip(".")
    return f"{digits}%" if unit == "%" else f"{digits} {unit}".rstrip()


def unbroken(
    points: Sequence[tuple[float, float] | None],
) -> Iterator[list[tuple[float, float]]]:
    """Return the stretches between gaps."""
    for there, stretch in groupby(points, key=lambda point: point is not None):
        if there:
            yield [point for point in stretch if point is not None]
