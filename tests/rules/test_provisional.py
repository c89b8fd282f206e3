"""An answer that a mail scanner may have given: when it is provisional, and what becomes of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import provisional as rule
from rules.provisional import Doubt, Standing
from tests.rules.test_calendar import SHANGHAI
from tests.rules.test_calendar import calendar as of_the_site

AT = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)  # Monday 10:00 in Shanghai


@pytest.mark.parametrize(
    ("after", "browser", "network", "staff", "why"),
    [
        (None, True, True, True, None),  # no letter was accepted yet: a link from elsewhere
        (0, True, True, True, Doubt.FAST),  # even with a browser that is known
        (60, True, True, True, Doubt.FAST),
        (61, True, True, True, None),
        (61, True, False, True, None),  # one of the two is enough
        (61, False, True, True, None),
        (61, False, False, True, Doubt.STRANGER),
        (None, False, False, True, Doubt.STRANGER),
        (61, False, False, False, None),  # a customer has no browser of ours
        (10, False, False, False, Doubt.FAST),
        (-5, True, True, True, None),  # a clock that was set back accuses nobody
    ],
)
def test_when_an_answer_is_provisional(after, browser, network, staff, why):
    accepted = None if after is None else AT - timedelta(seconds=after)
    found = rule.doubt(
        given_at=AT,
        accepted_at=accepted,
        known_browser=browser,
        known_network=network,
        staff=staff,
    )
    assert found is why


@pytest.mark.parametrize(
    ("why", "ends"), [(Doubt.FAST, Standing.LAPSED), (Doubt.STRANGER, Standing.STOOD)]
)
def test_what_nobody_confirmed_lapses_or_stands(why, ends):
    assert rule.unconfirmed(why) is ends


@pytest.mark.parametrize(
    ("standing", "of_staff", "of_a_customer"),
    [
        (Standing.OPEN, True, False),
        (Standing.CONFIRMED, True, True),
        (Standing.STOOD, True, False),
        (Standing.UNDONE, False, False),
        (Standing.CORRECTED, False, False),
        (Standing.LAPSED, False, False),
    ],
)
def test_what_counts(standing, of_staff, of_a_customer):
    assert rule.counts(standing) is of_staff
    assert rule.counts(standing, staff=False) is of_a_customer


PLAIN = of_the_site(off=(), made_up=())


@pytest.mark.parametrize(
    ("given_at", "until"),
    [
        ("2026-09-14T10:00", "2026-09-14T14:00"),
        ("2026-09-14T14:00", "2026-09-14T18:00"),  # to the last minute
        ("2026-09-14T16:30", "2026-09-15T11:30"),  # over the night
        ("2026-09-14T05:00", "2026-09-14T13:00"),  # before the opening
        ("2026-09-18T17:00", "2026-09-21T12:00"),  # over the weekend
        ("2026-09-19T11:00", "2026-09-21T13:00"),  # on a Saturday
    ],
)
def test_four_hours_are_hours_of_work(given_at, until):
    def local(text):
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)

    assert rule.until(PLAIN, local(given_at).astimezone(UTC)) == local(until)


@given(minutes=st.integers(0, 60 * 24 * 60))
def test_there_are_always_four_hours_of_work_in_between(minutes):
    calendar = PLAIN
    at = AT + timedelta(minutes=minutes)
    until = rule.until(calendar, at)
    assert calendar.opening(until) == until or until == calendar.close_of(calendar.day(until))
    worked = sum(
        calendar.opening(at + timedelta(minutes=n)) == at + timedelta(minutes=n)
        for n in range(int((until - at).total_seconds()) // 60)
    )
    assert worked == rule.TO_CONFIRM.total_seconds() // 60
