"""A relay refuses everything for a morning, and a reply comes by mail: nobody is left unheard."""

from datetime import timedelta

from notifications.replies import judge
from processes.mail import bounces, resending
from processes.mail.resending import Resent
from processes.nonconformity import history
from rules.words import LetterKind
from tests.stories.office import Postman
from tests.support.cast import lines
from tests.support.returned import AWAY, reply

QUOTA = judge("dot", 550, "发信频率超过限制".encode())
DISLIKED = judge("dot", 552, b"5.3.4 larger than what is taken")


class Refusing(Postman):
    """A postman whose relay says no at the final dot."""

    no = QUOTA

    def finish(self, _prepared):
        self._at_hand = None
        return self.no


def test_what_a_relay_refused_in_the_morning_is_read_at_noon(office):
    well, office.postman = office.postman, Refusing()
    office.zhao.raises("巡检记录缺失", owner="li")
    office.mailbox("li").expect_none()
    office.postman = well
    office.at += timedelta(minutes=14)
    office.post_comes()
    office.mailbox("li").expect_none()  # nobody knocks before the quarter of an hour
    office.at += timedelta(minutes=2)
    office.post_comes()
    office.mailbox("li").expect("巡检记录缺失", letter="assignment")
    office.expect_no_other_letter()


def test_a_letter_that_was_set_aside_is_read_once_it_is_sent_again(office):
    well, office.postman = office.postman, Refusing()
    office.postman.no = DISLIKED
    office.zhao.raises("巡检记录缺失", owner="li")
    office.postman = well
    office.at += timedelta(hours=1)
    office.post_comes()
    office.mailbox("li").expect_none()
    assert resending.every(by="root", at=office.at) == Resent(again=1)
    office.post_comes()
    office.mailbox("li").expect("巡检记录缺失", letter="assignment")
    office.expect_no_other_letter()


def test_whoever_replies_by_mail_is_read_by_quality_and_has_answered_nothing(office):
    code = office.zhao.raises("巡检记录缺失", owner="li")
    office.mailbox("li").expect("巡检记录缺失", letter="assignment")
    about = _message_id()
    bounces.take(reply(about, headers=AWAY[0]), office.at)  # a machine's reply says nothing
    bounces.take(reply(about, headers={"Subject": "Re: x"}), office.at)
    office.post_comes()
    told = {lines_.person_id for lines_ in lines(letter=LetterKind.COMMENT)}
    assert len(told) == 1
    (box,) = [box for box in office._boxes.values() if box.mails]
    box.expect("已完成，请关闭。", letter="comment")
    (kept,) = history.of_nonconformity(code, at=office.at).comments
    assert kept.person.code == "li"
    assert office.duty("respond", code).state == "open"
    office.expect_no_other_letter()


def _message_id():
    from sqlmodel import select

    from models.engine import reading
    from models.notice import Notice

    with reading() as session:
        return session.exec(select(Notice.message_id)).first()
