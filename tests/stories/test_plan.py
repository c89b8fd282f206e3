"""A plan's own story: drafted in December, signed by three, turned into duties, late, told."""

from datetime import date

from sqlmodel import col, select

from models.engine import reading
from models.plan import Activity
from processes.plan import activity_changes, plans
from tests.support.cast import at

BEGINS = "2026-11-30"  # the Monday before a plan is to be drafted

LINES = (
    {
        "number": "01",
        "kind": "emergency_drill",
        "title": "应急演练",
        "detail": "",
        "object_kind": "organisation",
        "object": "",
        "rule": "FREQ=YEARLY;BYMONTH=1,3;BYMONTHDAY=20",
        "working_day": 1,
        "lead_days": 5,
        "owner": "director",
        "checker": "quality",
        "output": "演练记录",
        "source": "",
    },
)


def activity(code):
    with reading() as session:
        return session.exec(select(Activity).where(col(Activity.code) == code)).one()


def of_december(office):
    """The alarm about next year's calendar, which is another story."""
    for box in list(office._boxes.values()):
        box.mails = [mail for mail in box.mails if mail.letter != "alarm"]


def drafted_and_signed(office):
    office.on("2026-12-01", "12:00")
    assert "2027" in office.mailbox("qin").expect("编制文件", "2027 年度运维服务质量管理计划").text
    plans.edit("2027", person_id=office.qin.id, text={"readers": ["li"]}, lines=LINES, at=office.at)
    office.qin.answers("draw_up", about="2027", note="新增两次应急演练")
    office.mailbox("director").expect("审核文件", "新增两次应急演练")
    office.director.answers("review", about="2027", decision="return", note="写明演练场景")
    office.mailbox("qin").expect("修改文件", "写明演练场景")
    office.qin.answers("revise", about="2027", note="已写明")
    office.mailbox("director").expect("审核文件", "已写明")
    office.director.answers("review", about="2027", decision="pass")
    office.mailbox("gao").expect("批准文件")
    office.gao.answers("approve", about="2027", decision="pass")
    office.mailbox("li").expect("签收文件", "2027")
    office.li.answers("read", about="2027")


def test_from_the_draft_to_the_activity_that_nobody_carried_out_in_time(office):
    drafted_and_signed(office)
    office.on("2027-01-13", "12:00")
    office.mailbox("director").expect("执行计划活动", "应急演练")
    office.on("2027-01-22", "12:00")
    office.mailbox("director").expect(letter="reminder")
    office.mailbox("director").expect(letter="overdue")
    office.on("2027-01-25", "12:00")
    office.mailbox("gao").expect("【第1级升级】", "应急演练")
    office.director.answers(
        "carry_out", about="2027-01-0120", result="演练完成", record="YL-2027-01"
    )
    office.mailbox("gao").expect(letter="over")
    checker = (
        "zhao"
        if office.duty("check_activity", "2027-01-0120").owner_id == office.zhao.id
        else "zhou"
    )
    office.mailbox(checker).expect("核查计划活动")
    getattr(office, checker).answers("check_activity", about="2027-01-0120", decision="done")
    assert activity("2027-01-0120").done_on == date(2027, 1, 25)
    office.on("2027-02-01", "12:00")  # the month's letter, once, to those who answer for it
    for who in ("qin", "director"):
        assert "已完成 1 项" in office.mailbox(who).expect("2027-01", letter="plan_report").text
    office.on("2027-02-03", "12:00")
    of_december(office)


def test_an_activity_is_postponed_once_the_approver_agrees_and_the_asker_hears_it(office):
    drafted_and_signed(office)
    code = "2027-01-0322"  # the 20th of March is a Saturday
    code = code if code in codes() else "2027-01-0320"
    said = activity_changes.ask(
        code,
        person_id=office.director.id,
        until=date(2027, 4, 20),
        reason="省厅联合演练改期",
        at=office.at,
    )
    office.post_comes()
    assert "planned day holds" in said
    office.mailbox("gao").expect("审批计划变更", "省厅联合演练改期")
    office.gao.answers("decide_change", about=code, decision="grant")
    office.mailbox("director").expect("活动已推迟", letter="plan_report")
    found = activity(code)
    assert (found.first_planned_on, found.planned_on) == (date(2027, 3, 22), date(2027, 4, 20))
    of_december(office)


def test_down_over_the_window_it_is_caught_up_and_says_so(office):
    drafted_and_signed(office)
    of_december(office)
    office.at = at("2027-01-26", "08:00")  # nothing was turned since December
    office.on("2027-01-26", "12:00")
    letter = office.mailbox("director").expect("执行计划活动", "应急演练")
    assert "因服务中断" in letter.text
    assert activity("2027-01-0120").planned_on == date(2027, 1, 20)
    of_december(office)


def codes():
    with reading() as session:
        return set(session.exec(select(Activity.code)))
