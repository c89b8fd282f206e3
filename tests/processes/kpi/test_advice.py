"""Indicators to adjust: read off what was measured, and proposed once a year."""

from datetime import date

import pytest
from sqlmodel import select

from models.engine import reading
from models.plan import Improvement
from processes.kpi import advice as kpi_advice
from tests.support.cast import at, hire
from tests.support.indicators import indicator, measure

NOW = at("2026-11-20")


@pytest.fixture
def measured(home):
    people = hire()
    measure(indicator("EASY", target=90), [99] * 12, first="2025-11", target=90)
    measure(indicator("HARD", owner="chen"), [80] * 6, first="2026-05")
    indicator("GONE", since=date(2026, 7, 1))
    measure(indicator("FEW"), [(10, 10)] * 3, first="2026-08")
    measure(indicator("GOOD"), [(96, 100)] * 12, first="2025-11")
    return people


def found(**more):
    return {(row.code, row.reason) for row in kpi_advice.read(at=NOW, **more)}


def test_each_has_its_reason(measured):
    assert found() == {
        ("EASY", "too_easy"),
        ("HARD", "never_met"),
        ("GONE", "no_data"),
        ("FEW", "few_cases"),
    }


def test_a_reader_sees_his_own(measured):
    assert found(people={measured["chen"]}) == {("HARD", "never_met")}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_reason_and_advice_are_sentences_with_the_numbers(measured, language):
    said = {row.code: kpi_advice.said(row, language) for row in kpi_advice.read(at=NOW)}
    assert "90%" in said["EASY"].reason
    assert "99%" in said["EASY"].reason
    assert "80%" in said["HARD"].reason
    assert "10" in said["FEW"].reason
    assert all(words.advice for words in said.values())


def test_they_become_proposals_once_a_year(measured):
    assert kpi_advice.propose(at=at("2026-10-20")) == 0
    assert kpi_advice.propose(at=NOW) == 4
    assert kpi_advice.propose(at=at("2026-12-20")) == 0
    with reading() as session:
        rows = session.exec(select(Improvement)).all()
    assert {row.source for row in rows} == {"kpi_advice"}
    assert {row.cycle for row in rows} == {"2026"}
    assert any("大幅优于目标值90%" in row.text for row in rows)
