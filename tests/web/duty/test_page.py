"""The duty page: what it says at a glance, what its forms do, and what stays as it was."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.duty import Answer, Duty
from models.engine import reading, writing
from models.nonconformity import Evidence
from models.organisation import Person
from models.record import Trail
from processes.duty import answers, beside, kinds
from rules.words import DutyState
from tests.support.rows import everything
from tests.web import matters
from tests.web.cast import field
from tests.web.matters import ABOUT_NONCONFORMITIES, PLAN, Matter, bring_to

KINDS = [kind.value for kind in ABOUT_NONCONFORMITIES]  # the others' pages have their own tests
GOOD = {
    "respond": PLAN,
    "agree": {"decision": "agree"},
    "act": {"done": "已修订模板并发布", "evidence_note": "ITSS-07-V2.1"},
    "verify": {"result": "effective", "note": "抽查十份记录，均完整"},
    "verify_effect": {"result": "effective", "note": "三个月未再发生"},
    "decide_dispute": {"decision": "overrule", "reason": "模板由本项目维护"},
    "decide": {"decision": "resource", "text": "批准采购采集装置一套"},
    "decide_extension": {"decision": "grant", "note": ""},
}


def post(browser, path: str, data: dict, act: str = "answer", **more):
    page = browser.get(path)
    return browser.post(path, data={"csrf": field(page.text), "act": act, **data}, **more)


def state_of(duty: int) -> DutyState:
    with reading() as session:
        return session.get(Duty, duty).state


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_page_with_its_form(kind, pages, people, hour, token):
    duty, owner = bring_to(kind, people, hour.at)
    page = pages.get(f"/d/{token(duty.id, owner)}")
    assert page.status_code == 200
    idle = beside.idle(duty.id)  # asked of other duties of the kind
    for asked in answers.describe(kind, "zh"):
        shown = asked.name not in idle
        assert (f'name="{asked.name}"' in page.text) is shown
        assert (asked.label in page.text) is shown
    assert "北京时间" in page.text
    assert "机房巡检记录缺失" in page.text


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_answered_by_its_form(kind, pages, people, hour, token):
    duty, owner = bring_to(kind, people, hour.at)
    if kind == "verify_effect":
        hour.later(days=95)
    path = f"/d/{token(duty.id, owner)}"
    answer = post(pages, path, GOOD[kind])
    if kinds.of(kind).signature:
        assert answer.status_code == 200
        assert 'name="code"' in answer.text
        assert state_of(duty.id) is DutyState.OPEN
        answer = post(pages, path, {**GOOD[kind], "code": matters.code(), "step": "sign"})
    assert answer.status_code == 200, answer.text
    assert state_of(duty.id) is DutyState.DISCHARGED
    assert "said yes" in answer.text


@pytest.mark.parametrize("kind", KINDS)
def test_looking_changes_nothing(kind, pages, people, hour, token, signed_in):
    duty, owner = bring_to(kind, people, hour.at)
    for who in (owner, "chen"):
        browser = signed_in(who)
        before = everything()
        link = f"/d/{token(duty.id, who)}"
        for path in (link, f"{link}?act=answer&decision=accept", f"{link}/evidence/1", "/health"):
            pages.get(path)
            pages.head(path)
        for path in ("/", "/duties", "/nonconformities", "/raise", f"/duties/{duty.id}"):
            browser.get(path)
            browser.head(path)
        assert everything() == before


def test_a_second_post_says_who_answered_and_when(pages, people, hour, token):
    duty, owner = bring_to("respond", people, hour.at)
    path = f"/d/{token(duty.id, owner)}"
    data = {"csrf": field(pages.get(path).text), "act": "answer", **PLAN}
    assert pages.post(path, data=data).status_code == 200
    hour.later(minutes=5)
    again = pages.post(path, data=data)
    assert again.status_code == 200
    assert "李娜已于2026年9月14日" in again.text
    with reading() as session:
        assert len(session.exec(select(Answer).where(Answer.act == "answer")).all()) == 1


def test_a_refused_answer_says_why_and_keeps_what_was_typed(pages, people, hour, token):
    duty, owner = bring_to("respond", people, hour.at)
    path = f"/d/{token(duty.id, owner)}"
    typed = {**PLAN, "method": "", "cause": "模板漏项 <b>粗</b>", "planned_on": "2026-09-26"}
    answer = post(pages, path, typed)
    assert answer.status_code == 409
    assert "计划须说明原因分析方法" in answer.text or "方法" in answer.text
    assert "模板漏项 &lt;b&gt;粗&lt;/b&gt;" in answer.text
    assert 'value="2026-09-26"' in answer.text
    assert PLAN["corrective_action"] in answer.text
    assert state_of(duty.id) is DutyState.OPEN


def test_what_cannot_be_read_is_said_beside_its_field(pages, people, hour, token):
    duty, owner = bring_to("respond", people, hour.at)
    path = f"/d/{token(duty.id, owner)}"
    answer = post(pages, path, {**PLAN, "planned_on": "soon", "cause": "因" * 10_001})
    assert answer.status_code == 422
    assert 'id="wrong-planned_on"' in answer.text
    assert 'id="wrong-cause"' in answer.text
    assert 'value="soon"' in answer.text
    assert PLAN["correction"] in answer.text


def test_an_english_reader_is_refused_in_english(pages, people, hour, token):
    matter = Matter(people, hour.at, owner_code="smith")
    path = f"/d/{token(matter.duty('respond').id, 'smith')}"
    answer = post(pages, path, {**PLAN, "cause": " "})
    assert answer.status_code == 409
    assert "a plan needs the cause" in answer.text
    assert 'lang="en"' in answer.text


def test_a_signature_keeps_its_content_until_the_code_is_there(pages, people, hour, token):
    duty, owner = bring_to("verify", people, hour.at)
    path = f"/d/{token(duty.id, owner)}"
    data = {"result": "ineffective", "note": "抽查十份，三份仍缺 <UPS>"}
    asked = post(pages, path, data)
    assert "抽查十份，三份仍缺 &lt;UPS&gt;" in asked.text
    wrong = post(pages, path, {**data, "code": "00000000x", "step": "sign"})
    assert wrong.status_code == 409
    assert "抽查十份，三份仍缺 &lt;UPS&gt;" in wrong.text
    assert 'name="code"' in wrong.text
    changed = post(pages, path, {**data, "step": "change"})
    assert changed.status_code == 200
    assert '<textarea name="note"' in changed.text
    assert "抽查十份，三份仍缺 &lt;UPS&gt;" in changed.text
    signed = post(pages, path, {**data, "code": matters.code(), "step": "sign"})
    assert signed.status_code == 200
    assert state_of(duty.id) is DutyState.DISCHARGED


def test_a_code_signs_only_what_it_was_mailed_for(pages, people, hour, token):
    duty, owner = bring_to("verify", people, hour.at)
    path = f"/d/{token(duty.id, owner)}"
    post(pages, path, {"result": "ineffective", "note": "三份仍缺"})
    other = {"result": "effective", "note": "都好", "code": matters.code(), "step": "sign"}
    assert post(pages, path, other).status_code == 409
    assert state_of(duty.id) is DutyState.OPEN


def test_another_code_can_be_asked_for(pages, people, hour, token):
    duty, owner = bring_to("verify", people, hour.at)
    path = f"/d/{token(duty.id, owner)}"
    data = {"result": "effective", "note": "都好"}
    post(pages, path, data)
    first = matters.code()
    hour.later(minutes=2)
    assert post(pages, path, {**data, "code": "junk", "step": "again"}).status_code == 200
    assert matters.code() != first
    signed = post(pages, path, {**data, "code": matters.code(), "step": "sign"})
    assert signed.status_code == 200
    assert state_of(duty.id) is DutyState.DISCHARGED


def test_the_owner_asks_for_an_extension(pages, people, hour, token):
    duty, owner = bring_to("respond", people, hour.at)
    path = f"/d/{token(duty.id, owner)}"
    asked = post(pages, path, {"until": "2026-09-24", "reason": "等总部答复"}, act="extend")
    assert asked.status_code == 200
    assert "2026年9月24日" in asked.text
    assert 'value="extend"' not in asked.text  # one at a time


NO_EXTENSION = [
    ("", "等总部答复", 422),
    ("tomorrow", "等总部答复", 422),
    ("2026-09-24", "", 409),
    ("2031-01-01", "等总部答复", 409),
    ("9999-12-31", "等总部答复", 409),
    ("2020-01-01", "等总部答复", 409),
    ("2026-09-24", "长" * 10_001, 422),
]


def test_an_extension_that_cannot_be_asked_keeps_what_was_typed(pages, people, hour, token):
    duty, owner = bring_to("respond", people, hour.at)
    path = f"/d/{token(duty.id, owner)}"
    for until, reason, status in NO_EXTENSION:
        answer = post(pages, path, {"until": until, "reason": reason}, act="extend")
        assert answer.status_code == status, until
        assert reason in answer.text
        assert f'value="{until}"' in answer.text
        assert '<details class="act" open>' in answer.text


def test_the_manager_hands_it_over_and_the_page_keeps_what_cannot_be(pages, people, hour, token):
    duty, owner = bring_to("respond", people, hour.at)
    own, path = (f"/d/{token(duty.id, who)}" for who in (owner, "wang"))
    assert 'value="hand_over"' not in pages.get(own).text
    assert '<option value="chen">' in pages.get(path).text
    for to, reason, status in (("", "调离", 422), ("chen", "", 409), ("nobody", "调离", 409)):
        refused = post(pages, path, {"to": to, "reason": reason}, act="hand_over")
        assert refused.status_code == status
        assert f'value="{to}"' in refused.text
    handed = post(pages, path, {"to": "chen", "reason": "调离"}, act="hand_over")
    assert handed.status_code == 200
    assert "陈" in handed.text
    assert "<form" not in pages.get(own).text.split("<main")[1]  # nothing more is asked of him


def test_the_one_above_acknowledges_once_a_level(pages, people, hour, token):
    from processes.duty import climbing

    duty, _ = bring_to("respond", people, hour.at)
    while state_of(duty.id) is DutyState.OPEN:
        with reading() as session:
            row = session.get(Duty, duty.id)
        if row.level:
            break
        hour.at = row.next_at
        climbing.climb([duty.id], at=hour.at)
    path = f"/d/{token(duty.id, 'wang')}"
    page = pages.get(path)
    assert "第 1 级" in page.text
    assert 'value="acknowledge"' in page.text
    assert 'name="cause"' not in page.text
    taken = post(pages, path, {}, act="acknowledge")
    assert taken.status_code == 200
    assert 'value="acknowledge"' not in taken.text
    with reading() as session:
        assert session.get(Duty, duty.id).next_at > row.next_at


def test_management_is_asked_straight_away(pages, people, hour, token):
    duty, owner = bring_to("respond", people, hour.at)
    path = f"/d/{token(duty.id, owner)}"
    told = post(pages, path, {"reason": "需要采购装置"}, act="straight_up")
    assert told.status_code == 200
    assert 'value="straight_up"' not in told.text
    assert state_of(duty.id) is DutyState.OPEN


def test_a_delegate_answers_for_the_absent(pages, people, hour, token):
    duty, _ = bring_to("respond", people, hour.at)
    with writing() as session:
        li = session.get(Person, people["li"])
        li.absent_from, li.absent_until = hour.at.date(), hour.at.date() + timedelta(days=5)
        li.delegate_id = people["sun"]
    path = f"/d/{token(duty.id, 'sun')}"
    page = pages.get(path)
    assert "李娜" in page.text
    assert 'name="cause"' in page.text
    assert post(pages, path, PLAN).status_code == 200
    with reading() as session:
        answer = session.exec(select(Answer).where(Answer.act == "answer")).one()
    assert (answer.person_id, answer.on_behalf_of_id) == (people["sun"], people["li"])


def test_what_was_pressed_by_whom_from_where_is_recorded(pages, people, hour, token):
    duty, owner = bring_to("respond", people, hour.at)
    post(pages, f"/d/{token(duty.id, owner)}", PLAN)
    with reading() as session:
        answer = session.exec(select(Answer).where(Answer.act == "answer")).one()
    assert answer.via == "link of li from testclient"


@pytest.mark.parametrize("value", [None, "", "x" * 40, "other"])
def test_a_form_without_its_own_field_does_nothing(value, pages, people, hour, token):
    duty, owner = bring_to("respond", people, hour.at)
    other, _ = bring_to("respond", people, hour.at)
    path = f"/d/{token(duty.id, owner)}"
    if value == "other":  # of the same person's other duty
        value = field(pages.get(f"/d/{token(other.id, owner)}").text)
    before = everything()
    for act in (
        "answer",
        "acknowledge",
        "extend",
        "hand_over",
        "instruct",
        "straight_up",
        "attach",
        "x",
    ):
        data = {"act": act, **PLAN, **({"csrf": value} if value is not None else {})}
        assert pages.post(path, data=data).status_code == 403
    assert everything() == before


def test_another_sites_page_cannot_answer(pages, people, hour, token):
    duty, owner = bring_to("respond", people, hour.at)
    path = f"/d/{token(duty.id, owner)}"
    foreign = {"sec-fetch-site": "cross-site"}
    assert post(pages, path, PLAN, headers=foreign).status_code == 403
    assert state_of(duty.id) is DutyState.OPEN


def test_a_page_left_open_for_too_long_loses_nothing(pages, signed_in, people, hour):
    duty, _ = bring_to("respond", people, hour.at)
    old = field(signed_in("li").get(f"/duties/{duty.id}").text)
    hour.later(hours=11)
    browser = signed_in("li")  # a new session: the old page's field is not its own
    data = {"csrf": old, "act": "answer", **PLAN}
    asked_again = browser.post(f"/duties/{duty.id}", data=data)
    assert asked_again.status_code == 403
    assert PLAN["cause"] in asked_again.text
    assert state_of(duty.id) is DutyState.OPEN
    data["csrf"] = field(asked_again.text)
    assert browser.post(f"/duties/{duty.id}", data=data).status_code == 200
    assert state_of(duty.id) is DutyState.DISCHARGED


def test_a_form_sent_after_the_session_ended_can_be_sent_again(signed_in, people, hour):
    duty, _ = bring_to("respond", people, hour.at)
    browser = signed_in("li")
    data = {"csrf": field(browser.get(f"/duties/{duty.id}").text), "act": "answer", **PLAN}
    hour.later(hours=13)
    out = browser.post(f"/duties/{duty.id}", data=data, follow_redirects=False)
    assert out.status_code == 403
    assert "尚未提交" in out.text or "signed out" in out.text
    assert state_of(duty.id) is DutyState.OPEN


def test_acts_of_nobodys_making_are_refused(pages, people, hour, token):
    duty, owner = bring_to("respond", people, hour.at)
    answer = post(pages, f"/d/{token(duty.id, owner)}", PLAN, act="discharge")
    assert answer.status_code == 409
    assert state_of(duty.id) is DutyState.OPEN


def test_who_was_only_told_cannot_answer(pages, people, hour, token):
    duty, _ = bring_to("respond", people, hour.at)
    path = f"/d/{token(duty.id, 'zhao')}"  # quality may see it
    page = pages.get(path)
    assert page.status_code == 200
    assert 'name="cause"' not in page.text
    refused = pages.post(path, data={"csrf": field(page.text), "act": "answer", **PLAN})
    assert refused.status_code == 403
    assert state_of(duty.id) is DutyState.OPEN


def test_refusals_of_a_rule_stand_in_the_trail(pages, people, hour, token):
    duty, owner = bring_to("respond", people, hour.at)
    post(pages, f"/d/{token(duty.id, owner)}", {**PLAN, "cause": ""})
    with reading() as session:
        told = session.exec(select(Trail).where(Trail.action == "refused")).one()
    assert told.subject == f"duty:{duty.id}"


# --- evidence -------------------------------------------------------------------------------

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"


def test_evidence_goes_with_the_answer(pages, people, hour, token):
    duty, owner = bring_to("act", people, hour.at)
    path = f"/d/{token(duty.id, owner)}"
    files = [("files", ("修订 模板.pdf", PDF)), ("files", ("照片.txt", b"ok"))]
    answer = post(pages, path, {"done": "已发布", "evidence_note": ""}, files=files)
    assert answer.status_code == 200, answer.text
    assert state_of(duty.id) is DutyState.DISCHARGED
    with reading() as session:
        names = [row.name for row in session.exec(select(Evidence))]
    assert names == ["修订 模板.pdf", "照片.txt"]


def test_files_are_kept_when_the_answer_is_refused(pages, people, hour, token):
    duty, owner = bring_to("act", people, hour.at)
    path = f"/d/{token(duty.id, owner)}"
    answer = post(pages, path, {"done": ""}, files=[("files", ("a.pdf", PDF))])
    assert answer.status_code == 409
    assert "a.pdf" in answer.text
    assert post(pages, path, {"done": "已发布"}).status_code == 200
    assert state_of(duty.id) is DutyState.DISCHARGED


def test_a_refused_file_is_named_and_the_text_is_kept(pages, people, hour, token):
    duty, owner = bring_to("act", people, hour.at)
    path = f"/d/{token(duty.id, owner)}"
    answer = post(pages, path, {"done": "已发布"}, files=[("files", ("run.exe", b"MZ..."))])
    assert answer.status_code == 409
    assert "exe" in answer.text
    assert "已发布" in answer.text
    assert state_of(duty.id) is DutyState.OPEN


def test_evidence_alone_leaves_the_duty_open(pages, people, hour, token):
    duty, owner = bring_to("verify", people, hour.at)
    path = f"/d/{token(duty.id, owner)}"
    kept = post(pages, path, {}, act="attach", files=[("files", ("抽查.pdf", PDF))])
    assert kept.status_code == 200
    assert "抽查.pdf" in kept.text
    assert state_of(duty.id) is DutyState.OPEN
    nothing = post(pages, path, {}, act="attach")
    assert nothing.status_code == 422


def test_evidence_is_an_attachment_and_never_shown_in_place(pages, people, hour, token):
    duty, owner = bring_to("act", people, hour.at)
    path = f"/d/{token(duty.id, owner)}"
    name = '整改"照片 \U0001f4f7 y%;é.pdf'
    post(pages, path, {"done": "", "evidence_note": ""}, files=[("files", (name, PDF))])
    with reading() as session:
        row = session.exec(select(Evidence)).one()
    got = pages.get(f"{path}/evidence/{row.id}")
    assert got.status_code == 200
    assert got.content == PDF
    assert got.headers["content-disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''" in got.headers["content-disposition"]
    assert "\n" not in got.headers["content-disposition"]
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["cache-control"] == "no-store"


def test_evidence_of_another_matter_is_not_there(pages, people, hour, token, signed_in):
    duty, owner = bring_to("act", people, hour.at)
    post(pages, f"/d/{token(duty.id, owner)}", {"done": ""}, files=[("files", ("a.pdf", PDF))])
    other = Matter(people, hour.at, owner_code="chen").duty("respond")
    with reading() as session:
        number = session.exec(select(Evidence)).one().id
    assert pages.get(f"/d/{token(other.id, 'chen')}/evidence/{number}").status_code == 404
    assert signed_in("chen").get(f"/evidence/{number}").status_code == 404
    assert signed_in("zhao").get(f"/evidence/{number}").status_code == 200
    assert pages.get(f"/evidence/{number}", follow_redirects=False).status_code == 303
