"""The pages about indicators: counts beside rates, no more than one's own, nobody's markup."""

from datetime import date

import pytest
from sqlmodel import select

from models.duty import Duty
from models.engine import reading
from processes.kpi import special
from tests.support.cast import change
from tests.support.indicators import indicator, measure
from tests.web.cast import TEMPTING

QUIET = [97.2 if n % 2 else 96.8 for n in range(23)]  # 2024-09 to 2026-07


@pytest.fixture
def measured(people):
    """An indicator of Li's whose last month was unusual, and one of Chen's with counts."""
    one = indicator("K1", name=TEMPTING[:190], name_en="", definition=TEMPTING)
    measure(one, [*QUIET, 80], first="2024-09")
    other = indicator("K2", owner="chen", name="回访覆盖率", since=date(2026, 6, 1))
    measure(other, [(95, 100), None, (0, 0)], first="2026-06")
    return one, other


def test_a_rate_stands_with_its_counts_and_a_gap_is_named(signed_in, measured):
    shown = signed_in("zhao").get("/kpis/board").text
    assert "95%" in shown
    assert "95 / 100" in shown
    assert "缺数1期" in shown
    assert "无统计对象" in shown
    assert shown.count('<svg xmlns="http://www.w3.org/2000/svg"') == 2


def test_what_people_wrote_is_text_in_charts_too(signed_in, measured):
    client = signed_in("zhao")
    for path in ("/kpis/board", "/kpis/show/K1", "/kpis/advice"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "<script" not in answer.text
        assert "<svg onload" not in answer.text
        assert "{{7*7}}" in answer.text or path == "/kpis/advice"
        assert " style=" not in answer.text


def test_the_special_month_is_explained_beside_the_chart(signed_in, measured, hour):
    special.look(at=hour.at)
    shown = signed_in("zhao").get("/kpis/show/K1").text
    assert "低于正常波动范围" in shown
    assert "尚未说明" in shown
    assert 'id="TS-0001"' in shown


def test_a_letter_s_link_leads_to_the_indicator(signed_in, measured, hour):
    special.look(at=hour.at)
    client = signed_in("zhao")
    answer = client.get("/kpis/special/TS-0001", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/kpis/show/K1?scope=organisation#TS-0001"
    assert client.get("/kpis/special/TS-9999").status_code == 404


def test_the_page_of_the_duty_shows_the_chart(signed_in, measured, hour, token, pages):
    special.look(at=hour.at)
    with reading() as session:
        duty = session.exec(select(Duty)).one()
    shown = pages.get(f"/d/{token(duty.id, 'li')}").text
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in shown
    assert "用一句话说明特殊情况" in shown
    assert "低于正常波动范围" in shown


def test_everybody_sees_what_his_people_answer_for(signed_in, measured):
    client = signed_in("chen")
    shown = client.get("/kpis/board").text
    assert "K2" in shown
    assert "K1" not in shown
    assert client.get("/kpis/show/K1").status_code == 404
    assert client.get("/kpis/show/K2").status_code == 200
    assert signed_in("li").get("/kpis/show/K2").status_code == 404


def test_a_stranger_is_asked_who_he_is(pages, measured):
    for path in ("/kpis/board", "/kpis/board.xlsx", "/kpis/show/K1", "/kpis/advice"):
        assert "发送登录链接" in pages.get(path).text


@pytest.mark.parametrize(
    "query",
    ["element=process", "special=1", "owner=chen", "frequency=day", "periods=9999", "project=%00"],
)
def test_any_filter_is_answered(signed_in, measured, query):
    assert signed_in("zhao").get(f"/kpis/board?{query}").status_code == 200


def test_filters_leave_out_what_does_not_fit(signed_in, measured):
    shown = signed_in("zhao").get("/kpis/board?owner=chen").text
    assert "K2 " in shown
    assert "K1 " not in shown


def test_the_board_as_a_workbook(signed_in, measured):
    answer = signed_in("zhao").get("/kpis/board.xlsx")
    assert answer.content[:2] == b"PK"
    assert 'filename="kpi-board-2026-09-14.xlsx"' in answer.headers["content-disposition"]


def test_in_english(signed_in, measured):
    change("zhao", language="en")
    client = signed_in("zhao")
    assert "Indicator board" in client.get("/kpis/board").text
    assert "There are too few values yet" in client.get("/kpis/show/K2").text
    assert client.get("/kpis/show/NONE").status_code == 404


def test_looking_changes_nothing(signed_in, measured):
    client = signed_in("zhao")
    for path in ("/kpis/board", "/kpis/show/K1", "/kpis/advice"):
        assert client.post(path).status_code == 405
        assert client.head(path).status_code == 200
