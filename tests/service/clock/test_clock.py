"""The clock: wakes what is due, rests when that is of no use, and notices its own death."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from config.calendar import load_calendar
from config.current import current
from config.schedule import load_schedule
from models import engine, leases
from models.engine import reading, writing
from models.record import Alarm
from processes.duty import climbing
from processes.duty import issued as duties
from processes.watch import mending, other_path, waking, window
from service.clock import anchor
from service.clock import clockwork as clockworks
from service.clock.believing import Believing
from service.clock.clockwork import Clockwork
from service.clock.sweeper import Sweeper, fruitful
from service.clock.sweeping import Ran, Runs
from service.clock.wakes import GAP, POLL, NextDeadline, WorkingDays, nudge, scheduler
from service.home.opened import kept_alone
from tests.flows import office
from tests.flows.office import MONDAY

NOW = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)


# --- the trigger ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "fires"),
    [
        (None, POLL),  # nothing is due: look again, another process may write something
        (timedelta(seconds=1), timedelta(seconds=1)),  # on the instant
        (timedelta(0), GAP),  # due now: but never a loop without a pause
        (-10 * DAY, GAP),  # long overdue
        (30 * DAY, POLL),  # far away
    ],
)
def test_fires_when_the_earliest_is_due(due, fires):
    trigger = NextDeadline(lambda _at: None if due is None else NOW + due)
    assert trigger.get_next_fire_time(None, NOW) == NOW + fires


def test_a_clock_set_back_by_a_day_does_not_stop_it_for_a_day():
    trigger = NextDeadline(lambda at: at + 5 * DAY)
    assert trigger.get_next_fire_time(NOW + DAY, NOW) == NOW + POLL


@pytest.mark.parametrize("fault", [OperationalError("", {}, Exception()), TypeError(), OSError()])
def test_a_trigger_never_raises_and_never_ends_its_job(fault):
    def broken(_at):
        raise fault

    assert NextDeadline(broken).get_next_fire_time(None, NOW) == NOW + POLL


def test_rows_that_no_clock_can_read_end_nothing():
    assert NextDeadline(lambda _at: "yesterday").get_next_fire_time(None, NOW) == NOW + POLL


# --- every n-th working day ------------------------------------------------------------------


@pytest.fixture
def calendar(tmp_path):
    return load_calendar(tmp_path, ZoneInfo("Asia/Shanghai"))


def local(instant):
    return f"{instant.astimezone(ZoneInfo('Asia/Shanghai')):%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("now", "every", "expected"),
    [
        ("2026-09-28T05:00+08:00", 1, "09-28 06:00"),  # before six on a Monday
        ("2026-09-28T06:00+08:00", 1, "09-29 06:00"),  # at six sharp: the next one
        ("2026-09-30T07:00+08:00", 1, "10-08 06:00"),  # National Day week is no working day
        ("2026-10-09T07:00+08:00", 1, "10-10 06:00"),  # its make-up Saturday is one
        ("2026-09-07T05:00+08:00", 5, "09-14 06:00"),  # the fifth after Monday 7 September
        ("2026-09-14T07:00+08:00", 5, "09-20 06:00"),  # the fifth is a make-up Sunday
    ],
)
def test_every_nth_working_day(calendar, now, every, expected):
    from datetime import time as clock

    trigger = WorkingDays(calendar, every=every, at=clock(6), since=date(2026, 9, 7))
    assert local(trigger.get_next_fire_time(None, datetime.fromisoformat(now))) == expected


def test_every_third_working_day_of_a_quarter_is_three_working_days_apart(calendar):
    from datetime import time as clock

    trigger = WorkingDays(calendar, every=3, at=clock(6), since=date(2026, 7, 1))
    at, days = NOW, []
    for _ in range(20):
        at = trigger.get_next_fire_time(None, at)
        days.append(calendar.day(at))
    assert all(calendar.count(a, b) == 3 for a, b in pairwise(days))
    assert all(calendar.is_working(day) for day in days)


# --- the sweeper ---------------------------------------------------------------------------


class FakeRuns:
    """Runs that remember, and give what they are told to give."""

    def __init__(self, *results):
        self.results, self.ran = list(results), 0
        self.gate = threading.Event()
        self.gate.set()

    def run(self):
        self.gate.wait(5)
        self.ran += 1
        given = self.results.pop(0) if self.results else SimpleNamespace(taken=1)
        if isinstance(given, Exception):
            raise given
        return Ran(result=given, witnessed=True)


def sweeper(runs, name="pdca-act"):
    ended = threading.Event()
    made = Sweeper(name, runs, ended=lambda *_: ended.set())
    made.over = ended
    return made


def woken(one):
    one.over.clear()
    began = one.wake()
    if began:
        assert one.over.wait(5)
    return began


def test_runs_one_at_a_time():
    runs = FakeRuns()
    runs.gate.clear()
    one = sweeper(runs)
    assert one.wake()
    assert not one.wake()
    runs.gate.set()
    assert one.over.wait(5)
    assert runs.ran == 1


def test_a_run_that_gave_nothing_is_not_repeated_at_once():
    one = sweeper(FakeRuns(SimpleNamespace(taken=0)))
    assert woken(one)
    assert not one.wake()
    assert one.not_before(NOW) > NOW + timedelta(seconds=1)


def test_rests_grow_up_to_a_minute_and_end_with_the_first_fruit(monkeypatch):
    one = sweeper(FakeRuns(*[SimpleNamespace(taken=0)] * 8))
    rests = []
    for _ in range(8):
        woken(one)
        rests.append(round((one.not_before(NOW) - NOW).total_seconds()))
        one._rests_until = 0.0
    assert rests == [2, 4, 8, 16, 32, 60, 60, 60]
    assert woken(one)
    assert woken(one)


@pytest.mark.parametrize(
    ("result", "is_fruit"),
    [
        (SimpleNamespace(taken=0, mails=0), False),
        (SimpleNamespace(taken=0, mails=2), True),  # only lines to put into letters
        (SimpleNamespace(sent=0, deferred=3), True),  # their next try has moved
        (SimpleNamespace(sent=0, rests_until=NOW), False),
        ({"plan": 1}, True),
    ],
)
def test_what_counts_as_fruit(result, is_fruit):
    assert fruitful(result) is is_fruit


def test_a_flow_that_fails_three_times_is_an_alarm_until_it_works(home):
    one = sweeper(FakeRuns(*[ValueError("broken")] * 3))
    for _ in range(3):
        woken(one)
        one._rests_until = 0.0
    assert [a.kind for a in open_alarms()] == ["flow_failing"]
    woken(one)
    assert open_alarms() == []


def open_alarms():
    from models.alarms import open_alarms as those
    from models.engine import reading

    with reading() as session:
        return those(session)


# --- witnessed or not ------------------------------------------------------------------------


class FakeApi:
    def __init__(self, answers):
        self.here, self.distrusted = answers, 0

    def answers(self):
        return self.here

    def distrust(self):
        self.distrusted += 1
        return False


class FakeFlow:
    """A flow that remembers how it was called."""

    name = "pdca-fake"

    def __init__(self, recorded):
        self.recorded, self.alone = recorded, 0

    async def fn(self, turn):
        self.alone += 1
        return "alone"

    async def __call__(self, turn):
        return await self.recorded()


async def begun():
    from tasks.step import WATCH

    WATCH.get().begun = True
    return "recorded"


@pytest.fixture
def _prefect_home(monkeypatch, tmp_path):
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    import prefect.context  # noqa: F401 - the flows have imported it long before they run


def test_a_run_is_recorded_when_prefect_answers(home, _prefect_home):
    ran = Runs(FakeFlow(begun), FakeApi(True)).run()
    assert (ran.result, ran.witnessed) == ("recorded", True)


def test_nobody_waits_for_what_a_run_does_for_its_witness_alone(home, _prefect_home):
    import asyncio

    from tasks.step import done

    gate = threading.Event()

    async def shows_for_long():
        await begun()
        done("all that was due")
        await asyncio.to_thread(gate.wait, 5)

    began = time.monotonic()
    ran = Runs(FakeFlow(shows_for_long), FakeApi(True)).run()
    gate.set()
    assert (ran.result, ran.witnessed) == ("all that was due", True)
    assert time.monotonic() - began < 2


def test_runs_in_quick_succession_are_spared_a_record_of_each(home, _prefect_home):
    runs = Runs(FakeFlow(begun), FakeApi(True))
    assert [(r.result, r.spared) for r in (runs.run(), runs.run(), runs.run())] == [
        ("recorded", False),
        ("alone", True),
        ("alone", True),
    ]


def test_one_run_for_all_is_recorded_once_the_burst_is_over(clock):
    clock.sweepers[waking.ACT].owes_record = True
    assert wakes(clock) == [waking.ACT]


def test_a_run_is_made_alone_when_prefect_does_not_answer(home):
    ran = Runs(FakeFlow(begun), FakeApi(False)).run()
    assert (ran.result, ran.witnessed) == ("alone", False)


def test_a_witness_that_refuses_is_done_without(home, _prefect_home):
    async def refuses():
        raise RuntimeError("Failed to reach API")

    api = FakeApi(True)
    ran = Runs(FakeFlow(refuses), api).run()
    assert (ran.result, ran.witnessed, api.distrusted) == ("alone", False, 1)


def test_a_fault_of_the_flow_itself_is_not_hidden_by_a_second_run(home, _prefect_home):
    async def fails():
        await begun()
        raise ZeroDivisionError

    flow = FakeFlow(fails)
    with pytest.raises(ZeroDivisionError):
        Runs(flow, FakeApi(True)).run()
    assert flow.alone == 0


def test_a_witness_that_lets_nothing_begin_keeps_no_escalation_waiting(
    home, _prefect_home, monkeypatch
):
    import asyncio

    monkeypatch.setattr("service.clock.sweeping.PATIENCE", 0.2)
    gate = threading.Event()

    async def hangs():
        await asyncio.to_thread(gate.wait, 5)

    monkeypatch.setattr("service.clock.sweeping.RECORD_EVERY", 0.0)
    runs = Runs(FakeFlow(hangs), FakeApi(True))
    began = time.monotonic()
    assert runs.run().result == "alone"
    assert time.monotonic() - began < 2
    again = runs.run()  # the one left behind is not joined by another
    assert (again.result, again.witnessed) == ("alone", False)
    gate.set()


# --- the clock ---------------------------------------------------------------------------------


class FakeSweeper:
    def __init__(self, name):
        self.name, self.woken, self.busy, self.owes_record = name, 0, False, False

    def wake(self):
        self.woken += 1
        return True

    def not_before(self, at):
        return at

    def stop(self, seconds):
        return True


@pytest.fixture
def clock(home):
    names = (waking.ACT, waking.DELIVER, waking.WHEEL)
    made = Clockwork(
        {name: FakeSweeper(name) for name in names}, load_schedule(home), now=lambda: made.at
    )
    made.at = MONDAY
    made.leads, made.renewed = True, float("inf")
    waking.beat(waking.WHEEL, MONDAY)
    return made


def wakes(clock):
    """Tick once; return who was woken by it."""
    before = {name: one.woken for name, one in clock.sweepers.items()}
    clock.tick()
    return [name for name, one in clock.sweepers.items() if one.woken > before[name]]


@pytest.fixture
def passed():
    """Monotonic time that a test lets pass."""
    return SimpleNamespace(seconds=0.0)


@pytest.fixture
def judged(clock, passed):
    """A clock that asks whether it can be right, with a step that is due."""
    own = window.Window(leap=timedelta(minutes=10), ahead=60 * DAY, elapsed=lambda: passed.seconds)
    clock.believing = Believing(own)
    office.people()
    office.nonconformity()
    clock.renew()
    assert clock.leads
    return clock


def test_a_clock_that_leaps_wakes_nobody_and_leads_nobody(judged):
    judged.at = MONDAY + 40 * DAY
    before = everything_but_alarms()
    assert wakes(judged) == []
    assert not judged.leads
    judged.renew()
    judged.note()
    assert not judged.leads
    assert everything_but_alarms() == before


def test_the_operator_is_told_once_by_the_other_path_and_again_of_the_next(judged, monkeypatch):
    told = []
    monkeypatch.setattr(other_path, "straight", lambda _s, _k, said, _at: told.append(said) or True)
    judged.at = MONDAY + 40 * DAY
    for _ in range(3):
        judged.renew()
        judged.believing.telling.join(10)
    assert len(told) == 1
    assert told[0].startswith("wrong_clock clock: ")
    assert waking.health(MONDAY)["silent"] == ["clock"]
    judged.at = MONDAY + timedelta(seconds=2)
    judged.renew()
    assert waking.health(judged.at)["silent"] == []


def test_a_clock_that_comes_right_goes_on_by_itself(judged):
    judged.at = MONDAY + 40 * DAY
    assert wakes(judged) == []
    judged.at = MONDAY + timedelta(seconds=2)
    judged.renew()
    assert wakes(judged) == [waking.ACT]


def test_what_a_start_ahead_had_written_is_put_back_at_the_next_start(clock, passed):
    from flows.turning import turn

    office.people()
    office.nonconformity()
    for start in (MONDAY, MONDAY + 40 * DAY):
        clock.believing, clock.at, clock.leads = Believing(fresh_window(passed)), start, False
        clock.renew()
        turn(start, phase="act")
    clock.leads = False
    clock.believing, clock.at = Believing(fresh_window(passed)), MONDAY + timedelta(minutes=1)
    assert clock.earliest(clock.at) is None
    clock.renew()
    assert clock.leads
    _, done = mending.mended()
    assert done.duties == 1
    waking.beat(waking.WHEEL, MONDAY)  # owed again, and made
    assert clock.earliest(clock.at) < MONDAY + 14 * DAY


def test_a_clock_that_is_started_anew_goes_on_with_the_time_of_its_service(
    home, judged, passed, monkeypatch
):
    monkeypatch.setattr(window, "passed", lambda: passed.seconds)
    with kept_alone(current().settings):
        anchor.keep(home, MONDAY)
        passed.seconds += 60
        anew = Believing(fresh_window(passed))
        assert not anew.at(MONDAY + 40 * DAY)  # no downtime: the service was there
        assert anew.at(MONDAY + timedelta(seconds=60))
        later = Believing(fresh_window(passed))
        assert later.at(MONDAY + timedelta(seconds=60))
    assert judged
    (home / anchor.FILE).unlink()
    assert Believing(fresh_window(passed)).at(MONDAY + 40 * DAY)  # a start after downtime


def fresh_window(passed):
    return window.Window(leap=timedelta(minutes=10), ahead=60 * DAY, elapsed=lambda: passed.seconds)


def everything_but_alarms():
    """Every row of the duties, the mails and the trail."""
    with reading() as session:
        tables = ("duty", "line", "notice", "trail", "lease")
        return [list(session.execute(sa.text(f"SELECT * FROM {name}"))) for name in tables]


def test_nothing_due_wakes_nobody(clock):
    assert wakes(clock) == []
    assert clock.earliest(MONDAY) is None


def test_what_is_to_be_told_wakes_act_at_once(clock):
    office.people()
    office.nonconformity()
    assert wakes(clock) == [waking.ACT]


def test_a_step_wakes_act_at_its_instant(clock):
    from flows.turning import turn

    office.people()
    office.nonconformity()
    turn(MONDAY, phase="act")
    waking.hold(waking.DELIVER, by="test", at=MONDAY)
    assert wakes(clock) == []
    due = clock.earliest(MONDAY)
    waking.beat(waking.WHEEL, due)
    clock.at = due - timedelta(seconds=1)
    assert wakes(clock) == []
    clock.at = due
    assert wakes(clock) == [waking.ACT]


def test_a_letter_wakes_deliver(clock):
    from flows.turning import turn

    office.people()
    office.nonconformity()
    turn(MONDAY, phase="act")
    assert wakes(clock) == [waking.DELIVER]


def test_a_hold_is_obeyed_and_so_is_its_end(clock):
    office.people()
    office.nonconformity()
    waking.hold(waking.ACT, by="Prefect", at=MONDAY)
    assert wakes(clock) == []
    waking.release(waking.ACT, by="Prefect", at=MONDAY)
    assert wakes(clock) == [waking.ACT]


def test_only_the_same_one_ends_a_hold(clock):
    waking.hold(waking.ACT, by="the operator on duty", at=MONDAY)
    assert not waking.release(waking.ACT, by="Prefect", at=MONDAY)
    assert waking.held() == {waking.ACT}


def test_a_sweeper_at_work_is_not_woken_and_does_not_keep_the_clock_spinning(clock):
    office.people()
    office.nonconformity()
    clock.sweepers[waking.ACT].busy = True
    assert wakes(clock) == []
    assert clock.earliest(MONDAY) is None


def test_a_clock_without_the_lease_does_nothing(clock):
    office.people()
    office.nonconformity()
    clock.leads = False
    assert wakes(clock) == []
    assert clock.earliest(MONDAY) is None


# --- the daily turn --------------------------------------------------------------------------


def test_a_daily_turn_that_did_not_come_is_made_and_said(clock):
    clock.started = -1e9  # it has been running for long: Prefect should have turned
    clock.at = MONDAY + DAY  # Tuesday 09:00; the wheel was due at 08:30 with 30 minutes' grace
    assert wakes(clock) == [waking.WHEEL]
    assert [a.kind for a in open_alarms()] == ["wheel_silent"]
    waking.beat(waking.WHEEL, clock.at)
    assert wakes(clock) == []


def test_the_alarm_ends_when_the_next_turn_comes_by_itself(clock):
    clock.started = -1e9
    clock.at = MONDAY + DAY
    wakes(clock)
    waking.beat(waking.WHEEL, clock.at)
    wakes(clock)
    clock.at += DAY
    waking.beat(waking.WHEEL, clock.at - timedelta(minutes=30))
    assert wakes(clock) == []
    assert open_alarms() == []


def test_a_service_that_was_not_running_turns_without_an_alarm(clock):
    clock.at = MONDAY + DAY
    assert wakes(clock) == [waking.WHEEL]
    assert open_alarms() == []


def test_within_the_grace_the_schedule_has_its_chance(clock):
    clock.at = MONDAY + DAY - timedelta(minutes=1)  # 08:59
    assert wakes(clock) == []


# --- lease and watchdog --------------------------------------------------------------------------


def take(holder, at):
    with writing() as session:
        return leases.take(session, "clock", holder=holder, at=at, seconds=4)


def test_one_of_two_clocks_leads_and_the_other_takes_over_within_five_seconds(home):
    assert take("a", NOW) == 1
    assert take("b", NOW + timedelta(seconds=3)) is None
    assert take("a", NOW + timedelta(seconds=3)) == 1  # renewed, the same token
    assert take("b", NOW + timedelta(seconds=6)) is None
    assert take("b", NOW + timedelta(seconds=8)) == 2  # a change of hands raises it
    assert take("a", NOW + timedelta(seconds=8)) is None


def test_a_clock_that_stops_gives_its_lease_back(home, clock):
    assert clock._take_lease()
    clock.stop()
    assert take("next", MONDAY) is not None


def test_a_lease_from_a_clock_that_was_set_back_does_not_last_for_ever(home):
    assert take("a", NOW + 2 * DAY) == 1
    assert take("b", NOW) == 2


@pytest.fixture
def _unfenced():
    yield
    engine.fence(None)


@pytest.mark.usefixtures("_unfenced")
def test_what_an_old_leader_had_begun_is_not_written_after_the_takeover(home):
    office.people()
    office.nonconformity()
    old, new = (Clockwork({}, load_schedule(home), now=lambda: made[0]) for _ in range(2))
    made = [MONDAY]
    old.renew()
    engine.fence(old.fence)
    waking.beat("before", MONDAY)  # leads: written
    late = MONDAY + 9 * DAY
    numbers = duties.due(late)
    made[0] = MONDAY + timedelta(seconds=5)  # the old one was asleep, and another took over
    new.renew()
    assert (new.leads, new.token) == (True, old.token + 1)
    with pytest.raises(engine.Fenced):
        climbing.climb(numbers, at=late)
    with pytest.raises(engine.Fenced):
        waking.beat("after", MONDAY)
    assert waking.last_beat("after") is None
    old.renew()
    assert not old.leads
    engine.fence(new.fence)
    assert climbing.climb(numbers, at=late).taken == len(numbers) > 0


def test_a_lease_that_nobody_took_lets_its_holder_go_on(home):
    clock = Clockwork({}, load_schedule(home), now=lambda: MONDAY)
    clock.renew()
    engine.fence(clock.fence)
    try:
        waking.beat("much later", MONDAY + DAY)  # the lease ran out, and nobody else wanted it
    finally:
        engine.fence(None)
    assert waking.last_beat("much later") is not None


def test_a_process_that_was_asleep_wakes_nobody_before_it_has_asked(clock):
    clock.at = MONDAY + 9 * DAY
    clock.renewed = time.monotonic() - 10
    assert wakes(clock) == []


@pytest.mark.slow
def test_another_clock_leads_within_five_seconds_after_kill_9(home):
    """Two real processes; the figure is printed (pytest -s)."""
    environment = {
        **os.environ,
        "PDCA_HOME": str(home),
        "PDCA_SECRET_KEY": "a-secret-for-tests-only-0123456789",
        "PDCA_PREFECT__UNWITNESSED": "true",
        "PDCA_MAIL__HOST": "127.0.0.1",
        "PDCA_MAIL__PORT": "9",
    }
    command = [sys.executable, "-m", "service.clock.timekeeper"]
    root = Path(__file__).parents[3]
    clocks = [subprocess.Popen(command, env=environment, cwd=root) for _ in range(2)]
    try:
        first = _leader(clocks, among={one.pid for one in clocks}, seconds=60)
        other = next(one.pid for one in clocks if one.pid != first)
        time.sleep(3)  # the other one has started too
        os.kill(first, signal.SIGKILL)
        killed = time.monotonic()
        assert _leader(clocks, among={other}, seconds=20) == other
        took = time.monotonic() - killed
    finally:
        for one in clocks:
            one.kill()
            one.wait()
    print(f"takeover after kill -9: {took:.1f} s")
    assert took < 5


def _leader(clocks, *, among, seconds):
    """Wait until one of these processes leads; return its number."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with reading() as session:
            holder = leases.holder_of(session, "clock", at=datetime.now(UTC))
        if holder is not None and int(holder.split(":")[1]) in among:
            return int(holder.split(":")[1])
        time.sleep(0.05)
    return pytest.fail("nobody leads")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_scheduler_whose_thread_has_died_ends_the_process(clock, monkeypatch):
    """The thread ends without a word: what is watched is its work."""
    monkeypatch.setattr(clockworks, "NUDGE_AFTER", 0.2)
    monkeypatch.setattr(clockworks, "DEAD_AFTER", 0.6)
    monkeypatch.setattr(clockworks, "LOOK", 0.05)
    monkeypatch.setattr(clock, "renew", lambda: None)
    monkeypatch.setattr(clock, "note", lambda: None)
    made = scheduler(clock.tick, NextDeadline(lambda _at: None, poll=timedelta(seconds=0.1)))
    clock.poke = lambda: None
    made.start()
    try:
        monkeypatch.setattr(made, "_process_jobs", lambda: 1 / 0)  # ends its thread
        made.wakeup()
        assert clock.watch() == clockworks.DEAD
    finally:
        made.shutdown(wait=False)


