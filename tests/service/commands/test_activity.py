"""`pdca activity`: asked by an operator for somebody, decided by another, both named."""

from datetime import date

import pytest
from sqlmodel import col, select

from models.engine import reading
from models.plan import ActivityChange
from models.record import Trail
from service import main
from service.commands import words
from tests.processes.plan.test_activities import DRILL, activity, plan
from tests.support.cast import at, duty_of, hire
from tests.support.hands import answer, ids

WHEN = ("--at", "2026-09-01")


@pytest.fixture
def drill(home, monkeypatch):
    hire()
    plan()
    monkeypatch.setenv("PDCA_HOME", str(home))
    monkeypatch.setenv("PDCA_LANGUAGE", "zh")
    monkeypatch.setattr(words, "operator", lambda: "root")


def asked(act, *options):
    return main.run(["activity", act, DRILL, *options, *WHEN])


def test_postponed_when_another_has_decided(drill, capsys):
    said = ("--until", "2026-10-15", "--reason", "机房改造", "--as", "director")
    assert asked("postpone", *said) == 0
    assert "审批之前仍按原计划日期执行" in capsys.readouterr().out
    assert activity().planned_on == date(2026, 9, 30)
    with reading() as session:
        row = session.exec(select(Trail).where(col(Trail.action) == "activity.change_asked")).one()
        change = session.exec(select(ActivityChange)).one()
    assert row.actor == "operator:root"
    assert row.on_behalf_of == f"person:{change.asked_by_id}"
    duty = duty_of(DRILL, "decide_change")
    decider = next(c for c, n in ids().items() if n == duty.owner_id)
    assert duty.owner_id != change.asked_by_id
    answer(decider, DRILL, "decide_change", at("2026-09-02"), decision="grant")
    assert activity().planned_on == date(2026, 10, 15)


def test_cancelled_the_same_way(drill):
    assert asked("cancel", "--reason", "并入年度演练", "--as", "director") == 0
    with reading() as session:
        assert session.exec(select(ActivityChange)).one().until is None


@pytest.mark.parametrize(
    ("options", "exit_code"),
    [
        (("--until", "2026-10-15", "--reason", " ", "--as", "director"), 1),  # no reason
        (("--until", "2026-10-15", "--reason", "x", "--as", "chen"), 1),  # not his to ask
        (("--until", "2026-10-15", "--reason", "x", "--as", "nobody"), 1),
        (("--until", "2026-08-01", "--reason", "x", "--as", "director"), 1),  # a day gone by
        (("--until", "soon", "--reason", "x", "--as", "director"), 2),
        (("--until", "2026-10-15", "--as", "director"), 2),
    ],
)
def test_what_the_page_refuses_is_refused_here(drill, options, exit_code):
    assert asked("postpone", *options) == exit_code
    with reading() as session:
        assert session.exec(select(ActivityChange)).all() == []
