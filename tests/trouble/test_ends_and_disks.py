"""A process that ends anywhere, a disk that is full, a database that is busy, a clock that jumps.

In each case: nothing owed is lost, nothing is told twice, the trail verifies, and it goes on by
itself when the trouble is over.
"""

import contextlib
import resource
import sqlite3
import threading
import time
import tracemalloc
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from models import crash, engine, trail
from models.duty import Answer, Duty, Line
from models.engine import database, reading, writing
from models.notice import Notice, NoticeState
from processes.duty import answers, climbing
from processes.duty import issued as duties
from processes.mail import delivery, outbox
from processes.nonconformity.raising import raise_
from processes.watch import health
from rules.refusal import Refused
from rules.words import DutyState, LetterKind
from tests.processes.duty.test_climbing import days, owe, path, sweep
from tests.processes.duty.test_climbing import duty as row_of
from tests.support.cast import at, codes_by_id, duty_of, hire, lines, told
from tests.support.rows import everything
from tests.support.sender import Recorder

pytestmark = pytest.mark.usefixtures("home")

LI_ANSWERS = {
    "decision": "accept",
    "method": "5why",
    "cause": "巡检表模板未包含 UPS 项",
    "correction": "当日补做巡检",
    "corrective_action": "修订巡检表模板，每季度复核",
    "planned_on": "2026-09-25",
}


class Killed(BaseException):
    """The process ends here."""


@contextlib.contextmanager
def killed_at(name):
    """End whatever passes this point, the first time."""

    def end(passed):
        if passed == name:
            crash.listen(None)
            raise Killed

    crash.listen(end)
    try:
        with pytest.raises(Killed):
            yield
    finally:
        crash.listen(None)


def whole():
    with reading() as session:
        assert trail.verify(session) is None


def escalated():
    return told(LetterKind.ESCALATION)


# --- a process that ends ---------------------------------------------------------------------


@pytest.mark.parametrize("point", [
    "climbing.climb: before begin", "climb: told, not moved", "climb: moved, not recorded",
    "climbing.climb: before commit",
])  # fmt: skip
def test_ended_before_the_commit_nothing_is_visible_and_the_next_tick_does_it(point):
    hire()
    owe()
    for day in days("2026-09-15", 3):
        sweep(day)
    before = everything()
    with killed_at(point):
        sweep("2026-09-18")
    assert everything() == before
    sweep("2026-09-18")
    assert told(LetterKind.OVERDUE) == ["li"]
    whole()


def test_ended_just_after_the_commit_it_is_told_once_and_not_moved_twice():
    hire()
    number = owe()
    for day in days("2026-09-15", 6):
        sweep(day)
    moved = row_of(number).nth
    with killed_at("climbing.climb: after commit"):
        sweep("2026-09-21")
    after = row_of(number)
    assert after.nth == moved + 1
    sweep("2026-09-21")
    assert row_of(number).next_at == after.next_at
    assert escalated() == ["wang"]
    sender = Recorder()
    for _ in range(2):
        outbox.gather(at("2026-09-21", "09:05"))
        delivery.deliver(at("2026-09-21", "09:05"), transport=sender)
    to_wang = [mail for mail in sender.sent if "wang@company.example" in str(mail)]
    assert len(to_wang) == 1
    whole()


def test_ended_while_a_button_is_pressed_it_is_recorded_whole_or_not_at_all_and_again_is_safe():
    known = hire()
    points = [name for name in crash.POINTS if name.startswith(("answer:", "door._answer"))]
    assert len(points) >= 4
    for point in points:
        code = raise_(title="记录缺失", owner_code="li", at=at("2026-09-14"))
        number = duty_of(code, "respond").id
        how = {"person_id": known["li"], "at": at("2026-09-15"), "via": "link"}
        try:
            with killed_at(point):
                answers.answer(number, data=LI_ANSWERS, **how)
        except pytest.fail.Exception:
            continue  # this answer does not pass that point
        with reading() as session:
            kept = session.exec(select(Answer).where(col(Answer.duty_id) == number)).all()
            state = session.get(Duty, number).state
        assert (len(kept), state) in {(0, DutyState.OPEN), (1, DutyState.DISCHARGED)}
        whole()


# --- a disk that is full ---------------------------------------------------------------------


@contextlib.contextmanager
def full_disk():
    """Let the database's log not grow by a byte: the kernel itself refuses the write."""
    log = database().path.with_name(database().path.name + "-wal")
    size = log.stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_at_the_commit_loses_no_step_and_is_loud_until_there_is_space():
    hire()
    for n in range(30):
        owe(subject=f"NC-2026-{n:04}")
    before, due = everything(), at("2026-09-18", "09:00")
    with full_disk():
        for _ in range(3):
            with pytest.raises(OperationalError):
                climbing.climb(duties.due(due), at=due)
        assert everything() == before
        late = health.health(due + timedelta(minutes=3))
        assert not late["ok"]
        assert "steps" in late["late"]
    for day in days("2026-09-15", 4):
        sweep(day)
    assert told(LetterKind.OVERDUE) == ["li"] * 30
    assert len({line.key for line in lines()}) == len(lines())
    whole()


def test_a_full_disk_is_a_sentence_to_whoever_presses_a_button(people_page):
    browser, address, form = people_page
    with full_disk():
        answer = browser.post(address, data={**LI_ANSWERS, **form})
        assert answer.status_code in {500, 503}
        assert "Traceback" not in answer.text
        assert "INSERT" not in answer.text
    assert browser.post(address, data={**LI_ANSWERS, **form}).status_code == 200
    whole()


