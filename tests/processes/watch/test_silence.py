"""What should have moved and did not is an alarm, told once by another path, and kept."""

import sys
from datetime import timedelta

import pytest
import sqlalchemy as sa

from config.current import current, use
from config.schedule import load_schedule
from config.settings import AlarmMail, Mail
from models import leases
from models.engine import reading, writing
from models.record import Lease
from notifications.transport import Unauthorised
from processes.alarm import operator as alarming
from processes.alarm import other_path
from processes.mail.delivery import deliver
from processes.watch import silence, waking
from tests.processes.duty.test_climbing import owe, sweep
from tests.processes.mail.test_delivery import alarm_kinds, post
from tests.support.cast import at, hire
from tests.support.sender import Recorder
from tests.support.smtp import Server

ON_SQLITE_ALONE = "a server's leases run by its own clock, not by the days of a test"

MONDAY = at("2026-09-28", "10:00")
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def alive(home):
    """A service at work: its clock looks, its wheel was turned this morning."""
    tick(MONDAY)
    waking.beat(waking.WHEEL, at("2026-09-28", "08:30"))
    return home


def tick(when):
    with writing() as session:
        leases.take(session, "clock", holder="a", at=when, seconds=4)


def look(when, *, ticks=True):
    if ticks:
        tick(when)
    return [one.part for one in silence.look(when, load_schedule(current().settings.home))]


def minutes(first, last, **how):
    """Look every minute; return what the last look found."""
    found = []
    for n in range(first, last + 1):
        found = look(MONDAY + n * MINUTE, **how)
    return found


def late():
    return waking.health(MONDAY + 11 * MINUTE)["late"]


# --- what is silent -----------------------------------------------------------------------------


def test_a_service_at_work_is_not_silent():
    assert minutes(0, 30) == []
    assert alarm_kinds() == []


def test_a_clock_that_looks_no_more_is_silent_after_the_policys_minutes():
    tick(MONDAY)
    assert minutes(0, 10, ticks=False) == []  # late from the second minute on: not ten yet
    assert minutes(11, 12, ticks=False) == ["clock"]
    assert alarm_kinds() == ["silence"]
    assert look(MONDAY + 13 * MINUTE) == []
    assert alarm_kinds() == []


def test_steps_that_nobody_takes_are_silent_and_those_that_are_taken_are_not():
    hire()
    for n in range(4):
        owe(issued="2026-09-07", subject=f"NC-2026-000{n}")
    assert minutes(0, 9) == []
    assert minutes(10, 11) == ["steps"]
    assert late() == ["steps"]  # /health answers 503
    sweep("2026-09-28", "10:12")
    assert look(MONDAY + 13 * MINUTE) == []  # lines now, in no letter: it has moved
    from processes.mail import outbox

    outbox.gather(MONDAY + 13 * MINUTE)
    assert "steps" not in look(MONDAY + 14 * MINUTE)


def test_a_backlog_that_falls_is_no_silence():
    hire()
    numbers = [owe(issued="2026-09-07", subject=f"NC-2026-00{n:02}") for n in range(12)]
    from processes.duty import climbing
    from processes.mail import outbox

    for n, number in enumerate(numbers):
        assert look(MONDAY + 5 * n * MINUTE) == []
        climbing.climb([number], at=MONDAY + 5 * n * MINUTE)
        outbox.gather(MONDAY + 5 * n * MINUTE)


def test_mail_that_nobody_sends_is_silent_and_on_hold_it_is_not():
    post("li@company.example", created=MONDAY)
    assert minutes(0, 12) == ["outbox"]
    waking.hold(waking.DELIVER, by="Prefect", at=MONDAY)
    assert minutes(13, 13) == []


def test_a_relay_that_takes_nothing_for_an_hour_is_silence_of_the_outbox():
    post("li@company.example", created=MONDAY)
    for n in range(0, 90, 5):
        deliver(MONDAY + n * MINUTE, transport=Recorder(("prepare", Unauthorised(535, "no"))))
        found = look(MONDAY + n * MINUTE)
    assert found == ["outbox"]


def test_a_wheel_that_was_not_turned_is_silent_once_the_clock_has_had_its_turn():
    tuesday = at("2026-09-29", "09:00")
    assert look(tuesday) == []  # within the grace
    found = [look(tuesday + n * MINUTE) for n in range(31, 45)][-1]
    assert found == ["wheel"]


def test_a_night_off_is_no_silence_at_the_first_look():
    hire()
    owe(issued="2026-09-07")
    minutes(0, 2)
    morning = MONDAY + timedelta(hours=22)
    assert look(morning) == []
    assert look(morning + MINUTE) == []


