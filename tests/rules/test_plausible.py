"""What the machine calls now: downtime is believed, the wrong year is not."""

from datetime import UTC, datetime, timedelta

import pytest

from rules.plausible import Doubt, at_start, came_back, while_running

NOW = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LEAP, AHEAD = 10 * MINUTE, 60 * DAY


def started(at, *, newest=NOW, beat=NOW):
    return at_start(at, newest=newest, beat=beat, leap=LEAP, ahead=AHEAD)


@pytest.mark.parametrize(
    ("at", "doubt"),
    [
        (NOW, None),
        (NOW - 10 * MINUTE, None),  # another machine's clock
        (NOW - 11 * MINUTE, Doubt.BEHIND),
        (NOW - 365 * DAY, Doubt.BEHIND),  # an empty battery
        (NOW + 60 * DAY, None),  # downtime
        (NOW + 60 * DAY + MINUTE, Doubt.AHEAD),
        (datetime(2106, 2, 7, tzinfo=UTC), Doubt.AHEAD),
    ],
)
def test_a_start_is_judged_by_what_the_rows_remember(at, doubt):
    assert started(at) is doubt


def test_the_newest_act_counts_and_so_does_the_last_sign_of_life():
    assert started(NOW - DAY, beat=NOW - DAY) is Doubt.BEHIND
    assert started(NOW - DAY, newest=NOW - 2 * DAY) is Doubt.BEHIND
    assert started(NOW, newest=NOW - 90 * DAY) is None


@pytest.mark.parametrize("at", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2106, 1, 1, tzinfo=UTC)])
def test_a_home_that_remembers_nothing_contradicts_nobody(at):
    assert started(at, newest=None, beat=None) is None


@pytest.mark.parametrize(
    ("at", "doubt"),
    [
        (NOW, None),
        (NOW + 10 * MINUTE, None),
        (NOW - 10 * MINUTE, None),
        (NOW + 11 * MINUTE, Doubt.LEAPT),
        (NOW - 11 * MINUTE, Doubt.LEAPT),  # also into a time that no row contradicts
        (NOW + 40 * DAY, Doubt.LEAPT),  # what would be downtime at a start
    ],
)
def test_while_it_runs_the_time_that_passed_judges(at, doubt):
    assert while_running(at, expected=NOW, leap=LEAP) is doubt


@pytest.mark.parametrize(
    ("at", "is_so"),
    [
        (NOW + MINUTE, True),  # it had been right, was ahead, and is right again
        (NOW, True),
        (NOW - DAY, False),  # earlier than when it was right: which is wrong?
        (NOW + 40 * DAY, False),  # in the span itself
        (NOW + 41 * DAY, False),
    ],
)
def test_a_span_ahead_of_past_and_present_was_what_was_wrong(at, is_so):
    assert came_back(at, before=NOW, since=NOW + 40 * DAY, leap=LEAP) is is_so


def test_without_a_time_before_nobody_can_say_which_was_wrong():
    assert not came_back(NOW, before=None, since=NOW + DAY, leap=LEAP)
    assert not came_back(NOW, before=NOW, since=None, leap=LEAP)
