"""Judging: counts and not rounded values decide, and nothing is made of no data."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rules import kpi as rule
from rules.kpi import Direction, Judgement, Observation, Target

COUNTS = st.integers(0, 10**9)
TARGETS = st.decimals(0, 100, places=3)
DIRECTIONS = st.sampled_from(Direction)


def seen(numerator=None, denominator=None, value=None):
    given_ = {"numerator": numerator, "denominator": denominator, "value": value}
    return Observation(
        period="2026-09",
        **{name: None if one is None else Decimal(one) for name, one in given_.items()},
    )


def aim(value, direction=Direction.AT_LEAST, per=100, **more):
    return Target(value=Decimal(value), direction=direction, per=Decimal(per), **more)


@pytest.mark.parametrize(
    ("observed", "target", "judged"),
    [
        (seen(95, 100), aim("95"), Judgement.MET),  # exactly on it is attained
        (seen(94996, 100000), aim("95"), Judgement.MISSED),  # 95.00 % if it were rounded
        (seen(949999999, 10**9), aim("95"), Judgement.MISSED),
        (seen(2, 100), aim("2", Direction.AT_MOST), Judgement.MET),
        (seen(20001, 10**6), aim("2", Direction.AT_MOST), Judgement.MISSED),
        (seen(0, 100), aim("0", Direction.EXACTLY), Judgement.MET),
        (seen(1, 10**9), aim("0", Direction.EXACTLY), Judgement.MISSED),
        (seen(1, 3), aim("33.333333333333333333333333333"), Judgement.MET),  # a third is more
        (seen(1, 3), aim("33.333333333333333333333333334"), Judgement.MISSED),
        (seen(0, 0), aim("95"), Judgement.NO_DATA),  # neither 0 nor 100
        (seen(0, 0), aim("0", Direction.AT_MOST), Judgement.NO_DATA),
        (seen(0, 0), None, Judgement.NO_DATA),
        (seen(), aim("95"), Judgement.NO_DATA),
        (seen(value="3.5"), aim("4", Direction.AT_MOST, per=1), Judgement.MET),
        (seen(value="4.0000001"), aim("4", Direction.AT_MOST, per=1), Judgement.MISSED),
        (seen(70, 20), aim("4", Direction.AT_MOST, per=1), Judgement.MET),  # a mean of 3.5
        (seen(95, 100, value="12"), aim("95"), Judgement.MET),  # the counts, not what is beside
        (seen(95, 100), None, None),  # nothing to attain
    ],
)
def test_judges_from_counts(observed, target, judged):
    assert rule.judge(observed, target) is judged


@given(COUNTS, COUNTS, TARGETS, DIRECTIONS)
def test_judges_as_exact_fractions_would(numerator, denominator, target, direction):
    found = rule.judge(seen(numerator, denominator), aim(target, direction))
    if denominator == 0:
        assert found is Judgement.NO_DATA
        return
    exact, wanted = Fraction(100 * numerator, denominator), Fraction(target)
    good = {
        Direction.AT_LEAST: exact >= wanted,
        Direction.AT_MOST: exact <= wanted,
        Direction.EXACTLY: exact == wanted,
    }[direction]
    assert found is (Judgement.MET if good else Judgement.MISSED)


@given(COUNTS, COUNTS, TARGETS, st.sampled_from([Direction.AT_LEAST, Direction.AT_MOST]))
def test_rounding_never_makes_a_missed_value_look_attained(
    numerator, denominator, target, direction
):
    assume(denominator)
    judged = rule.judge(seen(numerator, denominator), aim(target, direction))
    shown = rule.value(
        Decimal(numerator), Decimal(denominator), per=Decimal(100), direction=direction
    )
    looks = rule.judge(seen(value=shown), aim(target, direction))
    assert not (judged is Judgement.MISSED and looks is Judgement.MET)


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(1, 10**6), TARGETS, DIRECTIONS)
def test_counting_everything_twice_changes_no_judgement(hits, cases, times, target, direction):
    once = rule.judge(seen(hits, cases), aim(target, direction))
    assert rule.judge(seen(hits * times, cases * times), aim(target, direction)) is once


@given(st.integers(0, 10**6), st.integers(1, 10**6), TARGETS)
def test_one_hit_more_never_turns_attained_into_missed(hits, cases, target):
    assume(hits < cases)
    if rule.judge(seen(hits, cases), aim(target)) is Judgement.MET:
        assert rule.judge(seen(hits + 1, cases), aim(target)) is Judgement.MET


VERSIONS = (
    aim("90", version=1, valid_until=date(2026, 5, 31)),
    aim("95", version=2, valid_from=date(2026, 6, 1), valid_until=date(2026, 12, 31)),
    aim("97", version=3, valid_from=date(2027, 1, 1)),
)


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2020, 1, 1), 1),  # since ever
        (date(2026, 5, 31), 1),
        (date(2026, 6, 1), 2),  # on its first day
        (date(2026, 12, 31), 2),
        (date(2027, 1, 1), 3),
        (date(2080, 1, 1), 3),  # until further notice
    ],
)
def test_the_target_in_force_on_the_day_counts(day, version):
    assert rule.in_force(VERSIONS, day).version == version


def test_before_the_first_target_there_is_none():
    assert rule.in_force(VERSIONS[1:], date(2026, 5, 31)) is None


@pytest.mark.parametrize(
    ("observed", "unit", "field"),
    [
        (seen(-1, 5), "%", "numerator"),
        (seen(1, -5), "%", "denominator"),
        (seen(value="-0.5"), "h", "value"),
        (seen(6, 5), "%", "numerator"),  # more hits than cases
        (seen(value="100.1"), "%", "value"),
        (seen(5), "%", "denominator"),  # half of a rate
        (seen(denominator=5), "%", "numerator"),
        (seen(), "%", "value"),
        (seen(95, 100, value="96"), "%", "value"),  # not what its counts make
        (seen(0, 0, value="100"), "%", "value"),
    ],
)
def test_refuses_what_cannot_have_been_measured(observed, unit, field):
    assert [name for name, _ in rule.problems(observed, unit=unit)] == [field]


@pytest.mark.parametrize(
    ("observed", "unit"),
    [
        (seen(5, 5), "%"),
        (seen(0, 0), "%"),  # nothing happened: no data
        (seen(70, 20), "h"),  # a mean may be above one
        (seen(2, 3, value="66.7"), "%"),  # rounded by hand
        (seen(2, 3, value="66.6"), "%"),
        (seen(value="100"), "%"),
        (seen(value="12"), "次"),
    ],
)
def test_takes_what_can_have_been_measured(observed, unit):
    assert rule.problems(observed, unit=unit) == []


def test_versions_of_a_target_follow_one_another():
    rule.refuse_overlap(VERSIONS)
    with pytest.raises(rule.TargetsOverlap):
        rule.refuse_overlap([VERSIONS[1], aim("99", version=3, valid_from=date(2026, 6, 1))])


@pytest.mark.parametrize(
    ("number", "shown"),
    [("100", "100"), ("1E+2", "100"), ("95.500", "95.5"), ("0.00", "0"), ("0.001", "0.001")],
)
def test_a_number_is_shown_plainly(number, shown):
    assert format(rule.plain(Decimal(number)), "f") == shown
