"""What came back is tied to its mail, taken once, and never an answer."""

import pytest
from sqlmodel import col, select

from config.current import current, use
from config.settings import Bounces, Mail
from models import outbox as rows
from models.engine import reading, writing
from models.notice import Notice, NoticeState, Suppression
from models.record import Trail
from models.returned import ReturnedMail
from notifications.mailboxes import MailboxUnreadable
from notifications.transport import Envelope
from processes.mail import bounces, outbox, suppressions
from processes.mail.delivery import deliver
from processes.mail.suppressions import NotSuppressed
from rules.words import LetterKind
from tests.processes.duty.test_climbing import duty, owe, sweep
from tests.processes.mail.test_delivery import NOW, alarm_kinds, post, row
from tests.support.cast import at, hire, lines, told
from tests.support.imap import Imap
from tests.support.returned import AWAY, bounce, reply
from tests.support.sender import Recorder

pytestmark = pytest.mark.usefixtures("home")


def settings(**mail):
    """Use these settings of mail from now on."""
    own = current().settings
    use(own.model_copy(update={"mail": Mail(**mail)}))
    return current().settings


@pytest.fixture
def maildir(tmp_path):
    folder = tmp_path / "returned"
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    settings(bounces=Bounces(maildir=folder))
    return folder


def put(folder, *mails):
    for number, raw in enumerate(mails):
        (folder / "new" / f"{number}.host").write_bytes(raw)


def sent(address="li@company.example"):
    (number,) = post(address)
    deliver(NOW, transport=Recorder())
    return number


def sorts():
    with reading() as session:
        return [one.sort for one in session.exec(select(ReturnedMail).order_by(ReturnedMail.id))]


def actions():
    with reading() as session:
        query = select(Trail.action).where(col(Trail.actor) == "bounces")
        return session.exec(query.order_by(col(Trail.seq))).all()


# --- bounces ------------------------------------------------------------------------------------


def test_a_mail_that_was_taken_and_came_back_is_dead_loud_and_its_address_too(maildir):
    number = sent()
    put(maildir, bounce(row(number).message_id))
    visited = bounces.visit(NOW)
    assert (visited.read, visited.bounced, visited.dead) == (1, 1, 1)
    assert row(number).state is NoticeState.DEAD
    assert "5.1.1" in row(number).error
    assert alarm_kinds() == ["mail_refused"]
    assert actions() == ["notice.returned"]
    post("li@company.example")
    assert deliver(NOW, transport=(relay := Recorder())).dead == 1
    assert relay.sent == []


def test_what_comes_back_before_its_sender_has_written_down_that_it_went_is_dead(maildir):
    (number,) = post("li@company.example")

    def at_once(_envelope):
        bounces.take(bounce(row(number).message_id), NOW)

    assert deliver(NOW, transport=Recorder(("finish", at_once))).fenced == 1
    assert row(number).state is NoticeState.DEAD
    assert row(number).lease_until is None
    assert alarm_kinds() == ["mail_refused"]


def test_the_same_bounce_is_taken_once_whatever_it_is_read_from(maildir):
    number = sent()
    raw = bounce(row(number).message_id)
    put(maildir, raw, raw)
    visited = bounces.visit(NOW)
    assert (visited.dead, visited.known) == (1, 1)
    assert sorts() == ["bounced"]
    assert bounces.visit(NOW).read == 0  # marked as seen
    assert not list((maildir / "new").iterdir())


