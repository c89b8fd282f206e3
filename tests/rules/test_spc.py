"""What is usual and what is special: textbook tables, and properties that hold for any series."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.spc import (
    RULES,
    SENTENCES,
    Learning,
    Limits,
    Rule,
    Sample,
    Side,
    control,
    usual_of,
)

# Montgomery, Introduction to Statistical Quality Control: viscosity of aircraft primer paint
VISCOSITY = (
    *(33.75, 33.05, 34.00, 33.81, 33.46, 34.02, 33.68, 33.27),
    *(33.49, 33.20, 33.62, 33.00, 33.54, 33.12, 33.84),
)
# the same book: errors in purchase orders, with changing sample sizes
ORDERS = (
    *(100, 80, 80, 100, 110, 110, 100, 100, 90, 90, 110, 120, 120),
    *(120, 110, 80, 80, 80, 90, 100, 100, 100, 100, 90, 90),
)
ERRORS = (12, 8, 6, 9, 10, 12, 11, 16, 10, 6, 20, 15, 9, 8, 6, 8, 10, 7, 5, 8, 5, 8, 10, 6, 9)


def series(values, phase=1):
    return [Sample(f"p{n:03}", float(value), phase=phase) for n, value in enumerate(values)]


def rates(hits, cases, per=100.0):
    return [
        Sample(f"p{n:03}", per * h / c, float(h), float(c))
        for n, (h, c) in enumerate(zip(hits, cases, strict=True))
    ]


def test_individuals_as_the_textbook_has_them():
    usual = usual_of(series(VISCOSITY))
    found = usual.limits(Sample("next", 34.0))
    assert usual.centre == pytest.approx(33.52, abs=0.005)
    assert found.upper == pytest.approx(34.80, abs=0.01)
    assert found.lower == pytest.approx(32.24, abs=0.01)


def test_rates_as_the_textbook_has_them():
    usual = usual_of(rates(ERRORS, ORDERS, per=1.0), 1.0)
    chance = usual.sigma(Sample("x", 0.1, 10, 100)) / usual.spread
    assert usual.centre == pytest.approx(0.0955, abs=0.0001)
    assert chance == pytest.approx(0.0294, abs=0.0001)
    eleventh = Sample("x", 20 / 110, 20, 110)
    assert (20 / 110 - usual.centre) / (usual.sigma(eleventh) / usual.spread) > 3


def test_the_eleventh_order_week_is_special():
    first = Learning(enough=25)
    found = control(rates(ERRORS, ORDERS), per=100.0, learning=first)
    assert [(one.rule, one.period) for one in found.causes] == [(Rule.BEYOND_LIMITS, "p010")]


def test_limits_of_a_rate_change_with_its_cases():
    found = control(rates(ERRORS, ORDERS), per=100.0).limits
    few, many = found[1], found[11]  # 80 orders, 120 orders
    assert few.upper - few.centre > many.upper - many.centre
    assert all(0 <= one.lower <= one.upper <= 100 for one in found)


def test_thousands_of_cases_do_not_make_every_month_special():
    """Laney: months differ for more reasons than chance, which n = 10,000 would not forgive."""
    draw = random.Random(7)
    hits = [round(10_000 * (0.95 + draw.gauss(0, 0.01))) for _ in range(60)]
    found = control(rates(hits, [10_000] * 60), per=100.0)
    told = [one for one in found.causes if one.rule is Rule.BEYOND_LIMITS]
    beyond_chance = [
        h for h in hits if abs(h / 10_000 - 0.95) > 3 * math.sqrt(0.95 * 0.05 / 10_000)
    ]
    assert len(beyond_chance) > 20
    assert len(told) < 5


# twelve values with mean 0 and a moving range of 1.128 · 1: sigma is 1
QUIET = tuple(0.564 if n % 2 else -0.564 for n in range(12))


@pytest.mark.parametrize(
    ("after", "rule", "side", "periods"),
    [
        ((3.1,), Rule.BEYOND_LIMITS, Side.ABOVE, 1),
        ((-3.1,), Rule.BEYOND_LIMITS, Side.BELOW, 1),
        ((2.1, 0.1, 2.2), Rule.TWO_OF_THREE, Side.ABOVE, 3),
        ((-2.1, -2.2, -2.1), Rule.TWO_OF_THREE, Side.BELOW, 3),
        ((1.2, 1.3, -0.2, 1.2, 1.3), Rule.FOUR_OF_FIVE, Side.ABOVE, 5),
        ((-0.6,) * 8, Rule.EIGHT_IN_A_ROW, Side.BELOW, 8),
    ],
)
def test_each_rule_finds_what_it_is_for(after, rule, side, periods):
    found = control(series(QUIET + after), learning=Learning(settled=12)).causes[0]
    assert (found.rule, found.side, len(found.periods)) == (rule, side, periods)
    assert found.period == found.periods[-1]


@pytest.mark.parametrize(
    "after",
    [
        (2.9,),
        (2.1, 0.1, 0.1, 2.1),  # two of four
        (2.1, -2.1),  # two of three, but not on one side
        (1.2, 1.2, 0.2, 0.2, 1.2),  # three of five
        (0.6,) * 6,  # seven with the last one before them
    ],
)
def test_what_chance_may_do_is_not_special(after):
    assert control(series(QUIET + after), learning=Learning(settled=12)).causes == ()


def test_a_run_is_told_once_and_then_again_after_eight_more():
    found = control(series(QUIET + (0.6,) * 17), learning=Learning(settled=12)).causes
    assert [one.period for one in found] == ["p018", "p026"]


@pytest.mark.parametrize("n", range(12))
def test_too_few_values_say_nothing(n):
    found = control(series([1, 100, -50, 3, 8, 5000, 1, 1, 1, 1, 1, 1][:n]))
    assert found.causes == ()
    assert set(found.limits) <= {Limits()}


def test_what_never_varied_is_special_once_and_then_known_to_vary():
    steady = [95.0] * 24
    found = control(series([*steady, 80, 95, 90, 95, 91, 95])).causes
    assert found[0].period == "p024"
    assert found[0].side is Side.BELOW
    assert len(found) < 4
    assert control(series([0.1] * 60)).causes == ()


def test_one_wild_value_among_the_first_does_not_hide_itself():
    values = list(QUIET)
    values[5] = 40
    found = control(series(values)).causes
    assert [one.period for one in found] == ["p005"]


def test_a_new_phase_learns_anew():
    old, new = series(QUIET), series([100 + value for value in QUIET], phase=2)
    assert control([*old, *new]).causes == ()
    assert control([*old, *new]).limits[12].centre == pytest.approx(100)
    assert control([*old, *series([100] * 11, phase=2)]).limits[12] == Limits()


def test_few_cases_allow_the_first_rule_alone():
    hits, cases = [20, 19] * 6 + [19] * 10, [20] * 22
    assert control(rates(hits, cases), per=100.0).causes == ()
    worse = control(rates([*hits, 5], [*cases, 20]), per=100.0).causes
    assert [one.rule for one in worse] == [Rule.BEYOND_LIMITS]


VALUES = st.lists(st.integers(-1000, 1000), max_size=70)


@given(VALUES, st.integers(0, 70))
def test_a_later_value_changes_no_earlier_verdict(values, cut):
    whole = control(series(values)).causes
    before = control(series(values[:cut])).causes
    if cut >= 12:
        assert before == tuple(one for one in whole if int(one.period[1:]) < cut)
    else:
        assert before == ()


@given(VALUES)
def test_turned_upside_down_above_is_below(values):
    up, down = control(series(values)).causes, control(series([-v for v in values])).causes
    turned = {Side.ABOVE: Side.BELOW, Side.BELOW: Side.ABOVE}
    assert [(o.rule, o.period, turned[o.side]) for o in up] == [
        (o.rule, o.period, o.side) for o in down
    ]


@given(VALUES, st.sampled_from([2, 4, 1024]))
def test_another_unit_is_the_same_finding(values, times):
    one = control(series(values)).causes
    other = control(series([v * times for v in values])).causes
    assert [(o.rule, o.period) for o in one] == [(o.rule, o.period) for o in other]


@given(st.lists(st.integers(0, 100), min_size=12, max_size=40))
def test_what_lies_far_off_is_always_found(values):
    spread = max(values) - min(values) or 1
    found = control(series([*values, max(values) + 10 * spread])).causes
    assert found
    assert found[-1].period == f"p{len(values):03}"
    assert found[-1].rule is Rule.BEYOND_LIMITS


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(50, 90)), max_size=40))
def test_any_counts_can_be_judged(pairs):
    hits, cases = [h for h, _ in pairs], [c for _, c in pairs]
    found = control(rates(hits, cases), per=100.0)
    assert len(found.limits) == len(pairs)
    assert all(
        one.centre is None or 0 <= one.lower <= one.centre <= one.upper <= 100
        for one in found.limits
    )


def test_every_rule_has_a_sentence_for_both_sides():
    assert set(SENTENCES) == {(rule, side) for rule in RULES for side in Side}


def test_a_sentence_names_only_what_is_known():
    found = control(series([*QUIET, 9])).causes[0]
    said = found.sentence.format(**found.facts)
    assert "p012" in said
    assert "{" not in said
