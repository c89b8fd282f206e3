"""A relay's no is not the address's no: nothing dies of it, one letter asks, one alarm tells."""

from datetime import timedelta

import pytest

from config.current import current, use
from config.settings import AlarmMail
from models import alarms
from models.engine import reading
from models.notice import NoticeState, Suppression
from notifications.replies import judge
from notifications.transport import Prepared
from processes.mail import delivery, relaying
from processes.mail.delivery import Delivered, deliver
from processes.watch import operator as alarming
from processes.watch import other_path, soundness
from processes.watch.health import health
from tests.processes.mail.test_delivery import (
    MINUTE,
    NOW,
    alarm_kinds,
    people,
    post,
    row,
    states,
    trail_of,
)
from tests.support.cast import hire
from tests.support.providers import REPLIES
from tests.support.sender import Recorder

pytestmark = pytest.mark.usefixtures("home")

QUARTER = MINUTE * 15
SPAM = judge("dot", 554, b"5.7.1 looks like spam")
QUOTA = judge("dot", 554, b"5.2.0 quota of the day is used")


class Relay(Recorder):
    """Declines what its `dislikes` says, at the dot, and takes everything else."""

    def __init__(self, dislikes, no=SPAM):
        super().__init__()
        self.dislikes, self.no = dislikes, no

    def finish(self, prepared):
        if self.dislikes(self.prepared[-1]):
            return self.no
        return super().finish(prepared)


def always(_envelope):
    return True


def to(address):
    return lambda envelope: envelope.recipient == address


@pytest.mark.parametrize(
    "reply",
    [one for one in REPLIES if one.means == "us"],
    ids=lambda one: f"{one.provider} {one.stage} {one.text}",
)
def test_forty_letters_meet_a_relay_that_declines_one_of_them_asks_and_none_dies(reply):
    post(*people(40))
    no = judge(reply.stage, reply.code, reply.text.encode())
    relay = Recorder(("finish" if reply.stage == "dot" else "prepare", no))
    done = deliver(NOW, transport=relay)
    assert done == Delivered(deferred=1, returned=delivery.BATCH - 1, rests_until=NOW + QUARTER)
    assert set(states()) == {"pending"}
    assert alarm_kinds() == ["relay_refuses"]
    with reading() as session:
        assert session.get(Suppression, "p0@company.example") is None
    assert deliver(NOW + MINUTE, transport=relay).sent == 0  # nobody knocks meanwhile
    assert len(relay.prepared) == 1
    assert deliver(NOW + QUARTER, transport=relay).sent == 40
    assert sorted(relay.recipients) == sorted(people(40))
    assert alarm_kinds() == []


def test_it_is_asked_every_quarter_of_an_hour_by_one_letter_and_stays_one_alarm():
    post(*people(40))
    relay = Relay(always, QUOTA)
    for minutes in range(61):
        deliver(NOW + MINUTE * minutes, transport=relay)
    assert len(relay.prepared) == 5  # at 0, 15, 30, 45 and 60 minutes
    assert set(states()) == {"pending"}
    assert alarm_kinds() == ["relay_refuses"]
    assert relaying.next_at(NOW + MINUTE * 61) == NOW + MINUTE * 75
    assert deliver(NOW + MINUTE * 75, transport=Recorder()).sent == 40


def test_a_letter_that_is_alone_asks_for_as_long_as_it_takes():
    (number,) = post()
    for quarters in range(12):
        done = deliver(NOW + QUARTER * quarters, transport=Relay(always))
        assert done.deferred == 1
    assert row(number).state is NoticeState.PENDING
    assert deliver(NOW + QUARTER * 12, transport=Recorder()).sent == 1


def test_a_message_that_alone_is_disliked_is_set_aside_and_the_others_go():
    bad, *others = post(*people(10))
    relay = Relay(to("p0@company.example"))
    assert deliver(NOW, transport=relay).sent == 0
    done = deliver(NOW + QUARTER, transport=relay)
    assert (done.sent, done.refused, done.rests_until) == (9, 1, None)
    assert row(bad).state is NoticeState.REFUSED
    assert {row(number).state for number in others} == {NoticeState.SENT}
    assert alarm_kinds() == ["mail_set_aside"]
    assert trail_of(bad) == ["notice.refused"]
    with reading() as session:
        assert session.get(Suppression, "p0@company.example") is None


def test_a_quota_that_is_used_up_again_and_again_sets_nothing_aside():
    numbers = post(*people(12))
    instant, left = NOW, 0
    for _ in range(40):
        taken = iter(range(3))  # three a time, then no more
        relay = Relay(lambda _: next(taken, None) is None, QUOTA)  # noqa: B023
        done = deliver(instant, transport=relay)
        assert done.refused == done.dead == 0
        instant = done.rests_until or instant + QUARTER
        left = states().count("pending")
    assert left == 0
    assert {row(number).state for number in numbers} == {NoticeState.SENT}


