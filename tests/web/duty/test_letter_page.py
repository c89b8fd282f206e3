"""What a letter has no room for stands on the page that it points to."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlmodel import col, select

from models.duty import Duty
from models.engine import reading, writing
from models.notice import Notice, NoticeBytes
from processes.duty import climbing
from processes.duty import issued as duties
from processes.mail import outbox
from tests.web.matters import Matter

MANY = 103


@pytest.fixture
def table(people, hour):
    """The letter to Wang about more matters than a mail has room for."""
    for n in range(MANY):
        Matter(people, hour.at, title=f"事项{n:03}")
    for _ in range(30):
        hour.later(days=1)
        while due := duties.due(hour.at):
            climbing.climb(due, at=hour.at)
        outbox.gather(hour.at)
        with reading() as session:
            found = session.exec(
                select(Notice)
                .where(col(Notice.person_id) == people["wang"], col(Notice.letter) == "table")
                .order_by(col(Notice.id))
            ).first()
        if found:
            return found
    raise AssertionError("nothing climbed to Wang")


def text_of(notice):
    with reading() as session:
        mime = message_from_bytes(session.get(NoticeBytes, notice.id).mime, policy=default)
    return mime.get_body(("plain",)).get_content()


def titles(text):
    return set(re.findall(r"事项\d{3}", text))


def path_in(text):
    return re.search(r"https?://[^/\s]+(/letters/\S+?)(?=[\s。）]|$)", text)[1]


def test_the_page_lists_exactly_what_the_letter_leaves_out(table, signed_in):
    text = text_of(table)
    answer = signed_in("wang").get(path_in(text))
    assert answer.status_code == 200
    assert len(titles(text)) == 100
    assert titles(answer.text) == {f"事项{n:03}" for n in range(MANY)} - titles(text)
    assert f"101–{MANY}" in answer.text or re.search(rf"101\D+{MANY}\D+{MANY}", answer.text)


def test_the_first_page_lists_what_the_letter_shows(table, signed_in):
    answer = signed_in("wang").get(f"/letters/{table.key}")
    assert titles(answer.text) == titles(text_of(table))


def test_what_was_closed_since_stays_on_the_page_and_says_so(table, hour, signed_in):
    with writing() as session:
        duty = session.exec(select(Duty).where(col(Duty.title) == "事项102")).first()
        duties.withdraw(session, duty, at=hour.at + timedelta(minutes=1), why="test")
    answer = signed_in("wang").get(path_in(text_of(table)))
    assert "事项102" in answer.text
    assert 'class="chip withdrawn"' in answer.text


def test_a_letter_is_its_readers_alone(table, signed_in, pages):
    for who in ("li", "chen"):
        assert signed_in(who).get(f"/letters/{table.key}").status_code == 404
    assert "事项" not in pages.get(f"/letters/{table.key}").text


@pytest.mark.parametrize("page", ["0", "-1", "x", "9999999", "2?page=1", "１"])
def test_a_page_number_that_is_none_shows_a_page(table, page, signed_in):
    assert signed_in("wang").get(f"/letters/{table.key}", params={"page": page}).status_code == 200
