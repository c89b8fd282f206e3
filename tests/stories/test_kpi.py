"""The promise: a missed target is analysed, improved, and verified by the next measurements."""

import pytest
from sqlmodel import select

from models.engine import reading, writing
from models.kpi import KpiSystem
from processes.improvement import proposals as improvements
from processes.kpi import import_kpis as kpis
from processes.register import registers
from processes.register.query import Filters
from rules.refusal import Refused
from tests.support.cast import at, nonconformity, rounds

COLUMNS = (
    "code,name,element,definition,numerator,denominator,unit,direction,target,frequency,"
    "owner,checker,source"
)
SLA = "SLA,SLA达成率,process,达成数÷总数,达成SLA的事件数,事件总数,%,>=,95,month,li,zhao,report"
PLAN = {
    "decision": "accept",
    "method": "5why",
    "cause": "夜班只有一人，高峰时无人接单",
    "corrective_action": "夜班增加一名二线工程师",
}
DONE = {"done": "九月下旬起夜班排两人", "evidence_note": "排班表 2026-09"}


def track(office, tmp_path, *rows) -> None:
    path = tmp_path / "kpis.csv"
    path.write_text("\n".join([COLUMNS, *rows]) + "\n", "utf-8")
    kpis.take(path, at=office.at, actor="operator:test")


@pytest.fixture
def tracked(office, tmp_path):
    """Li's indicator, tracked since August; the systems of both years are approved already."""
    track(office, tmp_path, SLA)
    with writing() as session:
        for year in (2026, 2027):
            system = {"kind": "indicator_system", "code": f"KPI-{year}", "year": year}
            session.add(KpiSystem(**system, state="approved", opened_at=office.at))
    yield office
    for who in ("li", "wang", "qin"):  # the monthly letter has a story of its own
        box = office.mailbox(who)
        box.mails = [mail for mail in box.mails if "指标月报" not in mail.subject]


def reports(office, period: str, numerator: str) -> str:
    """Li is asked for the value of a period that is over, and gives it."""
    office.mailbox("li").expect("SLA达成率", period)
    return office.li.answers(
        "report_kpi", about=f"SLA/{period}", numerator=numerator, denominator="1000"
    )


def raised() -> str:
    rows = registers.nonconformities(Filters(source="kpi_miss"), at=at("2026-09-07")).rows
    return rows[-1].code


def improved(office, code: str, by: str) -> str:
    """Li plans, quality agrees, Li acts; return who is asked to verify."""
    office.li.answers("respond", about=code, planned_on=by, **PLAN)
    who = "zhao" if office.mailbox("zhao").mails else "zhou"
    office.mailbox(who).expect(code)
    getattr(office, who).answers("agree", about=code, decision="agree")
    office.mailbox("li").expect("措施实施", code)
    office.li.answers("act", about=code, **DONE)
    who = "zhao" if office.mailbox("zhao").mails else "zhou"
    office.mailbox(who).expect("验证", code)
    return who


def missed_in_august(office) -> str:
    office.on("2026-09-08", "12:00")
    assert "未达成" in reports(office, "2026-08", "940")
    office.on("2026-09-09", "12:00")
    code = raised()
    office.mailbox("li").expect("SLA达成率", code)
    return code


def test_a_missed_target_is_closed_by_the_next_measurement(tracked):
    office = tracked
    code = missed_in_august(office)
    found = nonconformity(code)
    assert (found.source, found.source_record) == ("kpi_miss", "SLA/2026-08/organisation")
    assert "940/1000" in found.description
    verifier = improved(office, code, by="2026-09-20")
    # September had begun before the action: October is the first whole month after it.
    with pytest.raises(Refused, match="2026-10 is not measured yet"):
        getattr(office, verifier).answers("verify", about=code, result="effective")
    office.on("2026-10-08", "12:00")
    reports(office, "2026-09", "960")
    office.on("2026-11-02", "12:00")
    office.mailbox("operator").expect("2027", letter="alarm")  # next year's calendar
    reports(office, "2026-10", "961")
    office.on("2026-11-03", "12:00")
    said = office.mailbox(verifier).expect("验证", code)
    assert "2026-10: 96.1 % (961/1000) 达成" in said.text
    getattr(office, verifier).answers("verify", about=code, result="effective")
    assert nonconformity(code).state == "closed"
    office.mailbox("li").expect(code, letter="over")


