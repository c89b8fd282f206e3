"""The promise: an overdue nonconformity climbs until it is closed, and then it is over."""

import pytest

from processes.nonconformity import raising as nonconformities
from rules.refusal import NotEntitled, Refused
from tests.support.cast import absent, change, nonconformity, rounds

PLAN = {
    "decision": "accept",
    "method": "5why",
    "cause": "巡检表未纳入交接班清单",
    "correction": "补齐九月巡检记录",
    "corrective_action": "将巡检表列入交接班清单并由班长复核",
    "preventive_action": "每月抽查交接班清单",
    "look_elsewhere": "检查其他机房的巡检表",
}
DONE = {"done": "交接班清单已改版并培训", "evidence_note": "配置库 QM-031 V1.2"}
TITLE = "核心交换机巡检记录缺失"


def raised(office, **facts) -> str:
    code = office.zhao.raises(TITLE, owner="li", project="P1", **facts)
    office.mailbox("li").expect(TITLE, code)
    return code


def planned(office, code: str, by: str = "2026-10-08") -> None:
    """Li answers with a plan and Zhao agrees to it."""
    office.li.answers("respond", about=code, planned_on=by, **PLAN)
    who = "zhao" if office.mailbox("zhao").mails else "zhou"
    office.mailbox(who).expect(code)
    getattr(office, who).answers("agree", about=code, decision="agree")
    office.mailbox("li").expect("措施实施", code)


def done(office, code: str) -> str:
    """Li reports the action done; return who is asked to verify."""
    office.li.answers("act", about=code, **DONE)
    who = "zhao" if office.mailbox("zhao").mails else "zhou"
    office.mailbox(who).expect("验证", code)
    return who


def test_an_unanswered_nonconformity_reaches_the_top_across_national_day(office):
    code = raised(office)
    office.on("2026-09-10", "12:00")  # three working days are over at six in the evening
    office.mailbox("li").expect(letter="reminder")
    office.on("2026-09-11", "12:00")
    office.mailbox("li").expect(letter="overdue")
    office.on("2026-09-15", "12:00")
    first = office.mailbox("wang").expect("【第1级升级】", code)
    assert "李工" in first.text
    office.on("2026-09-18", "12:00")
    second = office.mailbox("director").expect("【第2级升级】", code)
    assert second.thread == first.thread
    # Ten working days after due: the make-up Sunday counts, Mid-Autumn does not.
    office.on("2026-09-28", "12:00")
    office.mailbox("gao").expect("【第3级升级】", code)
    office.on("2026-10-09", "12:00")
    office.mailbox("zong").expect("【第4级升级】", code)
    office.on("2026-10-15", "12:00")
    office.mailbox("zong").expect("【第4级升级·第2次】", code)


def test_answered_agreed_done_and_verified_it_is_closed_and_everyone_told_hears_it(office):
    code = raised(office)
    office.on("2026-09-15", "12:00")
    for letter in ("reminder", "overdue"):
        office.mailbox("li").expect(letter=letter)
    told = office.mailbox("wang").expect("【第1级升级】")
    planned(office, code)
    over = office.mailbox("wang").expect("李工", code)
    assert over.letter == "over"
    assert over.thread == told.thread
    office.on("2026-09-21")
    verifier = done(office, code)
    office.on("2026-09-22")
    getattr(office, verifier).answers(
        "verify", about=code, result="effective", note="抽查三班，均已执行"
    )
    assert nonconformity(code).state == "closed"
    office.mailbox("li").expect(code, letter="over")
    office.on("2026-11-30")  # and nothing more is ever said about it
    office.mailbox("operator").expect("2027", letter="alarm")  # next year's calendar, in November


def test_a_manager_grants_an_extension_and_the_ladder_begins_again(office):
    code = raised(office)
    office.on("2026-09-15", "12:00")
    for letter in ("reminder", "overdue"):
        office.mailbox("li").expect(letter=letter)
    office.mailbox("wang").expect("【第1级升级】")
    office.li.asks_for_time("respond", about=code, until="2026-09-24", reason="等待厂商日志")
    office.mailbox("wang").expect("延期", "等待厂商日志")
    office.wang.answers("decide_extension", about=code, decision="grant")
    for who in ("li", "wang", "qin"):
        office.mailbox(who).expect("延期", code)
    office.on("2026-09-24", "12:00")
    office.mailbox("li").expect(letter="reminder")
    # Mid-Autumn is a Friday: overdue is said on the Monday.
    office.on("2026-09-28", "12:00")
    office.mailbox("li").expect(letter="overdue")
    office.on("2026-09-29", "12:00")
    office.on("2026-09-30", "12:00")
    office.mailbox("wang").expect("【第1级升级】")


def test_nobody_grants_his_own_extension(office):
    code = raised(office)
    office.li.asks_for_time("respond", about=code, until="2026-09-18", reason="等待厂商日志")
    office.mailbox("wang").expect("延期")
    with pytest.raises(NotEntitled):
        office.li.answers("decide_extension", about=code, decision="grant")


