"""The pages of internal audits: whose they are, what they show, what they refuse."""

import re
from pathlib import Path

import pytest
from markupsafe import escape

from notifications import links
from processes.audit import opening as audit_opening
from processes.audit.conduct import COLUMNS
from processes.cycle import cycles
from tests.support.audit_cast import company, drafted, team
from tests.support.audit_life import HELD, announced, answer, conducted, lead, opened, reported
from tests.support.cast import at, change, duty_of
from tests.web.cast import Hour, TestClient, field, secret
from web.frame.app import create_app

HOUR = at("2026-09-01")


@pytest.fixture
def cast(home):
    return company()


@pytest.fixture
def browser(cast):
    """Return a browser in which somebody has signed in."""

    def of(code, when=HOUR):
        hour = Hour(when)
        client = TestClient(create_app(hour), base_url="http://pages.test")
        token = links.sign(secret(), links.Purpose.SIGN_IN, (cast[code], f"n-{code}", "/"), when)
        page = client.get(f"/sign-in/{token}")
        client.post(f"/sign-in/{token}", data={"csrf": field(page.text), "me": "yes"})
        return client

    return of


def test_the_register_and_an_audit_with_its_proof(cast, browser):
    code = opened()
    pages = browser("zhao")
    assert code in pages.get("/audits").text
    page = pages.get(f"/audits/{code}").text
    assert "独立" in page
    assert "NET部" in page


@pytest.mark.parametrize(("who", "sees"), [("wang", True), ("li", False), ("chen", None)])
def test_the_audited_see_their_audit_and_strangers_do_not(cast, browser, who, sees):
    code = opened()
    seen = browser(who).get(f"/audits/{code}").status_code == 200
    assert seen is (who in team(code) or sees is True or who == "chen")  # Chen is an auditor


def test_a_team_named_on_the_page_goes_through_the_gate(cast, browser):
    code = opened()
    before = team(code)
    pages = browser("zhao")
    data = {"csrf": field(pages.get(f"/audits/{code}").text), "act": "team"}
    no = pages.post(f"/audits/{code}", data={**data, "lead": "zhao", "auditors": "sun"})
    assert no.status_code == 409
    assert "属于受审核部门" in no.text
    assert "下级" in no.text
    assert team(code) == before
    yes = pages.post(f"/audits/{code}", data={**data, "lead": "zhao", "auditors": "he"})
    assert yes.status_code == 200
    assert team(code) == {"zhao": "lead", "he": "auditor"}


@pytest.mark.parametrize("typed", ["he; <he", "he 'sun'", "he；h:e", 'he, "'])
def test_a_code_that_nobody_has_is_named_and_no_part_of_the_team_is_kept(cast, browser, typed):
    code = opened()
    before = team(code)
    pages = browser("zhao")
    data = {"csrf": field(pages.get(f"/audits/{code}").text), "act": "team", "lead": "zhao"}
    no = pages.post(f"/audits/{code}", data={**data, "auditors": typed})
    assert no.status_code in {404, 409}
    assert str(escape(re.split(r"[;,；\s]+", typed)[1])) in no.text
    assert team(code) == before


def test_only_quality_plans(cast, browser):
    code = opened()
    pages = browser("chen")  # an auditor sees everything, and plans nothing
    token = field(pages.get("/").text)
    data = {"csrf": token, "act": "team", "lead": "chen", "auditors": "he"}
    assert pages.post(f"/audits/{code}", data=data).status_code == 409


def test_the_programme_shows_reasons_months_and_keeps_an_edit(cast, browser):
    drafted(2026, "2026-01-05")
    pages = browser("zhao", at("2026-01-06"))
    page = pages.get("/audit-programmes/2026").text
    assert "重要度" in page
    assert "全覆盖" in page
    data = {"csrf": field(page), "area": "NET", "months": "5, 11", "reason": "客户检查后"}
    assert "客户检查后" in pages.post("/audit-programmes/2026", data=data).text
    none = pages.post("/audit-programmes/2026", data={**data, "months": "13"})
    assert none.status_code == 409


def test_a_programme_is_not_shown_to_whoever_leads_one_unit(cast, browser):
    drafted(2026, "2026-01-05")
    assert browser("wang", at("2026-01-06")).get("/audit-programmes/2026").status_code == 404


