"""From lines to mails: gathered once, frozen once, and nothing closed is sent."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from models import alarms
from models.duty import Duty, Line
from models.engine import reading, writing
from models.notice import Notice, NoticeBytes
from notifications import render as rendering
from processes.duty import climbing, extension
from processes.duty import issued as duties
from processes.mail import outbox
from rules.words import LetterKind, Severity
from tests.processes.duty.test_climbing import owe, sweep
from tests.support.cast import at, change, codes_by_id, hire

pytestmark = pytest.mark.usefixtures("home")
MORNING = at("2026-09-18", "09:00")


def notices():
    with reading() as session:
        return session.exec(select(Notice).order_by(col(Notice.id))).all()


def gather(instant=MORNING):
    total = outbox.gather(instant)
    while (more := outbox.gather(instant)).people:
        total = more
    return total


def end(number, instant):
    with writing() as session:
        duties.withdraw(session, session.get(Duty, number), at=instant, why="test")


def recheck(notice_id, instant):
    with writing() as session:
        return outbox.recheck(session, session.get(Notice, notice_id), instant)


def test_a_line_becomes_one_mail_and_gathering_again_makes_no_other():
    hire()
    owe()
    gather()
    gather()
    (notice,) = notices()
    assert notice.address == "li@company.example"
    assert notice.state == "pending"
    with reading() as session:
        mime = session.get(NoticeBytes, notice.id).mime
    assert b"Message-ID: " + notice.message_id.encode() in mime


def test_two_own_duties_are_one_digest_and_eleven_level_notices_one_table():
    hire()
    numbers = [owe(subject=f"NC-2026-{n:04}") for n in range(11)]
    gather(at("2026-09-14"))
    for day in ("2026-09-17", "2026-09-18", "2026-09-21"):
        sweep(day)
        gather(at(day, "09:00"))
    letters = [(notice.letter, notice.address.partition("@")[0]) for notice in notices()]
    assert letters == [("digest", "li"), ("digest", "li"), ("digest", "li"), ("table", "wang")]
    assert len(numbers) == 11


def test_a_mail_about_nothing_open_is_cancelled_before_its_first_attempt():
    hire()
    number = owe()
    gather()
    end(number, MORNING + timedelta(hours=1))
    (assignment,) = notices()
    assert recheck(assignment.id, MORNING + timedelta(hours=1)) == "cancel"


def test_a_digest_loses_its_closed_lines_and_keeps_its_message_id():
    hire()
    kept, closed = owe(subject="NC-2026-0001"), owe(subject="NC-2026-0002")
    gather()
    (digest,) = notices()
    assert recheck(digest.id, MORNING) == "send"
    end(closed, MORNING)
    anew = recheck(digest.id, MORNING)
    assert isinstance(anew, rendering.Rendered)
    assert anew.message_id == digest.message_id
    text = rendering_text(anew.mime)
    assert "NC-2026-0001" in text
    assert "NC-2026-0002" not in text
    assert kept != closed


def rendering_text(mime: bytes) -> str:
    from email import message_from_bytes, policy

    return message_from_bytes(mime, policy=policy.default).get_body(("plain",)).get_content()


def test_it_is_over_is_not_said_to_someone_who_never_heard_of_it():
    ids = hire()
    number = owe()
    gather(at("2026-09-14"))
    for day in ("2026-09-17", "2026-09-18", "2026-09-21"):
        sweep(day)
    gather(at("2026-09-21"))
    told = next(one for one in notices() if one.letter == "escalation")
    with writing() as session:
        duties.discharge(session, session.get(Duty, number), by_id=ids["li"], at=at("2026-09-21"))
    gather(at("2026-09-21", "11:00"))
    over = next(one for one in notices() if one.letter == "over")
    assert recheck(told.id, at("2026-09-21")) == "cancel"
    assert recheck(over.id, at("2026-09-21")) == "cancel"
    with writing() as session:  # had the mail been attempted, the end is told
        session.execute(sa.update(Notice).where(col(Notice.id) == told.id).values(attempts=1))
    with writing() as session:
        session.execute(sa.update(Line).where(col(Line.letter) == "over").values(dropped_at=None))
    assert recheck(over.id, at("2026-09-21")) == "send"


def test_lines_of_an_earlier_episode_are_told_no_more():
    ids = hire()
    number = owe()
    with writing() as session:
        duty = session.get(Duty, number)
        asked = extension.ask(
            session,
            duty,
            by_id=ids["li"],
            until=at("2026-09-24").date(),
            reason="备件未到",
            at=at("2026-09-15"),
            via="test",
        )
        decision = session.get(Duty, asked.decide_duty_id)
        extension.decide(
            session, decision, by_id=ids["wang"], granted=True, note="", at=at("2026-09-15")
        )
        duties.discharge(session, decision, by_id=ids["wang"], at=at("2026-09-15"))
    assert outbox.gather(at("2026-09-15")).dropped == 2  # the assignment, and the request
    letters = [(one.letter, one.address.partition("@")[0]) for one in notices()]
    assert ("assignment", "li") not in letters
    assert sorted(who for letter, who in letters if letter == "extension_decided") == ["li", "qin"]


def test_a_letter_that_cannot_be_made_is_set_aside_and_the_others_go(monkeypatch):
    hire()
    owe(subject="NC-POISON")
    owe(owner="chen", subject="NC-2026-0002")

    def render(letter):
        if any(item.subject == "NC-POISON" for item in letter.items):
            raise rendering.LetterUnrenderable(letter.key, "poisoned")
        return rendering.render(letter)

    monkeypatch.setattr(outbox, "render", render)
    first = outbox.gather(MORNING)
    assert (first.mails, first.unrenderable) == (1, 1)
    assert outbox.gather(MORNING).people == 0  # no hot loop
    with reading() as session:
        (alarm,) = alarms.open_alarms(session)
    assert alarm.kind == "letter_unrenderable"
    monkeypatch.undo()
    assert outbox.gather(MORNING + outbox.TRY_AGAIN).mails == 1


def test_one_poisoned_line_does_not_take_a_digest_with_it(monkeypatch):
    hire()
    for subject in ("NC-POISON", "NC-2026-0002", "NC-2026-0003"):
        owe(subject=subject)

    def render(letter):
        if any(item.subject == "NC-POISON" for item in letter.items):
            raise rendering.LetterUnrenderable(letter.key, "poisoned")
        return rendering.render(letter)

    monkeypatch.setattr(outbox, "render", render)
    made = outbox.gather(MORNING)
    assert (made.mails, made.unrenderable) == (2, 1)


def test_nobody_to_tell_writes_to_the_operator_and_severest_is_sent_first():
    hire(**{code: {"active": False} for code in ("wang", "director", "gao", "zong", "qin")})
    owe()
    owe(subject="NC-2026-0002", severity=Severity.MAJOR)
    for day in ("2026-09-17", "2026-09-18", "2026-09-21"):
        sweep(day)
    gather(at("2026-09-21"))
    told = [one for one in notices() if one.letter == "escalation"]
    assert {one.address for one in told} == {"operator@company.example"}
    assert {one.rank for one in told} == {20, 21}


def test_a_person_who_lost_his_address_meanwhile_is_a_dead_notice_and_an_alarm():
    hire()
    owe()
    change("li", email=None)
    gather()
    (notice,) = notices()
    assert (notice.state, notice.error) == ("dead", "no address")
    with reading() as session:
        assert "no_address" in {alarm.kind for alarm in alarms.open_alarms(session)}


def test_a_straight_up_report_and_a_level_notice_to_one_person_are_one_mail():
    ids = hire()
    number = owe(severity=Severity.MAJOR)
    for day in ("2026-09-17", "2026-09-18", "2026-09-19", "2026-09-20", "2026-09-21", "2026-09-22"):
        sweep(day)
    gather(at("2026-09-22"))
    sweep("2026-09-23")
    sweep("2026-09-24")
    owe(owner="gao", letter=LetterKind.STRAIGHT_UP)
    gather(at("2026-09-24"))
    names = codes_by_id()
    gao = [one for one in notices() if names[one.person_id] == "gao"]
    assert [one.letter for one in gao] == ["straight_up"]
    assert "【" in gao[0].subject  # the level climbed stands in the subject
    assert climbing.climb([number], at=at("2026-09-24")).taken == 0
    assert ids


def test_what_is_dated_later_is_told_on_its_date():
    hire()
    owe(issued="2026-09-14")
    assert outbox.gather(at("2026-09-11")).mails == 0
    assert outbox.gather(at("2026-09-14")).mails == 1


def test_a_duty_that_is_new_and_due_soon_in_one_sweep_is_told_once_with_one_link():
    hire()
    owe()
    for day in ("2026-09-14", "2026-09-17"):  # nobody gathered until the second step
        sweep(day)
    gather(at("2026-09-17", "09:05"))
    (notice,) = notices()
    with reading() as session:
        told = session.exec(select(Line.letter).where(col(Line.notice_id) == notice.id)).all()
        mime = message_from_bytes(session.get(NoticeBytes, notice.id).mime, policy=default)
    text = mime.get_body(("plain",)).get_content()
    assert sorted(told) == ["assignment", "reminder"]
    assert mime["X-PDCA-Letter"] == "reminder"
    assert len(re.findall(r"/d/\S+", text)) == 1
