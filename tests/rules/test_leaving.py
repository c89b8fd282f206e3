"""A list without somebody says that they left; one without many says that it is cut."""

import pytest

from rules.leaving import TooManyLeavers, looks_whole, missing, refuse_many


def test_who_is_missing_is_named_in_the_order_of_codes():
    assert missing(["b", "a", "c"], ["c", "d"]) == ["a", "b"]


@pytest.mark.parametrize(
    ("active", "listed", "whole"),
    [
        ("abcd", "abc", True),
        ("abcd", "ab", True),  # exactly the share
        ("abcd", "a", False),  # a change of one person is no list of the staff
        ("", "ab", False),  # nobody was known
    ],
)
def test_a_list_is_taken_for_whole_from_a_share_on(active, listed, whole):
    assert looks_whole(active, listed, percent=50) is whole


@pytest.mark.parametrize(("gone", "refused"), [(0, False), (10, False), (11, True)])
def test_more_than_a_tenth_at_once_takes_somebody_who_is_sure(gone, refused):
    if not refused:
        refuse_many(gone=gone, active=100, percent=10, sure=False)
        return
    with pytest.raises(TooManyLeavers):
        refuse_many(gone=gone, active=100, percent=10, sure=False)
    refuse_many(gone=gone, active=100, percent=10, sure=True)
