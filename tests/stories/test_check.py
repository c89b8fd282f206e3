"""The promise: what a project check finds is owed by the project manager, and looked at again."""

from datetime import date

from sqlmodel import col, select

from models.check import Check, CheckLine
from models.engine import reading
from processes.check import planned as checks
from rules.words import Severity
from tests.support.cast import at, nonconformity

POINTS = (
    "planning", "work_by_plan", "deliverables", "process",
    "attitude", "security", "records", "satisfaction",
)  # fmt: skip
UNSIGNED = {
    "result": "nonconforming",
    "problem": "10 份交接班记录中 2 份缺少签字",
    "evidence": "9 月交接班记录",
}
NO_ROTA = {"result": "observation", "problem": "服务计划未写明节假日值守"}
PLAN = {
    "decision": "accept",
    "method": "5why",
    "cause": "交接班模板没有签字栏",
    "correction": "补签并核对",
    "corrective_action": "修订交接班模板并培训",
}


def sheet(**amiss):
    return {key: amiss.get(key, {"result": "conforming"}) for key in POINTS}


def found(code):
    with reading() as session:
        return session.exec(select(Check).where(col(Check.code) == code)).one()


def planned(office, day):
    return checks.plan(project="P1", on=date.fromisoformat(day), at=office.at)


def checked(office, code, lines):
    """Zhao, who has least to do and is no part of the delivery, fills the sheet."""
    office.mailbox("zhao").expect("项目质量检查", code)
    office.zhao.answers("quality_check", about=code, lines=lines)


def test_a_finding_is_put_right_and_found_again_it_weighs_more(office):
    first = planned(office, "2026-09-08")
    office.on("2026-09-08")
    checked(office, first, sheet(records=UNSIGNED, planning=NO_ROTA))
    for reader in ("sun", "wang"):
        report = office.mailbox(reader).expect("检查报告", first, letter="check_report")
        assert "87.0" in report.text
        assert "不符合 1 项，观察项 1 项" in report.text
    raised = office.mailbox("sun").expect("缺少签字", letter="assignment")
    code = nonconformity_of(first)
    assert code in raised.text

    office.sun.answers("respond", about=code, planned_on="2026-09-18", **PLAN)
    agreeing = next(who for who in ("zhao", "zhou") if office.mailbox(who).mails)
    office.mailbox(agreeing).expect(code)
    getattr(office, agreeing).answers("agree", about=code, decision="agree")
    office.mailbox("sun").expect("措施实施", code)
    office.sun.answers("act", about=code, done="模板已修订", evidence_note="V2.1")
    verifying = next(who for who in ("zhao", "zhou") if office.mailbox(who).mails)
    office.mailbox(verifying).expect("验证", code)
    getattr(office, verifying).answers("verify", about=code, result="effective", note="抽查 10 份")
    office.mailbox("sun").expect(letter="over")

    second = planned(office, "2026-10-12")
    office.on("2026-10-12")
    (asked,) = found(second).carried
    assert asked["problem"] == NO_ROTA["problem"]
    checker = next(who for who in ("zhao", "zhou") if office.mailbox(who).mails)
    office.mailbox(checker).expect("项目质量检查", second)
    lines = {**sheet(records=UNSIGNED), asked["key"]: {"result": "conforming"}}
    getattr(office, checker).answers("quality_check", about=second, lines=lines)
    again = nonconformity(nonconformity_of(second))
    assert (again.severity, again.recurs_from) == (Severity.MAJOR, code)
    office.mailbox("sun").expect("严重", letter="assignment")
    for reader in ("sun", "wang"):
        office.mailbox(reader).expect("检查报告", second)


def test_a_check_that_nobody_carries_out_climbs_like_anything_owed(office):
    code = planned(office, "2026-09-08")
    office.on("2026-09-08")
    office.mailbox("zhao").expect("项目质量检查", code)
    office.on("2026-09-14", "12:00")  # it was due on the 11th
    office.mailbox("zhao").expect(letter="reminder")
    office.mailbox("zhao").expect(letter="overdue")
    office.on("2026-09-16", "12:00")
    office.mailbox("qin").expect("【第1级升级】", code)
    checked_late(office, code)


def checked_late(office, code):
    office.zhao.answers("quality_check", about=code, lines=sheet())
    assert found(code).planned_on == date(2026, 9, 8)
    assert found(code).performed_on == date(2026, 9, 16)
    office.mailbox("qin").expect(letter="over")
    for reader in ("sun", "wang"):
        office.mailbox(reader).expect("检查报告", code)


def test_ten_days_of_downtime_leave_the_same_check_with_time_to_do_it(office):
    code = planned(office, "2026-09-08")
    office.at = at("2026-09-17")  # the service was down; nobody turned the wheel
    office.on("2026-09-18")
    assert found(code).planned_on == date(2026, 9, 8)
    office.mailbox("zhao").expect("项目质量检查", code)
    due = office.duty("quality_check", code).due_at
    assert due == at("2026-09-22", "18:00")  # three working days: the make-up Sunday counts
    office.zhao.answers("quality_check", about=code, lines=sheet())
    for reader in ("sun", "wang"):
        office.mailbox(reader).expect("检查报告", code)


def nonconformity_of(code):
    with reading() as session:
        return session.exec(
            select(CheckLine.nonconformity)
            .join(Check, col(Check.id) == CheckLine.check_id)
            .where(col(Check.code) == code, col(CheckLine.nonconformity).is_not(None))
        ).one()
