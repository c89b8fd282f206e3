"""The plan, its activities and the cycle on their pages: seen, edited, changed, postponed."""

from datetime import date

import pytest
from sqlmodel import col, select

from models.duty import Duty
from models.engine import reading, writing
from models.plan import Activity, Plan
from processes.duty import answers
from processes.plan import drafting as plan_drafting
from processes.plan import plans, rows
from tests.web.cast import TEMPTING, field
from web.plan import form as plan_form


@pytest.fixture
def draft(people, hour):
    with writing() as session:
        plan_drafting.draft(session, 2026, at=hour.at)


@pytest.fixture
def in_force(draft, people, hour):
    with writing() as session:
        own = rows.by_code(session, "2026")
        who = {"author": people["head"], "reviewer": people["zhao"], "approver": people["vp"]}
        plans.adopt(session, own, **who, at=hour.at)


def activities():
    with reading() as session:
        return session.exec(select(Activity).order_by(col(Activity.code))).all()


def of(item):
    return next(one for one in activities() if one.item == item)


def form_of(code="2026"):
    typed = plan_form.of_plan(code)
    fields = dict(typed.text)
    for n, line in enumerate(typed.lines):
        fields |= {f"{n}.{name}": value for name, value in line.items()}
    return fields


def save(client, **changed):
    fields = {**form_of(), **changed, "csrf": field(client.get("/plan/2026/edit").text)}
    return client.post("/plan/2026/edit", data=fields, follow_redirects=False)


def test_without_a_plan_the_page_says_so(signed_in, people):
    assert "还没有年度计划" in signed_in("li").get("/plan").text


def test_everybody_signed_in_reads_the_plan_in_force(signed_in, in_force):
    html = signed_in("chen").get("/plan").text
    assert "2026 年度运维服务质量管理计划" in html
    assert "钱质" in html  # who drew it up
    assert "/plan/2026/edit" not in html


def test_a_stranger_is_asked_who_he_is(pages, in_force):
    assert "2026 年度" not in pages.get("/plan/2026").text


def test_it_is_handed_out_as_word_and_to_quality_as_excel(signed_in, in_force):
    chen = signed_in("chen")
    assert chen.get("/plan/2026.docx").content[:2] == b"PK"
    assert signed_in("head").get("/plan/2026.xlsx").content[:2] == b"PK"
    assert chen.get("/plan/2026.xlsx").status_code == 404


def test_another_unit_sees_no_project_activity(signed_in, in_force):
    own = next(one for one in activities() if one.project == "P1")
    chen = signed_in("chen")
    assert chen.get(f"/activities/{own.code}").status_code == 404
    assert own.code not in chen.get("/plan/2026").text
    assert signed_in("wang").get(f"/activities/{own.code}").status_code == 200


def test_a_draft_is_not_shown_to_whoever_is_to_keep_it(signed_in, draft):
    li = signed_in("li")
    assert li.get("/plan/2026").status_code == 404
    assert li.get("/plan/2026.docx").status_code == 404


def test_while_a_change_is_written_everybody_reads_what_holds(signed_in, in_force, people, hour):
    plans.begin_change("2026", person_id=people["head"], reason="加一次内审", at=hour.at)
    li = signed_in("li")
    assert "加一次内审" not in li.get("/plan/2026").text
    assert "加一次内审" in signed_in("head").get("/plan/2026").text
    assert li.get("/plan/2026?version=2").status_code == 404
    assert li.get("/plan/2026.docx").content[:2] == b"PK"


def test_its_author_edits_the_draft(signed_in, draft):
    client = signed_in("head")
    answer = save(client, **{"0.title": f"检查 {TEMPTING}", "scope": "全部项目"})
    assert answer.status_code == 303
    html = client.get("/plan/2026").text
    assert TEMPTING not in html
    assert "&lt;script&gt;" in html
    with reading() as session:
        assert session.exec(select(Plan)).one().scope == "全部项目"


def test_a_line_is_added_and_one_left_out(signed_in, draft):
    client = signed_in("zhao")
    new = {
        "10.number": "11",
        "10.title": "培训",
        "10.rule": "FREQ=MONTHLY;BYMONTHDAY=1",
        "10.owner": "quality",
        "10.kind": "other",
        "10.object_kind": "organisation",
    }
    assert save(client, **new, **{"1.number": ""}).status_code == 303
    with reading() as session:
        numbers = [one["number"] for one in rows.lines(session, rows.by_code(session, "2026"))]
    assert numbers == ["01", "03", "04", "05", "06", "07", "08", "09", "10", "11"]


def test_what_cannot_be_read_is_said_by_line_and_field_and_kept_in_the_form(signed_in, draft):
    answer = save(signed_in("head"), **{"0.rule": "每月", "1.working_day": "99"})
    assert answer.status_code == 422
    assert "序号 01，频度规则（RFC 5545）" in answer.text
    assert "序号 02，工作日" in answer.text
    assert 'value="每月"' in answer.text


