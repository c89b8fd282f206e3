"""A sender that is stopped, continued or asked to end by the machine it runs on: real signals."""

import contextlib
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from models import engine
from models.engine import database
from processes.mail.delivery import deliver
from tests.processes.mail.test_delivery import NOW, connected, people, post, row
from tests.support.smtp import Server

pytestmark = pytest.mark.usefixtures("home")

SPEED = 900  # a lease of a quarter of an hour is a second
MAILS = 120
FORK = multiprocessing.get_context("fork")


def clock(began):
    return NOW + timedelta(seconds=(time.time() - began) * SPEED)


def work(*args):
    """Be a sender, and end as itself: what the parent does at its end is the parent's."""
    try:
        _send(*args)
    except BaseException:  # noqa: BLE001 - it ends here, whatever it is
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _send(url, server_port, began):
    """Send until nothing is left, and end in good order where that is asked for."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    engine._bound = None  # the parent's connections are the parent's
    engine.BUSY_TIMEOUT_MS = 1000
    engine.bind(url)
    relay = connected(type("At", (), {"port": server_port}), reply_seconds=5, dot_seconds=5)
    with contextlib.suppress(OperationalError):  # the sleeper may hold SQLite's one write lock
        while not stop.is_set():
            done = deliver(clock(began), transport=relay, clock=lambda: clock(began), stop=stop)
            if not done.more and not done.sent:
                break
    relay.close()


class Sending:
    """Mails to send, a server to take them, and senders that are processes of their own."""

    def __init__(self, server):
        self.server, self.began = server, time.time()
        self.numbers = post(*people(MAILS))
        self.url = str(database().url)
        database().dispose()

    def sender(self):
        process = FORK.Process(target=work, args=(self.url, self.server.port, self.began))
        process.start()
        return process

    def until(self, count):
        ends = time.monotonic() + 30
        while len(self.server.mails) < count and time.monotonic() < ends:
            time.sleep(0.0005)
        assert len(self.server.mails) >= count

    def drain(self):
        for n in range(1, 30):
            time.sleep(0.1)
            relay = connected(self.server, reply_seconds=5, dot_seconds=5)
            later = clock(self.began) + timedelta(minutes=30 * n)
            done = deliver(later, transport=relay, clock=lambda at=later: at)
            relay.close()
            if (
                not done.more
                and not done.sent
                and all(row(n).state == "sent" for n in self.numbers)
            ):
                return
        raise AssertionError("it does not drain")

    def copies(self):
        """Return the recipients who got more than one, each with how many too many."""
        taken = Counter(self.server.recipients)
        assert set(taken) == set(people(MAILS))  # nothing is lost
        return {who: n - 1 for who, n in taken.items() if n > 1}


@pytest.fixture
def sending():
    with Server() as server:
        yield Sending(server)


@pytest.mark.slow
@pytest.mark.parametrize("after", [5, 60])
def test_a_sender_that_slept_over_its_lease_writes_nothing_of_it(sending, after):
    sleeper = sending.sender()
    sending.until(after)
    os.kill(sleeper.pid, signal.SIGSTOP)
    time.sleep(1.3)  # its lease is over
    other = sending.sender()
    other.join(60)
    os.kill(sleeper.pid, signal.SIGCONT)
    sleeper.join(60)
    assert (sleeper.exitcode, other.exitcode) == (0, 0)
    sending.drain()
    extra = sending.copies()
    assert sum(extra.values()) <= 1
    explained = {row(n).address for n in sending.numbers if row(n).ambiguous_at or row(n).copies}
    assert set(extra) <= explained


@pytest.mark.slow
@pytest.mark.parametrize("after", [40])
def test_a_sender_that_is_asked_to_end_leaves_no_copy_and_no_lease(sending, after):
    sender = sending.sender()
    sending.until(after)
    asked = time.monotonic()
    os.kill(sender.pid, signal.SIGTERM)
    sender.join(20)
    assert sender.exitcode == 0
    assert time.monotonic() - asked < 5
    states = Counter(str(row(n).state) for n in sending.numbers)
    assert set(states) <= {"sent", "pending"}  # nothing waits for a lease to run out
    assert states["sent"] == len(sending.server.mails)
    assert states["pending"] > 0
    sending.drain()
    assert sending.copies() == {}
