"""Statistical process control (统计过程控制): what is usual, and what is special (特殊情况).

A value is special when chance alone would hardly have made it: it lies beyond the limits of what
is usual, or several in a row lean to one side (Western Electric rules). That is told even when
the target is met, because something has changed. What is usual is learnt from the values before,
never from the value that is judged by it, so a later value changes no earlier verdict.

Floats, not decimals: limits are estimates with a square root in them, and no target is judged
by them (`rules/kpi.py` does that, exactly). A difference below a billionth is none.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import fmean
from typing import Any, Final

from rules.spc_rules import LIMIT, RULES, SENTENCES, Rule, Side

__all__ = [
    "RULES",
    "SENTENCES",
    "Chart",
    "Learning",
    "Limits",
    "Rule",
    "Sample",
    "Side",
    "SpecialCause",
    "Usual",
    "control",
    "usual_of",
]

D2: Final = 1.128  # mean range of two values of a normal distribution with a spread of one
NO_DIFFERENCE: Final = 1e-9
EXPECTED: Final = 5  # hits and misses that a rate needs for more than the first rule


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured of one period; `hits` of `cases` where it is a rate.

    A new `phase` (a new formula, a change that was explained as lasting) learns anew what is
    usual: values of different phases are never compared.
    """

    period: str
    value: float
    hits: float | None = None
    cases: float | None = None
    phase: int = 1


