"""A decision is an office's: whoever left or moved gives it no more."""

import pytest

from rules.organisation import Post, of
from rules.succession import holds_office, stands_above

TOP, OLD, NEW, LI, GONE, AIDE = range(1, 7)
OFFICE = of(
    [
        Post(id=TOP, code="top", name="top", roles=frozenset({"top_management"})),
        Post(id=OLD, code="old", name="old", manager_id=TOP, roles=frozenset({"quality"})),
        Post(id=NEW, code="new", name="new", manager_id=TOP),
        Post(id=LI, code="li", name="li", manager_id=NEW),
        Post(id=GONE, code="gone", name="gone", active=False, roles=frozenset({"quality"})),
        Post(id=AIDE, code="aide", name="aide", manager_id=OLD),
    ]
)


@pytest.mark.parametrize(
    ("person", "stands"),
    [
        (NEW, True),  # leads the owner today
        (TOP, True),  # and so does whoever leads the leader
        (OLD, False),  # led the owner once
        (AIDE, True),  # stood in for one who still leads
        (GONE, False),
        (99, False),  # nobody knows this number
    ],
)
def test_who_still_stands_above_the_owner(person, stands):
    found = stands_above(OFFICE, person, owners=[LI], last_resorts=[], stood_in=[(NEW, AIDE)])
    assert found is stands


def test_an_office_is_held_by_the_role_and_only_while_here():
    assert holds_office(OFFICE, OLD, ["quality"])
    assert not holds_office(OFFICE, GONE, ["quality"])
    assert not holds_office(OFFICE, NEW, ["quality"])
