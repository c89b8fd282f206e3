"""Every answer and every silence of a mail server, on real sockets."""

import socket
import ssl
import time

import pytest

from notifications.replies import judge
from notifications.transport import (
    Accepted,
    Ambiguous,
    Declined,
    Deferred,
    Envelope,
    Prepared,
    Rejected,
    Relay,
    Transport,
    Unauthorised,
    Unreachable,
)
from tests.support.smtp import Authority, Drop, Say, Server, Stall

ACCOUNT = ("pdca", "secret")


@pytest.fixture
def server():
    with Server() as server:
        yield server


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def connect():
    opened = []

    def make(server, security="plain", **options):
        quick = {"reply_seconds": 0.3, "dot_seconds": 0.3, "host": "127.0.0.1", "port": server.port}
        opened.append(Transport(Relay(**(quick | {"security": security} | options))))
        return opened[-1]

    yield make
    for transport in opened:
        transport.close()


def mail(text=b"Subject: x\r\n\r\nhello\r\n", to="li@company.example"):
    return Envelope(sender="pdca@company.example", recipient=to, mime=text)


def test_accepts_many_on_one_connection(server, connect):
    transport = connect(server)
    outcomes = [transport.send(mail(to=f"p{n}@company.example")) for n in range(5)]
    assert outcomes == [Accepted("kept")] * 5
    assert server.connections == 1
    assert server.recipients == [f"p{n}@company.example" for n in range(5)]


@pytest.mark.parametrize(
    ("text", "received"),
    [
        (b"A: b\r\n\r\n.hidden\r\n..two\r\n.\r\nend\r\n", None),  # dots come back as they were
        (b".first\r\n", None),  # even as the very first character
        (
            b"A: b\n\nbare\rends\n",
            b"A: b\r\n\r\nbare\r\nends\r\n",
        ),  # no smuggling by bare line ends
        (b"no end", b"no end\r\n"),
        (b"a\n.\nMAIL FROM:<evil@x>\r\n", b"a\r\n.\r\nMAIL FROM:<evil@x>\r\n"),
    ],
)
def test_a_text_arrives_as_it_was(server, connect, text, received):
    assert connect(server).send(mail(text)) == Accepted("kept")
    assert server.mails[0].data == (received or text)


def test_nothing_is_handed_over_before_the_dot(server, connect):
    transport = connect(server)
    assert transport.prepare(mail()) == Prepared("li@company.example")
    transport.abort()
    assert transport.send(mail(to="wang@company.example")) == Accepted("kept")
    assert server.recipients == ["wang@company.example"]


@pytest.mark.parametrize(
    ("stage", "answer", "outcome"),
    [
        ("connect", Say(421, "busy"), Deferred(421, "busy", True, False)),
        ("connect", Say(554, "go away"), Unreachable("554 go away")),
        ("mail", Say(451, "later"), Deferred(451, "later")),
        ("mail", Say(421, "bye"), Deferred(421, "bye", True)),
        ("mail", Say(530, "5.7.0 authenticate"), Unauthorised(530, "5.7.0 authenticate")),
        ("mail", Say(550, "5.7.1 sender"), Unauthorised(550, "5.7.1 sender")),
        ("mail", Say(552, "too large"), Declined(552, "too large", "mail", alone=True)),
        ("rcpt", Say(450, "4.2.0 greylisted"), Deferred(450, "4.2.0 greylisted")),
        ("rcpt", Say(451, "later"), Deferred(451, "later")),
        ("rcpt", Say(452, "4.2.2 full"), Deferred(452, "4.2.2 full")),
        ("rcpt", Say(421, "bye"), Deferred(421, "bye", True)),
        ("rcpt", Say(550, "5.1.1 nobody"), Rejected(550, "5.1.1 nobody", "rcpt")),
        ("data", Say(451, "later"), Deferred(451, "later")),
        ("data", Say(554, "no"), Declined(554, "no", "data")),
        ("dot", Say(421, "bye"), Deferred(421, "bye", True)),
        ("dot", Say(452, "disk"), Deferred(452, "disk")),
        ("dot", Say(535, "strange"), Unauthorised(535, "strange")),
        ("dot", Say(550, "5.7.1 spam"), Declined(550, "5.7.1 spam", "dot")),
        ("dot", Say(552, "5.3.4 size"), Declined(552, "5.3.4 size", "dot", alone=True)),
    ],
)
def test_every_refusal_is_a_value_and_the_next_mail_goes(server, connect, stage, answer, outcome):
    server.on(stage, answer)
    transport = connect(server)
    assert transport.send(mail()) == outcome
    assert server.mails == []
    assert transport.send(mail(to="wang@company.example")) == Accepted("kept")


@pytest.mark.parametrize("stage", ["ehlo", "mail", "rcpt", "data", "body"])
@pytest.mark.parametrize("fault", [Drop(), Stall()])
def test_silence_or_a_drop_before_the_dot_is_no_ambiguity(server, connect, stage, fault):
    server.always(stage, fault)
    begun = time.monotonic()
    outcome = connect(server).send(mail())
    if (stage, fault) == ("body", Stall()):
        assert isinstance(outcome, Ambiguous)  # the dot went out to somebody who did not read
    else:
        assert isinstance(outcome, Unreachable | Ambiguous)
        assert isinstance(outcome, Unreachable) or stage == "body"
    assert time.monotonic() - begun < 3
    assert server.mails == []


