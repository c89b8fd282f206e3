"""The local sink: what it has taken is on the disk, and it is reached by this machine alone."""

import json
import os
import socket
import stat

import pytest

from notifications.transport import Accepted, Deferred, Envelope, Relay, Transport
from processes.mail.delivery import deliver
from processes.mail.relaying import SINK
from service.inbox import sink
from service.inbox.sink import Maildir, ensure_sink
from tests.processes.mail.test_delivery import NOW, people, post

pytestmark = pytest.mark.usefixtures("home")


def letter(text=b"Subject: x\r\n\r\n.dot\r\n", to="li@company.example"):
    return Envelope(sender="pdca@localhost", recipient=to, mime=text)


def mails(home):
    return [path.read_bytes() for path in sorted((home / "inbox" / "new").iterdir())]


@pytest.fixture
def connection(home):
    with ensure_sink(home) as (host, port):
        transport = Transport(Relay(host=host, port=port, security="plain"))
        yield transport
        transport.close()


def test_keeps_every_mail_as_it_came_with_its_recipient(home, connection):
    for to in ("li@company.example", "wang@company.example"):
        assert connection.send(letter(to=to)) == Accepted("2.0.0 kept on this machine")
    first, second = mails(home)
    assert first == (
        b"Return-Path: <pdca@localhost>\r\nDelivered-To: li@company.example\r\n"
        b"Subject: x\r\n\r\n.dot\r\n"
    )
    assert b"Delivered-To: wang@company.example" in second


def test_a_mail_is_durable_before_it_is_taken(home, monkeypatch):
    order = []
    real = os.fsync
    monkeypatch.setattr(sink.os, "fsync", lambda handle: (order.append(handle), real(handle)))
    Maildir(home / "inbox").keep("a@b.cn", ["c@d.cn"], b"text")
    assert len(order) == 2  # the file, and the folder that has its name
    assert list((home / "inbox" / "tmp").iterdir()) == []


def test_a_full_disk_is_said_and_the_sender_tries_again(home, connection, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sink.os, "fsync", full)
    outcome = connection.send(letter())
    assert outcome == Deferred(452, "4.3.1 cannot be written: No space left on device")
    assert mails(home) == []


def test_only_this_machine_can_reach_it_and_only_the_owner_read_it(home, connection):
    listening = json.loads((home / SINK).read_text())
    assert listening["host"] == "127.0.0.1"
    assert stat.S_IMODE((home / "inbox" / "new").stat().st_mode) == 0o700


def test_the_one_that_runs_is_used(home):
    with ensure_sink(home) as first, ensure_sink(home) as second:
        assert first == second
    assert not (home / SINK).exists()


def test_one_that_was_killed_is_replaced(home):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    (home / "run").mkdir()
    (home / SINK).write_text(json.dumps({"host": "127.0.0.1", "port": port}))
    with ensure_sink(home) as (_host, own):
        assert own != port
        assert json.loads((home / SINK).read_text())["port"] == own


def test_something_else_on_its_port_is_not_taken_for_it(home):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        (home / "run").mkdir()
        port = silent.getsockname()[1]
        (home / SINK).write_text(json.dumps({"host": "127.0.0.1", "port": port}))
        with ensure_sink(home) as (_host, own):
            assert own != port


def test_who_announced_himself_meanwhile_stays_announced(home):
    with ensure_sink(home):
        other = json.dumps({"host": "127.0.0.1", "port": 1})
        (home / SINK).write_text(other)
    assert (home / SINK).read_text() == other


def test_the_outbox_of_a_home_without_a_relay_goes_there(home):
    post(*people(20))
    with ensure_sink(home):
        assert deliver(NOW).sent == 20
    assert len(mails(home)) == 20
