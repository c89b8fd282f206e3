"""A code or a sign-in link is a key: once it is sent, its text is nowhere in the database."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.duty import Line
from models.engine import reading
from models.notice import Notice, NoticeBytes
from notifications.transport import Unreachable
from processes.identity import sign_in
from processes.mail import outbox
from processes.mail.delivery import deliver
from tests.processes.mail.test_delivery import post
from tests.support.cast import at, hire
from tests.support.sender import Recorder

NOW = at("2026-09-28")

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def asked():
    """Li has asked for a sign-in link; returns it."""
    hire()
    assert sign_in.ask("li@company.example", at=NOW) == 1
    while outbox.gather(NOW).people:
        pass
    with reading() as session:
        (line,) = session.exec(select(Line)).all()
    return line.facts["link"]


def kept():
    """Everything that is kept of letters, as one text."""
    with reading() as session:
        facts = [str(line.facts) for line in session.exec(select(Line))]
        mimes = [one.mime.decode("latin-1") for one in session.exec(select(NoticeBytes))]
        subjects = [one.subject for one in session.exec(select(Notice))]
    return "\n".join([*facts, *mimes, *subjects])


def test_a_link_is_forgotten_once_it_is_sent(asked):
    assert asked in kept()
    assert deliver(NOW, transport=Recorder()).sent == 1
    assert asked not in kept()
    assert "sign-in/" not in kept()


def test_one_that_could_not_be_sent_is_kept_to_be_tried_again(asked):
    relay = Recorder(("prepare", Unreachable(text="down")))
    deliver(NOW, transport=relay)
    assert asked in kept()
    assert deliver(NOW + timedelta(minutes=10), transport=Recorder()).sent == 1
    assert asked not in kept()


def test_one_that_has_run_out_is_neither_sent_nor_kept(asked):
    relay = Recorder()
    assert deliver(NOW + timedelta(hours=1), transport=relay).cancelled == 1
    assert relay.recipients == []
    assert asked not in kept()


def test_other_letters_are_kept_as_long_as_the_policy_says():
    post()
    assert deliver(NOW, transport=Recorder()).sent == 1
    with reading() as session:
        assert len(session.exec(select(NoticeBytes)).all()) == 1
