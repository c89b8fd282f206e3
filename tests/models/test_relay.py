"""How a relay stands: what one sender says late is no news of what another met since."""

from datetime import timedelta

import pytest

from models import relay
from models.engine import reading, transaction
from tests.support.cast import at

RELAY = "relay.example:25"
NOW = at("2026-07-17")
QUARTER = timedelta(minutes=15)

pytestmark = pytest.mark.usefixtures("home")

rest, recovered = transaction(relay.rest), transaction(relay.recovered)


def standing():
    with reading() as session:
        return relay.standing(session, RELAY)


def test_a_letter_that_is_taken_ends_the_failures_its_sender_knew_of():
    rest(RELAY, seen=0, at=NOW, until=NOW + QUARTER)
    rest(RELAY, seen=1, at=NOW + QUARTER, until=NOW + 2 * QUARTER)
    recovered(RELAY, seen=2, at=NOW + 2 * QUARTER)
    assert (standing().failures, standing().spell) == (0, 1)


@pytest.mark.parametrize("seen", [1, 3])
def test_a_letter_that_was_taken_before_the_newest_failure_ends_none(seen):
    rest(RELAY, seen=0, at=NOW, until=NOW + QUARTER)
    rest(RELAY, seen=1, at=NOW + QUARTER, until=NOW + 2 * QUARTER)
    recovered(RELAY, seen=seen, at=NOW + 2 * QUARTER)
    assert (standing().failures, standing().spell) == (2, 0)
    assert standing().rests(NOW + QUARTER)
