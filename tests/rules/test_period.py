"""Measuring periods: one code each, no gap and no overlap between them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import period as periods
from rules.period import Frequency, PeriodOverlaps, PeriodRefused
from rules.refusal import Refused

DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))
KINDS = st.sampled_from(Frequency)


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("2026-09", date(2026, 9, 1), date(2026, 9, 30)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),  # a leap year
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-H1", date(2026, 1, 1), date(2026, 6, 30)),
        ("2026-H2", date(2026, 7, 1), date(2026, 12, 31)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_code_names_its_days(code, first, last):
    found = periods.parse(code)
    assert (found.first, found.last, found.code) == (first, last, code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "2026-13",  # no such month
        "2026-00",
        "2026-9",  # a month has two digits, or one month would have two codes
        "2026-Q5",
        "2026-H3",
        "2026-q1",  # letters are large: codes are compared as they are
        "26-09",
        "2026/09",
        "2026-09-01",  # a day is no period
        " 2026-09",
        "2026-09\n",
        "２０２６-09",  # digits of another script look alike
        "0001-01",
        "9999",
    ],
)
def test_refuses_what_names_no_period(code):
    with pytest.raises(Refused):
        periods.parse(code)


def test_a_quarter_is_refused_where_months_are_measured():
    with pytest.raises(PeriodOverlaps, match="2026-Q3 is a quarter"):
        periods.parse_for("2026-Q3", Frequency.MONTH)
    with pytest.raises(PeriodRefused):
        periods.parse_for("2026-Q9", Frequency.MONTH)


@given(DAYS, KINDS)
def test_every_day_lies_in_exactly_one_period_of_a_kind(day, kind):
    found = periods.containing(day, kind)
    assert found.first <= day <= found.last
    assert periods.parse(found.code) == found
    assert periods.following(found).first == found.last + timedelta(days=1)
    assert periods.preceding(periods.following(found)) == found


@given(DAYS, KINDS)
def test_a_period_has_ended_only_when_its_last_day_is_over(day, kind):
    found = periods.ended(day, kind)
    assert found.last < day <= periods.following(found).last


@given(DAYS, st.integers(0, 40), KINDS)
def test_the_periods_between_two_are_all_of_them_in_order(day, steps, kind):
    first = last = periods.containing(day, kind)
    for _ in range(steps):
        last = periods.following(last)
    found = list(periods.between(first, last))
    assert len(found) == steps + 1
    assert found == sorted(found)
    assert (found[0], found[-1]) == (first, last)
