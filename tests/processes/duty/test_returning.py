"""The first day back: what the delegate heard, once, and only while it is still open."""

from pathlib import Path

import pytest

from processes.duty.returning import welcome_back
from rules.words import LetterKind
from tests.processes.duty.test_climbing import owe, sweep
from tests.processes.mail.test_outbox import end
from tests.support.cast import absent, at, hire, told

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def number(home: Path) -> int:
    assert home
    hire(wang=absent("2026-09-20", "2026-09-24", delegate="he"))
    issued = owe()
    for day in ("2026-09-17", "2026-09-18", "2026-09-21"):
        sweep(day)
    assert told(LetterKind.ESCALATION) == ["he"]
    return issued


@pytest.mark.usefixtures("number")
def test_who_is_back_finds_it_once():
    assert welcome_back(at("2026-09-24", "09:00")) == 0  # still away
    assert welcome_back(at("2026-09-25", "09:00")) == 0  # Mid-Autumn: nobody is at the desk
    assert welcome_back(at("2026-09-28", "09:00")) == 1
    assert welcome_back(at("2026-09-29", "09:00")) == 0
    assert told(LetterKind.STOOD_IN) == ["wang"]


def test_what_has_ended_since_is_not_told(number):
    end(number, at("2026-09-23"))
    assert welcome_back(at("2026-09-28", "09:00")) == 0
