"""Chains as real files have them: tops, gaps, circles."""

from datetime import date

import pytest

from rules.organisation import Post, of
from rules.words import Role


def post(number: int, manager: int | None, **facts) -> Post:
    return Post(id=number, code=f"p{number}", name=f"P{number}", manager_id=manager, **facts)


def test_a_chain_names_each_manager_once_and_how_it_ends():
    office = of([top(1), post(2, 1), post(3, 2)])
    assert office.chain(3).people == (2, 1)
    assert office.chain(3).ends == "top"
    assert office.chain(1).people == ()
    assert office.chain(1).ends == "top"


def top(number: int, manager: int | None = None, **facts) -> Post:
    return post(number, manager, roles=frozenset({Role.TOP_MANAGEMENT}), **facts)


@pytest.mark.parametrize(
    ("head", "ends", "last"),
    [
        (top(1), "top", 1),
        (top(1, 1), "top", 1),  # the top entered as his own manager
        (post(1, 1), "circle", 1),  # anybody else who is
        (post(1, None), "gap", 1),  # nobody entered, and no top
        (post(1, None, manager_code="ghost"), "gap", 1),  # somebody whom nobody knows
        (top(1, active=False), "gap", 1),  # one who has left and has no manager
        (top(1, None, manager_code="ghost"), "top", 1),  # the board above is not entered
    ],
)
def test_a_chain_ends_well_only_at_the_top(head, ends, last):
    office = of([head, post(2, 1, active=False), post(3, 2)])
    assert (office.chain(3).people, office.chain(3).ends) == ((2, 1), ends)
    assert (office.chain(3).last, office.place_of_end(3)) == (last, last)


def test_one_gap_has_one_place_however_many_stand_below_it():
    office = of([post(1, None), *(post(n, n - 1) for n in range(2, 9))])
    assert {office.place_of_end(n) for n in range(1, 9)} == {1}


def test_a_circle_has_one_place_from_wherever_it_is_reached():
    office = of([post(1, 2), post(2, 3), post(3, 2), post(4, 3), post(5, 4)])
    assert {office.place_of_end(n) for n in range(1, 6)} == {2}


def test_who_has_no_manager_and_is_not_the_top_is_named():
    office = of([top(1), post(2, 1), post(3, None), post(4, None, active=False), post(5, 4)])
    assert [p.code for p in office.unled()] == ["p3", "p4"]
    assert [p.code for p in of([top(1), post(6, None, active=False)]).unled()] == []


def test_a_manager_nobody_knows_is_a_gap():
    office = of([post(1, None, manager_code="ghost"), post(2, 1)])
    assert office.chain(2).ends == "gap"
    assert [gap.code for gap in office.gaps()] == ["p1"]


@pytest.mark.parametrize(
    ("managers", "owner", "people"),
    [
        ({1: 1}, 1, ()),  # one's own manager
        ({1: 2, 2: 1}, 1, (2,)),  # the owner is in the ring: not above himself
        ({1: 2, 2: 3, 3: 2}, 1, (2, 3)),  # a ring higher up
        ({1: 2, 2: 3, 3: 4, 4: 2}, 1, (2, 3, 4)),
    ],
)
def test_a_circle_ends_where_it_closes(managers, owner, people):
    office = of([post(number, above) for number, above in managers.items()])
    assert office.chain(owner).people == people
    assert office.chain(owner).ends == "circle"


def test_each_circle_is_named_once_from_its_lowest_code():
    office = of([post(1, 3), post(2, 1), post(3, 2), post(4, 2), post(5, 5)])
    assert [[p.code for p in ring] for ring in office.circles()] == [["p1", "p3", "p2"], ["p5"]]


@pytest.mark.parametrize(
    ("begins", "ends", "day", "absent"),
    [
        (None, None, 5, False),
        (3, 7, 3, True),  # the first day is away
        (3, 7, 7, True),  # and the last
        (3, 7, 8, False),
        (3, None, 30, True),  # until told otherwise
        (None, 7, 1, True),
        (None, 7, 8, False),
    ],
)
def test_absence_includes_both_its_ends(begins, ends, day, absent):
    away = post(
        1,
        None,
        absent_from=begins and date(2026, 9, begins),
        absent_until=ends and date(2026, 9, ends),
    )
    assert away.absent(date(2026, 9, day)) is absent


def test_holders_of_a_role_come_by_code_and_only_while_they_work_here():
    office = of(
        [
            post(2, None, roles=frozenset({"quality"})),
            post(1, None, roles=frozenset({"quality"})),
            post(3, None, roles=frozenset({"quality"}), active=False),
        ]
    )
    assert office.holders(Role.QUALITY) == (1, 2)
