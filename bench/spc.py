"""Judging 1,000 indicators over 60 periods with their special causes, in rules/ alone."""

import random
from decimal import Decimal
from statistics import fmean

from bench import ground
from rules import kpi, spc
from rules.kpi import HUNDRED, Observation, Target

INDICATORS, PERIODS = 1_000, 60


def made() -> list[list[Observation]]:
    """Half rates with changing counts, half plain values; a jump in every tenth."""
    draw = random.Random(28827)
    return [[_one(n, period, draw) for period in range(PERIODS)] for n in range(INDICATORS)]


def _one(n: int, period: int, draw: random.Random) -> Observation:
    off = 0.03 if n % 10 == 0 and period == PERIODS - 1 else 0.0
    if n % 2:
        cases = draw.randint(50, 2000)
        hits = min(cases, round(cases * (0.96 - off + draw.gauss(0, 0.005))))
        return Observation(period=f"p{period}", numerator=Decimal(hits), denominator=Decimal(cases))
    return Observation(
        period=f"p{period}", value=Decimal(f"{95 - 100 * off + draw.gauss(0, 1):.2f}")
    )


def judge(series: list[list[Observation]], target: Target) -> tuple[int, int]:
    """Return how many were judged missed, and how many special causes were found."""
    missed = special = 0
    for observations in series:
        for one in observations:
            missed += kpi.judge(one, target) is kpi.Judgement.MISSED
        whole = 100.0 if observations[0].denominator else None
        special += len(spc.control([_sample(one) for one in observations], per=whole).causes)
    return missed, special


def _sample(one: Observation) -> spc.Sample:
    if one.denominator and one.numerator is not None:
        hits, cases = float(one.numerator), float(one.denominator)
        return spc.Sample(one.period, 100 * hits / cases, hits, cases)
    return spc.Sample(one.period, float(one.value or 0))


def floor(series: list[list[Observation]]) -> float:
    """What it costs to read every value once and average it: nothing is judged."""
    return fmean(_sample(one).value for observations in series for one in observations)


def main() -> None:
    series, target = made(), Target(value=Decimal(95), per=HUNDRED)
    missed, special = judge(series, target)
    seconds = ground.typical(lambda: judge(series, target), 5)
    beside = ground.typical(lambda: floor(series), 5)
    ground.say("judge 1,000 indicators x 60 periods, with SPC", f"{seconds:.2f} s", "under 2 s")
    ground.say("  floor: read and average every value", f"{beside:.2f} s")
    ground.say("  missed, special causes", f"{missed}, {special}")


if __name__ == "__main__":
    main()