def test_twice_ineffective_begins_one_level_higher(office):
    code = raised(office)
    for round_ in (1, 2):
        planned(office, code)
        verifier = done(office, code)
        getattr(office, verifier).answers(
            "verify", about=code, result="ineffective", note="夜班仍未登记"
        )
        office.on(f"2026-09-{7 + round_:02}")  # three codes an hour are the most
        office.mailbox("li").expect("无效", code)
        assert nonconformity(code).rounds == round_ + 1
    office.mailbox("wang").expect("【第1级升级】", code, "无效")
    office.on("2026-09-14", "12:00")
    for letter in ("reminder", "overdue"):
        office.mailbox("li").expect(letter=letter)
    office.on("2026-09-16", "12:00")
    office.mailbox("director").expect("【第2级升级】", code)  # and Wang is not told again
    assert [one.effective for one in rounds(code)] == [False, False, None]


def test_a_major_one_stays_open_until_its_effect_is_confirmed_after_ninety_days(office):
    code = raised(office, severity="major")
    planned(office, code, by="2026-09-18")
    verifier = done(office, code)
    getattr(office, verifier).answers("verify", about=code, result="effective", note="已执行")
    assert nonconformity(code).state == "implemented"
    office.on("2026-12-05")
    office.mailbox("operator").expect("2027", letter="alarm")  # next year's calendar
    office.mailbox("qin").expect("2027 年度运维服务质量管理计划")  # and next year's plan
    assert nonconformity(code).state == "implemented"
    checker = "zhao" if office.duty("verify_effect", code).owner_id == office.zhao.id else "zhou"
    office.mailbox(checker).expect(code, letter="verification_asked")
    office.mailbox(checker).expect(code, letter="reminder")
    office.on("2026-12-07")  # ninety days after it was implemented is a Sunday
    getattr(office, checker).answers(
        "verify_effect", about=code, result="effective", note="三月无复发"
    )
    assert nonconformity(code).state == "closed"
    office.mailbox("li").expect(code, letter="over")


def test_high_risk_goes_straight_up_and_the_ladder_climbs_beside_it(office):
    code = raised(office, risk="high")
    office.mailbox("gao").expect("直报", code)
    office.on("2026-09-09")
    office.gao.answers("decide", about=code, decision="resource", text="调拨备件两套")
    office.mailbox("li").expect(code, "调拨备件两套")
    office.on("2026-09-11", "12:00")
    for letter in ("reminder", "overdue"):
        office.mailbox("li").expect(letter=letter)
    office.on("2026-09-15", "12:00")
    office.mailbox("wang").expect("【第1级升级】", code)


def test_what_the_team_cannot_solve_is_declared_by_its_owner(office):
    code = raised(office)
    office.li.reports_straight_up(code, "需要更换核心交换机")
    office.mailbox("gao").expect("直报", "需要更换核心交换机")
    with pytest.raises(Refused):
        office.chen.reports_straight_up(code, "与我无关")


def test_a_dispute_upheld_makes_it_void_and_nothing_more_is_owed(office):
    code = raised(office)
    office.li.answers("respond", about=code, decision="dispute", reason="巡检由供应商负责")
    office.mailbox("qin").expect("异议", code)
    office.qin.answers("decide_dispute", about=code, decision="uphold", reason="合同如此约定")
    assert nonconformity(code).state == "void"
    office.mailbox("li").expect(code, "合同如此约定", letter="over")  # why, in the decider's words
    office.on("2026-11-01")
    office.mailbox("operator").expect("2027", letter="alarm")  # next year's calendar


def test_a_delegate_hears_for_the_absent_manager_who_finds_it_when_he_is_back(office):
    change("wang", **absent("2026-09-14", "2026-09-16", delegate="he"))
    code = raised(office)
    office.on("2026-09-15", "12:00")
    for letter in ("reminder", "overdue"):
        office.mailbox("li").expect(letter=letter)
    standing_in = office.mailbox("he").expect("【第1级升级】", code)
    assert "王经理" in standing_in.text
    office.on("2026-09-17", "12:00")
    back = office.mailbox("wang").expect(code)
    assert back.letter == "stood_in"
    office.on("2026-09-18", "12:00")
    office.mailbox("director").expect("【第2级升级】", code)


def test_five_overdue_duties_are_one_digest_and_chen_hears_of_none(office):
    codes = [office.zhao.raises(f"巡检缺失 {n}", owner="li") for n in range(5)]
    for code in codes:
        office.mailbox("li").expect(code)
    office.on("2026-09-10", "12:00")
    (reminder,) = office.mailbox("li").mails
    for code in codes:
        office.mailbox("li").mails[0].text.index(code)
    office.mailbox("li").expect(codes[0])
    assert reminder.letter == "digest"
    office.on("2026-09-11", "12:00")
    office.mailbox("li").expect(codes[4])
    office.on("2026-09-15", "12:00")
    for code in codes:
        office.mailbox("wang").expect("【第1级升级】", code)
    assert office.mailbox("chen").mails == []


def test_what_nobody_may_verify_waits_for_somebody_who_may(office):
    for code in ("zhao", "zhou", "qin", "zong"):
        change(code, active=False)
    code = nonconformities.raise_(title=TITLE, owner_code="li", at=office.at)
    office.post_comes()
    office.mailbox("li").expect(code, letter="assignment")
    office.li.answers("respond", about=code, planned_on="2026-10-08", **PLAN)
    office.mailbox("operator").expect(code)
    change("zhou", active=True)
    office.on("2026-09-08")
    office.mailbox("operator").expect("质量负责人", letter="alarm")
    office.mailbox("zhou").expect(code)
    office.zhou.answers("agree", about=code, decision="agree")
    office.mailbox("li").expect("措施实施", code)
