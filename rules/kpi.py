"""What a measurement means for its target (指标判定): attained, missed, or no data.

A denominator of zero is no data, never 0 and never 100. A rate is judged from its counts and
never from its rounded value, so that 94.996 % never passes for 95 %. The target that counts is
the one in force on the last day of the period.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final

from rules.refusal import Refused

ORGANISATION: Final = "organisation"  # the scope of what is measured of the whole
PLACES: Final = 4  # of a value that was divided; judged is what it was divided from
_EXACT: Final = Context(prec=60)
HUNDRED: Final = Decimal(100)
ONE: Final = Decimal(1)


class Direction(StrEnum):
    """On which side of its target a value is good (方向)."""

    AT_LEAST = ">="
    AT_MOST = "<="
    EXACTLY = "="


class Judgement(StrEnum):
    """Whether a target was attained (判定)."""

    MET = "met"  # 达成
    MISSED = "missed"  # 未达成
    NO_DATA = "no_data"  # 无数据


class Level(StrEnum):
    """Of what an indicator is measured (指标层级)."""

    ORGANISATION = "organisation"
    PROJECT = "project"
    DELIVERY = "delivery"


class Element(StrEnum):
    """The element of service capability that an indicator belongs to (能力要素)."""

    MANAGEMENT = "management"
    PEOPLE = "people"
    PROCESS = "process"
    RESOURCE = "resource"
    TECHNOLOGY = "technology"


class Negative(Refused):
    """A count or value below zero."""

    sentence = "{field} is negative: {given}"


class AboveWhole(Refused):
    """More hits than cases: a rate above one hundred per cent."""

    sentence = "the numerator {numerator} is above the denominator {denominator}"


class AboveHundred(Refused):
    """A percentage that no count can have."""

    sentence = "{given} % is more than all of it"


class NothingGiven(Refused):
    """Neither a value nor the counts it is made from."""

    sentence = "give a value, or numerator and denominator"


class HalfGiven(Refused):
    """One count without the other."""

    sentence = "numerator and denominator belong together: {missing} is missing"


class Disagrees(Refused):
    """A value that its own counts do not make."""

    sentence = "the value {given} is not what its counts make: {made}"


class TargetsOverlap(Refused):
    """Two versions of a target in force on the same day."""

    sentence = "target version {later} begins on {day}, before version {earlier} has begun"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What was measured of one period and scope; counts where there are any."""

    period: str
    scope: str = ORGANISATION
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A version of a target; `per` is what one is written as: 100 for per cent.

    `valid_from` None is since ever, `valid_until` (included) None is until further notice.
    """

    value: Decimal
    direction: Direction = Direction.AT_LEAST
    per: Decimal = ONE
    version: int = 1
    valid_from: date | None = None
    valid_until: date | None = None

    def in_force(self, day: date) -> bool:
        """Whether it counts on this day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


def per(unit: str) -> Decimal:
    """Return what one is written as in a unit."""
    return HUNDRED if unit.strip() in {"%", "％", "percent"} else ONE


def judge(observation: Observation, target: Target | None) -> Judgement | None:
    """Return whether the target was attained; None where there is no target to attain.

    A rate is compared as numerator x per against target x denominator: nothing is divided,
    so nothing is rounded.
    """
    numerator, denominator = observation.numerator, observation.denominator
    if denominator is not None and numerator is not None:
        if not denominator:
            return Judgement.NO_DATA
        if target is None:
            return None
        left = _EXACT.multiply(numerator, target.per)
        right = _EXACT.multiply(target.value, denominator)
        return _compared(left, right, target.direction)
    if observation.value is None:
        return Judgement.NO_DATA
    if target is None:
        return None
    return _compared(observation.value, target.value, target.direction)


def _compared(left: Decimal, right: Decimal, direction: Direction) -> Judgement:
    if direction is Direction.AT_LEAST:
        good = left >= right
    elif direction is Direction.AT_MOST:
        good = left <= right
    else:
        good = left == right
    return Judgement.MET if good else Judgement.MISSED


