"""The monthly letter: once a month, to whom it concerns, with counts, gaps and charts."""

from datetime import date

import pytest

from models.engine import reading
from models.special import KpiLetter
from processes.kpi import letter as kpi_letter
from processes.kpi import special
from processes.mail import outbox
from rules.words import LetterKind
from tests.support.cast import at, change, hire, lines, told
from tests.support.indicators import indicator, measure

NOW = at("2026-09-10")  # the eighth working day of September


@pytest.fixture
def measured(home):
    hire()
    measure(indicator("K1"), [97.2, 96.8] * 15 + [96.9, 80], first="2024-01")
    measure(indicator("K2", owner="chen", name="回访覆盖率"), [(95, 100)], first="2026-08")
    indicator("K3", owner="chen", name="录单率", since=date(2026, 8, 1))


def facts(code):
    names = told(LetterKind.KPI_REPORT)
    return lines(letter=LetterKind.KPI_REPORT)[names.index(code)].facts


def test_it_goes_to_owners_their_managers_and_quality_once(measured):
    assert kpi_letter.send(at=NOW) == 5
    assert sorted(told(LetterKind.KPI_REPORT)) == ["chen", "he", "li", "qin", "wang"]
    assert kpi_letter.send(at=NOW) == 0
    assert kpi_letter.send(at=at("2026-09-30")) == 0
    with reading() as session:
        assert session.get(KpiLetter, "2026-08").readers == 5


@pytest.mark.parametrize(("day", "sent"), [("2026-09-09", 0), ("2026-09-10", 5), ("2026-09-29", 5)])
def test_it_waits_for_its_working_day_and_catches_up(measured, day, sent):
    assert kpi_letter.send(at=at(day)) == sent


def test_everybody_reads_of_what_is_his(measured):
    kpi_letter.send(at=NOW)
    assert facts("qin")["summary"] == "达标1/2"
    assert [group["title"] for group in facts("qin")["groups"]] == [
        "未达标（1）",
        "缺数（1）",
        "达标（1）",
    ]
    assert [group["title"] for group in facts("li")["groups"]] == ["未达标（1）"]
    assert [group["title"] for group in facts("he")["groups"]] == ["缺数（1）", "达标（1）"]
    assert facts("li")["why"] != facts("wang")["why"] != facts("qin")["why"]


def test_counts_stand_beside_the_rate(measured):
    kpi_letter.send(at=NOW)
    row = facts("chen")["groups"][1]["rows"][0]
    assert row["value"] == "95%"
    assert row["detail"].startswith("95 / 100 · 目标≥ 95%")


def test_the_special_situation_comes_first_with_its_chart(measured):
    special.look(at=NOW)
    kpi_letter.send(at=NOW)
    assert "80%" in facts("qin")["special"][0]
    assert facts("qin")["charts"][0]["points"][-1] == ["2026-08", 80.0, True, True]
    assert facts("chen")["special"] == []


def test_what_was_said_is_fixed_and_can_be_rendered(measured):
    change("chen", language="en")
    special.look(at=NOW)
    kpi_letter.send(at=NOW)
    assert facts("chen")["summary"] == "1 of 1 attained"
    assert outbox.gather(NOW).unrenderable == 0


def test_who_has_left_or_has_no_address_gets_none(measured):
    change("li", active=False)
    change("he", email=None)
    kpi_letter.send(at=NOW)
    assert sorted(told(LetterKind.KPI_REPORT)) == ["chen", "qin", "wang"]


def test_nothing_measured_is_no_letter(home):
    hire()
    assert kpi_letter.send(at=NOW) == 0
    indicator("K1", since=date(2026, 9, 1))
    assert kpi_letter.send(at=NOW) == 0
    assert told(LetterKind.KPI_REPORT) == []


def test_a_quarter_is_told_in_the_month_it_ended(home):
    from rules.period import Frequency

    hire()
    measure(indicator("Q", frequency=Frequency.QUARTER), [97], first="2026-Q2")
    assert kpi_letter.send(at=at("2026-07-20")) > 0
    assert kpi_letter.send(at=at("2026-08-20")) == 0
