"""Days off published late, dates that are over, ladders in hours, a copied home: as they come."""

import shutil
from datetime import timedelta

import pytest

from config.current import current, use
from flows.turning import turn
from models import engine
from processes.mail import instance
from processes.mail.delivery import deliver
from processes.nonconformity import import_nonconformities as register
from processes.watch import waking
from tests.support.cast import at

HOURS = """
[ladder.respond.minor]
unit = "hours"
reminder = 0
steps = [0, 2]
every = 4
highest = 1
"""
REGISTER = """code,title,owner,raised_at,due,state,level,cause,corrective_action
O1,备份未做恢复演练,li,2024-01-02,2024-02-01,planned,1,没有计划,每季演练
O2,台账缺一台交换机,sun,2024-01-02,2024-02-01,accepted,,,
"""


def publish(home, file, text):
    path = home / "config" / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    use(current().settings)


def test_a_day_off_that_is_published_late_moves_the_steps_and_is_told_once(office, home):
    code = office.zhao.raises("巡检记录缺失", owner="li")
    office.mailbox("li").expect(code, "9月10日", letter="assignment")
    office.on("2026-09-08", "12:00")
    publish(home, "calendar.toml", "holidays = [2026-09-10, 2026-09-11]\n")
    office.on("2026-09-09", "12:00")
    office.mailbox("li").expect("工作日历有变更", "9月14日", letter="assignment")
    office.on("2026-09-12", "12:00")
    office.expect_no_other_letter()  # not on the days off, nor on the Saturday after them
    office.on("2026-09-14", "12:00")
    office.mailbox("li").expect(letter="reminder")
    office.on("2026-09-15", "12:00")
    office.mailbox("li").expect(letter="overdue")
    office.on("2026-09-16", "18:00")
    office.mailbox("wang").expect_none()
    office.on("2026-09-17", "12:00")
    office.mailbox("wang").expect("【第1级升级】", code)


def test_a_register_that_is_brought_in_says_nothing_for_three_days_then_goes_on(office, home):
    path = home / "register.csv"
    path.write_text(REGISTER, "utf-8")
    register.take(path, at=office.at, actor="operator:story")
    office.on("2026-09-09", "12:00")
    office.expect_no_other_letter()
    office.on("2026-09-11", "12:00")
    higher = office.mailbox("director").expect("O1", "【第2级升级】")
    assert "李工" in higher.text  # the level below it was told elsewhere
    office.mailbox("sun").expect("O2", letter="overdue")


def test_a_ladder_in_hours_climbs_the_same_day_and_stays_at_its_highest(office, home):
    publish(home, "escalation.toml", HOURS)
    code = office.zhao.raises("客户来电无人接听", owner="li")
    office.mailbox("li").expect(letter="assignment")
    office.on("2026-09-10", "17:59")
    due = office.duty("respond", code).due_at
    for hours, who in ((0, "li"), (2, "wang"), (6, "wang"), (10, "wang")):
        office.at = due + timedelta(hours=hours)
        turn(office.at)
        office.post_comes()
        office.mailbox(who).expect(code)
        office.expect_no_other_letter()


def test_three_weeks_down_one_letter_says_what_is_true_and_each_level_gets_its_day(office):
    code = office.zhao.raises("巡检记录缺失", owner="li")
    office.mailbox("li").expect(letter="assignment")
    office.on("2026-09-08", "12:00")
    office.at = at("2026-09-26", "23:10")  # the machine is back on a Saturday night
    turn(office.at)
    office.post_comes()
    office.expect_no_other_letter()
    office.on("2026-09-28", "12:00")
    said = office.mailbox("li").expect(letter="overdue")
    assert "9月8日" in said.text  # since when nothing was sent
    office.expect_no_other_letter()
    office.on("2026-09-30", "12:00")
    office.mailbox("wang").expect("【第1级升级】", code)


def test_a_copy_of_the_home_sends_nothing_and_the_original_goes_on(office, tmp_path):
    if engine.database().path is None:
        pytest.skip("a server's rows are copied by a dump, not with the folder")
    code = office.zhao.raises("巡检记录缺失", owner="li")
    office.mailbox("li").expect(letter="assignment")
    own, path = current().settings, engine.database().path
    copy = tmp_path / "copy"
    copy.mkdir()
    engine.database().dispose()
    shutil.copy(path, copy / path.name)
    use(own.model_copy(update={"home": copy}))
    engine.bind(current().settings.url)
    later = at("2026-09-11", "09:00")
    turn(later)
    assert deliver(later, transport=office.postman).sent == 0
    assert instance.DELIVER in waking.held()
    engine.database().dispose()
    use(own)
    engine.bind(own.url)
    office.on("2026-09-11", "12:00")
    office.mailbox("li").expect(code, letter="reminder")
    office.mailbox("li").expect(code, letter="overdue")