def test_a_line_for_nobody_is_refused(signed_in, draft):
    answer = save(signed_in("head"), **{"0.owner": "nobody"})
    assert answer.status_code == 409
    assert "nobody" in answer.text


@pytest.mark.parametrize("who", ["li", "chen", "vp"])
def test_nobody_else_edits(signed_in, draft, who):
    assert signed_in(who).get("/plan/2026/edit").status_code == 404  # a draft he does not see


def test_a_form_without_its_own_field_is_refused(signed_in, draft):
    answer = signed_in("head").post("/plan/2026/edit", data=form_of())
    assert answer.status_code == 403


def test_a_change_begins_with_its_reason(signed_in, in_force):
    client = signed_in("head")
    own = field(client.get("/plan/2026").text)
    assert client.post("/plan/2026", data={"csrf": own, "reason": " "}).status_code == 409
    answer = client.post(
        "/plan/2026", data={"csrf": own, "reason": "新增项目"}, follow_redirects=False
    )
    assert answer.headers["location"] == "/plan/2026/edit"
    assert "已生效" in client.get("/plan/2026?version=1").text
    assert "新增项目" in client.get("/plan/2026").text


def test_an_activity_is_postponed_once_somebody_else_agrees(signed_in, in_force):
    code = of("09").code if of("09").planned_on > date(2026, 9, 14) else of("08").code
    client = signed_in("zhao")
    own = field(client.get(f"/activities/{code}").text)
    data = {"csrf": own, "act": "postpone", "until": "2026-12-30", "reason": "割接"}
    answer = client.post(f"/activities/{code}", data=data)
    assert "审批之前仍按原计划日期执行" in answer.text
    again = client.post(f"/activities/{code}", data=data)
    assert again.status_code == 409
    assert client.get(f"/activities/{code}").text.count("待审批") == 1


@pytest.mark.parametrize(
    ("until", "reason"), [("bald", "割接"), ("", "割接"), ("2026-12-30", " "), ("2026-10-01", "x")]
)
def test_what_cannot_be_asked_changes_nothing(signed_in, in_force, until, reason):
    code = of("08").code
    client = signed_in("head")
    own = field(client.get(f"/activities/{code}").text)
    data = {"csrf": own, "act": "postpone", "until": until, "reason": reason}
    assert client.post(f"/activities/{code}", data=data).status_code == 409
    assert "待审批" not in client.get(f"/activities/{code}").text


def test_looking_changes_nothing(signed_in, in_force):
    client, before = signed_in("head"), activities()
    for path in (
        "/plan",
        "/plan/2026",
        "/plan/2026?late=1",
        "/cycles/2026",
        "/cycles/2026-Q3",
        "/cycles/2026-09",
        "/plan/2026.docx",
    ):
        assert client.get(path).status_code == 200, path
    assert activities() == before


@pytest.mark.parametrize("code", ["2031", "2026-Q5", "2026-13", "20x6", "2026-9"])
def test_no_such_cycle(signed_in, in_force, code):
    assert signed_in("head").get(f"/cycles/{code}").status_code == 404


def test_the_cycle_walks_from_the_plan_to_the_next(signed_in, in_force):
    html = signed_in("head").get("/cycles/2026").text
    for word in ("计划条目", "不符合项", "已验证", "改进建议", "下期计划"):
        assert word in html


@pytest.mark.parametrize("path", ["/plan/2026", "/cycles/2026"])
def test_in_english_nothing_of_ours_is_chinese(signed_in, in_force, path):
    html = signed_in("smith").get(path).text
    assert "Handed out to" in html or "From the plan to the next plan" in html
    assert "计划条目" not in html
    assert "年度工作计划" not in html


def test_whoever_approves_sees_the_plan_by_the_letters_link_alone(
    pages, people, draft, hour, token
):
    answer(people["head"], "draw_up", hour.at)
    with reading() as session:
        duty = session.exec(select(Duty).where(col(Duty.kind) == "review")).one()
    (reviewer,) = [code for code, number in people.items() if number == duty.owner_id]
    html = pages.get(f"/d/{token(duty.id, reviewer)}").text
    assert "审核文件" in html
    assert "应急演练" in html
    assert "每季度（3、6、9、12月），最后一个工作日" in html


def test_of_a_change_what_is_different_is_marked(pages, people, in_force, hour, token, signed_in):
    plans.begin_change("2026", person_id=people["head"], reason="新增演练", at=hour.at)
    save(signed_in("head"), **{"0.title": "检查（改）", "1.number": ""})
    with reading() as session:
        duty = session.exec(select(Duty).where(col(Duty.kind) == "draw_up")).all()[-1]
    html = pages.get(f"/d/{token(duty.id, 'head')}").text
    assert "检查（改） （有变更）" in html
    assert "已删除" in html


def answer(person, kind, when):
    with reading() as session:
        duty = session.exec(select(Duty).where(col(Duty.kind) == kind)).one()
    return answers.answer(duty.id, person_id=person, data={}, at=when, via="test")