@pytest.fixture
def people_page():
    """Li's own page of a duty: a browser, its address, and what its form needs."""
    from datetime import UTC

    from notifications import links
    from tests.web.cast import TestClient, field, secret
    from web.frame.app import create_app

    known, now = hire(), at("2026-09-15")
    code = raise_(title="记录缺失", owner_code="li", at=at("2026-09-14"))
    number = duty_of(code, "respond").id
    address = f"/d/{links.sign(secret(), 'duty', (number, known['li'], 1), now)}"
    app = create_app(lambda: now.astimezone(UTC))
    browser = TestClient(app, base_url="http://p.test", raise_server_exceptions=False)
    return browser, address, {"act": "answer", "csrf": field(browser.get(address).text)}


# --- a database that is busy -----------------------------------------------------------------


def hold_lock(seconds):
    """Let another program hold the write lock for so long, as a backup or a browser does."""
    taken = threading.Event()

    def hold():
        stranger = sqlite3.connect(database().path, isolation_level=None)
        stranger.execute("BEGIN EXCLUSIVE")
        taken.set()
        time.sleep(seconds)
        stranger.execute("ROLLBACK")
        stranger.close()

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait(5)
    return thread


def test_a_lock_that_ends_in_time_is_waited_for():
    hire()
    owe()
    holder = hold_lock(0.6)
    begun = time.monotonic()
    for day in days("2026-09-15", 4):
        sweep(day)
    assert time.monotonic() - begun > 0.3
    holder.join()
    assert told(LetterKind.OVERDUE) == ["li"]


def test_a_lock_that_does_not_end_is_said_and_tried_again(people_page, monkeypatch):
    browser, address, form = people_page
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 100)
    engine.database().dispose()
    bound = engine.Database(str(database().url))
    monkeypatch.setattr(engine, "_bound", bound)
    holder = hold_lock(1.5)
    answer = browser.post(address, data={**LI_ANSWERS, **form})
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "请重试" in answer.text or "try again" in answer.text
    with pytest.raises(OperationalError):
        climbing.climb([1], at=at("2026-09-18", "09:00"))
    holder.join()
    assert browser.post(address, data={**LI_ANSWERS, **form}).status_code == 200
    bound.dispose()


def test_more_who_want_a_connection_than_there_are_wait_their_turn():
    hire()
    numbers = [owe(subject=f"NC-2026-{n:04}") for n in range(24)]
    wrong = []

    def one(number):
        try:
            climbing.climb([number], at=at("2026-09-18", "09:00"))
        except Exception as failed:  # noqa: BLE001 - any failure is what is looked for
            wrong.append(failed)

    threads = [threading.Thread(target=one, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert {row_of(number).nth for number in numbers} == {1}
    whole()


# --- many at once, and clocks that jump ------------------------------------------------------


def test_a_backlog_is_taken_in_batches_and_memory_stays_flat():
    hire()
    for n in range(60):
        owe(subject=f"NC-2026-{n:04}")
    instant, left, most = at("2026-09-18", "09:00"), [], []
    while ids := duties.due(instant, limit=15):
        tracemalloc.start()
        climbing.climb(ids, at=instant)
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        left.append(len(duties.due(instant, limit=1000)))
    assert left == [45, 30, 15, 0]
    assert max(most[1:]) < 1.2 * most[0]


def test_a_clock_a_day_ahead_and_back_again_takes_no_step_twice():
    hire()
    number = owe()
    for day in days("2026-09-15", 7):
        sweep(day)
    sweep("2026-09-23")  # the clock is a day ahead
    seen, steps = path(), row_of(number).nth
    for clock in ("09:00", "12:00", "23:00"):
        sweep("2026-09-22", clock)  # and back
    assert (path(), row_of(number).nth) == (seen, steps)
    sweep("2026-09-23")
    assert (path(), row_of(number).nth) == (seen, steps)
    with reading() as session:
        made = session.exec(select(Line.created_at).where(Line.letter == LetterKind.ESCALATION))
        mornings = [instant.date() for instant in made]
    assert len(set(mornings)) == len(mornings)  # at most one step a day, whatever the clock said


def test_a_month_ahead_is_one_step_and_no_burst():
    hire()
    owe()
    sweep("2026-10-30")
    assert len(lines()) == 2  # the assignment, and one step
    sweep("2026-09-18")
    assert len(lines()) == 2


@pytest.mark.parametrize("due", [date(26, 9, 28), date(9999, 12, 31), date(1, 1, 1)])
def test_a_year_that_nobody_can_mean_is_refused_where_it_enters(due):
    hire()
    before = everything()
    with pytest.raises(Refused) as no:
        raise_(title="记录缺失", owner_code="li", due=due, at=at("2026-09-14"))
    assert str(due.year) in str(no.value)
    assert everything() == before


def test_a_day_that_is_over_when_it_is_raised_is_refused_or_said():
    hire()
    with contextlib.suppress(Refused):
        raise_(title="记录缺失", owner_code="li", due=date(2026, 9, 1), at=at("2026-09-14"))
        (late,) = [line for line in lines() if line.letter == LetterKind.ASSIGNMENT]
        assert late.person_id == {v: k for k, v in codes_by_id().items()}["li"]
    sweep("2026-09-14")
    whole()


def test_leases_end_though_the_clock_was_set_back():
    hire()
    owe()
    for day in days("2026-09-15", 4):
        sweep(day)
    now = at("2026-09-18", "09:05")
    outbox.gather(now)
    with writing() as session:  # a sender that was killed an hour ahead of time
        until = now + timedelta(minutes=75)
        session.execute(sa.update(Notice).values(state=NoticeState.LEASED, lease_until=until))
    sender = Recorder()
    delivery.deliver(now, transport=sender)
    assert sender.sent == []
    delivery.deliver(now + timedelta(minutes=80), transport=sender)
    assert sender.sent
