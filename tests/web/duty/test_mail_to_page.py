"""From the finished mail to the page: the links that letters carry open what they promise."""

import email
import re
from email import policy

from sqlmodel import col, select

from models.engine import reading
from models.notice import Notice, NoticeBytes
from processes.identity import sign_in
from processes.mail import outbox
from rules.words import DutyState
from tests.web.cast import field
from tests.web.duty.test_page import state_of
from tests.web.matters import PLAN, Matter

LINK = re.compile(r"http://127\.0\.0\.1:8080(/(?:d|sign-in)/[A-Za-z0-9_.-]+)")


def mailed_to(address: str) -> list[str]:
    """The paths of the links in the newest mail to an address."""
    with reading() as session:
        mime = session.exec(
            select(NoticeBytes.mime)
            .join(Notice, col(Notice.id) == NoticeBytes.notice_id)
            .where(Notice.address == address)
            .order_by(col(Notice.id).desc())
        ).first()
    message = email.message_from_bytes(mime, policy=policy.default)
    return LINK.findall(message.get_body(("plain",)).get_content())


def test_the_link_of_an_assignment_opens_the_duty_and_answers_it(pages, people, hour):
    duty = Matter(people, hour.at).duty("respond")
    outbox.gather(hour.at)
    (path,) = set(mailed_to("li@company.example"))
    data = {"csrf": field(pages.get(path).text), "act": "answer", **PLAN}
    assert pages.post(path, data=data).status_code == 200
    assert state_of(duty.id) is DutyState.DISCHARGED


def test_the_link_of_a_sign_in_letter_signs_in(pages, people, hour):
    sign_in.ask("li", at=hour.at, back="/duties")
    outbox.gather(hour.at)
    (path,) = set(mailed_to("li@company.example"))
    entered = pages.post(path, data={"csrf": field(pages.get(path).text), "me": "yes"})
    assert entered.url.path == "/duties"
    assert "李娜" in entered.text