def test_silences_are_kept_for_the_review_of_their_period():
    minutes(0, 12, ticks=False)
    look(MONDAY + 20 * MINUTE)
    day = timedelta(days=1)
    assert [one.ref for one in silence.between(MONDAY - day, MONDAY + day)] == ["clock"]
    assert silence.between(MONDAY + day, MONDAY + 2 * day) == []


# --- the other path -----------------------------------------------------------------------------


def silent():
    minutes(0, 12, ticks=False)


def test_the_operator_gets_one_mail_past_the_outbox():
    with Server() as second:
        own = current().settings
        path = AlarmMail(host="127.0.0.1", port=second.port, security="plain", to="ops@x.example")
        stuck = Mail(host="127.0.0.1", port=1, security="plain", sender="pdca@company.example")
        use(own.model_copy(update={"alarm_mail": path, "mail": stuck}))
        silent()
        told = [other_path.tell(MONDAY + n * MINUTE) for n in range(12, 40)]
        assert sum(told) == 1
        (mail,) = second.mails
    assert mail.recipient == "ops@x.example"
    from email import message_from_bytes, policy

    letter = message_from_bytes(mail.data, policy=policy.default)
    assert "silence clock" in letter["Subject"]
    assert "pdca doctor" in letter.get_body(("plain",)).get_content()


def test_no_letter_is_promised_about_what_the_other_path_tells():
    silent()
    assert alarming.tell_operator(MONDAY + 12 * MINUTE) == 0


def test_what_could_not_be_told_is_tried_again_and_then_told_once():
    silent()
    answers = iter([False, True, True])
    heard = []

    def send(_settings, _key, message, when):
        heard.append(when)
        return next(answers)

    for n in range(12, 60):
        other_path.tell(MONDAY + n * MINUTE, send=send)
    assert [int((when - MONDAY).total_seconds() // 60) for when in heard] == [12, 27]


def test_a_teller_that_was_killed_in_between_is_replaced():
    silent()

    def killed(*_):
        raise SystemExit

    with pytest.raises(SystemExit):
        other_path.tell(MONDAY + 12 * MINUTE, send=killed)
    assert other_path.tell(MONDAY + 13 * MINUTE, send=lambda *_: True) == 0  # being told
    assert other_path.tell(MONDAY + 28 * MINUTE, send=lambda *_: True) == 1


def test_a_command_of_the_operators_gets_the_text(tmp_path):
    heard = tmp_path / "heard"
    script = f"import sys; open({str(heard)!r}, 'w').write(sys.stdin.read())"
    own = current().settings
    command = {"alarm_command": [sys.executable, "-c", script], "operator": ""}
    use(own.model_copy(update=command))
    silent()
    assert other_path.tell(MONDAY + 12 * MINUTE) == 1
    assert "silence clock" in heard.read_text()


def test_a_command_that_fails_has_told_nobody():
    own = current().settings
    use(own.model_copy(update={"alarm_command": ["/nowhere/at-all"], "operator": ""}))
    silent()
    assert other_path.tell(MONDAY + 12 * MINUTE) == 0


# --- the watchman -------------------------------------------------------------------------------


def test_the_watchman_tells_of_a_database_that_does_not_answer(monkeypatch):
    from service.clock.watchman import Watchman

    heard = []
    monkeypatch.setattr(other_path, "straight", lambda *a: heard.append(a[2]) or True)
    watchman = Watchman(load_schedule(current().settings.home), now=lambda: MONDAY)

    def refuses(*_):
        raise sa.exc.OperationalError("", {}, Exception("the disk is gone"))

    monkeypatch.setattr(silence, "look", refuses)
    watchman.look()
    assert heard == []
    watchman._blind_since -= 601
    watchman.look()
    watchman.look()
    assert len(heard) == 1
    assert "the disk is gone" in heard[0]


def test_the_watchman_looks_and_tells(monkeypatch):
    from service.clock.watchman import Watchman

    now = [MONDAY]
    heard = []
    monkeypatch.setattr(other_path, "straight", lambda *a: heard.append(a[2]) or True)
    with writing() as session:
        session.execute(sa.delete(Lease))
    watchman = Watchman(load_schedule(current().settings.home), now=lambda: now[0])
    for n in range(12):
        now[0] = MONDAY + n * MINUTE
        watchman.look()
    assert [said.partition(":")[0] for said in heard] == ["silence clock"]
    with reading() as session:
        assert session.get(Lease, "clock") is None
