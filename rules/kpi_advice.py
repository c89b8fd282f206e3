"""Which indicators should be looked at anew (需调整的指标), each with its reason.

A target that is always beaten by far measures nothing any more; one that is always missed is
either out of reach or nobody's; a rate of a handful of cases is chance. The rule advises, and
whoever draws up next year's indicator system decides.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

from rules.kpi import HUNDRED, ONE, Direction, Judgement
from rules.period import MONTHS, Frequency

LEAST: Final = 3  # periods that any advice needs


class Reason(StrEnum):
    """Why an indicator should be looked at anew."""

    TOO_EASY = "too_easy"  # 长期大幅优于目标
    NEVER_MET = "never_met"  # 长期不达标
    NO_DATA = "no_data"  # 长期缺数
    FEW_CASES = "few_cases"  # 分母过小
    FORMULA_CHANGED = "formula_changed"  # 公式已变，目标未变


REASONS: Final[Mapping[Reason, str]] = {
    Reason.TOO_EASY: (
        "The last {n} values all beat the target of {target} by far; the weakest was {weakest}."
    ),
    Reason.NEVER_MET: "The target of {target} was missed {n} times in a row; the best was {best}.",
    Reason.NO_DATA: "There is no data for the last {n} periods, since {since}.",
    Reason.FEW_CASES: (
        "The last {n} rates are made from at most {most} cases: one case more or less changes"
        " them by {weight} points."
    ),
    Reason.FORMULA_CHANGED: (
        "The formula changed in {period} (version {version}), and the target is still {target}."
    ),
}
ADVICE: Final[Mapping[Reason, str]] = {
    Reason.TOO_EASY: "Consider a higher target, or an indicator that still tells something.",
    Reason.NEVER_MET: (
        "Consider whether the target can be reached, and whether somebody can do something for it."
    ),
    Reason.NO_DATA: "Consider another source, or drop the indicator.",
    Reason.FEW_CASES: "Consider a longer period, a wider scope, or counting cases instead.",
    Reason.FORMULA_CHANGED: "Consider whether the target still fits the formula.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One period that is over. `judgement` None: no value, or no target to judge it by."""

    period: str
    judgement: Judgement | None = None
    missing: bool = False
    value: Decimal | None = None
    denominator: Decimal | None = None
    target: Decimal | None = None
    formula_version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """From when on it is too much; `periods`, `missed` and `no_data` are counted in months."""

    periods: int = 12
    margin: Decimal = Decimal("0.5")  # of the way from the target to perfect
    missed: int = 6
    no_data: int = 3
    cases: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Advised:
    """One reason, and the facts its sentence names; numbers are for the reader's unit to dress."""

    reason: Reason
    facts: Mapping[str, Any] = field(default_factory=dict)


def advise(
    marks: Sequence[Mark],
    *,
    direction: Direction,
    frequency: Frequency,
    per: Decimal = ONE,
    bounds: Bounds,
) -> list[Advised]:
    """Return every reason to look at an indicator anew, by its periods in order."""
    found = (
        _no_data(marks, _many(bounds.no_data, frequency)),
        _too_easy(marks, _many(bounds.periods, frequency), direction, per, bounds.margin),
        _never_met(marks, _many(bounds.missed, frequency), direction),
        _few_cases(marks, bounds.cases, per),
        _formula_changed(marks, _many(bounds.periods, frequency)),
    )
    return [one for one in found if one is not None]


def _many(months: int, frequency: Frequency) -> int:
    """Return how many periods make up so many months, three at the least."""
    return max(LEAST, math.ceil(months / MONTHS[frequency]))


def _last(marks: Sequence[Mark], many: int) -> list[Mark]:
    """Return the last so many periods that were judged; fewer say nothing."""
    judged = [
        mark
        for mark in marks
        if mark.value is not None and mark.judgement in {Judgement.MET, Judgement.MISSED}
    ]
    return judged[-many:] if len(judged) >= many else []


def _values(marks: Sequence[Mark]) -> list[Decimal]:
    return [mark.value for mark in marks if mark.value is not None]


def _too_easy(
    marks: Sequence[Mark], many: int, direction: Direction, per: Decimal, margin: Decimal
) -> Advised | None:
    last = _last(marks, many)
    if not last or direction is Direction.EXACTLY:
        return None
    if not all(_beaten(mark, direction, per, margin) for mark in last):
        return None
    weakest = min if direction is Direction.AT_LEAST else max
    facts = {"n": many, "target": last[-1].target, "weakest": weakest(_values(last))}
    return Advised(reason=Reason.TOO_EASY, facts=facts)


def _beaten(mark: Mark, direction: Direction, per: Decimal, margin: Decimal) -> bool:
    """Whether the value lies so far of the way from the target to perfect.

    Perfect is 100 for a percentage and zero where less is good; where more is good and nothing
    is perfect, far is so much above the target.
    """
    if mark.value is None or mark.target is None or mark.judgement is not Judgement.MET:
        return False
    if direction is Direction.AT_MOST:
        return mark.target > 0 and mark.value <= mark.target * (1 - margin)
    if per == HUNDRED:
        return mark.target < HUNDRED and mark.value - mark.target >= margin * (
            HUNDRED - mark.target
        )
    return mark.target > 0 and mark.value >= mark.target * (1 + margin)


def _never_met(marks: Sequence[Mark], many: int, direction: Direction) -> Advised | None:
    last = _last(marks, many)
    if not last or any(mark.judgement is Judgement.MET for mark in last):
        return None
    best = min if direction is Direction.AT_MOST else max
    facts = {"n": many, "target": last[-1].target, "best": best(_values(last))}
    return Advised(reason=Reason.NEVER_MET, facts=facts)


def _no_data(marks: Sequence[Mark], many: int) -> Advised | None:
    empty: list[Mark] = []
    for mark in reversed(marks):
        if not (mark.missing or mark.judgement is Judgement.NO_DATA):
            break
        empty.append(mark)
    if len(empty) < many:
        return None
    return Advised(reason=Reason.NO_DATA, facts={"n": len(empty), "since": empty[-1].period})


def _few_cases(marks: Sequence[Mark], cases: int, per: Decimal) -> Advised | None:
    """A percentage alone: a mean of few values is told by its count beside it."""
    counted = [mark for mark in marks if mark.denominator][-LEAST:]
    if per != HUNDRED or len(counted) < LEAST:
        return None
    most = max(mark.denominator for mark in counted if mark.denominator)
    if most >= cases:
        return None
    weight = (HUNDRED / most).quantize(Decimal("0.1"))
    facts = {"n": LEAST, "most": most, "weight": weight}
    return Advised(reason=Reason.FEW_CASES, facts=facts)


def _formula_changed(marks: Sequence[Mark], many: int) -> Advised | None:
    """The newest change of formula within the last periods that left the target as it was."""
    measured = [mark for mark in marks if mark.value is not None]
    for earlier, later in list(pairwise(measured))[: -many - 1 : -1]:
        if later.formula_version == earlier.formula_version:
            continue
        newest = measured[-1].target
        if newest is None or newest != earlier.target:
            return None
        facts = {"period": later.period, "version": later.formula_version, "target": newest}
        return Advised(reason=Reason.FORMULA_CHANGED, facts=facts)
    return None