def test_a_clock_without_a_database_does_not_lead(clock, monkeypatch):
    def refuses():
        raise OperationalError("", {}, Exception("database is locked"))

    monkeypatch.setattr(clock, "_take_lease", refuses)
    clock.renew()
    assert not clock.leads


def test_a_scheduler_that_ticks_no_more_ends_the_process(clock, monkeypatch):
    monkeypatch.setattr(clockworks, "DEAD_AFTER", 0.2)
    monkeypatch.setattr(clockworks, "LOOK", 0.02)
    assert clock.watch() == clockworks.DEAD


def test_a_scheduler_that_is_silent_is_nudged_before(clock, monkeypatch):
    monkeypatch.setattr(clockworks, "NUDGE_AFTER", 0.05)
    monkeypatch.setattr(clockworks, "DEAD_AFTER", 0.5)
    monkeypatch.setattr(clockworks, "LOOK", 0.02)
    nudged = []
    clock.poke = lambda: nudged.append(1)
    clock.watch()
    assert nudged


def test_the_real_scheduler_ticks_on_deadlines_and_survives_a_tick_that_raises():
    ticks, deadline = [], threading.Event()

    def tick():
        ticks.append(time.monotonic())
        if len(ticks) >= 4:
            deadline.set()
        raise RuntimeError("one bad tick")

    running = scheduler(tick, NextDeadline(lambda at: at, gap=timedelta(seconds=0.05)))
    running.start()
    try:
        assert deadline.wait(5)
        nudge(running)
    finally:
        running.shutdown(wait=False)


def test_health_names_what_is_late(home, clock):
    office.people()
    office.nonconformity()
    clock._take_lease()
    fine = waking.health(MONDAY)
    assert (fine["ok"], fine["late"], fine["clock"]["led"]) == (True, [], True)
    later = waking.health(MONDAY + 9 * DAY)
    assert later["late"] == ["steps", "clock"]
    assert later["steps"]["overdue_seconds"] > 3600


def test_a_pause_forgotten_for_a_working_day_is_an_alarm(home):
    from processes.watch import soundness

    waking.hold(waking.DELIVER, by="Prefect", at=MONDAY)
    assert soundness.judge_holds(MONDAY + timedelta(hours=20)) == []
    assert soundness.judge_holds(MONDAY + timedelta(hours=25)) == [waking.DELIVER]
    with writing() as session:
        assert session.exec(select(Alarm.kind)).all() == ["hold_old"]
