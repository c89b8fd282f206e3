"""The management review on its pages: who reads it, what is escaped, what was kept."""

import io
from datetime import date

import pytest
from docx import Document
from sqlmodel import col, select

from models.duty import Duty
from models.engine import reading, writing
from models.plan import Activity
from processes.cycle import cycles
from processes.duty import answers
from processes.nonconformity import raising as nonconformities
from processes.plan import activities
from tests.web.cast import TEMPTING, field

CODE = "2026-04-0915"


@pytest.fixture
def planned(people, hour):
    day = date(2026, 9, 15)
    with writing() as session:
        session.add(
            Activity(
                code=CODE,
                plan="2026",
                item="04",
                kind="management_review",
                title="管理评审",
                object_kind="organisation",
                nominal_on=day,
                first_planned_on=day,
                planned_on=day,
                opens_on=date(2026, 9, 1),
                owner="quality_head",
                checker="vp_operations",
            )
        )
    activities.open_due(hour.at)


def duty(kind, subject=CODE):
    with reading() as session:
        return session.exec(
            select(Duty).where(
                col(Duty.kind) == kind, col(Duty.subject) == subject, col(Duty.state) == "open"
            )
        ).one()


@pytest.fixture
def held(planned, people, hour):
    decision = {"kind": "resource", "what": TEMPTING, "who": "wang", "until": "2026-10-30"}
    answers.answer(
        duty("hold_review").id,
        person_id=people["head"],
        data={
            "suitable": "yes",
            "adequate": "no",
            "effective": "partly",
            "result": f"结论 {TEMPTING}",
            "lines": {"d01": decision},
        },
        at=hour.at,
        via="test",
    )


@pytest.fixture
def confirmed(held, people, hour):
    answers.answer(
        duty("check_activity").id,
        person_id=people["vp"],
        data={"decision": "done"},
        at=hour.at,
        via="test",
    )


@pytest.mark.parametrize("who", ["head", "zhao", "vp"])
def test_management_and_quality_read_it(signed_in, planned, who):
    client = signed_in(who)
    html = client.get("/review").text
    assert f"MR-{CODE}" in html
    assert "已报至最高层仍未关闭的事项" in html
    assert 'href="/review"' in client.get("/").text


@pytest.mark.parametrize("who", ["wang", "li", "chen", "director"])
@pytest.mark.parametrize(
    "path", ["/review", "/review/2026", f"/review/{CODE}", f"/review/{CODE}.docx"]
)
def test_to_everybody_else_it_is_not_there(signed_in, held, who, path):
    client = signed_in(who)
    assert client.get(path).status_code == 404
    assert 'href="/review"' not in client.get("/").text


def test_a_stranger_is_asked_who_he_is(pages, held):
    assert "结论" not in pages.get(f"/review/{CODE}").text


@pytest.mark.parametrize("code", ["1999", "2026-01-0320-P1", "%2e", "9999999999", "2026-04-0915x"])
def test_what_is_no_review_is_not_there(signed_in, planned, code):
    assert signed_in("head").get(f"/review/{code}").status_code == 404


def test_before_it_is_held_it_is_as_of_now_and_says_so(signed_in, planned, people, hour):
    head = signed_in("head")
    assert "尚未召开" in head.get(f"/review/{CODE}").text
    nonconformities.raise_(
        title=TEMPTING, owner_code="li", raised_by="zhao", at=hour.at, source="complaint"
    )
    html = head.get("/review/2026").text
    assert "客户投诉 1 件" in html
    assert TEMPTING not in html
    assert "&lt;script&gt;" in html


def test_held_it_shows_what_was_kept_and_nothing_that_came_later(signed_in, held, people, hour):
    nonconformities.raise_(title="后来的", owner_code="li", raised_by="zhao", at=hour.at)
    html = signed_in("head").get(f"/review/{CODE}").text
    assert "已召开，待确认" in html
    assert "开具 0 项" in html
    assert "尚未生效" in html
    assert TEMPTING not in html
    assert "&lt;script&gt;" in html


def test_word_says_the_same_and_what_was_written_is_text_in_it(signed_in, confirmed):
    made = signed_in("head").get(f"/review/{CODE}.docx")
    assert f"MR-{CODE}.docx" in made.headers["content-disposition"]
    document = Document(io.BytesIO(made.content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert TEMPTING in cells
    assert "王伟" in cells


def test_the_duty_the_activity_and_the_decision_lead_to_it(signed_in, confirmed, planned):
    decision = f"{CODE}-D1"
    head, number = signed_in("head"), duty("carry_out", decision).id
    for path in (f"/activities/{CODE}", f"/activities/{decision}", f"/duties/{number}"):
        assert f"/review/{CODE}" in head.get(path).text, path
    assert f"/activities/{decision}" in head.get(f"/review/{CODE}").text
    wang = signed_in("wang").get(f"/activities/{decision}").text  # he owes it and reads no review
    assert "/review" not in wang
    assert TEMPTING not in wang


def test_somebody_else_does_not_see_what_was_decided_for_others(signed_in, confirmed, hour):
    cycles.open_cycles(hour.at)
    chen = signed_in("chen")
    assert chen.get(f"/activities/{CODE}-D1").status_code == 404
    assert f"{CODE}-D1" not in chen.get("/cycles/2026").text
    assert f"/activities/{CODE}-D1" in signed_in("head").get("/cycles/2026").text


def test_whoever_confirms_it_sees_what_was_decided_by_his_letter_alone(pages, held, token):
    html = pages.get(f"/d/{token(duty('check_activity').id, 'vp')}").text
    assert "适宜性" in html
    assert "&lt;script&gt;" in html
    assert TEMPTING not in html
    assert "2026-10-30" in html


def test_it_is_held_on_its_page_line_by_line(signed_in, planned, people):
    head, number = signed_in("head"), duty("hold_review").id
    shown = head.get(f"/duties/{number}").text
    assert f"/review/{CODE}" in shown
    assert shown.count('class="sheet-line') == 12
    assert head.get(f"/duties/{number}/sheet.xlsx").content[:2] == b"PK"
    fields = {
        "csrf": field(shown),
        "act": "answer",
        "suitable": "yes",
        "adequate": "yes",
        "effective": "yes",
        "result": "总体有效",
        "line.d01.kind": "change",
        "line.d01.what": "修订制度",
        "line.d01.who": "nobody",
        "line.d01.until": "2026-11-30",
    }
    refused = head.post(f"/duties/{number}", data=fields)
    assert refused.status_code == 422
    assert "nobody" in refused.text
    assert "修订制度" in refused.text  # what was typed is kept
    taken = head.post(f"/duties/{number}", data={**fields, "line.d01.who": "质量部"})
    assert taken.status_code == 200
    assert "留存" in taken.text
    assert "修订制度" in head.get(f"/review/{CODE}").text
