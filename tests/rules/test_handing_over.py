"""A duty changes hands only by whoever leads its owner, or by quality."""

from datetime import date

import pytest

from rules.handing_over import (
    AlreadyTheirs,
    CannotTakeOver,
    NotHandedOver,
    leads,
    refuse_kind,
    refuse_receiver,
)
from rules.organisation import Post, of
from rules.words import DutyKind

DAY = date(2026, 9, 15)
BOSS, WANG, LI, CHEN, ZHAO, GONE, AWAY, MUTE = range(1, 9)


def post(number, name, manager=None, **more):
    facts = {"active": True, "address": f"{name}@x.example", "roles": frozenset(), **more}
    return Post(id=number, code=name, name=name, manager_id=manager, **facts)


OFFICE = of(
    [
        post(BOSS, "boss"),
        post(WANG, "wang", BOSS),
        post(LI, "li", WANG),
        post(CHEN, "chen", BOSS),
        post(ZHAO, "zhao", BOSS, roles=frozenset({"quality"})),
        post(GONE, "gone", WANG, active=False),
        post(AWAY, "away", WANG, absent_from=DAY, absent_until=DAY),
        post(MUTE, "mute", WANG, address=None),
    ]
)


@pytest.mark.parametrize(
    ("hands", "may"),
    [
        ({WANG}, True),  # his manager
        ({BOSS}, True),  # anyone above
        ({ZHAO}, True),  # quality, wherever it stands
        ({LI}, False),  # the owner himself
        ({CHEN}, False),  # another manager's man
        ({CHEN, WANG}, True),  # who stands in for his manager
        ({LI, WANG}, False),  # the owner who stands in for his manager
    ],
)
def test_who_may_hand_it_over(hands, may):
    assert leads(OFFICE, owner=LI, hands=frozenset(hands)) is may


def test_what_was_given_to_somebody_for_standing_apart_is_refused_by_its_name():
    refuse_kind("act", "li", handed_over=True)
    with pytest.raises(NotHandedOver) as refused:
        refuse_kind("verify", "li", handed_over=False)
    assert refused.value.facts == {"kind": DutyKind.VERIFY, "owner": "li"}


@pytest.mark.parametrize(
    ("receiver", "why"), [(LI, AlreadyTheirs), *((n, CannotTakeOver) for n in (GONE, AWAY, MUTE))]
)
def test_nobody_is_given_what_he_would_not_hear_of(receiver, why):
    with pytest.raises(why):
        refuse_receiver(OFFICE, owner=LI, receiver=receiver, day=DAY)
    refuse_receiver(OFFICE, owner=LI, receiver=CHEN, day=DAY)
