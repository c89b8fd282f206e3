"""What is missed now stands first and red, until a value after it is there."""

import re

import pytest
from sqlmodel import select

from models.engine import writing
from models.kpi import Measurement
from processes.watch import switches
from tests.support.indicators import indicator, measure


@pytest.fixture
def measured(people):
    measure(indicator("K1", name="已达标"), [(99, 100)] * 3, first="2026-06")
    # The month that ended last is not owed yet at the hour of these tests' first days.
    measure(indicator("K2", name="未达标的", owner="li"), [(99, 100), (50, 100)], first="2026-06")
    return people


def names(html: str) -> list[str]:
    return re.findall(r'<div class="what"><a href="[^"]+"><strong>([^<]+)', html)


def test_a_miss_stands_first_while_the_next_period_is_not_owed_yet(measured, hour, signed_in):
    hour.at = hour.at.replace(month=8, day=3)  # July's value is in, August runs
    assert names(signed_in("zhao").get("/kpis/board").text) == ["未达标的", "已达标"]
    hour.at = hour.at.replace(month=9, day=1, hour=3)  # August is over and not owed yet
    browser = signed_in("zhao")
    text = browser.get("/kpis/board").text
    assert names(text) == ["未达标的", "已达标"]
    assert "未到填报期" not in text.split("未达标的")[1].split("已达标")[0]
    assert names(browser.get("/kpis/board?missed=1").text) == ["未达标的"]


def test_the_home_of_whoever_leads_shows_it_and_nobody_elses_does(measured, hour, signed_in):
    hour.at = hour.at.replace(month=9, day=1)
    assert "当前未达标的指标" in signed_in("wang").get("/").text
    assert "当前未达标的指标" not in signed_in("chen").get("/").text


def test_an_indicator_process_that_is_off_shows_nothing_on_the_home(measured, hour, signed_in):
    hour.at = hour.at.replace(month=9, day=1)
    switches.switch("kpi", on=False, by="operator:li", at=hour.at)
    assert "当前未达标的指标" not in signed_in("wang").get("/").text


def test_a_project_is_called_by_its_name(measured, hour, signed_in):
    with writing() as session:
        for row in session.exec(select(Measurement)).all():
            row.scope = "project=P1"
            session.add(row)
    text = signed_in("zhao").get("/kpis/board").text
    assert "政务云运维" in text.split('<ul class="kpis">')[1]
    assert "· project=P1" not in text
