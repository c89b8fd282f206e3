"""Three different people behind every document, whoever stands in for whom."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.approval import (
    AlreadyApproved,
    ApprovalState,
    OwnDocument,
    UnderWay,
    another,
    anybody,
    choose,
    submittable,
)
from rules.organisation import Post, of

DAY = date(2026, 9, 14)
AWAY = {"absent_from": DAY, "absent_until": DAY}


def post(number, **facts):
    return Post(id=number, code=f"p{number}", name=f"人{number}", **{"address": "a@b.cn", **facts})


POSTS = of(
    [
        post(1),
        post(2),
        post(3, **AWAY),
        post(4, **AWAY, delegate_id=1),
        post(5, active=False),
        post(6, address=None),
    ]
)


@pytest.mark.parametrize(
    ("candidates", "barred", "chosen"),
    [
        ([1, 2], set(), 1),  # the first in their order
        ([1, 2], {1}, 2),  # not the author
        ([3, 2], set(), 2),  # away, and nobody stands in
        ([4, 2], set(), 4),  # away, and his delegate can be reached
        ([4, 2], {1}, 2),  # his delegate is the author
        ([5, 6, 2], set(), 2),  # has left; has no address
        ([1], {1}, None),
        ([99], set(), None),  # nobody knows him
        ([], set(), None),
    ],
)
def test_who_is_asked(candidates, barred, chosen):
    assert choose(POSTS, candidates, barred=frozenset(barred), day=DAY) == chosen


def test_where_nobody_can_be_reached_it_is_owed_all_the_same():
    assert anybody(POSTS, [5, 3], barred=frozenset()) == 3
    assert anybody(POSTS, [5], barred=frozenset()) is None


@given(
    st.lists(st.integers(1, 8), max_size=8),
    st.frozensets(st.integers(1, 8)),
)
def test_nobody_barred_is_ever_asked(candidates, barred):
    assert choose(POSTS, candidates, barred=barred, day=DAY) not in barred
    assert anybody(POSTS, candidates, barred=barred) not in barred


@given(st.frozensets(st.integers(1, 5), min_size=1), st.frozensets(st.integers(1, 5)))
def test_a_judgement_stands_only_if_no_hand_was_in_it_before(hands, before):
    if hands & before:
        with pytest.raises(OwnDocument):
            another(hands=hands, before=before, person="人")
    else:
        another(hands=hands, before=before, person="人")


@pytest.mark.parametrize(
    ("known", "refusal"),
    [
        (None, None),  # handed in for the first time
        (ApprovalState.RETURNED, None),  # and again
        (ApprovalState.REVIEW, UnderWay),
        (ApprovalState.APPROVAL, UnderWay),
        (ApprovalState.APPROVED, AlreadyApproved),
    ],
)
def test_what_may_be_handed_in(known, refusal):
    if refusal is None:
        submittable(known, code="2026", version=1)
    else:
        with pytest.raises(refusal):
            submittable(known, code="2026", version=1)
