"""What a contract lacks is named; whose data it needs, and until when, is computed."""

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import contract as rule
from rules.contract import ContractState, Hole, Met, NoReference, Standing

START, END = date(2026, 1, 1), date(2026, 12, 31)


@pytest.mark.parametrize(
    ("draft", "start", "end", "day", "found"),
    [
        (True, START, END, date(2026, 6, 1), ContractState.DRAFT),
        (True, None, None, date(2026, 6, 1), ContractState.DRAFT),
        (False, START, END, date(2025, 12, 31), ContractState.NOT_BEGUN),
        (False, START, END, START, ContractState.IN_FORCE),  # both days belong to it
        (False, START, END, END, ContractState.IN_FORCE),
        (False, START, END, date(2027, 1, 1), ContractState.ENDED),
        (False, None, END, date(1990, 1, 1), ContractState.IN_FORCE),
        (False, START, None, date(2090, 1, 1), ContractState.IN_FORCE),
    ],
)
def test_a_contract_stands_where_its_days_say(draft, start, end, day, found):
    assert rule.state(draft=draft, start=start, end=end, day=day) is found


@pytest.mark.parametrize("has", list(product((True, False), repeat=len(Hole))))
def test_each_thing_that_is_lacking_is_named_and_nothing_else(has):
    given_ = dict(zip((hole.value for hole in Hole), has, strict=True))
    found = rule.holes(Standing(**given_))
    assert [hole.value for hole in found] == [name for name, there in given_.items() if not there]


@pytest.mark.parametrize(
    ("ends", "years", "until"),
    [
        ([], 3, date.min),  # nothing holds them
        ([END], 3, date(2029, 12, 31)),
        ([END], 0, END),
        ([date(2024, 6, 30), END], 3, date(2029, 12, 31)),  # the last contract counts
        ([END, None], 3, None),  # one that has no end yet
        ([date(2028, 2, 29)], 1, date(2029, 3, 1)),
    ],
)
def test_data_are_kept_as_long_as_the_last_contract_needs_them(ends, years, until):
    assert rule.kept_until(ends, years) == until


@given(st.lists(st.dates(date(1990, 1, 1), date(2080, 1, 1)), min_size=1), st.integers(0, 30))
def test_no_contract_loses_its_contact_too_early(ends, years):
    until = rule.kept_until(ends, years)
    assert all((until.year, until) >= (end.year + years, end) for end in ends)


@pytest.mark.parametrize("met_by", Met)
@pytest.mark.parametrize("nothing", ["", "  ", "\n"])
def test_nothing_meets_no_requirement(met_by, nothing):
    with pytest.raises(NoReference, match=rule.MET_BY[met_by]):
        rule.reference(met_by, nothing)


def test_what_meets_it_is_named_without_blanks_around():
    assert rule.reference(Met.DOCUMENT, " QP-07 A/0 ") == "QP-07 A/0"