def test_the_report_comes_as_word_and_pdf(cast, browser):
    code = conducted(cast, c1="minor")
    reported(cast, code)
    pages = browser("zhao", HELD)
    assert pages.get(f"/audits/{code}/report.pdf").content[:5] == b"%PDF-"
    assert pages.get(f"/audits/{code}/report.docx").content[:2] == b"PK"
    assert pages.get(f"/audits/{code}/report.exe").status_code in {404, 422}


def test_looking_changes_nothing_and_runs_nothing(cast, browser):
    code = conducted(cast, c1="minor", more={"reason": "<script>alert(1)</script>"})
    page = browser("zhao", HELD).get(f"/audits/{code}").text
    assert "<script>" not in page
    assert not re.search(r"style=", page)


def test_the_auditee_reads_the_finding_before_he_answers(cast, browser):
    code = conducted(cast, c1="minor")
    duty = duty_of(f"{code}-F1", "confirm_finding")
    page = browser("wang", HELD).get(f"/duties/{duty.id}").text
    assert "第 1 项缺少记录" in page
    assert "查了 5 份记录" in page


def test_the_checklist_is_filled_on_the_duty_page(cast, browser):
    code = announced(cast)
    pages = browser(lead(code), at("2026-09-10", "11:00"))
    duty = duty_of(code, "conduct_audit")
    data = {"csrf": field(pages.get(f"/duties/{duty.id}").text), "act": "draft"}
    filled = {"line.c1.verdict": "minor", "line.c1.evidence": "台账第 3 页"}
    assert pages.post(f"/duties/{duty.id}", data={**data, **filled}).status_code == 200
    assert "台账第 3 页" in pages.get(f"/duties/{duty.id}").text


def _act(pages, code, act, **fields):
    data = {"csrf": field(pages.get(f"/audits/{code}").text), "act": act, **fields}
    return pages.post(f"/audits/{code}", data=data)


def test_an_announced_audit_is_moved_and_its_meetings_with_it(cast, browser):
    code = announced(cast)
    pages = browser("zhao")
    before = duty_of(code, "conduct_audit")
    unreadable = _act(pages, code, "move", opening_on="soon", opening_at="09:00")
    short = _act(pages, code, "move", opening_on="2026-09-02", opening_at="09:00")
    assert (unreadable.status_code, short.status_code) == (422, 409)
    moved = _act(pages, code, "move", opening_on="2026-09-17", opening_at="14:00", place="508")
    assert moved.status_code == 200
    assert "2026-09-17 14:00" in moved.text
    assert duty_of(code, "conduct_audit").id != before.id  # the old day is owed no more


def test_a_report_that_came_back_is_rewritten_by_its_author_alone(cast, browser):
    code = conducted(cast, c1="minor")
    reported(cast, code)
    written = {"service": "yes", "own": "yes", "effective": "yes", "summary": "已补充抽样说明"}
    author = browser(lead(code), HELD)
    assert 'value="rewrite"' not in author.get(f"/audits/{code}").text
    review = duty_of(code, "review")
    who = next(one for one, number in cast.items() if number == review.owner_id)
    answer(cast, who, "review", code, HELD, decision="return", note="抽样说明不清楚")
    lacking = _act(author, code, "rewrite", **written, conclusion="")
    kept = _act(author, code, "rewrite", **written, conclusion="总体符合")
    assert (lacking.status_code, kept.status_code) == (409, 200)
    assert "已补充抽样说明" in kept.text
    answer(cast, lead(code), "revise", code, HELD, note="已改")
    assert duty_of(code, "review").id != review.id  # judged anew


def test_what_a_judgement_asks_for_is_shown_with_it():
    """The page hides the gap until something lacks: each judgement that asks for it shows it."""
    css = (Path(__file__).parents[3] / "web/static/pages.css").read_text("utf-8")
    words = {word for column in COLUMNS for word in column.when}
    assert words == {"major", "minor", "observation", "opportunity"}
    for word in words:
        assert f'[value="{word}"]:checked) .when-{word}' in css, word


