"""Who may check a project when something about it is not known, or is true twice."""

import pytest

from rules import checker
from rules.checker import Conflict, Delivery
from rules.organisation import Post, of

ZONG, MANAGER, MEMBER, OUTSIDER, HOMELESS = 1, 2, 3, 4, 5
COMPANY = of([
    Post(id=ZONG, code="zong", name="zong", unit_id=1),
    Post(id=MANAGER, code="sun", name="sun", manager_id=ZONG, unit_id=2),
    Post(id=MEMBER, code="li", name="li", manager_id=MANAGER, unit_id=2),
    Post(id=OUTSIDER, code="zhao", name="zhao", manager_id=ZONG, unit_id=9),
    Post(id=HOMELESS, code="wu", name="wu"),
])  # fmt: skip
NOBODY, STRANGER = None, 77


@pytest.mark.parametrize("manager", [NOBODY, STRANGER])
@pytest.mark.parametrize(
    ("person", "why"),
    [
        (MEMBER, (Conflict.SAME_UNIT,)),
        (OUTSIDER, (Conflict.WORKED_ON_IT,)),
        (ZONG, ()),
        (HOMELESS, ()),  # without a manager and a unit: not everybody's superior, nor at home here
    ],
)
def test_without_a_known_manager_units_and_hands_still_tie(manager, person, why):
    delivery = Delivery(
        project="P1", manager=manager, units=frozenset({2}), hands=frozenset({OUTSIDER})
    )
    assert checker.conflicts(COMPANY, person, delivery) == why


def test_a_manager_who_also_worked_on_it_is_told_the_one_reason_that_matters():
    delivery = Delivery(project="P1", manager=MANAGER, hands=frozenset({MANAGER}))
    assert checker.conflicts(COMPANY, MANAGER, delivery) == (Conflict.MANAGES_IT,)


def test_everything_that_is_true_of_a_member_is_told():
    delivery = Delivery(
        project="P1", manager=MANAGER, units=frozenset({2}), hands=frozenset({MEMBER})
    )
    assert checker.conflicts(COMPANY, MEMBER, delivery) == (
        Conflict.REPORTS_TO_MANAGER,
        Conflict.SAME_UNIT,
        Conflict.WORKED_ON_IT,
    )


@pytest.mark.parametrize(
    ("conflict", "said"),
    [
        (Conflict.MANAGES_IT, "manages the project"),
        (Conflict.REPORTS_TO_MANAGER, "works in the team of its project manager"),
        (Conflict.LEADS_MANAGER, "is the superior of its project manager"),
        (Conflict.SAME_UNIT, "belongs to the unit that delivers it"),
        (Conflict.WORKED_ON_IT, "owned a nonconformity of the project in the last 12 months"),
    ],
)
def test_each_reason_is_said_in_its_own_words(conflict, said):
    assert str(checker.Reasons([conflict])) == said


def test_nobody_is_refused_among_the_independent():
    delivery = Delivery(project="P1", manager=MANAGER, units=frozenset({2}))
    checker.refuse_dependent(COMPANY, [OUTSIDER, HOMELESS], delivery)
    assert checker.independent(COMPANY, [HOMELESS, MEMBER, OUTSIDER], delivery) == (
        HOMELESS,
        OUTSIDER,
    )