def test_missed_again_begins_the_next_round_one_level_higher(tracked):
    office = tracked
    code = missed_in_august(office)
    verifier = improved(office, code, by="2026-09-20")
    office.on("2026-10-08", "12:00")
    reports(office, "2026-09", "930")
    office.on("2026-10-09", "12:00")
    assert raised() == code  # September joins it: the cause is being worked on already
    office.on("2026-11-02", "12:00")
    office.mailbox("operator").expect("2027", letter="alarm")
    reports(office, "2026-10", "949")
    office.on("2026-11-03", "12:00")
    office.mailbox(verifier).expect("2026-10: 94.9 % (949/1000) 未达成")
    with pytest.raises(Refused, match="missed again in 2026-10"):
        getattr(office, verifier).answers("verify", about=code, result="effective")
    getattr(office, verifier).answers(
        "verify", about=code, result="ineffective", note="十月仍未达成"
    )
    assert [one.effective for one in rounds(code)] == [False, None]
    office.mailbox("li").expect("无效", code)
    office.mailbox("wang").expect("【第1级升级】", code)


def test_a_value_that_is_not_reported_climbs_like_any_other_duty(tracked):
    office = tracked
    office.on("2026-09-08", "12:00")
    office.mailbox("li").expect("SLA达成率", "2026-08")
    office.on("2026-09-21", "12:00")
    for letter in ("reminder", "overdue"):
        office.mailbox("li").expect(letter=letter)
    office.mailbox("wang").expect("【第1级升级】", "SLA达成率")


def test_the_year_s_indicator_system_and_its_tracking_plan_are_approved(office, tmp_path):
    track(office, tmp_path, SLA)
    office.on("2026-09-08", "12:00")
    office.mailbox("li").mails.clear()
    office.mailbox("director").expect("服务能力管理指标体系", "2026")
    office.director.answers("draw_up", about="KPI-2026")
    office.mailbox("qin").expect("KPI-2026")
    office.qin.answers("review", about="KPI-2026", decision="pass")
    office.mailbox("gao").expect("KPI-2026")
    office.gao.answers("approve", about="KPI-2026", decision="pass")
    office.mailbox("li").expect("KPI-2026")  # who answers for an indicator has it in his hands
    planner = "zhao" if office.mailbox("zhao").mails else "zhou"
    office.mailbox(planner).expect("指标跟踪计划")
    getattr(office, planner).answers("draw_up", about="KTP-2026")
    office.mailbox("qin").expect("KTP-2026")
    with reading() as session:
        plan = session.exec(select(KpiSystem).where(KpiSystem.code == "KTP-2026")).one()
    (entry,) = plan.content["kpis"]
    assert entry["periods"][8] == {"period": "2026-09", "due": "2026-10-13"}


def test_an_indicator_that_is_wrong_itself_is_proposed_for_next_year_s_plan(tracked):
    office = tracked
    code = missed_in_august(office)
    change = "目标值按服务时段分别设定"
    office.li.answers(
        "respond", about=code, planned_on="2026-09-20", indicator_change=change, **PLAN
    )
    who = "zhao" if office.mailbox("zhao").mails else "zhou"
    office.mailbox(who).expect(code)
    with reading() as session:
        assert improvements.of_cycle(session, "2026") == []  # quality has not agreed yet
    getattr(office, who).answers("agree", about=code, decision="agree")
    office.mailbox("li").expect("措施实施", code)
    with reading() as session:
        (proposed,) = improvements.of_cycle(session, "2026")
    assert (proposed.source, proposed.ref) == ("kpi_miss", f"SLA {code}")
    assert change in proposed.text
