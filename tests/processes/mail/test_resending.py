"""What was given up goes out again by an operator's hand: same key, same Message-ID, once."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models import outbox as rows
from models.engine import reading, writing
from models.notice import Notice, NoticeState
from notifications.replies import judge
from processes.mail import outbox, resending
from processes.mail.delivery import deliver
from processes.mail.resending import NotResendable, NoWayThere, Resent
from rules.refusal import NotFound
from tests.processes.duty.test_climbing import duty, owe, sweep
from tests.processes.mail.test_delivery import alarm_kinds, discharge
from tests.support.cast import at, hire
from tests.support.sender import Recorder

pytestmark = pytest.mark.usefixtures("home")

DAY = at("2026-09-16", "09:00")
LATER = DAY + timedelta(hours=3)
TOO_LARGE = judge("dot", 552, b"5.3.4 too large")
NOBODY = judge("rcpt", 550, b"5.1.1 no such user")


def given_up(no, stage="finish"):
    """Let Li's reminder be given up; return its duty."""
    hire()
    number = owe()
    sweep("2026-09-16")
    outbox.gather(DAY)
    deliver(DAY, transport=Recorder((stage, no)))
    return number


def letter():
    with reading() as session:
        return session.exec(select(Notice)).one()


def again(**which):
    return resending.every(by="root", at=LATER, **which)


def test_a_letter_set_aside_goes_out_once_under_its_own_name():
    given_up(TOO_LARGE)
    before = letter()
    assert before.state is NoticeState.REFUSED
    assert again() == Resent(again=1)
    assert alarm_kinds() == []
    relay = Recorder()
    assert deliver(LATER, transport=relay).sent == 1
    assert before.message_id.encode() in relay.sent[0].mime
    assert letter().key == before.key
    assert again() == Resent()  # twice is harmless


def test_by_its_key_and_nothing_else_is_touched():
    given_up(TOO_LARGE)
    assert resending.one(letter().key, by="root", at=LATER) == Resent(again=1)
    with pytest.raises(NotResendable, match="pending"):
        resending.one(letter().key, by="root", at=LATER)
    with pytest.raises(NotFound, match="no-such"):
        resending.one("no-such-key", by="root", at=LATER)


def test_a_refused_address_first_wants_to_be_lifted():
    given_up(NOBODY, "prepare")
    assert letter().state is NoticeState.DEAD
    with pytest.raises(NoWayThere, match="pdca lift"):
        resending.one(letter().key, by="root", at=LATER)
    assert again() == Resent(no_way=1)
    assert letter().state is NoticeState.DEAD
    with writing() as session:
        rows.lift(session, "li@company.example", at=LATER)
    assert again() == Resent(again=1)
    assert deliver(LATER, transport=Recorder()).sent == 1


def test_what_is_over_meanwhile_is_not_sent():
    number = given_up(TOO_LARGE)
    discharge(number, LATER)
    assert again() == Resent(over=1)
    assert letter().state is NoticeState.CANCELLED
    assert alarm_kinds() == []
    assert duty(number).state == "discharged"


def test_since_a_date_leaves_what_is_older():
    given_up(TOO_LARGE)
    assert again(since=DAY + timedelta(minutes=1)) == Resent()
    assert again(since=DAY) == Resent(again=1)


def test_what_a_server_may_have_taken_goes_as_the_same_bytes():
    given_up(TOO_LARGE)
    with writing() as session:
        session.exec(select(Notice)).one().copies = 1
    before = letter().mime_hash
    again()
    assert letter().mime_hash == before
    assert deliver(LATER, transport=Recorder()).sent == 1
