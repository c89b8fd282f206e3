"""Contracts on pages: each reader sees the own ones, nothing is changed by looking."""

import pytest

from tests.support.promises import CONTACTS, CUSTOMERS, SERVICES, SLAS, Desk

CONTRACTS = (
    "code,name,customer,start,end,manager,projects,service_time\n"
    "HY-1,政务云<b>合同,ZWY,2026-01-01,2027-12-31,wang,P1,24x7\n"
    "HY-2,没有条款的合同,,,,,,"
)
OUTAGES = (
    "code,contract,service,starts_at,ends_at,announced_at,planned,cause\n"
    "TJ-1,HY-1,CLOUD,2026-08-10 01:00,2026-08-10 02:00,2026-08-10 01:30,yes,=1+1"
)
REQUIREMENTS = (
    "code,title,contract,owner,raised_on,due\nXQ-1,每日报送,HY-1,li,2026-08-01,2026-08-20"
)
PROBLEMS = "code,title,contract,owner,raised_on,due\nWT-1,磁盘告警,HY-1,li,2026-08-01,2026-08-20"
PAGES = ["/contracts", "/contracts/show/HY-1", "/requirements", "/problems"]


@pytest.fixture
def desk(people, tmp_path):
    desk = Desk(tmp_path)
    desk.take("customers", CUSTOMERS)
    desk.take("contracts", CONTRACTS)
    desk.take("services", SERVICES)
    desk.take("contacts", CONTACTS)
    head, *lines = SLAS.splitlines()
    signed = [f"{line},availability:agreed,2025-12-20" for line in lines]
    desk.take("slas", "\n".join([f"{head},source,signed_on", *signed]))
    desk.take("outages", OUTAGES)
    desk.take("requirements", REQUIREMENTS)
    desk.take("problems", PROBLEMS)
    return desk


@pytest.mark.parametrize("path", PAGES)
def test_strangers_are_asked_to_sign_in(desk, pages, path):
    page = pages.get(path).text
    for words in ("政务云", "每日报送", "磁盘告警"):
        assert words not in page


def test_quality_sees_every_contract_and_what_it_lacks(desk, signed_in):
    page = signed_in("zhao").get("/contracts").text
    assert "HY-1" in page
    assert "没有条款的合同" in page
    assert "服务时间" in page


def test_a_contract_shows_its_sla_its_figures_and_what_counts(desk, signed_in):
    page = signed_in("zhao").get("/contracts/show/HY-1").text
    for words in (
        "HY-1.1",
        "99.9",
        "云平台可用性",
        "计入：事后公告",
        "郭涛",
        "每日报送",
        "磁盘告警",
    ):
        assert words in page
    assert "<b>" not in page
    assert "政务云&lt;b&gt;合同" in page


def test_a_contract_without_service_time_says_so(desk, signed_in):
    page = signed_in("zhao").get("/contracts/show/HY-2").text
    assert "合同没有服务时间" in page


def test_a_manager_sees_the_own_contracts_and_no_others(desk, signed_in):
    browser = signed_in("wang")
    page = browser.get("/contracts").text
    assert "HY-1" in page
    assert "HY-2" not in page
    assert browser.get("/contracts/show/HY-2").status_code == 404


def test_whoever_has_no_part_in_it_sees_nothing_of_it(desk, signed_in):
    browser = signed_in("chen")
    for path in ("/contracts", "/requirements", "/problems"):
        page = browser.get(path).text
        assert "HY-1" not in page
        assert "每日报送" not in page
    assert browser.get("/contracts/show/HY-1").status_code == 404
    for name in ("contracts", "slas", "requirements", "problems", "outages", "exclusions"):
        assert "HY-1" not in browser.get(f"/contracts/export/{name}.csv").text


def test_registers_can_be_taken_away_and_no_cell_is_computed(desk, signed_in):
    browser = signed_in("zhao")
    for name in ("contracts", "slas", "requirements", "problems", "outages"):
        answer = browser.get(f"/contracts/export/{name}.csv")
        assert answer.status_code == 200
        assert "HY-1" in answer.text
    assert ",'=1+1" in browser.get("/contracts/export/outages.csv").text
    assert browser.get("/contracts/export/contacts.csv").status_code == 404  # personal data


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_in_english(desk, signed_in, path):
    page = signed_in("zhao").get(path, headers={"accept-language": "en"})
    assert page.status_code == 200
