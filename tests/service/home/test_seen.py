"""Yesterday's backup is put back: sending is on hold, and what would be sent is said."""

import json
import shutil
from datetime import timedelta

import pytest
from sqlmodel import select

from config.current import current
from models import engine, leases, trail
from models.engine import reading, writing
from models.record import Hold
from processes.mail import instance, restoring
from processes.mail.delivery import deliver
from processes.mail.restoring import OnHold
from processes.watch import other_path, waking
from service.clock.clockwork import Clockwork
from service.home import seen
from service.home.opened import SEEN, upgrade
from tests.processes.mail.test_delivery import NOW, alarm_kinds, post
from tests.support.sender import Recorder

HOUR = timedelta(hours=1)


@pytest.fixture
def place(home):
    """A home that has seen its database, with a mail to be sent."""
    act("begun")
    instance.ours(NOW)
    seen.note(home)
    post("li@company.example", "wang@company.example")
    tick(NOW)
    return home


def act(what):
    with writing() as session:
        trail.record(session, at=NOW, actor="person:1", action=what, subject="duty:1")


def tick(at):
    with writing() as session:
        leases.take(session, "clock", holder="a", at=at, seconds=4)


def backup(home):
    engine.database().dispose()
    with reading() as session:  # folds the log into the file
        session.connection().exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.database().dispose()
    return shutil.copy(home / "pdca.sqlite", home / "backup")


def restore(home):
    engine.database().dispose()
    for ending in ("", "-wal", "-shm"):
        (home / f"pdca.sqlite{ending}").unlink(missing_ok=True)
    shutil.copy(home / "backup", home / "pdca.sqlite")


def holds():
    with reading() as session:
        return [(one.flow, one.by) for one in session.exec(select(Hold))]


def test_a_database_that_went_on_is_no_restore(place):
    for _ in range(3):
        act("answered")
        assert seen.look(place, NOW) is None
    assert holds() == []


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        (lambda: act("answered"), "trail ends at row"),
        (lambda: post("qin@company.example"), "mail 3 is missing"),
        (lambda: tick(NOW + HOUR), "has not looked since"),  # mails were sent: no row in the trail
    ],
)
def test_yesterdays_backup_starts_with_sending_on_hold(place, meanwhile, why):
    seen.look(place, NOW)
    backup(place)
    deliver(NOW, transport=Recorder())
    meanwhile()
    seen.look(place, NOW)
    restore(place)
    said = seen.look(place, NOW + HOUR)
    assert why in said
    assert holds() == [(waking.DELIVER, "restore")]
    assert alarm_kinds() == ["restored"]
    assert seen.look(place, NOW + HOUR) is None  # said once


def test_a_row_that_differs_is_a_restore_though_the_trail_is_longer(place):
    seen.look(place, NOW)
    backup(place)
    act("answered")
    seen.look(place, NOW)
    restore(place)
    for _ in range(3):
        act("something else")
    assert "is another one" in seen.look(place, NOW)


def test_nothing_is_sent_until_it_is_released_and_then_all_of_it(place):
    from flows.deliver import deliver as flow
    from flows.parameters import Turn

    restoring.hold_sending("as a test says", at=NOW)
    would = restoring.would_send(NOW)
    assert (would.mails, would.letters, len(would.people)) == (2, {"overdue": 2}, 1)
    import asyncio

    assert asyncio.run(flow.fn(Turn(at=NOW))).sent == 0
    assert waking.deadlines(NOW).of(waking.DELIVER) is None
    with pytest.raises(OnHold, match="pdca release"):
        restoring.refuse_on_hold()
    assert restoring.release(waking.DELIVER, by="root", at=NOW)
    assert not restoring.release(waking.DELIVER, by="root", at=NOW)
    assert deliver(NOW, transport=Recorder()).sent == 2
    assert alarm_kinds() == []
    restoring.refuse_on_hold()


def test_the_operator_is_told_past_the_outbox(place):
    restoring.hold_sending("as a test says", at=NOW)
    heard = []
    other_path.tell(NOW, send=lambda *a: heard.append(a[2]) or True)
    assert len(heard) == 1
    assert "pdca held" in heard[0]


def test_a_backup_in_a_new_home_is_a_restore(place):
    (place / SEEN).unlink()
    assert "never seen" in seen.look(place, NOW + HOUR)


def test_a_new_machine_beside_one_at_work_is_none(place):
    (place / SEEN).unlink()
    tick(NOW)
    assert seen.look(place, NOW) is None
    assert json.loads((place / SEEN).read_text())["seq"] == 2


def test_a_home_that_is_made_now_has_seen_its_database(tmp_path):
    engine.bind(f"sqlite:///{tmp_path / 'pdca.sqlite'}")
    upgrade(tmp_path)
    act("begun")
    assert seen.look(tmp_path, NOW) is None
    engine.database().dispose()


def test_a_clock_set_back_while_it_runs_is_no_restore(place):
    clock = Clockwork({}, None, now=lambda: NOW)
    tick(NOW + HOUR)
    clock.note()
    tick(NOW)  # the system's time went back by an hour
    clock.note()
    assert holds() == []


def test_a_file_that_is_broken_is_as_if_it_were_not_there(place):
    (place / SEEN).write_text("{")
    assert "never seen" in seen.look(place, NOW + HOUR)
    assert current().settings.home == place
