"""`pdca doctor --letter` says what the mail server answers; and whose Prefect answers."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from config.settings import PrefectSettings, Settings
from flows.surroundings import auth_string
from rules.address import AddressRefused
from service.home import doctor
from service.prefect import server as prefect_server
from tests.support.rows import everything
from tests.support.smtp import Say, Server


@pytest.fixture
def relay():
    with Server() as server:
        yield server


@pytest.fixture
def tried(home, relay, monkeypatch, capsys):
    """Send a test letter from the test's home; return the exit code and what was said."""
    for name, value in {
        "PDCA_HOME": str(home),
        "PDCA_LANGUAGE": "en",
        "PDCA_SECRET_KEY": "a-secret-for-tests-only-0123456789",
        "PDCA_MAIL__HOST": "127.0.0.1",
        "PDCA_MAIL__PORT": str(relay.port),
        "PDCA_MAIL__SECURITY": "plain",
        "PDCA_MAIL__SENDER": "PDCA <pdca@company.example>",
    }.items():
        monkeypatch.setenv(name, value)

    def send(address):
        code = doctor.run(json=True, letter=address)
        (found,) = json.loads(capsys.readouterr().out)
        return code, found["state"], found["says"]

    return send


def test_a_letter_that_is_taken_is_said_with_the_servers_own_words(tried, relay):
    before = everything()
    code, state, says = tried("Li@Company.Example")
    assert (code, state) == (0, "ok")
    assert "took a test letter to li@company.example" in says
    (mail,) = relay.mails
    assert (mail.sender, mail.recipient) == ("pdca@company.example", "li@company.example")
    assert b"test letter" in mail.data
    assert everything() == before  # it is no row


def test_a_letter_that_is_refused_is_a_failure_with_its_reason(tried, relay):
    relay.always("rcpt", Say(550, "5.1.1 no such mailbox"))
    code, state, says = tried("li@company.example")
    assert (code, state) == (3, "failure")
    assert "550 5.1.1 no such mailbox" in says


def test_what_is_no_address_is_refused_before_anybody_is_asked(tried, relay):
    with pytest.raises(AddressRefused):
        tried("li at company")
    assert relay.mails == []


# --- Prefect -----------------------------------------------------------------------------------


@contextmanager
def answering(password):
    """Something on a port that answers as Prefect does: health to all, the rest by password."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            from base64 import b64encode

            wanted = f"Basic {b64encode(password.encode()).decode()}" if password else None
            known = wanted is None or self.headers.get("Authorization") == wanted
            self.send_response(200 if known or self.path.endswith("/health") else 401)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def own(tmp_path, port):
    settings = Settings(home=tmp_path, prefect=PrefectSettings(port=port))
    return settings, auth_string(settings, make=True)


def test_our_own_server_is_known_by_our_password(tmp_path):
    _, secret = own(tmp_path, 1)
    with answering(secret) as port:
        settings, _ = own(tmp_path, port)
        assert prefect_server.healthy(settings)
        assert prefect_server.ours(settings)


@pytest.mark.parametrize("theirs", ["pdca:another-home", None])
def test_somebody_elses_server_is_healthy_and_not_ours(tmp_path, theirs):
    with answering(theirs) as port:
        settings, _ = own(tmp_path, port)
        assert prefect_server.healthy(settings)
        assert not prefect_server.ours(settings)


def test_the_operators_own_server_is_taken(tmp_path):
    settings = Settings(home=tmp_path, prefect=PrefectSettings(api_url="https://p.example/api"))
    assert prefect_server.ours(settings)
