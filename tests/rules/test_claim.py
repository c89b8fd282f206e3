"""Who may send from a database: its claimants, and never a copy."""

from datetime import UTC, datetime, timedelta

import pytest

from rules.claim import Claimant, Verdict, judge

NOW = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
HELD, NEW, OURS = Verdict.HELD, Verdict.NEW, Verdict.OURS
SERVER = "db.example:5432/pdca"


def one(host="a", home="/srv/pdca", *, name=None, database=None, seen=NOW - timedelta(days=1)):
    return Claimant(
        name=name or f"{host}:{home}",
        named=name is not None,
        host=host,
        home=home,
        database=database or f"{home}/pdca.sqlite",
        seen_at=seen,
    )


@pytest.mark.parametrize(
    ("mine", "standing", "verdict"),
    [
        (one(), [], NEW),  # nobody's yet
        (one(), [one()], OURS),
        (one(home="/tmp/test"), [one()], HELD),  # the folder was copied
        (one(host="b"), [one()], HELD),  # to the same path of another machine
        (one(database=SERVER), [one(host="b", database=SERVER)], HELD),  # a second of the same role
        (one(name="two", database=SERVER), [one(name="one", database=SERVER)], NEW),  # a replica
        (one(name="two", database=SERVER), [one(host="b", database=SERVER)], NEW),
        (one(name="two"), [one()], NEW),  # the old home gets a name
        (one(home="/tmp/test", name="test"), [one()], HELD),  # a name makes no replica of a copy
        (one(database="x:5432/pdca", name="test"), [one(name="one", database=SERVER)], HELD),
        (one(host="c9", name="main"), [one(host="c8", name="main")], OURS),  # a new container
        (one(host="c9", name="main"), [one(host="c8", name="main", seen=NOW)], HELD),  # two at once
        (one(name="main"), [one(name="main", seen=NOW)], OURS),
        (one(home="/tmp/test", name="main"), [one(name="main")], HELD),
        (one(), [one(name="main")], HELD),  # whoever has no name is no replica
        (
            one(database=SERVER),
            [one(), one(name="two", database=SERVER)],
            OURS,
        ),  # moved to a server
    ],
)
def test_who_may_send(mine, standing, verdict):
    assert judge(mine, standing, NOW) is verdict


@pytest.mark.parametrize("name", [None, "main", "test"])
@pytest.mark.parametrize("lately", [timedelta(0), timedelta(days=30)])
def test_no_copy_of_a_file_elsewhere_sends_whatever_it_is_called(name, lately):
    for claimed in (None, "main"):
        standing = [one(name=claimed, seen=NOW - lately)]
        assert judge(one(home="/tmp/copy", name=name), standing, NOW) is HELD
