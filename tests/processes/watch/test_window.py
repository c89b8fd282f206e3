"""A clock that cannot be right does nothing, and what a wrong one wrote is put back."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from models import leases, trail
from models import relay as relays
from models.duty import Duty
from models.engine import reading, writing
from models.record import Lease, Trail
from processes.duty import issued as duties
from processes.mail.delivery import deliver
from processes.watch import mending, waking, window
from processes.watch.window import ClockAhead, ClockBehind, Window
from rules.plausible import Doubt
from tests.processes.duty.test_climbing import duty, owe, sweep
from tests.processes.mail.test_delivery import alarm_kinds, post, row
from tests.support.cast import at, hire
from tests.support.rows import everything
from tests.support.sender import Recorder

ON_SQLITE_ALONE = "a server's leases run by its own clock, not by the days of a test"

MONDAY = at("2026-09-28", "10:00")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SKEWED = MONDAY + 40 * DAY
RELAY = "relay.example:25"

pytestmark = pytest.mark.usefixtures("home")


class Stopwatch:
    """Monotonic time that a test lets pass."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def passed():
    return Stopwatch()


@pytest.fixture
def judged(passed):
    works(MONDAY)
    return Window(leap=10 * MINUTE, ahead=60 * DAY, elapsed=passed)


def works(when):
    """A service is at work until then."""
    with writing() as session:
        leases.take(session, "clock", holder="a", at=when, seconds=4)


def span(when):
    """A service begins to work at this instant, by the clock of its machine."""
    begun = window.begin_span(when, leap=10 * MINUTE)
    works(when)
    return begun


def act(when):
    with writing() as session:
        trail.record(session, at=when, actor="person:1", action="answered", subject="duty:1")


def wrong(judged, when):
    found = judged.doubt(when)
    return found and found.doubt


def test_a_service_that_was_off_for_weeks_goes_on(judged):
    assert wrong(judged, MONDAY + 59 * DAY) is None


def test_a_start_in_another_century_is_not_believed(judged):
    assert wrong(judged, at("2106-02-07")) is Doubt.AHEAD


def test_a_start_before_the_newest_act_is_not_believed(judged):
    act(MONDAY + DAY)
    assert wrong(judged, MONDAY) is Doubt.BEHIND
    assert wrong(judged, MONDAY + DAY) is None


def test_a_running_clock_is_judged_by_the_time_that_passed(judged, passed):
    assert wrong(judged, MONDAY) is None
    assert wrong(judged, MONDAY + 40 * DAY) is Doubt.LEAPT  # no weeks have passed
    passed.seconds += 60
    assert wrong(judged, MONDAY + MINUTE) is None  # it came back, and nobody had to release it
    passed.seconds += 40 * 86400
    assert wrong(judged, MONDAY + 40 * DAY) is None


def test_a_database_that_no_service_ever_kept_is_judged_by_its_acts():
    act(MONDAY)
    fresh = Window(leap=10 * MINUTE, ahead=60 * DAY)
    assert wrong(fresh, MONDAY - DAY) is Doubt.BEHIND
    assert wrong(fresh, MONDAY + 61 * DAY) is Doubt.AHEAD
    assert wrong(fresh, MONDAY + DAY) is None


def test_a_refusal_says_both_times_and_what_to_do(judged):
    assert issubclass(ClockAhead, window.ClockDoubted)
    said = judged.doubt(at("2106-02-07")).refusal()
    assert isinstance(said, ClockAhead)
    assert "pdca release pdca-clock" in str(said)
    act(MONDAY + DAY)
    assert isinstance(judged.doubt(MONDAY).refusal(), ClockBehind)


def test_released_the_clock_is_believed_and_other_processes_follow(judged, passed):
    running = Window(leap=10 * MINUTE, ahead=60 * DAY, elapsed=passed)
    assert wrong(running, MONDAY) is None
    late = MONDAY + 90 * DAY
    assert (wrong(judged, late), wrong(running, late)) == (Doubt.AHEAD, Doubt.LEAPT)
    mending.release(late, by="operator:test", leap=judged.leap)
    assert (wrong(judged, late), wrong(running, late)) == (None, None)


def test_a_release_ends_the_alarm(judged):
    window.warn(judged.doubt(at("2106-02-07")))
    assert alarm_kinds() == ["wrong_clock"]
    mending.release(at("2106-02-07"), by="operator:test", leap=judged.leap)
    assert alarm_kinds() == []


# --- what a wrong clock wrote ----------------------------------------------------------------


@pytest.fixture
def skewed():
    """A duty that a clock forty days ahead has moved: its owner was told too early."""
    hire()
    span(MONDAY)
    number = owe("li", issued="2026-09-28")
    span(SKEWED)
    sweep("2026-11-09", "10:00")
    return number


