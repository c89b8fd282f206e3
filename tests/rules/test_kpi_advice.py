"""Indicators to adjust: each reason at its border, and nothing said of too little."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.kpi import HUNDRED, ONE, Direction, Judgement
from rules.kpi_advice import ADVICE, REASONS, Bounds, Mark, Reason, advise
from rules.period import Frequency

MET, MISSED, EMPTY = Judgement.MET, Judgement.MISSED, Judgement.NO_DATA


def mark(n, value=None, judgement=None, **more):
    return Mark(
        period=f"2026-{n:02}",
        value=None if value is None else Decimal(str(value)),
        judgement=judgement,
        target=more.pop("target", Decimal(90)),
        **more,
    )


def judged(values, judgement=MET, **more):
    return [mark(n, value, judgement, **more) for n, value in enumerate(values, 1)]


def reasons(marks, *, direction=Direction.AT_LEAST, frequency=Frequency.MONTH, per=HUNDRED):
    found = advise(marks, direction=direction, frequency=frequency, per=per, bounds=Bounds())
    return [one.reason for one in found]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([95] * 12, [Reason.TOO_EASY]),  # halfway from 90 to 100 is 95
        ([95] * 11, []),
        ([95] * 11 + [94.9], []),
        ([94.9] + [95] * 12, [Reason.TOO_EASY]),  # the last twelve count
    ],
)
def test_a_target_beaten_by_far_all_year_is_too_easy(values, found):
    assert reasons(judged(values)) == found


@pytest.mark.parametrize(
    ("direction", "per", "value", "target", "easy"),
    [
        (Direction.AT_MOST, ONE, 5, 10, True),
        (Direction.AT_MOST, ONE, 5.1, 10, False),
        (Direction.AT_MOST, ONE, 0, 0, False),  # nothing is better than none
        (Direction.AT_LEAST, HUNDRED, 100, 100, False),
        (Direction.AT_LEAST, ONE, 15, 10, True),
        (Direction.AT_LEAST, ONE, 14.9, 10, False),
        (Direction.EXACTLY, ONE, 0, 0, False),
    ],
)
def test_far_means_half_the_way_to_perfect(direction, per, value, target, easy):
    marks = judged([value] * 12, target=Decimal(target))
    assert (Reason.TOO_EASY in reasons(marks, direction=direction, per=per)) is easy


def test_a_target_missed_six_times_running_is_never_met():
    assert reasons(judged([80] * 6, MISSED)) == [Reason.NEVER_MET]
    assert reasons(judged([80] * 5, MISSED)) == []
    assert reasons([*judged([80] * 5, MISSED), *judged([91])]) == []


def test_periods_without_data_break_no_run_of_misses():
    marks = [*judged([80] * 4, MISSED), mark(5, judgement=EMPTY), *judged([80] * 2, MISSED)]
    assert reasons(marks) == [Reason.NEVER_MET]


@pytest.mark.parametrize("empty", [{"missing": True}, {"judgement": EMPTY}])
def test_three_months_without_data(empty):
    assert reasons([*judged([91]), *[mark(n, **empty) for n in (2, 3, 4)]]) == [Reason.NO_DATA]
    assert reasons([*judged([91]), *[mark(n, **empty) for n in (2, 3)]]) == []
    assert reasons([*[mark(n, **empty) for n in (1, 2, 3)], *judged([91])]) == []


def test_a_rate_of_a_few_cases():
    few = judged([91] * 3, denominator=Decimal(19))
    assert reasons(few) == [Reason.FEW_CASES]
    assert reasons([*few, mark(4, 91, MET, denominator=Decimal(20))]) == []
    assert reasons(few, per=ONE) == []
    facts = advise(
        few,
        direction=Direction.AT_LEAST,
        frequency=Frequency.MONTH,
        per=HUNDRED,
        bounds=Bounds(),
    )[0].facts
    assert facts["weight"] == Decimal("5.3")


def test_a_new_formula_under_the_old_target():
    old = judged([91] * 3)
    new = [mark(n, 91, MET, formula_version=2) for n in (4, 5)]
    assert reasons([*old, *new]) == [Reason.FORMULA_CHANGED]
    fitted = [mark(n, 91, MET, formula_version=2, target=Decimal(85)) for n in (4, 5)]
    assert reasons([*old, *fitted]) == []
    assert reasons([*old, *(mark(n, 91, MET, formula_version=2) for n in range(4, 18))]) == []


def test_a_yearly_indicator_needs_three_years():
    assert reasons(judged([80] * 2, MISSED), frequency=Frequency.YEAR) == []
    assert reasons(judged([80] * 3, MISSED), frequency=Frequency.YEAR) == [Reason.NEVER_MET]


def test_every_reason_has_its_sentence_and_its_advice():
    assert set(REASONS) == set(ADVICE) == set(Reason)


@given(
    st.lists(
        st.builds(
            Mark,
            period=st.just("2026-01"),
            judgement=st.sampled_from([*Judgement, None]),
            missing=st.booleans(),
            value=st.none() | st.decimals(0, 100, places=2),
            denominator=st.none() | st.decimals(0, 50, places=0),
            target=st.none() | st.decimals(0, 100, places=0),
            formula_version=st.integers(1, 3),
        ),
        max_size=30,
    ),
    st.sampled_from(Direction),
    st.sampled_from(Frequency),
    st.sampled_from([ONE, HUNDRED]),
)
def test_any_history_can_be_judged_and_said(marks, direction, frequency, per):
    for one in advise(marks, direction=direction, frequency=frequency, per=per, bounds=Bounds()):
        assert "{" not in REASONS[one.reason].format(**one.facts)
