"""Check: what an operator must mend is an alarm, is mailed once, and ends when it is mended."""

from datetime import timedelta

from sqlmodel import select

from flows.turning import turn
from models.alarms import open_alarms
from models.engine import reading, writing
from models.notice import Notice, NoticeState
from models.organisation import Person
from tests.flows import office
from tests.flows.office import MONDAY

DAY = timedelta(days=1)


def kinds():
    with reading() as session:
        return [one.kind for one in open_alarms(session)]


def letters_to_the_operator():
    with reading() as session:
        return [
            notice.subject
            for notice in session.exec(select(Notice).where(Notice.person_id.is_(None)))
        ]


def change(code, **values):
    with writing() as session:
        person = session.exec(select(Person).where(Person.code == code)).one()
        for name, value in values.items():
            setattr(person, name, value)
        session.add(person)


def test_a_gap_is_mailed_once_and_ends_when_it_is_mended(home):
    ids = office.people()
    change("wang", manager_id=None, manager_code="ghost")
    for n in range(3):
        turn(MONDAY + n * DAY)
    assert kinds() == ["organisation_gap"]
    assert len(letters_to_the_operator()) == 1
    assert "ghost" in letters_to_the_operator()[0]
    change("wang", manager_id=ids["sun"], manager_code="sun")
    turn(MONDAY + 3 * DAY)
    assert kinds() == []


def test_a_circle_is_named_once_whoever_is_in_it(home):
    ids = office.people()
    change("sun", manager_id=ids["li"])
    turn(MONDAY)
    assert kinds() == ["organisation_circle"]
    assert "li → wang → sun → li" in letters_to_the_operator()[0]


def test_no_quality_head_is_an_alarm(home):
    office.people()
    change("zhao", active=False)
    turn(MONDAY)
    assert kinds() == ["no_quality_head"]


def test_mail_that_waits_for_an_hour_is_an_alarm_until_it_goes(home):
    office.people()
    office.nonconformity()
    turn(MONDAY)
    turn(MONDAY + timedelta(minutes=61), phase="check")
    assert kinds() == []  # nobody has tried to send it: that is the clock's to tell
    with writing() as session:
        for notice in session.exec(select(Notice)):
            notice.attempts = 3
            session.add(notice)
    turn(MONDAY + timedelta(minutes=61), phase="check")
    assert kinds() == ["mail_waiting"]
    with writing() as session:
        for notice in session.exec(select(Notice)):
            notice.state = NoticeState.SENT
            session.add(notice)
    turn(MONDAY + timedelta(minutes=62), phase="check")
    assert kinds() == []


def test_next_years_calendar_is_asked_for_from_november_on(home):
    from datetime import UTC, datetime

    office.people()
    turn(datetime(2026, 10, 30, 1, tzinfo=UTC))
    assert kinds() == []
    turn(datetime(2026, 11, 2, 1, tzinfo=UTC))
    assert kinds() == ["calendar_unconfirmed"]


def test_the_figures_stay_with_their_cycle(home):
    office.people()
    office.nonconformity()
    office.nonconformity(title="第二项", severity="major")
    figures = turn(MONDAY + 40 * DAY)["check"].figures["nonconformities"]
    assert figures == {
        "open": 2,
        "overdue": 2,
        "by_state": {"raised": 2},
        "open_by_severity": {"major": 1, "minor": 1},
        "overdue_by_severity": {"major": 1, "minor": 1},
    }