def test_the_next_step_comes_when_the_ladder_says_by_the_right_clock(skewed):
    put_off = duty(skewed).next_at
    assert put_off > SKEWED
    found = mending.release(MONDAY, by="service", leap=10 * MINUTE)
    assert found.duties == 1
    moved = duty(skewed)
    assert MONDAY < moved.next_at < MONDAY + 21 * DAY  # due plus two working days, National Day
    with reading() as session:
        last = session.exec(select(Trail).order_by(col(Trail.seq).desc())).all()
    assert "duty.put_back" in [one.action for one in last[:3]]
    assert last[0].action == "clock.released"


def test_a_step_that_was_put_off_to_a_wrong_monday_is_put_back():
    hire()
    span(MONDAY)
    number = owe("li", issued="2026-09-28")
    saturday = at("2026-11-07", "23:00")
    span(saturday)
    sweep("2026-11-07", "23:00")  # takes no step at night, and waits for Monday
    assert duty(number).next_at > saturday
    mending.release(MONDAY, by="service", leap=10 * MINUTE)
    assert duty(number).next_at < MONDAY + 14 * DAY


def test_what_no_wrong_clock_touched_stays(skewed):
    with reading() as session:
        far = session.get(Duty, skewed).due_at
    other = owe("wang", issued="2026-09-28", due_at=far + 200 * DAY, subject="NC-2026-0002")
    before = duty(other)
    mending.release(MONDAY, by="service", leap=10 * MINUTE)
    assert duty(other).next_at == before.next_at
    assert duty(other).rev == before.rev


def test_twice_is_harmless(skewed):
    mending.release(MONDAY, by="service", leap=10 * MINUTE)
    first = duty(skewed)
    again = mending.release(MONDAY, by="service", leap=10 * MINUTE)
    assert (again.duties, again.letters, again.mails) == (0, 0, 0)
    assert duty(skewed).next_at == first.next_at


def test_its_letters_are_marked_and_its_mails_wait_no_longer(home):
    assert home
    span(MONDAY)
    number, honest = post("li@company.example", "wang@company.example")
    assert deliver(MONDAY, transport=Recorder(), limit=1).sent == 1
    span(SKEWED)
    deliver(SKEWED, transport=Recorder())
    (late,) = post("sun@company.example", created=SKEWED)
    found = mending.release(MONDAY, by="service", leap=10 * MINUTE)
    assert (found.letters, found.mails) == (1, 1)
    assert row(number).error is None
    assert "2026年11月7日" in row(honest).error
    assert row(late).next_try_at == MONDAY


def test_leases_rests_and_the_daily_turn_of_the_span_are_over(home):
    assert home
    span(MONDAY)
    waking.beat(waking.WHEEL, MONDAY)
    span(SKEWED)
    waking.beat(waking.WHEEL, SKEWED)
    with writing() as session:
        relays.rest(session, RELAY, seen=0, at=SKEWED, until=SKEWED + DAY)
    mending.release(MONDAY, by="service", leap=10 * MINUTE)
    with reading() as session:
        assert session.get(Lease, "clock").until == MONDAY
        assert not relays.standing(session, RELAY).rests(MONDAY)
    assert waking.last_beat(waking.WHEEL) is None  # owed again


def test_a_rest_that_a_wrong_clock_noted_rests_nobody_even_before_it_is_put_back(home):
    assert home
    with writing() as session:
        relays.rest(session, RELAY, seen=0, at=SKEWED, until=SKEWED + DAY)
        relays.allowance(session, at=SKEWED, per_minute=1, wanted=1)
    with reading() as session:
        assert relays.standing(session, RELAY).rests(SKEWED)
        assert not relays.standing(session, RELAY).rests(MONDAY)
        assert relays.any_rest(session, MONDAY) is None
        assert relays.paced_until(session, 1, MONDAY) is None
        assert relays.paced_until(session, 1, SKEWED) == SKEWED + MINUTE
    with writing() as session:
        assert relays.allowance(session, at=MONDAY, per_minute=1, wanted=1) == 1


def test_what_lies_ahead_is_named_and_named_no_more_once_it_is_put_back(skewed):
    found = mending.ahead(MONDAY, leap=10 * MINUTE)
    assert (found.acts, found.first, found.last) == (1, SKEWED + 2 * DAY, SKEWED + 2 * DAY)
    assert mending.mended() is None
    mending.release(MONDAY, by="service", leap=10 * MINUTE)
    assert mending.ahead(MONDAY, leap=10 * MINUTE).acts == 0
    when, done = mending.mended()
    assert (when, done.duties) == (MONDAY, 1)


def test_looking_changes_nothing(judged):
    before = everything()
    judged.doubt(MONDAY)
    judged.doubt(at("2106-02-07"))
    mending.ahead(MONDAY, leap=10 * MINUTE)
    assert everything() == before


def test_a_restart_goes_on_with_its_span_and_a_pause_begins_another(home):
    assert home
    assert span(MONDAY)
    assert not span(MONDAY + MINUTE)
    assert span(MONDAY + DAY)
    known = window.remembered()
    assert known.since == MONDAY + DAY
    assert known.before == MONDAY + MINUTE + timedelta(seconds=4)
    assert duties.due(MONDAY) == []