def test_a_drop_seen_before_the_dot_sends_no_dot(server, connect):
    server.on("body", Drop())
    transport = connect(server)
    prepared = transport.prepare(mail())
    time.sleep(0.1)
    outcome = transport.finish(prepared)
    assert isinstance(outcome, Unreachable)
    assert outcome.begun


@pytest.mark.parametrize(
    ("fault", "kept"),
    [
        (Drop(taken=True), 1),  # it has the mail and did not say so
        (Drop(), 0),  # it has not
        (Stall(), 0),
        (Say(999, "what"), 0),  # no answer that means anything
    ],
)
def test_no_answer_to_the_dot_is_ambiguous(server, connect, fault, kept):
    server.on("dot", fault)
    assert isinstance(connect(server).send(mail()), Ambiguous)
    assert len(server.mails) == kept


def test_a_server_that_never_greets_times_out(server, connect):
    server.always("connect", Stall())
    outcome = connect(server).send(mail())
    assert isinstance(outcome, Unreachable)
    assert not outcome.begun
    assert "timed out" in outcome.text


def test_nobody_listens(connect):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    outcome = Transport(Relay(host="127.0.0.1", port=port, security="plain")).send(mail())
    assert isinstance(outcome, Unreachable)
    assert "refused" in outcome.text.lower()


def test_an_unknown_host_is_unreachable_and_never_final():
    outcome = Transport(Relay(host="relay.invalid", port=25, security="starttls")).send(mail())
    assert isinstance(outcome, Unreachable)
    assert not outcome.insecure


def test_a_kept_connection_that_is_gone_is_opened_anew(server, connect):
    transport = connect(server)
    transport.send(mail())
    server.hang_up()
    assert transport.send(mail(to="wang@company.example")) == Accepted("kept")
    assert server.connections == 2
    assert server.recipients == ["li@company.example", "wang@company.example"]


def test_an_idle_connection_is_asked_first(server, connect, monkeypatch):
    monkeypatch.setattr("notifications.transport.IDLE_SECONDS", 0)
    transport = connect(server)
    transport.send(mail())
    transport.send(mail())
    assert server.commands.count("noop") == 1
    server.on("noop", Say(421, "idle too long"))
    assert transport.send(mail()) == Accepted("kept")
    assert server.connections == 2


# --- encryption -------------------------------------------------------------------------------


def test_starttls_with_a_good_certificate(authority, connect):
    with Server(starttls=authority.context()) as server:
        transport = connect(server, "starttls", ca_file=authority.file)
        assert transport.send(mail()) == Accepted("kept")
        assert server.mails[0].encrypted


def test_tls_from_the_first_byte(authority, connect):
    with Server(tls=authority.context()) as server:
        transport = connect(server, "ssl", ca_file=authority.file)
        assert [transport.send(mail()) for _ in range(3)] == [Accepted("kept")] * 3
        assert server.mails[0].encrypted
        assert server.connections == 1


@pytest.mark.parametrize(
    ("certificate", "says"),
    [
        ({"days": -1}, "expired"),
        ({"name": "another.example"}, "127.0.0.1"),
    ],
)
@pytest.mark.parametrize("security", ["starttls", "ssl"])
def test_a_wrong_certificate_is_refused(authority, connect, certificate, says, security):
    side = {"starttls" if security == "starttls" else "tls": authority.context(**certificate)}
    with Server(**side) as server:
        outcome = connect(server, security, ca_file=authority.file).send(mail())
        assert isinstance(outcome, Unreachable)
        assert outcome.insecure
        assert says in outcome.text
        assert server.mails == []


def test_an_unknown_authority_is_refused(authority, connect):
    with Server(starttls=authority.context()) as server:
        outcome = connect(server, "starttls").send(mail())
        assert isinstance(outcome, Unreachable)
        assert outcome.insecure


@pytest.mark.parametrize("answer", [None, Say(454, "4.7.0 not now"), Say(502, "not here")])
def test_never_in_clear_where_starttls_was_asked_for(authority, connect, answer):
    offered = None if answer is None else authority.context()
    with Server(starttls=offered, account=ACCOUNT) as server:
        server.always("starttls", answer)
        transport = connect(server, "starttls", user=ACCOUNT[0], password=ACCOUNT[1])
        outcome = transport.send(mail())
        assert isinstance(outcome, Unreachable | Deferred)
        assert isinstance(outcome, Deferred) or outcome.insecure or answer is not None
        assert server.logins == server.failed_logins == 0
        assert server.mails == []


def test_a_relay_that_went_away_is_not_called_insecure(authority, connect):
    with Server(starttls=authority.context()) as server:
        transport = connect(server, "starttls", ca_file=authority.file)
        assert transport.send(mail()) == Accepted("kept")
    outcome = transport.send(mail())
    assert isinstance(outcome, Unreachable)
    assert not outcome.insecure


