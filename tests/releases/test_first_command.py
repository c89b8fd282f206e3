"""The operator upgrades the program and types any command: the home comes along by itself."""

import json
import os
import subprocess
import sys
from collections import Counter

import pytest

from models import migrate
from service import main
from service.commands import wording
from tests.support import upgrades

PROGRAM = (sys.executable, "-m", "service.main")


@pytest.fixture
def server():
    """Commands find their database in the home; a server is in the other file."""
    return ""


@pytest.fixture
def pdca(old, monkeypatch, capsys):
    """Type a command in the old home, in this process: what it printed."""
    monkeypatch.setenv("PDCA_HOME", str(old.home))
    monkeypatch.setenv("PDCA_LANGUAGE", "en")
    wording.language.cache_clear()

    def type_(*words):
        assert main.run(words) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    yield type_
    wording.language.cache_clear()


FIRST = {
    "list": ("list", "duties", "--json", "--at", "2026-09-30"),
    "show": ("show", "NC-2026-0012", "--json"),
    "verify-trail": ("verify-trail",),
    "held": ("held", "--json"),
}


@pytest.mark.parametrize("first", FIRST)
def test_the_first_command_upgrades_the_home_and_writes_nothing_else(old, scripts, pdca, first):
    pdca(*FIRST[first])
    assert migrate.current() == migrate.head()
    after = upgrades.everything()
    counted = Counter({table: len(after[table]) for table in old.before})
    assert counted == Counter({table: len(rows) for table, rows in old.before.items()})


def test_turning_a_day_again_after_the_upgrade_writes_no_letter_more(old, scripts, pdca):
    pdca("turn", "--at", "2026-09-30T09:00")
    after = upgrades.everything()
    assert len(after["line"]) == len(old.before["line"])
    keys = {row["key"] for row in after["notice"]} - {row["key"] for row in old.before["notice"]}
    waited = {row["person_id"] for row in old.rows("line", notice_id=None)}
    assert len(keys) == len(waited), "only lines that waited become letters"


def test_a_process_of_its_own_finds_everything_in_the_old_home(old):
    said = subprocess.run(
        [*PROGRAM, "list", "duties", "--state", "open", "--json", "--at", "2026-09-30"],
        env={**os.environ, "PDCA_HOME": str(old.home), "PDCA_LANGUAGE": "en"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, "")
    listed = {row["id"] for row in json.loads(said.stdout)}
    assert listed == {row["id"] for row in old.rows("duty", state="open")}
