"""What may be brought in from a register kept elsewhere, as a table."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from rules import brought
from rules.brought import History, state_of
from rules.nonconformity import ENDED, State
from rules.stepping import Ladder, step

AT = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
RAISED = datetime(2024, 1, 2, 1, 0, tzinfo=UTC)
CLOSED = History(
    file="old.csv",
    state=State.CLOSED,
    closed_at=RAISED + timedelta(days=60),
    verified_by="zhao",
    verified_at=RAISED + timedelta(days=59),
    cause="没有备份",
    corrective_action="加备份",
)


def wrong(**changes):
    row = replace(CLOSED, **changes)
    return [name for name, _ in brought.judge(row, owner="li", raised_at=RAISED, at=AT)]


@pytest.mark.parametrize(
    ("changes", "columns"),
    [
        ({}, []),
        ({"verified_by": None, "verified_at": None, "closed_at": None}, []),  # unknown is no fault
        ({"cause": "", "corrective_action": ""}, []),
        ({"verified_by": "li"}, ["verified_by"]),
        ({"closed_at": RAISED - timedelta(days=1), "verified_at": None}, ["closed_at"]),
        ({"verified_at": RAISED - timedelta(days=1)}, ["verified_at"]),
        ({"verified_at": RAISED + timedelta(days=61)}, ["verified_at"]),  # it is what closes
        ({"closed_at": AT + timedelta(days=2)}, ["closed_at"]),
        ({"rounds": 0}, ["rounds"]),
        ({"rounds": 21}, ["rounds"]),
        ({"level": 1}, ["level"]),  # it climbs no more
        ({"level": -1}, ["level"]),
    ],
)
def test_what_a_closed_one_may_say(changes, columns):
    assert wrong(**changes) == columns


@pytest.mark.parametrize(("state", "planned"), list(product(State, (True, False))))
def test_every_state_is_decided(state, planned):
    more = {} if planned else {"cause": "", "corrective_action": ""}
    closed_at = CLOSED.closed_at if state in ENDED else None
    found = wrong(state=state, closed_at=closed_at, verified_at=None, **more)
    needs = state in {State.PLANNED, State.IMPLEMENTED} and not planned
    assert found == (["state"] if needs else [])


@pytest.mark.parametrize("state", sorted(set(State) - ENDED))
def test_what_is_open_has_no_closing_date(state):
    assert "closed_at" in wrong(state=state)


@pytest.mark.parametrize(
    ("written", "closed_at", "state"),
    [
        (None, None, State.RAISED),
        (None, RAISED, State.CLOSED),
        ("void", RAISED, State.VOID),
        ("accepted", None, State.ACCEPTED),
    ],
)
def test_a_closing_date_alone_says_closed(written, closed_at, state):
    assert state_of(written, closed_at) is state


@pytest.mark.parametrize("reminder", [0, 3])
@pytest.mark.parametrize("level", range(8))
def test_the_ladder_goes_on_one_level_above_what_was_told(reminder, level):
    ladder = Ladder(reminder=reminder, steps=(0, 2, 5, 10, 15), every=5)
    assert step(ladder, nth=brought.step_above(ladder, level)).stage == level + 1
