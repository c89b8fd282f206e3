"""The management review's own story: held, confirmed, a decision late, and the review after it."""

from datetime import date

import pytest

from models.engine import writing
from processes.plan import drafting as plan_drafting
from processes.plan import plans
from processes.plan import rows as plan_rows
from processes.review import view as review_view
from processes.review.followed import ref_of

BEGINS = "2026-09-16"  # two days before the first review is announced

LINE = {
    "number": "04",
    "kind": "management_review",
    "title": "管理评审",
    "detail": "由最高管理者主持",
    "object_kind": "organisation",
    "object": "",
    "rule": "FREQ=YEARLY;BYMONTH=9,12;BYMONTHDAY=25",
    "working_day": -1,
    "lead_days": 8,
    "owner": "quality_head",
    "checker": "top_management",
    "output": "管理评审报告",
    "source": "",
}
HIRE = {"kind": "resource", "what": "服务台增加夜班人员两名", "who": "wang", "until": "2026-10-30"}
LATER = {"kind": "improvement", "what": "建立重复故障知识库"}
JUDGED = {"suitable": "yes", "adequate": "partly", "effective": "yes", "result": "总体有效"}
FIRST, SECOND = "2026-04-0925", "2026-04-1225"


@pytest.fixture
def planned(office):
    """The plan of the year, signed on paper, with two reviews in it."""
    with writing() as session:
        own = plan_drafting.new_version(session, 2026, at=office.at)
        plan_rows.replace_lines(session, own, [LINE])
        who = {"author": office.qin.id, "reviewer": office.director.id, "approver": office.gao.id}
        plans.adopt(session, own, **who, at=office.at)
    return office


def quiet(office, *letters):
    """Take out letters that are another story."""
    for box in list(office._boxes.values()):
        box.mails = [mail for mail in box.mails if mail.letter not in letters]


def review(code, office):
    return review_view.of(code, at=office.at)


def test_a_decision_that_is_late_climbs_and_stands_first_in_the_next_review(planned):
    office = planned
    office.on("2026-09-18", "12:00")
    asked = office.mailbox("qin").expect("召开管理评审", FIRST)
    assert "评审输入已汇总在该待办的页面上" in asked.text

    office.on("2026-09-22", "15:00")
    office.mailbox("qin").expect(letter="reminder")
    sheet = {"d01": HIRE, "d02": LATER}
    said = office.qin.answers("hold_review", about=FIRST, lines=sheet, **JUDGED)
    assert "确认后决议生效" in said
    assert "评审输入已汇总" in office.mailbox("zong").expect("核查计划活动", FIRST).text
    office.mailbox("wang").expect_none()  # nobody orders in the name of management

    office.zong.answers("check_activity", about=FIRST, decision="done")
    told = office.mailbox("wang").expect("执行计划活动", HIRE["what"])
    assert "管理层决定" in told.text
    decision = ref_of(FIRST, 1)
    assert office.duty("carry_out", decision).owner_id == office.wang.id
    kept = review(FIRST, office).found

    office.on("2026-11-02", "12:00")  # nobody was hired
    quiet(office, "plan_report")
    office.mailbox("wang").expect(letter="reminder")
    office.mailbox("wang").expect(letter="overdue")
    office.on("2026-11-30", "12:00")
    quiet(office, "plan_report")
    for level, boss in enumerate(("director", "gao", "zong"), 1):
        office.mailbox(boss).expect(f"【第{level}级升级】", HIRE["what"])
    office.on("2026-12-15", "12:00")
    quiet(office, "plan_report", "alarm", "assignment")
    office.mailbox("zong").expect("·第2次】", HIRE["what"])
    quiet(office, "escalation")

    found = review(SECOND, office).found
    assert (found.since, found.before.previous) == (date(2026, 9, 23), FIRST)
    first = found.top.rows[0]
    assert (first.code, first.told) == (decision, "总经理")
    assert first.times >= 2
    late, proposed = found.before.decisions
    assert (late.code, late.late) == (decision, True)
    assert (proposed.state, proposed.taken[:4]) == ("taken", "2027")  # drafted in December
    assert review(FIRST, office).found == kept  # what management saw in September stays
