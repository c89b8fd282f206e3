"""A script that was released is never written again: homes have been through it."""

import hashlib
import subprocess
import sys

import pytest

from models import migrate

VERSIONS = migrate.SCRIPTS / "versions"
RELEASED = {  # what each release added; a line is never changed
    "0001_first.py": "5189a2897c0e5b396fb6119d841624d1677e69b531330e910df810af1b254ecb",
}


@pytest.mark.parametrize("name", RELEASED)
def test_a_released_script_keeps_its_text(name):
    text = (VERSIONS / name).read_bytes()
    assert hashlib.sha256(text).hexdigest() == RELEASED[name], (
        f"{name} was released: put it back and write the next one, make migration NAME=…"
    )


def test_a_released_script_needs_nothing_that_changes_with_the_product():
    product = ("import models", "from models", "from rules", "from config", "from processes")
    for name in RELEASED:
        assert not [
            line for line in (VERSIONS / name).read_text().splitlines() if line.startswith(product)
        ]


@pytest.mark.parametrize("words", [[], ["audit programme"], ["../0001_first"]])
def test_no_command_writes_a_script_without_a_name_of_its_own(words):
    before = {path: path.read_bytes() for path in VERSIONS.glob("*.py")}
    said = subprocess.run(
        [sys.executable, "-m", "tests.support.migration", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=migrate.SCRIPTS.parents[1],
    )
    assert said.returncode == 1
    assert "say what it is for" in said.stderr
    assert {path: path.read_bytes() for path in VERSIONS.glob("*.py")} == before
