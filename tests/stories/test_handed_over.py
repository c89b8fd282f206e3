"""The promise: a duty may change hands, and becomes no younger by it."""

import pytest

from rules.handing_over import MayNotHandOver, NotHandedOver
from rules.refusal import NotEntitled
from tests.stories.test_until_closed import DONE, PLAN, TITLE, raised
from tests.support.cast import nonconformity


def test_the_manager_hands_it_over_and_the_ladder_climbs_from_the_new_owner(office):
    code = raised(office)
    for nobody in (office.li, office.chen, office.he):
        with pytest.raises(MayNotHandOver):
            nobody.hands_over("respond", about=code, to="chen", reason="换人")
    office.on("2026-09-15", "12:00")
    for letter in ("reminder", "overdue"):
        office.mailbox("li").expect(code, letter=letter)
    office.mailbox("wang").expect("【第1级升级】", code)
    due = office.duty("respond", code).due_at

    office.wang.hands_over("respond", about=code, to="chen", reason="李工调离项目")

    office.mailbox("li").expect("已转办", "王经理", "陈工", "李工调离项目", letter="over")
    office.mailbox("chen").expect(TITLE, "由王经理转办给您", "李工调离项目", letter="assignment")
    duty = office.duty("respond", code)
    assert (duty.due_at, duty.level, duty.episode) == (due, 1, 1)
    with pytest.raises(NotEntitled):
        office.li.answers("respond", about=code, planned_on="2026-10-08", **PLAN)
    office.on("2026-09-18", "12:00")
    office.mailbox("he").expect("【第2级升级】", code)  # Chen's manager: Wang has heard already
    office.chen.answers("respond", about=code, planned_on="2026-10-08", **PLAN)
    for told in ("wang", "he"):
        office.mailbox(told).expect(code, letter="over")
    who = "zhao" if office.mailbox("zhao").mails else "zhou"
    office.mailbox(who).expect(code)
    with pytest.raises(NotHandedOver):
        office.qin.hands_over("agree", about=code, to="zhou", reason="换人")
    getattr(office, who).answers("agree", about=code, decision="agree")
    office.mailbox("chen").expect("措施实施", code)
    assert nonconformity(code).owner_id == office.chen.id


def test_whoever_took_it_over_never_verifies_it(office):
    code = raised(office)
    office.qin.hands_over("respond", about=code, to="zhao", reason="质量部代为整改")
    office.mailbox("li").expect("已转办", code, letter="over")
    office.mailbox("zhao").expect(TITLE, letter="assignment")
    office.zhao.answers("respond", about=code, planned_on="2026-10-08", **PLAN)
    office.mailbox("zhou").expect(code)
    office.zhou.answers("agree", about=code, decision="agree")
    office.mailbox("zhao").expect("措施实施", code)
    office.zhao.answers("act", about=code, **DONE)
    office.mailbox("zhou").expect(code, letter="verification_asked")
