"""An address that is good again gets what it missed, under the same key, and its alarm ends."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from models.alarms import open_alarms
from models.engine import reading, writing
from models.notice import Notice, NoticeState
from models.record import Alarm
from processes.mail import outbox, reviving, suppressions
from processes.mail.delivery import deliver
from processes.nonconformity import raising as nonconformities
from tests.stories.office import Postman
from tests.support.cast import at, change, hire

AT = at("2026-09-07")


@pytest.fixture
def refused(home):
    """Li's assignment was refused for good, as that of an unknown mailbox."""
    hire()
    nonconformities.raise_(title="备份日志缺失", owner_code="li", raised_by="zhao", at=AT)
    outbox.gather(AT)
    with writing() as session:
        from models import outbox as rows

        notice = session.exec(select(Notice)).one()
        notice.state, notice.attempts = NoticeState.DEAD, 1
        rows.suppress(session, notice.address, reason="550 5.1.1", at=AT)
        session.add(
            Alarm(kind="mail_refused", ref=notice.address, message="-", first_at=AT, last_at=AT)
        )
        return notice.key, notice.message_id, notice.address


def _sent(when):
    postman = Postman()
    deliver(when, transport=postman)
    return [mail.to for mail in postman.delivered]


def _open():
    with reading() as session:
        return [one.kind for one in open_alarms(session)]


def test_a_lifted_address_gets_its_letter_once_and_the_alarm_ends(refused):
    key, message_id, address = refused
    suppressions.lift(address, by="test", at=AT + timedelta(hours=1))
    assert _sent(AT + timedelta(hours=1)) == ["li"]
    assert _sent(AT + timedelta(hours=2)) == []
    assert "mail_refused" not in _open()
    with reading() as session:
        notice = session.exec(select(Notice).where(col(Notice.key) == key)).one()
    assert (notice.message_id, notice.state) == (message_id, NoticeState.SENT)


def test_a_corrected_address_gets_it_and_the_old_one_nothing(refused):
    change("li", email="li.new@company.example")
    later = AT + timedelta(hours=1)
    with writing() as session:
        from models import people

        reviving.corrected(session, [people.by_code(session, "li").id], later)
    assert _sent(later) == ["li.new"]
    assert "mail_refused" not in _open()


def test_at_night_it_waits_for_the_opening(refused):
    night = at("2026-09-07", "23:00")
    suppressions.lift(refused[2], by="test", at=night)
    assert _sent(night) == []
    assert _sent(at("2026-09-08", "09:00")) == ["li"]