def test_an_address_that_is_refused_while_the_relay_declines_is_no_recovery():
    post(*people(3))
    deliver(NOW, transport=Relay(always, QUOTA))
    nobody = judge("rcpt", 550, b"5.1.1 no such user")
    assert deliver(NOW + QUARTER, transport=Recorder(("prepare", nobody))).dead == 1
    assert alarm_kinds() == ["mail_refused", "relay_refuses"]
    assert deliver(NOW + QUARTER + MINUTE, transport=Recorder()).sent == 0
    assert deliver(NOW + QUARTER * 2, transport=Recorder()).sent == 2
    assert alarm_kinds() == ["mail_refused"]


def test_a_hang_up_and_a_mailbox_that_is_full_are_no_recovery_of_a_relay_that_declines():
    post(*people(3))
    deliver(NOW, transport=Relay(always, SPAM))
    hangs_up = judge("rcpt", 421, b"4.3.2 closing")
    assert deliver(NOW + QUARTER, transport=Recorder(("prepare", hangs_up))).sent == 0
    full = judge("rcpt", 450, b"4.2.1 try later")
    later = NOW + QUARTER * 3
    assert deliver(later, transport=Recorder(("prepare", full))).deferred == 1
    done = deliver(later + QUARTER, transport=Relay(always, SPAM))
    assert (done.refused, done.sent) == (0, 0)  # nothing was taken since: nobody is to blame


def test_one_alarm_stands_for_all_that_is_set_aside():
    post(*[f"p{n}@company.example" for n in range(6)])

    class Too(Recorder):
        def prepare(self, envelope):
            if envelope.recipient < "p3":
                return judge("mail", 552, b"5.3.4 too large")
            return Prepared(envelope.recipient) if super().prepare(envelope) else None

    done = deliver(NOW, transport=Too())
    assert (done.refused, done.sent) == (3, 3)
    assert alarm_kinds() == ["mail_set_aside"]


def test_what_was_disliked_long_ago_is_forgotten_with_another_relay():
    bad, _ = post(*people(2))
    deliver(NOW, transport=Relay(always))
    other = Recorder(("finish", SPAM), name="other.example:25")
    done = deliver(NOW + timedelta(days=1), transport=other)
    assert (done.refused, done.deferred) == (0, 1)
    assert row(bad).state is NoticeState.PENDING


# --- who is told --------------------------------------------------------------------------------


def heard(at):
    told = []
    other_path.tell(at, send=lambda _settings, _key, message, _at: told.append(message) or True)
    return told


def with_second(**other):
    own = current().settings
    use(own.model_copy(update={"alarm_mail": AlarmMail(**other), "operator": "op@company.example"}))


def test_the_second_path_is_told_once_and_no_letter_tells_it_too():
    with_second(host="second.example", port=25)
    post(*people(40))
    deliver(NOW, transport=Relay(always, QUOTA))
    (message,) = heard(NOW + MINUTE)
    assert "5.2.0" in message
    assert heard(NOW + MINUTE * 2) == []
    assert alarming.tell_operator(NOW + MINUTE) == 0


@pytest.mark.parametrize("same", [{}, {"host": "one.example", "port": 2525}])
def test_a_second_path_through_the_relay_that_declines_is_none(same):
    own = current().settings
    mail = own.mail.model_copy(update={"host": "one.example", "port": 2525})
    use(own.model_copy(update={"mail": mail}))
    with_second(**same)
    post()
    deliver(NOW, transport=Relay(always))
    assert heard(NOW + MINUTE) == []
    assert alarming.tell_operator(NOW + MINUTE) == 1  # the letter waits with the others


def test_a_command_alone_never_leads_through_the_relay(monkeypatch):
    monkeypatch.setattr(other_path, "_by_mail", lambda *_: pytest.fail("asked the relay"))
    own = current().settings
    use(own.model_copy(update={"alarm_command": ["true"]}))
    post()
    deliver(NOW, transport=Relay(always))
    assert other_path.tell(NOW + MINUTE) == 1


def test_health_says_that_it_refuses_and_not_who_and_is_red_after_an_hour():
    post()
    assert health(NOW)["relay"] == {"state": "takes", "since": None}
    deliver(NOW, transport=Relay(always))
    found = health(NOW + QUARTER)
    assert found["relay"] == {"state": "refuses", "since": NOW.isoformat()}
    assert "relay.example" not in str(found)
    assert "outbox" not in found["late"]
    assert "outbox" in health(NOW + MINUTE * 61)["late"]


def test_who_alone_has_waited_a_working_day_is_named_while_others_get_theirs():
    hire()
    full = judge("rcpt", 552, b"5.2.2 mailbox full")
    post("li@company.example", "wang@company.example")
    deliver(NOW, transport=Recorder(("prepare", full)))
    assert soundness.judge_waiting(NOW + MINUTE * 60) == []
    assert soundness.judge_waiting(NOW + timedelta(days=1)) == ["li@company.example"]
    assert alarm_kinds() == ["address_waits"]
    with reading() as session:
        (alarm,) = alarms.open_alarms(session)
    assert "李工" in alarm.message
    deliver(NOW + timedelta(days=1), transport=Recorder())
    assert soundness.judge_waiting(NOW + timedelta(days=1)) == []
    assert alarm_kinds() == []
