"""How often and when: computed from what is known, evenly, with nothing left out."""

from collections import Counter
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.audit_programme import (
    Facts,
    NotCovered,
    Scored,
    Weights,
    WrongMonths,
    a_year,
    cover,
    edited,
    place,
    score,
    share,
)

WEIGHTS = Weights(
    importance=3,
    changed=6,
    new=8,
    changes=2,
    majors=6,
    open=2,
    repeated=4,
    kpi_misses=2,
    complaints=3,
    never_audited=4,
    most_of_one=12,
)
BANDS = {1: 0, 2: 26, 4: 40}


def test_points_say_where_they_come_from_the_weightiest_first():
    facts = Facts(area="NET", importance=4, majors=1, complaints=2, months_since=8)
    found = score(facts, WEIGHTS)
    assert found.points == 24
    assert found.reasons == (("importance", 4, 12), ("complaints", 2, 6), ("majors", 1, 6))


def test_one_sort_of_reason_does_not_decide_alone():
    found = score(Facts(area="NET", importance=1, open=50, months_since=1), WEIGHTS)
    assert found.points == 3 + 12


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        ({"status": "changed"}, 6),
        ({"status": "new"}, 8),
        ({"changes": 2}, 4),
        ({"repeated": 1}, 4),
        ({"kpi_misses": 1}, 2),
        ({"months_since": None}, 4),
    ],
)
def test_each_thing_that_is_known_counts(changes, more):
    usual = {"area": "NET", "importance": 3, "months_since": 12}
    points = score(Facts(**{**usual, **changes}), WEIGHTS).points
    assert points - score(Facts(**usual), WEIGHTS).points == more


@pytest.mark.parametrize(("points", "times"), [(0, 1), (25, 1), (26, 2), (39, 2), (40, 4)])
def test_more_points_more_audits(points, times):
    assert a_year(points, BANDS) == times


@given(
    st.dictionaries(
        st.text("abc", min_size=1, max_size=4),
        st.tuples(st.integers(0, 60), st.sampled_from([1, 2, 3, 4, 6, 12])),
        min_size=1,
        max_size=30,
    )
)
def test_every_area_is_placed_as_often_as_it_should_be_and_months_are_even(areas):
    scored = [Scored(area=a, points=p, reasons=()) for a, (p, _) in areas.items()]
    placed = {one.area: one for one in place(scored, {a: t for a, (_, t) in areas.items()})}
    assert set(placed) == set(areas)
    for area, (_, times) in areas.items():
        months = placed[area].months
        assert len(set(months)) == times
        gaps = {later - earlier for earlier, later in pairwise(months)}
        assert gaps <= {12 // times}
    if all(times == 1 for _, times in areas.values()):
        load = Counter(m for one in placed.values() for m in one.months)
        assert max(load.values()) - min(load.get(m, 0) for m in range(1, 13)) <= 1


def test_the_area_with_most_points_comes_first():
    scored = [Scored(area=a, points=p, reasons=()) for a, p in (("b", 5), ("a", 5), ("c", 9))]
    placed = place(scored, dict.fromkeys("abc", 1))
    assert [(one.area, one.rank, one.months) for one in placed] == [
        ("c", 1, (1,)),
        ("a", 2, (2,)),
        ("b", 3, (3,)),
    ]


def test_a_programme_begun_in_june_uses_the_months_that_are_left():
    placed = place([Scored(area="a", points=1, reasons=())], {"a": 4}, range(6, 13))
    assert all(month >= 6 for month in placed[0].months)
    assert len(placed[0].months) == 4


MUST = {"NET": ["20000:8.6"], "SYS": ["20000:8.5", "own:1"]}


def test_refuses_by_name_what_nothing_covers():
    with pytest.raises(NotCovered, match=r"SYS, 20000:8\.5, own:1"):
        cover(MUST, {"NET": ["20000:8.6"]}, [], months=12)


def test_refuses_a_clause_that_was_edited_away():
    with pytest.raises(NotCovered, match=": own:1"):
        cover(MUST, {"NET": ["20000:8.6"], "SYS": ["20000:8.5"]}, [], months=12)


def test_an_audit_that_still_counts_covers_its_area():
    cover(MUST, {"NET": ["20000:8.6"]}, ["SYS"], months=12)


@pytest.mark.parametrize("months", [[0], [13], [3, 3]])
def test_refuses_months_that_are_none(months):
    with pytest.raises(WrongMonths):
        edited(months)


@pytest.mark.parametrize(
    ("days", "planned", "which"),
    [
        ([(6, 30), (12, 31)], (1, 5), 0),
        ([(6, 30), (12, 31)], (6, 30), 0),  # its own day still
        ([(6, 30), (12, 31)], (7, 1), 1),
        ([(10, 30)], (12, 8), 0),  # the last stands for the rest of the year
    ],
)
def test_each_day_of_the_plan_stands_for_the_audits_up_to_it(days, planned, which):
    own = [date(2026, *day) for day in days]
    assert share(own, date(2026, *planned)) == which