def test_a_crash_before_the_mark_takes_it_once(maildir, monkeypatch):
    number = sent()
    put(maildir, bounce(row(number).message_id))
    monkeypatch.setattr("notifications.mailboxes._mark_seen", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        bounces.visit(NOW)
    monkeypatch.undo()
    assert bounces.visit(NOW).known == 1
    assert actions() == ["notice.returned"]


def test_a_full_mailbox_ends_the_mail_and_not_the_address(maildir):
    number = sent()
    put(maildir, bounce(row(number).message_id, status="5.2.2"))
    bounces.visit(NOW)
    assert row(number).state is NoticeState.DEAD
    assert suppressions.listed() == []


def test_a_delay_is_noted_and_ends_nothing(maildir):
    number = sent()
    put(maildir, bounce(row(number).message_id, action="delayed", status="4.4.1"))
    bounces.visit(NOW)
    assert row(number).state is NoticeState.SENT
    assert sorts() == ["delayed"]
    assert alarm_kinds() == []


@pytest.mark.parametrize("about", ["<of-somebody-else@x>", None])
def test_a_report_that_names_none_of_our_mails_ends_no_address(maildir, about):
    number = sent()
    put(maildir, bounce(about, recipient="li@company.example"))
    assert bounces.visit(NOW).dead == 0
    assert row(number).state is NoticeState.SENT
    assert suppressions.listed() == []


def test_a_return_path_of_its_own_names_its_mail(maildir):
    settings(
        sender="PDCA <pdca@company.example>",
        return_path_per_mail=True,
        bounces=Bounces(maildir=maildir),
    )
    post("li@company.example", "wang@company.example")
    deliver(NOW, transport=(relay := Recorder()))
    envelope: Envelope = relay.sent[1]
    assert envelope.sender.startswith("pdca+b2-")
    put(maildir, bounce(None, to=envelope.sender, recipient="elsewhere@x.example"))
    assert bounces.visit(NOW).dead == 1
    assert (row(1).state, row(2).state) == (NoticeState.SENT, NoticeState.DEAD)


def test_a_forged_return_path_names_nothing(maildir):
    settings(return_path_per_mail=True, bounces=Bounces(maildir=maildir))
    number = sent()
    put(maildir, bounce(None, to=f"pdca+b{number}-000000000000@localhost"))
    assert bounces.visit(NOW).dead == 0
    assert row(number).state is NoticeState.SENT


def test_a_bounce_to_a_return_path_by_the_key_before_is_known(maildir):
    settings(return_path_per_mail=True, bounces=Bounces(maildir=maildir))
    number = sent()
    own = current().settings
    to = bounces.return_path(own, "pdca@localhost", number, row(number).key)
    rotated = {
        "secret_key": type(own.secret_key)("another-secret-for-tests-only-012345"),
        "old_secret_keys": [own.secret_key],
    }
    use(own.model_copy(update=rotated))
    put(maildir, bounce(None, to=to))
    assert bounces.visit(NOW).dead == 1


def test_the_return_path_is_the_sender_unless_set(maildir):
    post("li@company.example")
    deliver(NOW, transport=(relay := Recorder()))
    assert relay.sent[0].sender == "pdca@localhost"
    settings(return_path="bounces@company.example")
    post("li@company.example")
    deliver(NOW, transport=(relay := Recorder()))
    assert relay.sent[0].sender == "bounces@company.example"


# --- replies ------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", AWAY)
def test_an_automatic_reply_is_noted_and_answers_nothing(maildir, headers):
    hire()
    number = owe()
    sweep("2026-09-16")
    outbox.gather(at("2026-09-16", "09:00"))
    deliver(at("2026-09-16", "09:00"), transport=Recorder())
    before = duty(number)
    with reading() as session:
        about = session.exec(select(Notice.message_id)).first()
    put(maildir, reply(about, headers=headers))
    assert bounces.visit(NOW).automatic == 1
    assert duty(number) == before
    assert actions() == ["notice.reply_automatic"]
    assert alarm_kinds() == []


def test_a_person_who_answers_by_mail_has_not_answered(maildir):
    hire()
    number = owe()
    sweep("2026-09-16")
    outbox.gather(at("2026-09-16", "09:00"))
    deliver(at("2026-09-16", "09:00"), transport=Recorder())
    with reading() as session:
        about = session.exec(select(Notice.message_id)).first()
    put(maildir, reply(about, headers={"Subject": "Re: done"}))
    assert bounces.visit(NOW).personal == 1
    assert duty(number).state == "open"
    assert actions() == ["notice.reply_personal"]


# --- who learns of it ---------------------------------------------------------------------------


def test_the_next_level_learns_that_the_address_below_is_bad(maildir):
    hire()
    number = owe()  # due Thursday 17; Friday owner, Tuesday level 1
    for day in ("2026-09-18", "2026-09-21", "2026-09-22"):
        sweep(day)
    outbox.gather(at("2026-09-22", "09:00"))
    deliver(at("2026-09-22", "09:00"), transport=Recorder())
    assert told(LetterKind.ESCALATION) == ["wang"]
    with reading() as session:
        query = select(Notice).where(col(Notice.address) == "wang@company.example")
        notice = session.exec(query).one()
    put(maildir, bounce(notice.message_id))
    bounces.visit(at("2026-09-22"))
    sweep("2026-09-25")
    assert told(LetterKind.ESCALATION) == ["wang", "director"]
    second = lines(letter=LetterKind.ESCALATION)[1]
    assert second.facts["unread"] == [
        [lines(letter=LetterKind.ESCALATION)[0].person_id, "no_address"]
    ]
    outbox.gather(at("2026-09-25", "09:00"))
    deliver(at("2026-09-25", "09:00"), transport=(relay := Recorder()))
    (letter,) = [one for one in relay.sent if one.recipient == "director@company.example"]
    assert "王经理" in _text(letter.mime)
    assert number


def _text(mime):
    from email import message_from_bytes, policy

    mail = message_from_bytes(mime, policy=policy.default)
    return mail.get_body(("plain",)).get_content()


# --- the list -----------------------------------------------------------------------------------


def test_a_lifted_address_is_written_to_again_and_the_trail_says_who_did_it():
    known = hire()
    with writing() as session:
        rows.suppress(session, "li@company.example", reason="550 5.1.1", at=NOW)
    assert [(one.address, one.people) for one in suppressions.listed()] == [
        ("li@company.example", ("li",))
    ]
    assert suppressions.lift("LI@company.example ", by="root", at=NOW) == ("li",)
    assert suppressions.listed() == []
    with reading() as session:
        (act,) = session.exec(select(Trail).where(col(Trail.action) == "address.lifted")).all()
        assert session.exec(select(Suppression)).first() is None
    assert (act.actor, act.subject) == ("operator:root", f"person:{known['li']}")


def test_what_was_not_suppressed_is_refused_by_name():
    with pytest.raises(NotSuppressed, match="li@company"):
        suppressions.lift("li@company.example", by="root", at=NOW)


# --- the mailbox by IMAP ------------------------------------------------------------------------


def imap(server, **changes):
    place = {
        "imap_host": "127.0.0.1",
        "imap_port": server.port,
        "imap_security": "plain",
        "imap_user": "pdca",
        "imap_password": "secret",
    }
    settings(bounces=Bounces(**place | changes))


def test_a_folder_is_read_by_imap_and_its_mails_are_marked():
    number = sent()
    with Imap(bounce(row(number).message_id), reply(None, headers=AWAY[0])) as server:
        imap(server)
        visited = bounces.visit(NOW)
        assert (visited.read, visited.dead, visited.automatic) == (2, 1, 1)
        assert server.seen == {1, 2}
        assert bounces.visit(NOW).read == 0


def test_a_server_that_hangs_up_before_the_mark_makes_no_second_record():
    number = sent()
    with Imap(bounce(row(number).message_id)) as server:
        server.hang_up_before_flag = 1
        imap(server)
        with pytest.raises(MailboxUnreadable):
            bounces.visit(NOW)
        assert row(number).state is NoticeState.DEAD
        assert bounces.visit(NOW).known == 1
    assert sorts() == ["bounced"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"imap_password": "wrong"}, "refused the user or the password"),
        ({"imap_folder": "Nowhere"}, "Nowhere"),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_one_alarm_without_secrets(changes, why):
    with Imap() as server:
        imap(server, **changes)
        for _ in range(2):
            with pytest.raises(MailboxUnreadable, match=why) as refused:
                bounces.visit(NOW)
        assert "wrong" not in str(refused.value)
        assert alarm_kinds() == ["bounces_unreadable"]
        imap(server)
        bounces.visit(NOW)
    assert alarm_kinds() == []


def test_a_maildir_that_is_not_there_is_an_alarm(tmp_path):
    settings(bounces=Bounces(maildir=tmp_path / "nowhere"))
    with pytest.raises(MailboxUnreadable, match="nowhere"):
        bounces.visit(NOW)
    assert alarm_kinds() == ["bounces_unreadable"]
