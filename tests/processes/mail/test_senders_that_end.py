"""A sender that dies delays nobody, and what somebody sits and waits for goes first."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlmodel import select

from models import lifetime, outbox
from models.duty import Line
from models.engine import reading, writing
from models.notice import Notice, NoticeState
from models.upsert import insert_new
from processes.mail import claiming, delivery
from processes.mail.delivery import deliver
from rules.words import LetterKind
from tests.processes.mail.test_delivery import MINUTE, NOW, people, post
from tests.support.sender import Recorder

pytestmark = pytest.mark.usefixtures("home")


def ended() -> str:
    """The name of a process that has ended and was looked at by its parent."""
    ask = "from models import lifetime; print(lifetime.mine())"
    said = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    return said.stdout.strip()


def leased(numbers, *, by, monkeypatch):
    """Lease these mails as this process would; the first is offered."""
    monkeypatch.setattr(lifetime, "mine", lambda: by)
    claim = claiming.claim(numbers, NOW, relay="recorder")
    monkeypatch.undo()
    assert len(claim.mails) == len(numbers)


def rows():
    with reading() as session:
        return session.exec(select(Notice).order_by(Notice.id)).all()


def test_a_process_is_known_to_be_gone_only_when_it_is():
    assert not lifetime.gone(lifetime.mine())
    assert lifetime.gone(ended())
    place, pid, began = lifetime.mine().split("|")
    assert lifetime.gone(f"{place}|{pid}|{int(began) - 1}")  # its number is used again
    assert not lifetime.gone(f"another-machine|{pid}|1")
    assert not lifetime.gone("")


def test_a_child_that_ended_unseen_by_its_parent_is_gone():
    ask = "from models import lifetime; print(lifetime.mine(), flush=True)"
    with subprocess.Popen([sys.executable, "-c", ask], stdout=subprocess.PIPE, text=True) as child:
        who = child.stdout.readline().strip()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # nobody has taken it away
        assert lifetime.gone(who)
    assert lifetime.gone(who)


def test_what_a_dead_sender_had_leased_goes_at_once_and_the_offered_one_waits(monkeypatch):
    numbers = post(*people(5))
    leased(numbers, by=ended(), monkeypatch=monkeypatch)
    relay = Recorder()
    done = deliver(NOW + MINUTE, transport=relay)
    assert (done.run_out, done.unsure, done.sent) == (5, 1, 4)
    offered = rows()[0]
    assert offered.state is NoticeState.PENDING
    assert offered.next_try_at == NOW + 11 * MINUTE  # the relay may still be at work on it
    assert deliver(NOW + 10 * MINUTE, transport=relay).sent == 0
    assert deliver(NOW + 11 * MINUTE, transport=relay).sent == 1


def test_a_sender_that_lives_keeps_its_lease(monkeypatch):
    numbers = post(*people(3))
    leased(numbers, by=lifetime.mine(), monkeypatch=monkeypatch)
    assert deliver(NOW + MINUTE, transport=Recorder()).sent == 0
    assert {row.state for row in rows()} == {NoticeState.LEASED}


def test_the_clock_is_woken_at_once_by_a_sender_that_died(monkeypatch):
    numbers = post(*people(3))
    leased(numbers, by=ended(), monkeypatch=monkeypatch)
    with reading() as session:
        assert outbox.earliest(session, NOW + MINUTE) == NOW + MINUTE


def test_a_sender_leases_a_small_portion(monkeypatch):
    post(*people(3 * delivery.BATCH))
    most = []

    def count(_):
        most.append(sum(row.state is NoticeState.LEASED for row in rows()))

    deliver(NOW, transport=Recorder(("finish", count)))
    assert most == [delivery.BATCH]
    assert delivery.BATCH <= 16


def sign_in(*, minutes, created=NOW):
    """Put a finished letter with a link of so many minutes into the outbox."""
    (number,) = post("waits@company.example", rank=0, created=created)
    with writing() as session:
        row = session.get(Notice, number)
        row.letter = LetterKind.SIGN_IN.value
        session.add(row)
        line = {
            "key": f"sign_in:{number}", "duty_id": None, "episode": 0, "nth": 0,
            "letter": LetterKind.SIGN_IN, "level": None, "person_id": None,
            "on_behalf_of_id": None, "facts": {"minutes": minutes}, "created_at": created,
            "notice_id": number,
        }  # fmt: skip
        insert_new(session, Line, [line])
    return number


@pytest.mark.parametrize(("after", "state"), [(14, "sent"), (15, "cancelled"), (600, "cancelled")])
def test_a_link_is_sent_while_it_opens_something_and_not_after(after, state):
    sign_in(minutes=15)
    relay = Recorder()
    deliver(NOW + timedelta(minutes=after), transport=relay)
    assert rows()[0].state == state
    assert len(relay.recipients) == (state == "sent")


def test_a_link_that_is_asked_for_in_the_middle_goes_before_the_rest():
    post(*people(4 * delivery.BATCH))
    relay = Recorder(("finish", lambda _: sign_in(minutes=15) and None))
    assert deliver(NOW, transport=relay).sent == 4 * delivery.BATCH + 1
    assert relay.recipients.index("waits@company.example") == delivery.BATCH
