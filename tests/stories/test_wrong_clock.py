"""The machine's clock was weeks ahead for a moment: the duty is still told when its day comes."""

from datetime import timedelta

import pytest

from flows.turning import turn
from models import leases
from models.engine import writing
from processes.watch import mending, window
from tests.support.cast import at

ON_SQLITE_ALONE = "a server's leases run by its own clock, not by the days of a test"
LEAP = timedelta(minutes=10)
TITLE = "核心交换机巡检记录缺失"


@pytest.fixture
def raised(office):
    """A service at work, and a nonconformity that Li owes an answer to by Thursday."""
    starts(office.at)
    code = office.zhao.raises(TITLE, owner="li", project="P1")
    office.mailbox("li").expect(TITLE, code)
    return code


def starts(when):
    """The service begins to work at what its machine calls now."""
    window.begin_span(when, leap=LEAP)
    with writing() as session:
        leases.take(session, "clock", holder="a", at=when, seconds=4)


def test_a_clock_forty_days_ahead_for_a_moment_puts_no_duty_to_sleep(office, raised):
    honest, ahead = office.at, at("2026-10-19", "10:00")
    starts(ahead)
    office.at = ahead
    turn(ahead, phase="act")
    office.post_comes()
    office.mailbox("li").expect(TITLE, letter="overdue")  # told by a wrong clock, and marked so

    office.at = honest + timedelta(minutes=1)
    judged = window.Window(leap=LEAP, ahead=timedelta(days=60))
    assert judged.came_back(office.at)
    found = mending.release(office.at, by="service", leap=LEAP)
    assert (found.duties, found.letters) == (1, 1)

    office.on("2026-09-14", "12:00")  # due on the tenth: two working days later Wang is told
    office.on("2026-09-15", "12:00")
    assert "李工" in office.mailbox("wang").expect("【第1级升级】", raised).text
    office.on("2026-09-18", "12:00")
    office.mailbox("director").expect("【第2级升级】", raised)


def test_without_being_put_back_it_would_sleep_for_weeks(office, raised):
    honest, ahead = office.at, at("2026-10-19", "10:00")
    starts(ahead)
    office.at = ahead
    turn(ahead, phase="act")
    office.post_comes()
    office.mailbox("li").expect(TITLE, letter="overdue")
    office.at = honest
    office.on("2026-09-28", "12:00")
    office.mailbox("wang").expect_none()
