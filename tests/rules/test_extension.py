"""Who may ask for more time, for how much, and who decides."""

from datetime import date

import pytest

from rules import extension
from rules.organisation import Post, of

TODAY = date(2026, 9, 28)


def check(**changed) -> None:
    extension.check(
        **{
            "until": date(2026, 10, 9),
            "due_on": date(2026, 9, 30),
            "today": TODAY,
            "granted": 0,
            "most": 2,
            "days_ahead": 15,
            "reason": "备件未到",
            **changed,
        }
    )


def test_a_later_date_with_a_reason_may_be_asked():
    check()


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"reason": "  "}, extension.ReasonMissing),
        ({"granted": 2}, extension.NoMoreExtensions),
        ({"until": date(2026, 9, 30)}, extension.ExtensionNotLater),  # the present deadline
        ({"due_on": date(2026, 9, 1), "until": TODAY}, extension.ExtensionNotLater),  # today
        ({"until": date(2026, 10, 16)}, extension.ExtensionTooLong),  # a day more than fifteen
    ],
)
def test_what_the_policy_does_not_allow_is_refused(changed, refusal):
    with pytest.raises(refusal):
        check(**changed)


def test_an_overdue_duty_may_be_extended_from_today():
    check(due_on=date(2026, 9, 1), until=date(2026, 10, 13))


def post(number: int, manager: int | None, delegate: int | None = None) -> Post:
    return Post(
        id=number,
        code=f"p{number}",
        name=f"P{number}",
        manager_id=manager,
        delegate_id=delegate,
        address="p@company.example",
    )


OFFICE = of([post(1, None), post(2, 1), post(3, 2), post(4, 3, delegate=3), post(9, None)])


@pytest.mark.parametrize(
    ("owner", "told", "who"),
    [
        (3, [], 2),  # nobody yet: the level-1 person
        (3, [(1, 2)], 2),
        (3, [(1, 2), (2, 1)], 1),  # the highest told
        (4, [], 2),  # the nearest above is his delegate: the next one
        (4, [(1, 3)], 2),
        (1, [], 9),  # the top: the quality head
    ],
)
def test_the_highest_told_decides_and_never_the_asker_or_his_delegate(owner, told, who):
    found = extension.decider(
        OFFICE, owner=owner, asker=owner, told=told, last_resorts=[9], day=TODAY
    )
    assert found == who


def test_nobody_decides_for_himself_even_when_nobody_else_is_left():
    alone = of([post(9, None)])
    assert extension.decider(alone, owner=9, asker=9, told=[], last_resorts=[9], day=TODAY) is None
