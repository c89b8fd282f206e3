"""The registers: each sees his own area, filters and pages hold, and a file computes nothing."""

import csv
import io
from datetime import timedelta

import pytest
from sqlmodel import select

from models.duty import Duty
from models.engine import reading
from models.nonconformity import Nonconformity
from processes.nonconformity import raising as nonconformities
from rules.words import Risk, Severity
from tests.web import matters
from tests.web.cast import TestClient, field
from tests.web.duty.test_page import everything, post
from tests.web.matters import Matter


def raised(owner: str, title: str, at, **facts) -> str:
    return nonconformities.raise_(title=title, owner_code=owner, at=at, **facts)


@pytest.fixture
def register(people, hour):
    """One nonconformity for each of some owners."""
    return {
        owner: raised(owner, f"事项-{owner}", hour.at, raised_by="zhao")
        for owner in ("li", "sun", "wang", "chen", "smith")
    }


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("zhao", {"li", "sun", "wang", "chen", "smith"}),  # quality and auditor: all
        ("head", {"li", "sun", "wang", "chen", "smith"}),
        ("director", {"li", "sun", "wang", "smith"}),  # everybody below
        ("wang", {"li", "sun", "wang", "smith"}),
        ("li", {"li"}),
        ("chen", {"chen"}),
        ("other", {"chen"}),
        ("vp", set()),
    ],
)
def test_each_sees_his_own_area(who, sees, register, signed_in):
    browser = signed_in(who)
    for path in ("/nonconformities", "/duties", "/nonconformities.csv", "/duties.csv"):
        text = browser.get(path).text
        assert {owner for owner in register if f"事项-{owner}" in text} == sees, path
    for owner, code in register.items():
        status = 200 if owner in sees else 404
        assert browser.get(f"/nonconformities/{code}").status_code == status
        with reading() as session:
            duty = session.exec(select(Duty).where(Duty.subject == code)).one()
        assert browser.get(f"/duties/{duty.id}").status_code == status


