"""Once letters have left a home, nothing is done there as of the future by mistake."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from config.current import current
from config.settings import Mail
from models.duty import Duty
from models.engine import reading
from processes.mail import live
from processes.mail.delivery import deliver
from tests.processes.mail.test_delivery import post
from tests.service.commands.test_commands import (  # noqa: F401 - fixtures
    office,
    pdca,
)
from tests.support.rows import everything
from tests.support.sender import Recorder

ROOT = Path(__file__).parents[3]
SOON = f"{datetime.now(UTC) + timedelta(days=400):%Y-%m-%d}"
PAST = "2026-09-08"


@pytest.fixture
def typed(office, home):  # noqa: F811
    """The command in a home with a duty."""
    words = ("raise", "--title", "no UPS check", "--owner", "li", "--at", "2026-09-01")
    assert office(*words)[0] == 0
    assert home
    return office


@pytest.fixture
def on_live(typed, monkeypatch):
    """The same home, of which a letter has been handed to a mail server on this machine."""
    monkeypatch.setenv("PDCA_MAIL__HOST", "127.0.0.1")
    current().settings.mail = Mail(host="127.0.0.1")
    post()
    assert deliver(datetime(2026, 9, 28, 1, 0, tzinfo=UTC), transport=Recorder()).sent
    return typed


COMMANDS = [
    ("turn", "--at", SOON),
    ("turn", "--at", PAST, "--until", SOON),
    ("raise", "--title", "x", "--owner", "li", "--at", SOON),
    ("answer", "1", "--as", "li", "--act", "acknowledge", "--at", SOON),
    ("deliver", "--at", SOON),
    ("resend", "--dead", "--at", SOON),
    ("audit", "staff", "--at", SOON),
    ("pages", "--at", SOON),
]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:3]))
def test_the_future_is_refused_and_nothing_changed(on_live, words):
    before = everything()
    code, said, problem = on_live(*words)
    assert (code, said) == (1, "")
    assert "lies in the future" in problem
    assert "--rehearse" in problem
    assert everything() == before


def test_the_past_and_now_are_nobodys_business(on_live):
    assert on_live("turn", "--at", PAST)[0] == 0
    assert on_live("turn")[0] == 0


def test_what_is_meant_is_done(on_live):
    assert on_live("turn", "--at", SOON, "--phase", "act", "--yes")[0] == 0
    with reading() as session:
        (duty,) = session.exec(select(Duty)).all()
    assert f"{duty.next_at:%Y-%m-%d}" > SOON


def test_a_home_that_sent_to_its_own_sink_alone_may_live_in_any_year(typed):
    post()
    assert deliver(datetime(2026, 9, 28, 1, 0, tzinfo=UTC), transport=Recorder()).sent
    assert not live.is_live()
    assert typed("turn", "--at", SOON, "--phase", "act")[0] == 0


def test_looking_into_the_future_is_no_act(on_live):
    for words in (("list", "duties"), ("held",), ("show", "NC-2026-0001")):
        assert on_live(*words, "--at", SOON)[0] == 0


def test_live_is_for_ever(on_live):
    current().settings.mail = Mail()
    assert live.is_live()
    assert on_live("turn", "--at", SOON)[0] == 1


def test_a_home_of_an_earlier_release_is_live_if_its_mail_server_took_a_letter(typed):
    post()
    assert deliver(datetime(2026, 9, 28, 1, 0, tzinfo=UTC), transport=Recorder()).sent
    current().settings.mail = Mail(host="relay.company.example")
    assert live.is_live()
    assert typed


def test_rubbish_is_wrong_usage_as_ever(on_live):
    assert on_live("turn", "--at", "tomorrow")[0] == 2


def in_a_process(home, *words):
    surroundings = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PDCA_")},
        "PDCA_HOME": str(home),
        "PDCA_LANGUAGE": "en",
        "PDCA_MAIL__HOST": "127.0.0.1",
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        [sys.executable, "-m", "service.main", *words],
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_rehearsal_shows_what_would_be_and_changes_nothing(on_live, home):
    before = everything()
    done = in_a_process(home, "turn", "--at", SOON, "--phase", "act", "--rehearse", "--json")
    assert done.returncode == 0, done.stderr
    (turned,) = json.loads(done.stdout)
    assert turned["act"]["taken"] == 1
    sent = in_a_process(home, "deliver", "--at", SOON, "--rehearse", "--json")
    assert sent.returncode == 0, sent.stderr
    assert json.loads(sent.stdout)["steps"] == 1  # nothing is sent: what would go is listed
    assert everything() == before
    assert on_live


def test_what_works_on_more_than_the_database_is_not_rehearsed(on_live):
    code, _, problem = on_live("bounces", "--rehearse")
    assert code == 1
    assert "cannot be rehearsed" in problem


def test_a_turn_before_what_is_on_record_says_so_and_goes_on(typed):
    code, said, problem = typed("turn", "--at", "2026-08-03", "--json")
    assert code == 0
    assert "lies before what is on record already" in problem
    json.loads(said)