def in_force(targets: Iterable[Target], day: date) -> Target | None:
    """Return the newest version that counts on this day."""
    found = [target for target in targets if target.in_force(day)]
    return max(found, key=lambda target: target.version, default=None)


def value(
    numerator: Decimal,
    denominator: Decimal,
    *,
    per: Decimal = ONE,
    direction: Direction = Direction.AT_LEAST,
    places: int = PLACES,
) -> Decimal | None:
    """Return the rate as it is shown, rounded away from the target; None of nothing.

    Rounding never lets a missed value look attained: down where more is good, up where less is.
    """
    if not denominator:
        return None
    exact = _EXACT.divide(_EXACT.multiply(numerator, per), denominator)
    return plain(exact.quantize(Decimal(1).scaleb(-places), _ROUNDING[direction], _EXACT))


_ROUNDING: Final = {
    Direction.AT_LEAST: ROUND_FLOOR,
    Direction.AT_MOST: ROUND_CEILING,
    Direction.EXACTLY: ROUND_HALF_EVEN,
}


def plain(number: Decimal) -> Decimal:
    """Return a number without zeros at its end and without an exponent."""
    short = number.normalize(_EXACT)
    return short.quantize(ONE, context=_EXACT) if short.as_tuple().exponent > 0 else short  # type: ignore[operator]


def refuse_observation(observation: Observation, *, unit: str) -> None:
    """Refuse what cannot have been measured, naming what is wrong with it."""
    problem = next(iter(problems(observation, unit=unit)), None)
    if problem is not None:
        raise problem[1]


def problems(observation: Observation, *, unit: str) -> list[tuple[str, Refused]]:
    """Return everything that is wrong with what was given, by field."""
    found: list[tuple[str, Refused]] = []
    fields = {
        "value": observation.value,
        "numerator": observation.numerator,
        "denominator": observation.denominator,
    }
    found += [
        (name, Negative(field=name, given=given))
        for name, given in fields.items()
        if given is not None and given < 0
    ]
    return found or _unfit(observation, per(unit))


def _unfit(observation: Observation, whole: Decimal) -> list[tuple[str, Refused]]:
    numerator, denominator = observation.numerator, observation.denominator
    if numerator is None and denominator is None:
        return _value_unfit(observation.value, whole)
    if numerator is None:
        return [("numerator", HalfGiven(missing="numerator"))]
    if denominator is None:
        return [("denominator", HalfGiven(missing="denominator"))]
    if whole == HUNDRED and numerator > denominator:
        return [("numerator", AboveWhole(numerator=numerator, denominator=denominator))]
    return _disagreeing(observation.value, numerator, denominator, whole)


def _value_unfit(given: Decimal | None, whole: Decimal) -> list[tuple[str, Refused]]:
    if given is None:
        return [("value", NothingGiven())]
    if whole == HUNDRED and given > HUNDRED:
        return [("value", AboveHundred(given=given))]
    return []


def _disagreeing(
    given: Decimal | None, numerator: Decimal, denominator: Decimal, whole: Decimal
) -> list[tuple[str, Refused]]:
    """A value beside its counts may be rounded, by less than one of its last digit."""
    if given is None:
        return []
    if not denominator:
        return [("value", Disagrees(given=given, made="-"))]
    exact = _EXACT.divide(_EXACT.multiply(numerator, whole), denominator)
    last = Decimal(1).scaleb(min(0, int(given.as_tuple().exponent)))
    if abs(exact - given) < last:
        return []
    return [("value", Disagrees(given=given, made=plain(exact.quantize(Decimal("0.0001")))))]


def refuse_overlap(targets: Sequence[Target]) -> None:
    """Refuse versions that do not follow one another."""
    known = sorted(targets, key=lambda target: target.version)
    for earlier, later in pairwise(known):
        begun = earlier.valid_from or date.min
        if later.valid_from is None or later.valid_from <= begun:
            raise TargetsOverlap(
                later=later.version, day=later.valid_from or "-", earlier=earlier.version
            )