def test_a_stranger_is_asked_to_sign_in_and_comes_back(pages, register):
    for path in ("/duties", "/nonconformities", f"/nonconformities/{register['li']}", "/raise"):
        answer = pages.get(path, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/?next={path}"
    assert "事项" not in pages.get("/duties").text


def test_my_duties_are_mine_alone(register, signed_in):
    text = signed_in("wang").get("/").text
    assert "事项-wang" in text
    assert "事项-li" not in text


def test_owing_nothing_is_said(people, signed_in):
    assert "目前没有待办" in signed_in("vp").get("/").text


FILTERS = [
    ("", {"a", "b", "c"}),
    ("severity=major", {"b"}),
    ("severity=nonsense", {"a", "b", "c"}),
    ("state=raised", {"a", "c"}),
    ("state=disputed", {"b"}),
    ("project=P1", {"c"}),
    ("person=li", {"a", "b"}),
    ("person=nobody", set()),
    ("find=巡检", {"a"}),
    ("find=%25", set()),  # a percent sign is not "anything"
    ("find=_", set()),
    ("overdue=1", {"a"}),
    ("overdue=1&severity=major", set()),
    ("page=2", set()),
    ("page=0", {"a", "b", "c"}),
    ("page=-1", {"a", "b", "c"}),
    ("page=9999999999999999999", {"a", "b", "c"}),
    ("page=x", {"a", "b", "c"}),
]


def test_filters_of_the_register(people, hour, signed_in):
    early = hour.at - timedelta(days=60)
    codes = {
        "a": raised("li", "巡检记录缺失", early),
        "b": raised("li", "变更未经批准", hour.at, severity=Severity.MAJOR),
        "c": raised("chen", "备件不符", hour.at, project="P1"),
    }
    with reading() as session:
        duty = session.exec(select(Duty).where(Duty.subject == codes["b"])).one()
    from processes.duty import answers

    answers.answer(
        duty.id,
        person_id=people["li"],
        data={"decision": "dispute", "reason": "不成立"},
        at=hour.at,
        via="test",
    )
    browser = signed_in("zhao")
    for query, finds in FILTERS:
        text = browser.get(f"/nonconformities?{query}").text
        assert {name for name, code in codes.items() if f">{code}<" in text} == finds, query


def test_pages_of_fifty(people, hour, signed_in):
    for n in range(120):
        raised("li", f"第{n:03}项", hour.at + timedelta(seconds=n))
    browser = signed_in("zhao")
    seen = []
    path = "/nonconformities"
    for page in (1, 2, 3):
        text = browser.get(f"{path}?page={page}").text
        found = [n for n in range(120) if f"第{n:03}项" in text]
        assert len(found) == (50, 50, 20)[page - 1]
        seen += found
    assert sorted(seen) == list(range(120))
    assert "共 120 条" in text
    assert "page=2" in text
    assert "page=4" not in text


def test_all_duties_show_what_is_open_unless_asked(people, hour, signed_in):
    Matter(people, hour.at, title="已答复事项").respond()
    Matter(people, hour.at, title="未答复事项")
    browser = signed_in("zhao")
    usual, every = browser.get("/duties").text, browser.get("/duties?state=any").text
    assert (usual.count("已答复事项"), every.count("已答复事项")) == (1, 2)
    assert "state=any" not in usual


FORMULAS = [
    *("=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "＝1"),
    *("  =1+1", "=cmd|'/C calc'!A0", "-2+3"),
]


def test_a_file_computes_nothing(people, hour, signed_in):
    for title in FORMULAS:
        raised("li", title, hour.at)
    answer = signed_in("zhao").get("/nonconformities.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["title"] for row in rows} == {f"'{title.strip()}" for title in FORMULAS}
    assert rows[0]["priority"] == "4"  # numbers of ours stay numbers


def test_a_file_keeps_commas_quotes_and_lines(people, hour, signed_in):
    raised("li", 'a,"b";c', hour.at)
    text = signed_in("zhao").get("/nonconformities.csv").content.decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(text)))["title"] == 'a,"b";c'


def test_an_empty_file_is_a_file(people, signed_in):
    assert signed_in("vp").get("/duties.csv").status_code == 200


# --- raising --------------------------------------------------------------------------------


GOOD = {"title": "交接记录未签字", "owner": "sun", "severity": "minor", "risk": "normal"}


def raise_(browser: TestClient, **data: str):
    form = {"csrf": field(browser.get("/raise").text), **data}
    return browser.post("/raise", data=form, follow_redirects=False)


def test_anybody_signed_in_may_raise_one(people, signed_in):
    browser = signed_in("chen")
    answer = raise_(browser, **GOOD, description="<b>见记录</b>", due="2026-10-20", clause="7.5")
    assert answer.status_code == 303
    page = browser.get(answer.headers["location"])
    assert page.status_code == 200  # he raised it, so he sees it
    assert "交接记录未签字" in page.text
    assert "&lt;b&gt;见记录" in page.text
    with reading() as session:
        row = session.exec(select(Nonconformity)).one()
    assert (row.owner_id, row.raised_by_id) == (people["sun"], people["chen"])


def test_a_high_risk_goes_straight_up(people, signed_in):
    raise_(signed_in("zhao"), **{**GOOD, "risk": "high"})
    with reading() as session:
        kinds = {duty.kind: duty.owner_id for duty in session.exec(select(Duty))}
    assert kinds == {"respond": people["sun"], "decide": people["vp"]}
    assert session.exec(select(Nonconformity)).one().risk is Risk.HIGH


NOT_RAISED = [
    ({"title": ""}, 422),
    ({"title": "长" * 301}, 422),
    ({"description": "长" * 20_001}, 422),
    ({"owner": ""}, 422),
    ({"owner": "nobody"}, 409),
    ({"owner": "gone"}, 409),
    ({"severity": "worst"}, 422),
    ({"risk": "worst"}, 422),
    ({"due": "soon"}, 422),
    ({"due": "2020-01-01"}, 409),
    ({"due": "9999-12-31"}, 409),
    ({"due": "0026-01-01"}, 409),
    ({"project": "P9"}, 409),
]


def test_what_cannot_be_raised_keeps_what_was_typed(people, signed_in):
    browser = signed_in("zhao")
    before = everything()
    for changed, status in NOT_RAISED:
        answer = raise_(browser, **{**GOOD, "description": "现场查看 <交接簿>", **changed})
        assert answer.status_code == status, changed
        assert "description" in changed or "现场查看 &lt;交接簿&gt;" in answer.text
    assert everything() == before


def test_raising_needs_the_form(people, signed_in):
    assert signed_in("zhao").post("/raise", data=GOOD).status_code == 403


# --- one nonconformity ------------------------------------------------------------------------


def test_the_head_of_quality_declares_it_void_with_a_code(people, hour, signed_in):
    matter = Matter(people, hour.at)
    path = f"/nonconformities/{matter.code}"
    browser = signed_in("head")
    asked = post(browser, path, {"reason": "重复开具"}, act="void")
    assert asked.status_code == 200
    assert "重复开具" in asked.text
    assert 'name="code"' in asked.text
    wrong = post(browser, path, {"reason": "重复开具", "code": "1"}, act="void")
    assert wrong.status_code == 409
    signed = post(browser, path, {"reason": "重复开具", "code": matters.code()}, act="void")
    assert signed.status_code == 200
    assert "已作废" in signed.text
    assert matter.duty("respond") is None


def test_nobody_else_declares_it_void(people, hour, signed_in):
    matter = Matter(people, hour.at)
    path = f"/nonconformities/{matter.code}"
    browser = signed_in("zhao")
    assert "作废" not in browser.get(path).text
    assert post(browser, path, {"reason": "x"}, act="void").status_code in {403, 409}
    assert matter.duty("respond") is not None


def test_void_needs_a_reason(people, hour, signed_in):
    matter = Matter(people, hour.at)
    answer = post(signed_in("head"), f"/nonconformities/{matter.code}", {"reason": " "}, act="void")
    assert answer.status_code == 409
    assert matter.duty("respond") is not None


def test_the_owner_reports_it_to_management(people, hour, signed_in):
    matter = Matter(people, hour.at)
    path = f"/nonconformities/{matter.code}"
    answer = post(signed_in("li"), path, {"reason": "需要采购"}, act="straight_up")
    assert answer.status_code == 200
    assert matter.duty("decide").owner_id == people["vp"]


def test_a_nonconformity_needs_the_form(people, hour, signed_in):
    matter = Matter(people, hour.at)
    path = f"/nonconformities/{matter.code}"
    before = everything()
    data = {"act": "void", "reason": "x"}
    browser = signed_in("head")
    before = everything()
    assert browser.post(path, data=data).status_code == 403
    assert everything() == before


def test_a_code_with_a_slash_has_its_page(people, hour, signed_in):
    code = raised("li", "外部编号", hour.at, code="审/2026 #1?x")
    browser = signed_in("zhao")
    listed = browser.get("/nonconformities").text
    from urllib.parse import quote

    path = f"/nonconformities/{quote(code, safe='')}"
    assert f"/nonconformities/{quote(code)}" in listed or path in listed
    assert "外部编号" in browser.get(path).text


def test_the_page_tells_the_whole_story(people, hour, signed_in):
    matter = Matter(people, hour.at).verify()
    text = signed_in("zhao").get(f"/nonconformities/{matter.code}").text
    for told in ("巡检表模板未包含 UPS 项", "文件编号 ITSS-07-V2.1", "抽查 10 份", "已关闭"):
        assert told in text
    assert "李娜已答复" in text
    assert "赵敏已答复" in text


def test_who_raised_one_finds_it_again(people, hour, signed_in):
    raised("li", "由陈晨开具", hour.at, raised_by="chen")
    browser = signed_in("chen")
    assert "由陈晨开具" in browser.get("/nonconformities").text
    assert "由陈晨开具" not in browser.get("/duties").text
    assert "由陈晨开具" not in signed_in("smith").get("/nonconformities").text
