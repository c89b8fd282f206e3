"""In a real browser without scripts: the board on a phone, and the charts as they are drawn."""

import pytest
from sqlmodel import select

from models.duty import Duty
from models.engine import reading
from processes.kpi import special
from tests.support.indicators import indicator, measure
from tests.web.frame.test_browser import (
    chromium,  # noqa: F401 - fixtures
    phone,  # noqa: F401 - fixtures
    runs_off,
    served,  # noqa: F401 - fixtures
)
from web.frame.session import COOKIE

pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

LONG = "超长不断行的指标名称" + "ABCDEFGHIJ" * 12


@pytest.fixture
def board(people, hour):
    """An indicator with a name without end, gaps, a miss and something special."""
    values = [97.2 if n % 2 else 96.8 for n in range(23)]
    values[7] = None
    measure(indicator("K1", name=LONG, name_en=""), [*values, 80], first="2024-09")
    measure(indicator("K2", owner="chen"), [(95, 100)] * 3, first="2026-06")
    special.look(at=hour.at)


def enter(page, served, client):  # noqa: F811
    page.context.add_cookies([{"name": COOKIE, "value": client.cookies[COOKIE], "url": served}])


@pytest.mark.parametrize("path", ["/kpis/board", "/kpis/show/K1", "/kpis/advice"])
def test_nothing_runs_off_a_phone(board, served, phone, signed_in, path):  # noqa: F811
    enter(phone, served, signed_in("zhao"))
    for width in (320, 360, 1280):
        phone.set_viewport_size({"width": width, "height": 800})
        phone.goto(served + path)
        assert runs_off(phone) <= 0, width


def test_charts_are_drawn_without_anything_the_policy_blocks(
    board,
    served,  # noqa: F811
    phone,  # noqa: F811
    signed_in,
):
    said = []
    phone.on("console", lambda message: said.append(message.text))
    enter(phone, served, signed_in("zhao"))
    phone.set_viewport_size({"width": 360, "height": 800})
    phone.goto(served + "/kpis/board")
    charts = phone.locator("svg.chart")
    assert charts.count() == 2
    assert all(chart.bounding_box()["width"] > 200 for chart in charts.all())
    phone.goto(served + "/kpis/show/K1")
    assert phone.locator("svg.chart").bounding_box()["height"] > 150
    assert said == []


def test_the_owner_explains_it_on_his_phone(board, served, phone, token):  # noqa: F811
    with reading() as session:
        duty = session.exec(select(Duty)).one()
    phone.goto(f"{served}/d/{token(duty.id, 'li')}")
    assert phone.locator("svg.chart").count() == 1
    phone.fill('input[name="explanation"]', "八月版本发布集中，工单积压。")
    phone.click('#answer button[type="submit"]')
    assert "已与图表一起保存" in phone.locator(".said").inner_text()