@dataclass(frozen=True, slots=True)
class Limits:
    """What was usual for one value; all None while too few values are known."""

    centre: float | None = None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialCause:
    """One special situation: the rule that found it, and the periods that make it."""

    rule: Rule
    side: Side
    period: str  # the last of them: where it was noticed
    periods: tuple[str, ...]
    value: float
    limits: Limits
    learnt_from: int  # periods

    @property
    def sentence(self) -> str:
        """The sentence a manager understands; its key for translation."""
        return SENTENCES[self.rule, self.side]

    @property
    def facts(self) -> dict[str, Any]:
        """What the sentence names; numbers are for the reader's unit to dress."""
        return {
            "period": self.period,
            "value": self.value,
            "lower": self.limits.lower,
            "upper": self.limits.upper,
            "centre": self.limits.centre,
            "n": self.learnt_from,
            "first": self.periods[0],
            "last": self.periods[-1],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """How many values are enough to know what is usual, and after how many it is settled."""

    enough: int = 12
    settled: int = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A control chart (控制图): limits for every sample, in order, and what is special."""

    limits: tuple[Limits, ...]
    causes: tuple[SpecialCause, ...]


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual: a middle, and how far values are spread around it.

    `whole` (1, or 100 for per cent) is set for a rate, whose spread depends on its cases;
    `spread` then widens the spread of pure chance (1: nothing beside chance is at work).
    """

    centre: float
    spread: float
    whole: float | None = None

    def sigma(self, sample: Sample) -> float:
        """Return the spread of this sample."""
        if self.whole is None or not sample.cases:
            return self.spread
        share = self.centre / self.whole
        chance = math.sqrt(max(share * (1 - share), 0.0) / sample.cases)
        return self.spread * chance * self.whole

    def limits(self, sample: Sample) -> Limits:
        """Return the limits for this sample; a rate's end at nothing and at all."""
        far = LIMIT * self.sigma(sample)
        lower, upper = self.centre - far, self.centre + far
        if self.whole is not None:
            lower, upper = max(lower, 0.0), min(upper, self.whole)
        return Limits(self.centre, lower, upper)

    def distance(self, sample: Sample) -> float:
        """Return how many sigma the sample lies from the middle; below it is negative."""
        off = sample.value - self.centre
        if abs(off) <= NO_DIFFERENCE * max(1.0, abs(self.centre)):
            return 0.0
        sigma = self.sigma(sample)
        return off / sigma if sigma > NO_DIFFERENCE else math.copysign(math.inf, off)

    def coarse(self, sample: Sample) -> bool:
        """Whether a rate has so few cases that only the first rule says something."""
        if self.whole is None or not sample.cases:
            return False
        share = self.centre / self.whole
        return sample.cases * min(share, 1 - share) < EXPECTED


USUAL: Final = Learning()


def control(
    samples: Sequence[Sample], *, per: float | None = None, learning: Learning = USUAL
) -> Chart:
    """Return limits and special causes of a series in the order of its periods.

    `per` (100 for per cent) makes it a p-chart with changing counts where every sample of a
    phase has them; else it is a chart of individuals with their moving range.
    """
    limits: list[Limits] = []
    causes: list[SpecialCause] = []
    for _, found in groupby(samples, key=lambda sample: sample.phase):
        phase = list(found)
        counted = all(sample.cases for sample in phase) and per is not None
        own_limits, own_causes = _phase(phase, per if counted else None, learning)
        limits += own_limits
        causes += own_causes
    return Chart(limits=tuple(limits), causes=tuple(causes))


def usual_of(known: Sequence[Sample], whole: float | None = None) -> Usual:
    """Return what is usual by these samples alone: moving range, or p-chart."""
    if whole is None:
        values = [sample.value for sample in known]
        return Usual(fmean(values), _spread(values))
    cases = math.fsum(sample.cases or 0.0 for sample in known)
    share = math.fsum(sample.hits or 0.0 for sample in known) / cases
    chance = Usual(share * whole, 1.0, whole)
    return replace(chance, spread=max(1.0, _beside_chance(chance, known)))


def _beside_chance(chance: Usual, known: Sequence[Sample]) -> float:
    """Return how much wider the values spread than chance alone explains (Laney's p′).

    With thousands of tickets a month, pure chance leaves so little room that every month would
    be special: months differ for more reasons than chance.
    """
    if chance.sigma(known[0]) <= NO_DIFFERENCE:
        return 1.0
    return _spread([chance.distance(sample) for sample in known])


def _spread(values: Sequence[float]) -> float:
    """Return sigma by the mean moving range: a lasting shift does not widen it."""
    if len(values) < 2:  # noqa: PLR2004 - a range has two ends
        return 0.0
    ranges = math.fsum(abs(later - earlier) for earlier, later in pairwise(values))
    spread = ranges / (len(values) - 1) / D2
    return spread if spread > NO_DIFFERENCE * max(1.0, abs(values[0])) else 0.0


def _phase(
    samples: Sequence[Sample], whole: float | None, learning: Learning
) -> tuple[list[Limits], list[SpecialCause]]:
    """Judge one phase: the first values among themselves, then each by those before it."""
    if len(samples) < learning.enough:
        return [Limits()] * len(samples), []
    first = samples[: learning.enough]
    usual = usual_of(first, whole)
    known = _without_outliers(first, usual)
    usual = usual_of(known, whole)
    watch = _Watch(samples)
    for nth, sample in enumerate(samples):
        distance = watch.look(nth, usual, len(known))
        if nth < learning.enough:
            continue
        varies = usual.sigma(sample) > NO_DIFFERENCE
        if (varies and abs(distance) > LIMIT) or (varies and len(known) >= learning.settled):
            continue  # what is special teaches nothing; what is settled stays
        known.append(sample)
        usual = usual_of(known, whole)
    return watch.limits, watch.causes


def _without_outliers(first: Sequence[Sample], usual: Usual) -> list[Sample]:
    """Return the samples that lie within their own limits; all, where hardly any do."""
    within = [sample for sample in first if abs(usual.distance(sample)) <= LIMIT]
    return within if 2 * len(within) > len(first) else list(first)


class _Watch:
    """Looks at one value after the other, and keeps what it takes to see a run."""

    __slots__ = ("_begins", "_distances", "_samples", "causes", "limits")

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples
        self._distances: list[float] = []
        self._begins = dict.fromkeys(RULES, 0)  # what was told once is not counted again
        self.limits: list[Limits] = []
        self.causes: list[SpecialCause] = []

    def look(self, nth: int, usual: Usual, learnt_from: int) -> float:
        """Judge the next sample by what is usual; return how far from it."""
        sample = self._samples[nth]
        limits, distance = usual.limits(sample), usual.distance(sample)
        coarse = usual.coarse(sample)
        self.limits.append(limits)
        self._distances.append(0.0 if coarse and abs(distance) <= LIMIT else distance)
        found = self._found(nth, 1.0 if distance > 0 else -1.0) if distance else None
        if found is not None:
            self._tell(nth, *found, limits, learnt_from)
        return distance

    def _tell(self, nth: int, rule: Rule, begin: int, limits: Limits, learnt_from: int) -> None:
        sample = self._samples[nth]
        for known in RULES:
            self._begins[known] = nth + 1
        self.causes.append(
            SpecialCause(
                rule=rule,
                side=Side.ABOVE if self._distances[nth] > 0 else Side.BELOW,
                period=sample.period,
                periods=tuple(one.period for one in self._samples[begin : nth + 1]),
                value=sample.value,
                limits=limits,
                learnt_from=learnt_from,
            )
        )

    def _found(self, nth: int, side: float) -> tuple[Rule, int] | None:
        """Return the first rule that this sample completes, and where its window begins."""
        distances = self._distances
        here = distances[nth] * side
        for rule, (many, among, sigma) in RULES.items():
            begin = nth + 1 - among
            if here <= sigma or begin < self._begins[rule]:
                continue
            beyond = 0
            for distance in distances[begin : nth + 1]:
                beyond += distance * side > sigma
            if beyond >= many:
                return rule, begin
        return None