# --- login ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN CRAM-MD5", "LOGIN", "PLAIN XOAUTH2"])
def test_logs_in_once_a_connection_with_the_account_name(authority, connect, mechanisms):
    with Server(starttls=authority.context(), account=ACCOUNT, mechanisms=mechanisms) as server:
        transport = connect(
            server, "starttls", ca_file=authority.file, user=ACCOUNT[0], password=ACCOUNT[1]
        )
        assert [transport.send(mail()) for _ in range(3)] == [Accepted("kept")] * 3
        assert server.logins == 1


@pytest.mark.parametrize("password", ["wrong", "错误"])
def test_a_wrong_password_is_at_most_one_failed_login(connect, password):
    with Server(account=ACCOUNT) as server:
        outcome = connect(server, user="pdca", password=password).send(mail())
        assert isinstance(outcome, Unauthorised)
        assert server.failed_logins <= 1
        assert server.mails == []


def test_a_server_without_login_gets_no_mail_from_an_account(server, connect):
    outcome = connect(server, user="pdca", password="secret").send(mail())
    assert isinstance(outcome, Unauthorised)
    assert server.mails == []


def test_a_login_put_off_is_not_a_wrong_password(connect):
    with Server(account=ACCOUNT) as server:
        server.on("auth", Say(454, "4.7.0 temporary failure"))
        transport = connect(server, user=ACCOUNT[0], password=ACCOUNT[1])
        assert transport.send(mail()) == Deferred(454, "4.7.0 temporary failure", True, False)
        assert transport.send(mail()) == Accepted("kept")


# --- what the relay cannot take ---------------------------------------------------------------


def test_a_mail_larger_than_the_relay_takes_is_refused_before_it_is_sent(connect):
    with Server(extensions=("SIZE 100",)) as server:
        outcome = connect(server).send(mail(b"x" * 101))
        assert isinstance(outcome, Declined)
        assert (outcome.code, outcome.stage, outcome.alone) == (552, "size", True)
        assert "101" in outcome.text
        assert not any(line.startswith("MAIL") for line in server.commands)


def test_size_without_a_number_is_no_limit(connect):
    with Server(extensions=("SIZE",)) as server:
        assert connect(server).send(mail()) == Accepted("kept")


def test_eight_bits_only_where_they_are_taken(connect):
    text = "Subject: x\r\n\r\n中文\r\n".encode()
    with Server() as server:
        assert connect(server).send(mail(text)) == Accepted("kept")
        assert server.commands[1].endswith("BODY=8BITMIME")
    with Server(extensions=()) as server:
        outcome = connect(server).send(mail(text))
        assert isinstance(outcome, Declined)
        assert outcome.alone


@pytest.mark.parametrize("address", ["li@x>\r\nRCPT TO:<evil@y", "li@x y", "<li@x>", "li\0@x"])
def test_an_address_cannot_say_commands(server, connect, address):
    outcome = connect(server).send(mail(to=address))
    assert isinstance(outcome, Rejected)
    assert "\n" not in outcome.text
    assert not any(line.startswith(("MAIL", "RCPT")) for line in server.commands)


def test_an_address_beyond_ascii_waits_for_a_relay_that_takes_it(server, connect):
    outcome = connect(server).send(mail(to="李@company.example"))
    assert isinstance(outcome, Declined)
    assert outcome.alone


# --- pipelining -------------------------------------------------------------------------------


@pytest.fixture
def fast():
    with Server(extensions=("PIPELINING", "8BITMIME")) as server:
        yield server


def test_a_server_that_pipelines_gets_all_commands_at_once(fast, connect):
    transport = connect(fast)
    assert [transport.send(mail()) for _ in range(3)] == [Accepted("kept")] * 3
    assert len(fast.mails) == 3


@pytest.mark.parametrize("stage", ["mail", "rcpt"])
def test_a_refused_recipient_gets_no_text_though_the_server_asks_for_it(fast, connect, stage):
    fast.on(stage, Say(452, "full"))
    transport = connect(fast)
    assert transport.send(mail()) == Deferred(452, "full")
    assert transport.send(mail(to="wang@company.example")) == Accepted("kept")
    assert fast.recipients == ["wang@company.example"]


def test_a_closing_server_is_heard_among_pipelined_answers(fast, connect):
    fast.on("mail", Say(421, "bye"))
    assert connect(fast).send(mail()) == Deferred(421, "bye", True)


# --- what answers mean ------------------------------------------------------------------------


def test_what_a_server_says_is_one_line_of_bounded_length():
    outcome = judge("rcpt", 550, b"a\x00b\r\n\x1b[31mc\xff " + b"x" * 5000)
    assert outcome.text.startswith("a b [31mc\ufffd x")
    assert len(outcome.text) <= 300


def test_certificates_are_always_checked():
    transport = Transport(Relay(host="127.0.0.1", port=25, security="starttls"))
    context = transport.smtp_starttls["context"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
