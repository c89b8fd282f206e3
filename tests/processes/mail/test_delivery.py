"""Claim, call, settle: nothing lost, nothing twice by us, whatever the relay does."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from config import current as configuration
from models import alarms, engine, outbox, trail
from models.duty import Line
from models.engine import reading, writing
from models.notice import Notice, NoticeBytes, NoticeState, Suppression
from models.record import Trail
from notifications.render import LetterUnrenderable
from notifications.replies import judge
from notifications.transport import (
    Ambiguous,
    Deferred,
    Relay,
    Transport,
    Unauthorised,
    Unreachable,
)
from processes.duty import issued as duties
from processes.mail import claiming, delivery, relaying, settling
from processes.mail import outbox as gathering
from processes.mail.delivery import Delivered, deliver, drop_old_bytes
from rules.words import Severity
from tests.processes.duty.test_climbing import days, owe, sweep
from tests.support.cast import at, hire
from tests.support.sender import Recorder
from tests.support.smtp import Authority, Drop, Say, Server, Stall

pytestmark = pytest.mark.usefixtures("home")

NOW = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
REFUSED = judge("rcpt", 550, b"5.1.1 no such user")


def post(*addresses, rank=50, created=NOW):
    """Put a finished mail to each address into the outbox; return their numbers."""
    numbers = []
    with writing() as session:
        for address in addresses or ["li@company.example"]:
            number = session.exec(select(sa.func.count()).select_from(Notice)).one() + 1
            mime = f"Message-ID: <{number}@test>\r\n\r\nletter {number}\r\n".encode()
            notice = Notice(
                key=f"mail:{number}",
                letter="overdue",
                rank=rank,
                address=address,
                message_id=f"<{number}@test>",
                mime_hash=hashlib.sha256(mime).hexdigest(),
                created_at=created,
                next_try_at=created,
            )
            session.add(notice)
            session.flush()
            session.add(NoticeBytes(notice_id=notice.id, mime=mime))
            numbers.append(notice.id)
    return numbers


def people(count):
    return [f"p{n}@company.example" for n in range(count)]


def row(number):
    with reading() as session:
        return session.get(Notice, number)


def states():
    with reading() as session:
        found = session.exec(select(Notice.state).order_by(col(Notice.id))).all()
    return [state.value for state in found]


def alarm_kinds():
    with reading() as session:
        return sorted(alarm.kind for alarm in alarms.open_alarms(session))


def trail_of(number):
    with reading() as session:
        assert trail.verify(session) is None
        query = select(Trail.action).where(col(Trail.subject) == f"notice:{number}")
        return session.exec(query.order_by(col(Trail.seq))).all()


def connected(server, **options):
    quick = {"security": "plain", "reply_seconds": 0.3, "dot_seconds": 0.3}
    return Transport(Relay(host="127.0.0.1", port=server.port, **(quick | options)))


@pytest.fixture
def server():
    with Server() as server:
        yield server


@pytest.fixture
def wire(server):
    transport = connected(server)
    yield transport
    transport.close()


# --- the ordinary day -------------------------------------------------------------------------


def test_sends_everything_once_on_one_connection(server, wire):
    numbers = post(*people(150))
    assert deliver(NOW, transport=wire) == Delivered(sent=150)
    assert deliver(NOW + MINUTE, transport=wire) == Delivered()
    assert server.recipients == people(150)
    assert server.connections == 1
    sent = row(numbers[7])
    assert (sent.state, sent.sent_at, sent.attempts) == (NoticeState.SENT, NOW, 1)
    assert hashlib.sha256(server.mails[7].data).hexdigest() == sent.mime_hash


def test_the_severest_goes_first():
    post("late@x.cn", rank=80)
    post("code@x.cn", rank=0)
    post("level@x.cn", rank=20)
    relay = Recorder()
    deliver(NOW, transport=relay)
    assert relay.recipients == ["code@x.cn", "level@x.cn", "late@x.cn"]


def test_what_is_not_due_yet_stays():
    post("li@x.cn", created=NOW + MINUTE)
    relay = Recorder()
    assert deliver(NOW, transport=relay) == Delivered()
    assert deliver(NOW + MINUTE, transport=relay).sent == 1


def test_a_limit_leaves_the_rest_and_says_so():
    post(*people(5))
    relay = Recorder()
    assert deliver(NOW, transport=relay, limit=3) == Delivered(sent=3, more=True)
    assert deliver(NOW, transport=relay, limit=3) == Delivered(sent=2)


def test_a_result_is_committed_before_the_next_final_dot():
    post(*people(70))
    seen = []

    def look(_envelope):
        seen.append((states().count("sent"), offered()))

    relay = Recorder(*[("finish", look)] * 70)
    deliver(NOW, transport=relay)
    assert seen == [(n, 1) for n in range(70)]  # and the one at hand is noted as offered


def offered():
    with reading() as session:
        query = select(sa.func.count()).where(col(Notice.offered_at).is_not(None))
        return session.exec(query).one()


def test_live_results_carry_their_own_instants():
    numbers = post(*people(3))
    ticks = iter(NOW + MINUTE * n for n in range(100))
    deliver(NOW, transport=Recorder(), clock=lambda: next(ticks))
    instants = [row(number).sent_at for number in numbers]
    assert instants == sorted(set(instants))
    assert instants[0] > NOW


def test_opens_and_closes_a_connection_of_its_own(server, home):
    settings = configuration.current().settings
    mail = settings.mail.model_copy(
        update={"host": "127.0.0.1", "port": server.port, "security": "plain"}
    )
    configuration.use(settings.model_copy(update={"mail": mail}))
    post("li@x.cn")
    assert deliver(NOW).sent == 1
    assert server.mails[0].sender == "pdca@localhost"
    assert server.commands[-1].upper() == "QUIT"


# --- refusals of one mail ---------------------------------------------------------------------


@pytest.mark.parametrize("code", [450, 451, 452])
def test_greylisting_and_quota_are_tried_again_at_1_2_4_minutes(server, wire, code):
    first, second = post("li@x.cn", "wang@x.cn")
    server.on("rcpt", *[Say(code, "later")] * 1)
    assert deliver(NOW, transport=wire) == Delivered(sent=1, deferred=1)
    assert row(second).state is NoticeState.SENT
    instant = NOW
    for attempt, minutes in enumerate([1, 2, 4, 8, 16], start=1):
        waiting = row(first)
        assert (waiting.state, waiting.attempts) == (NoticeState.PENDING, attempt)
        assert waiting.smtp_code == code
        gap = waiting.next_try_at - instant
        assert timedelta(minutes=minutes * 0.9) <= gap <= timedelta(minutes=minutes)
        assert deliver(waiting.next_try_at - timedelta(seconds=1), transport=wire) == Delivered()
        instant = waiting.next_try_at
        server.on("rcpt", Say(code, "later"))
        assert deliver(instant, transport=wire).deferred == 1
    assert deliver(row(first).next_try_at, transport=wire).sent == 1


def test_the_wait_is_never_more_than_six_hours_and_always_the_same():
    (number,) = post()
    instant, gaps = NOW, []
    for _ in range(15):
        deliver(instant, transport=Recorder(("finish", Deferred(451, "later"))))
        gaps.append(row(number).next_try_at - instant)
        instant = row(number).next_try_at
    assert timedelta(hours=5.4) <= gaps[-1] <= timedelta(hours=6)
    assert gaps[:9] == sorted(gaps[:9])


def test_a_refused_address_is_dead_loud_and_written_to_no_more(server, wire):
    bad, other, later = post("gone@x.cn", "li@x.cn", "gone@x.cn")
    server.on("rcpt", Say(550, "5.1.1 no such user"))
    assert deliver(NOW, transport=wire, limit=2) == Delivered(sent=1, dead=1, more=True)
    assert row(bad).state is NoticeState.DEAD
    assert row(bad).error == "550 5.1.1 no such user"
    assert row(other).state is NoticeState.SENT
    assert alarm_kinds() == ["mail_refused"]
    assert trail_of(bad) == ["notice.dead"]
    assert deliver(NOW, transport=wire) == Delivered(dead=1)
    assert row(later).state is NoticeState.DEAD
    assert server.recipients == ["li@x.cn"]
    assert alarm_kinds() == ["mail_refused"]
    with reading() as session:
        assert session.get(Suppression, "gone@x.cn").reason == "550 5.1.1 no such user"


def test_a_mended_address_is_written_to_again():
    post("gone@x.cn")
    deliver(NOW, transport=Recorder(("prepare", REFUSED)))
    with writing() as session:
        assert outbox.lift(session, "gone@x.cn", at=NOW)
    assert alarm_kinds() == []
    post("gone@x.cn")
    assert deliver(NOW, transport=Recorder()).sent == 1


def test_a_full_mailbox_waits_and_holds_up_nobody(server, wire):
    full, _ = post("li@x.cn", "wang@x.cn")
    server.on("rcpt", Say(552, "5.2.2 mailbox full"))
    assert deliver(NOW, transport=wire) == Delivered(sent=1, deferred=1)
    assert row(full).state is NoticeState.PENDING
    assert alarm_kinds() == []
    assert deliver(NOW + MINUTE, transport=wire) == Delivered(sent=1)


def test_a_mail_larger_than_the_relay_takes_is_set_aside_and_loud():
    with Server(extensions=("SIZE 10",)) as server:
        (number,) = post()
        assert deliver(NOW, transport=connected(server)) == Delivered(refused=1)
        assert row(number).state is NoticeState.REFUSED
        assert alarm_kinds() == ["mail_set_aside"]


# --- the relay itself -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [
        Unreachable("refused"),
        Unreachable("Name or service not known"),
        Deferred(421, "busy", whole_relay=True, begun=False),
    ],
)
def test_a_relay_that_is_away_rests_and_nothing_is_final(failure):
    numbers = post(*people(100))
    relay = Recorder(("prepare", failure))
    done = deliver(NOW, transport=relay)
    assert (done.sent, done.returned, done.dead) == (0, delivery.BATCH, 0)
    assert NOW < done.rests_until <= NOW + MINUTE
    assert set(states()) == {"pending"}
    assert {row(number).attempts for number in numbers} == {0}
    assert len({row(number).next_try_at for number in numbers[: delivery.BATCH]}) == 1
    assert deliver(NOW + timedelta(seconds=30), transport=relay).sent == 0
    assert len(relay.prepared) == 1  # nobody knocked meanwhile
    assert deliver(NOW + MINUTE, transport=relay).sent == 100


def test_a_long_outage_loses_nothing_and_is_one_alarm():
    post(*people(3))
    instant, knocks = NOW, 0
    while instant < NOW + timedelta(days=1):
        relay = Recorder(("prepare", Unreachable("no route")))
        done = deliver(instant, transport=relay)
        knocks += len(relay.prepared)
        assert alarm_kinds() == (["relay_down"] if instant - NOW >= timedelta(hours=1) else [])
        assert done.rests_until - instant <= timedelta(minutes=15)
        instant = done.rests_until
    assert knocks < 120
    assert deliver(instant, transport=Recorder()).sent == 3
    assert alarm_kinds() == []


def test_421_in_the_middle_backs_off_the_whole_relay(server, wire):
    numbers = post(*people(5))
    server.on("mail", None, None, Say(421, "closing"))
    done = deliver(NOW, transport=wire)
    assert (done.sent, done.deferred, done.returned) == (2, 1, 2)
    assert [row(number).attempts for number in numbers] == [1, 1, 1, 0, 0]
    assert len({row(number).next_try_at for number in numbers[3:]}) == 1
    assert deliver(NOW + timedelta(minutes=2), transport=wire).sent == 3


def test_the_mail_that_the_relay_stumbles_over_does_not_hold_up_the_others():
    poison, *others = post(*people(6))

    def stumble(envelope):
        return (
            Unreachable("reset", begun=True) if envelope.recipient == "p0@company.example" else None
        )

    class Stumbling(Recorder):
        def prepare(self, envelope):
            return stumble(envelope) or super().prepare(envelope)

    instant = NOW
    for _ in range(3):
        done = deliver(instant, transport=Stumbling())
        instant = done.rests_until or instant + MINUTE
    assert {row(number).state for number in others} == {NoticeState.SENT}
    assert row(poison).state is NoticeState.PENDING


def test_a_wrong_password_is_one_alarm_and_a_probe_every_quarter_of_an_hour():
    post(*people(100))
    with Server(account=("pdca", "right")) as server:
        wrong = connected(server, user="pdca", password="wrong")
        for minutes in range(61):
            deliver(NOW + MINUTE * minutes, transport=wrong)
        assert server.failed_logins == 5  # at 0, 15, 30, 45 and 60 minutes
        assert "mail_login" in alarm_kinds()
        right = connected(server, user="pdca", password="right")
        assert deliver(NOW + MINUTE * 75, transport=right).sent == 100
        assert server.logins == 1
        assert alarm_kinds() == []
        right.close()


def test_a_pause_is_known_to_every_sender_and_survives_a_restart():
    post(*people(3))
    deliver(NOW, transport=Recorder(("prepare", Unauthorised(535, "5.7.8 wrong"))))
    engine.bind(configuration.current().settings.url)
    other = Recorder()
    done = deliver(NOW + MINUTE, transport=other)
    assert (done.sent, done.rests_until) == (0, NOW + MINUTE * 15)
    assert relaying.next_at(NOW + MINUTE) == NOW + MINUTE * 15
    assert other.prepared == []


def test_a_mail_that_is_cancelled_is_no_trial_of_the_relay():
    hire()
    number = owe()
    instant = at("2026-09-15")
    sweep("2026-09-15")
    gather(instant)
    post(*people(3), rank=90, created=instant)
    deliver(instant, transport=Recorder(("prepare", Unreachable("refused"))))
    discharge(number, instant)
    done = deliver(instant + MINUTE, transport=Recorder())
    assert (done.sent, done.cancelled) == (3, len(states()) - 3)


def test_a_certificate_that_is_wrong_is_an_alarm_at_once(tmp_path):
    post()
    authority = Authority(tmp_path)
    with Server(starttls=authority.context(days=-1)) as server:
        relay = connected(server, security="starttls", ca_file=authority.file)
        done = deliver(NOW, transport=relay)
        assert done.rests_until
        assert alarm_kinds() == ["mail_tls"]
        assert server.mails == []
        server.starttls = authority.context()
        assert deliver(NOW + MINUTE, transport=relay).sent == 1
        assert alarm_kinds() == []


def test_a_relay_that_never_greets_costs_one_timeout_and_no_more(server, wire):
    post(*people(50))
    server.always("connect", Stall())
    assert deliver(NOW, transport=wire).returned == delivery.BATCH
    assert server.connections == 1


def test_a_connection_that_went_away_between_two_mails_is_opened_anew(server, wire):
    post(*people(3))
    deliver(NOW, transport=wire, limit=1)
    server.hang_up()
    assert deliver(NOW, transport=wire).sent == 2
    assert server.recipients == people(3)


# --- the gap that SMTP cannot close -----------------------------------------------------------


@pytest.mark.parametrize("fault", [Drop(taken=True), Drop(), Stall()])
def test_no_answer_to_the_dot_is_one_resend_of_the_same_bytes_later(server, wire, fault):
    number, other = post("li@x.cn", "wang@x.cn")
    server.on("dot", fault)
    assert deliver(NOW, transport=wire) == Delivered(sent=1, unsure=1)
    unsure = row(number)
    assert (unsure.state, unsure.ambiguous_at, unsure.copies) == (NoticeState.PENDING, NOW, 1)
    assert unsure.next_try_at >= NOW + MINUTE * 10
    assert trail_of(number) == ["notice.unsure"]
    assert deliver(NOW + MINUTE * 9, transport=wire) == Delivered()
    assert deliver(NOW + MINUTE * 10, transport=wire) == Delivered(sent=1)
    sent = row(number)
    assert (sent.state, sent.ambiguous_at, sent.copies) == (NoticeState.SENT, NOW, 1)
    texts = {mail.data for mail in server.mails if mail.recipient == "li@x.cn"}
    assert len(texts) == 1
    assert row(other).copies == 0


def test_a_mail_that_is_never_confirmed_is_an_alarm_and_waits_longer_each_time():
    (number,) = post()
    lost = ("finish", Ambiguous("reset"))
    deliver(NOW, transport=Recorder(lost))
    assert alarm_kinds() == []
    deliver(NOW + MINUTE * 10, transport=Recorder(lost))
    assert alarm_kinds() == ["mail_unsure"]
    assert row(number).next_try_at == NOW + MINUTE * 30
    assert row(number).copies == 2


class Crash(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(
    ("where", "unsure"),
    [
        (("prepare", Crash()), 1),  # the first of a batch is offered when it is claimed
        (("finish", Crash()), 1),
    ],
)
def test_a_crash_leaves_one_mail_unsure_and_the_others_untouched(where, unsure):
    numbers = post(*people(10))
    with pytest.raises(Crash):
        deliver(NOW, transport=Recorder(where))
    assert states() == ["leased"] * 10
    assert deliver(NOW + MINUTE * 14, transport=Recorder()) == Delivered()
    relay = Recorder()
    done = deliver(NOW + MINUTE * 15, transport=relay)
    assert done == Delivered(sent=10, run_out=10, unsure=unsure)
    assert [row(number).copies for number in numbers] == [1] + [0] * 9
    assert trail_of(numbers[0]) == ["notice.unsure"]
    assert len(relay.sent) == 10


def test_a_crash_in_the_middle_leaves_the_sent_ones_sent():
    numbers = post(*people(10))

    def crash_at_the_fifth(envelope):
        if envelope.recipient == "p4@company.example":
            raise Crash

    with pytest.raises(Crash):
        deliver(NOW, transport=Recorder(*[("finish", crash_at_the_fifth)] * 5))
    assert states() == ["sent"] * 4 + ["leased"] * 6
    relay = Recorder()
    assert deliver(NOW + MINUTE * 15, transport=relay).sent == 6
    assert [row(number).copies for number in numbers] == [0] * 4 + [1] + [0] * 5


def test_a_result_after_the_lease_is_refused_by_the_fence():
    (number,) = post()
    second = Recorder()

    def slow(_envelope):  # stopped for longer than its lease; another sender takes over
        deliver(NOW + MINUTE * 16, transport=second)
        return judge("dot", 550, b"5.1.1 no such user")

    assert deliver(NOW, transport=Recorder(("finish", slow))) == Delivered(fenced=1)
    assert row(number).state is NoticeState.SENT
    assert row(number).copies == 1  # the extra copy is explained
    assert alarm_kinds() == []
    assert len(second.sent) == 1


def test_a_sender_that_lost_its_lease_sends_no_more_of_its_batch():
    post(*people(10))
    second = Recorder()
    slow = Recorder(("finish", lambda _: deliver(NOW + MINUTE * 16, transport=second) and None))
    done = deliver(NOW, transport=slow)
    assert done.fenced == 1
    assert len(slow.sent) == 1  # the one that was on the wire when it was stopped
    assert len(second.sent) == 10


def test_no_dot_goes_out_late_in_its_lease(monkeypatch):
    post(*people(3))
    clock = {"t": 0.0}
    monkeypatch.setattr(delivery.time, "monotonic", lambda: clock["t"])

    def dawdle(_envelope):
        clock["t"] += 301  # a third of the lease

    relay = Recorder(("finish", dawdle))
    ticks = iter(NOW + timedelta(seconds=n) for n in range(100))
    done = deliver(NOW, transport=relay, clock=lambda: next(ticks))
    assert done == Delivered(sent=3, returned=2)  # given back, and claimed with a fresh lease
    assert relay.aborted == 1


def test_without_a_clock_a_long_delivery_ends_rather_than_lease_by_a_stale_instant(monkeypatch):
    post(*people(70))
    clock = {"t": 0.0}
    monkeypatch.setattr(delivery.time, "monotonic", lambda: clock["t"])
    relay = Recorder(*[("finish", lambda _: clock.update(t=clock["t"] + 6))] * 64)
    done = deliver(NOW, transport=relay)
    assert done.more
    assert 0 < done.sent < 70


def test_a_stop_finishes_the_mail_at_hand_and_gives_the_rest_back():
    numbers = post(*people(10))
    stop = threading.Event()

    def asked_to_stop(envelope):
        if envelope.recipient == "p2@company.example":
            stop.set()

    relay = Recorder(*[("finish", asked_to_stop)] * 3)
    done = deliver(NOW, transport=relay, stop=stop)
    assert done == Delivered(sent=3, returned=7, more=True)
    assert states() == ["sent"] * 3 + ["pending"] * 7
    assert {row(number).attempts for number in numbers[3:]} == {0}
    assert offered() == 0
    assert deliver(NOW, transport=Recorder()).sent == 7


def test_a_database_that_is_locked_for_a_while_costs_no_copy(monkeypatch):
    post(*people(3))
    monkeypatch.setattr(delivery, "PAUSE", 0.01)
    settle, troubles = settling.settle, iter([True, True])

    def locked(*args, **kwargs):
        if next(troubles, False):
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        return settle(*args, **kwargs)

    monkeypatch.setattr(settling, "settle", locked)
    relay = Recorder()
    assert deliver(NOW, transport=relay).sent == 3
    assert len(relay.sent) == 3


def test_a_database_that_stays_away_ends_the_delivery_before_the_next_dot(monkeypatch):
    post(*people(3))
    monkeypatch.setattr(delivery, "PATIENCE", 0.0)
    monkeypatch.setattr(delivery, "PAUSE", 0.0)

    def full(*_args, **_kwargs):
        raise OperationalError("UPDATE", {}, Exception("database or disk is full"))

    relay = Recorder()
    settle = settling.settle
    monkeypatch.setattr(settling, "settle", full)
    with pytest.raises(OperationalError):
        deliver(NOW, transport=relay)
    monkeypatch.setattr(settling, "settle", settle)
    assert len(relay.sent) == 1
    assert relay.aborted == 1
    done = deliver(NOW + MINUTE * 15, transport=relay)
    assert (done.sent, done.unsure) == (3, 1)


# --- closing, order, pace ---------------------------------------------------------------------


def gather(instant):
    while gathering.gather(instant).people:
        pass


def discharge(number, instant):
    with writing() as session:
        duty = session.get(duties.Duty, number)
        duties.discharge(session, duty, by_id=duty.owner_id, at=instant)


def test_what_was_closed_before_the_claim_is_not_sent():
    hire()
    number = owe()
    instant = at("2026-09-15")
    sweep("2026-09-15")
    gather(instant)
    discharge(number, instant)
    relay = Recorder()
    done = deliver(instant, transport=relay)
    assert done.cancelled == len(states())
    assert relay.sent == []
    assert set(states()) == {"cancelled"}


def test_a_digest_loses_its_closed_lines_and_keeps_its_message_id():
    hire()
    first, _second = owe(subject="NC-2026-0001"), owe(subject="NC-2026-0002")
    instant = at("2026-09-15")
    sweep("2026-09-15")
    gather(instant)
    with reading() as session:
        before = session.exec(select(Notice)).one()
    discharge(first, instant)
    relay = Recorder()
    assert deliver(instant, transport=relay).sent == 1
    after = row(before.id)
    assert after.message_id == before.message_id
    assert after.mime_hash != before.mime_hash
    assert after.mime_hash == hashlib.sha256(relay.sent[0].mime).hexdigest()
    assert before.message_id.encode() in relay.sent[0].mime


def test_after_the_first_attempt_the_bytes_are_frozen():
    hire()
    first, _second = owe(subject="NC-2026-0001"), owe(subject="NC-2026-0002")
    instant = at("2026-09-15")
    sweep("2026-09-15")
    gather(instant)
    relay = Recorder(("finish", Ambiguous("reset")))
    deliver(instant, transport=relay)
    discharge(first, instant)
    deliver(instant + MINUTE * 10, transport=relay)
    assert relay.prepared[0].mime == relay.prepared[1].mime == relay.sent[0].mime


def levels(relay):
    return [m.mime.partition(b"X-PDCA-Level: ")[2][:1].decode() for m in relay.sent]


def climbed():
    """Return the instant at which level 1 and level 2 of one duty both wait, level 1 first."""
    hire()
    owe(severity=Severity.MAJOR)  # due on the 17th: owner 18th, level 1 21st, level 2 on the 23rd
    for day in days("2026-09-14", 10):
        sweep(day)
        gather(at(day, "09:00"))
    return at("2026-09-23", "09:00")


def test_a_level_is_told_before_the_next_one_though_that_is_more_urgent():
    instant = climbed()
    with writing() as session:  # the later one first, as far as rank goes
        session.execute(sa.update(Notice).values(rank=100 - col(Notice.id)))
    relay = Recorder()
    deliver(instant, transport=relay)
    assert [level for level in levels(relay) if level] == ["1", "2"]


def test_a_level_that_is_put_off_holds_up_the_next_one_but_not_for_ever():
    instant = climbed()

    class WangIsFull(Recorder):
        def prepare(self, envelope):
            if envelope.recipient == "wang@company.example":
                return Deferred(452, "4.2.2 mailbox full")
            return super().prepare(envelope)

    relay = WangIsFull()
    with writing() as session:
        session.execute(sa.update(Notice).values(created_at=instant))
    deliver(instant, transport=relay)
    deliver(instant + timedelta(hours=30), transport=relay)
    assert "director@company.example" not in relay.recipients
    deliver(instant + timedelta(hours=49), transport=relay)
    assert "director@company.example" in relay.recipients


def test_a_dead_level_holds_up_nothing():
    instant = climbed()

    class WangIsGone(Recorder):
        def prepare(self, envelope):
            return REFUSED if "wang@" in envelope.recipient else super().prepare(envelope)

    relay = WangIsGone()
    deliver(instant, transport=relay)
    assert "director@company.example" in relay.recipients


def test_a_poisoned_letter_is_set_aside_and_the_others_go(monkeypatch):
    numbers = post(*people(100))
    recheck = gathering.recheck

    def poisoned(session, notice, instant):
        if notice.id == numbers[50]:
            raise LetterUnrenderable(notice.key, "template broken")
        return recheck(session, notice, instant)

    monkeypatch.setattr(claiming.outbox, "recheck", poisoned)
    assert deliver(NOW, transport=Recorder()) == Delivered(sent=99, set_aside=1)
    assert alarm_kinds() == ["letter_unrenderable"]
    assert row(numbers[50]).state is NoticeState.PENDING
    monkeypatch.setattr(claiming.outbox, "recheck", recheck)
    assert deliver(NOW + timedelta(hours=6), transport=Recorder()).sent == 1
    assert alarm_kinds() == []


def limited(per_minute):
    settings = configuration.current().settings
    mail = settings.mail.model_copy(update={"per_minute": per_minute})
    configuration.use(settings.model_copy(update={"mail": mail}))


def test_a_relay_limit_is_never_passed_and_the_severest_go_first():
    limited(30)
    post(*people(50), rank=50)
    relay = Recorder()
    sent, instant, minutes = [], NOW, {}
    urgent_posted = False
    while len(sent) < 55:
        done = deliver(instant, transport=relay)
        minutes[instant] = done.sent
        sent = relay.recipients
        if not urgent_posted:
            post(*[f"urgent{n}@x.cn" for n in range(5)], rank=0, created=instant)
            urgent_posted = True
        instant += timedelta(seconds=20)
    assert sent[30:35] == [f"urgent{n}@x.cn" for n in range(5)]
    for start in minutes:
        within = [n for when, n in minutes.items() if start <= when < start + MINUTE]
        assert sum(within) <= 30
    assert instant - NOW < MINUTE * 3


def test_the_limit_is_shared_by_all_senders_and_says_until_when():
    limited(10)
    post(*people(30))
    assert deliver(NOW, transport=Recorder()).sent == 10
    done = deliver(NOW + timedelta(seconds=5), transport=Recorder())
    assert (done.sent, done.rests_until) == (0, NOW + MINUTE)
    assert relaying.next_at(NOW) == NOW + MINUTE


def test_the_clock_learns_when_it_is_wanted():
    assert relaying.next_at(NOW) is None
    post("li@x.cn", created=NOW + MINUTE * 5)
    assert relaying.next_at(NOW) == NOW + MINUTE * 5
    with pytest.raises(Crash):
        deliver(NOW + MINUTE * 5, transport=Recorder(("finish", Crash())))
    assert relaying.next_at(NOW) == NOW + MINUTE * 20  # the lease


# --- two senders, retention -------------------------------------------------------------------


def race(senders, count):
    """Let so many senders empty the outbox at once; return what each of them sent."""
    relays = [Recorder(name="shared:25") for _ in range(senders)]
    barrier = threading.Barrier(senders)

    def run(relay):
        barrier.wait()
        return deliver(NOW, transport=relay, clock=lambda: datetime.now(UTC))

    with ThreadPoolExecutor(senders) as at_once:
        list(at_once.map(run, relays))
    everything = [recipient for relay in relays for recipient in relay.recipients]
    assert sorted(everything) == sorted(people(count))
    return [len(relay.sent) for relay in relays]


def test_two_senders_send_nothing_twice():
    post(*people(300))
    race(2, 300)
    assert set(states()) == {"sent"}


@pytest.mark.postgres
@pytest.mark.parametrize("senders", [2, 4])
def test_several_senders_on_a_server_share_the_work(postgres_url, senders):
    engine.bind(postgres_url)
    post(*people(1000))
    shares = race(senders, 1000)
    assert set(states()) == {"sent"}
    assert sum(1 for share in shares if share) > 1


@pytest.mark.postgres
def test_a_server_leases_by_its_own_clock(postgres_url):
    engine.bind(postgres_url)
    numbers = post(*people(2))
    wrong = datetime(2031, 1, 1, tzinfo=UTC)  # this machine's clock is years ahead
    with pytest.raises(Crash):
        deliver(wrong, transport=Recorder(("finish", Crash())), clock=lambda: wrong)
    assert row(numbers[0]).lease_until < wrong - timedelta(days=365)


def test_old_bytes_are_dropped_and_their_hash_stays():
    old, recent, waiting = post("a@x.cn", "b@x.cn", "c@x.cn")
    deliver(NOW, transport=Recorder(), limit=2)
    with writing() as session:
        sent_at = NOW + timedelta(days=1)
        session.execute(sa.update(Notice).where(col(Notice.id) == recent).values(sent_at=sent_at))
    assert drop_old_bytes(NOW + timedelta(days=90)) == 0
    assert drop_old_bytes(NOW + timedelta(days=90, hours=1)) == 1
    with reading() as session:
        assert session.get(NoticeBytes, old) is None
        assert session.get(NoticeBytes, recent) is not None
        assert session.get(NoticeBytes, waiting) is not None
    assert row(old).mime_hash


def test_lines_stay_when_bytes_go():
    hire()
    owe()
    instant = at("2026-09-15")
    sweep("2026-09-15")
    gather(instant)
    deliver(instant, transport=Recorder())
    drop_old_bytes(instant + timedelta(days=200))
    with reading() as session:
        assert session.exec(select(NoticeBytes)).all() == []
        assert session.exec(select(Line)).all()