def test_the_auditors_are_shown_to_whoever_sees_the_whole_house(cast, browser):
    change("chen", active=False)
    page = browser("zhao", at("2027-12-01")).get("/auditors").text
    assert "即将到期" in page
    assert "已离职" in page
    assert "已过期" in browser("zhou", at("2028-01-03")).get("/auditors").text
    assert browser("wang").get("/auditors").status_code == 404


def test_plan_and_programme_come_as_files_to_whom_they_are_shown(cast, browser):
    code = announced(cast)
    drafted(2027, "2026-09-01")
    pages = browser("zhao")
    assert pages.get(f"/audits/{code}/plan.pdf").content[:5] == b"%PDF-"
    assert pages.get("/audit-programmes/2027/programme.docx").content[:2] == b"PK"
    other = browser("wang")
    assert other.get("/audit-programmes/2027/programme.docx").status_code == 404
    assert browser("feng").get(f"/audits/{code}/plan.pdf").status_code == 404


def test_the_programme_is_described_in_the_organisations_own_words(cast, browser):
    drafted(2026, "2026-01-05")
    pages = browser("zhao", at("2026-01-06"))
    texts = {"purpose": "迎接换证审核", "scope": "全部", "methods": "抽样", "frequency": "每年"}
    own = {"csrf": field(pages.get("/audit-programmes/2026").text), "act": "texts"}
    assert (
        pages.post("/audit-programmes/2026", data={**own, **texts, "scope": ""}).status_code == 409
    )
    assert "迎接换证审核" in pages.post("/audit-programmes/2026", data={**own, **texts}).text
    drafted(2026, "2026-01-07")  # computed anew, the words stay
    assert "迎接换证审核" in pages.get("/audit-programmes/2026").text


@pytest.mark.parametrize(("importance", "status"), [("6", "steady"), ("x", "steady"), ("3", "odd")])
def test_no_importance_but_one_to_five(cast, browser, importance, status):
    drafted(2026, "2026-01-05")
    pages = browser("zhao", at("2026-01-06"))
    own = {"csrf": field(pages.get("/audit-programmes/2026").text), "area": "NET", "months": "5"}
    sent = {**own, "importance": importance, "status": status, "reason": "x"}
    assert pages.post("/audit-programmes/2026", data=sent).status_code == 409


def test_a_cancelled_audit_covers_nothing(cast, browser):
    code = opened()
    quality = browser("zhao")
    covered = quality.get("/audit-programmes/2026").text
    audit_opening.cancel(code, reason="停机", at=HOUR, actor="person:1")
    page = browser("zhou").get("/audit-programmes/2026").text
    assert page.count("NET") > covered.count("NET")  # named among what is left out
    own = {"csrf": field(quality.get(f"/audits/{code}").text), "act": "resume"}
    wrong = quality.post(f"/audits/{code}", data={**own, "on": "soon", "reason": "x"})
    assert wrong.status_code == 409
    taken = quality.post(f"/audits/{code}", data={**own, "on": "2026-10-12", "reason": "客户同意"})
    assert "审核已恢复计划" in taken.text
    assert quality.get("/audit-programmes/2026").text.count("NET") == covered.count("NET")


def test_whoever_judges_a_report_or_a_programme_reads_it_beside_the_form(cast, browser):
    code = conducted(cast, c1="minor")
    reported(cast, code)
    duty = duty_of(code, "review")
    who = next(one for one, number in cast.items() if number == duty.owner_id)
    page = browser(who, HELD).get(f"/duties/{duty.id}").text
    for said in ("总体符合", "按计划", "第 1 项缺少记录", "一般不符合"):
        assert said in page, said
    drafted(2027, "2026-09-10")
    owed = duty_of("AP-2027", "draw_up")
    author = next(one for one, number in cast.items() if number == owed.owner_id)
    page = browser(author, HELD).get(f"/duties/{owed.id}").text
    for said in ("全覆盖", "服务台与事件管理", "重要度"):
        assert said in page, said


@pytest.mark.parametrize(("who", "sees"), [("zhao", True), ("wang", True), ("feng", False)])
def test_the_walk_through_the_year_leads_to_the_audits_that_are_ones_own(cast, browser, who, sees):
    code = conducted(cast, "NET", c1="minor")
    cycles.open_cycles(HELD)
    page = browser(who, HELD).get("/cycles/2026").text
    assert (f"/audits/{code}" in page) is sees
