"""The promise: nobody is left out for good, and no decision stays with whoever is gone."""

from datetime import date

from tests.stories.test_until_closed import TITLE, raised
from tests.support.cast import absent, change


def test_an_owner_who_was_away_without_a_stand_in_hears_on_the_first_day_back(office):
    change("li", absent_from=date(2026, 9, 7), absent_until=date(2026, 9, 7))
    code = office.zhao.raises(TITLE, owner="li", project="P1")
    office.mailbox("li").expect_none()
    office.on("2026-09-08", "10:00")
    office.mailbox("li").expect(code, letter="assignment")


def test_a_stand_in_named_later_hears_when_the_absence_begins(office):
    code = raised(office)
    change("li", **absent("2026-09-08", "2026-09-18", delegate="sun"))
    office.on("2026-09-08", "10:00")
    office.mailbox("sun").expect(code, letter="assignment")


def test_a_manager_who_was_passed_over_hears_once_there_is_an_address(office):
    change("wang", email=None)
    code = raised(office)
    office.on("2026-09-15", "12:00")
    for letter in ("reminder", "overdue"):
        office.mailbox("li").expect(code, letter=letter)
    office.mailbox("director").expect("【第1级升级】", code)
    change("wang", email="wang@company.example")
    office.on("2026-09-16", "12:00")
    office.mailbox("wang").expect("【第1级升级】", code, "当时改为通知了杜主任")


def test_a_decision_on_an_extension_goes_to_who_leads_the_owner_now(office):
    code = raised(office)
    office.li.asks_for_time("respond", about=code, until="2026-09-20", reason="备件未到")
    office.mailbox("wang").expect(code, letter="extension_asked")
    change("li", manager_id=office.he.id, manager_code="he")
    office.on("2026-09-08", "10:00")
    office.mailbox("he").expect(code, "原由王经理负责", letter="extension_asked")
    office.mailbox("wang").expect(code, "何经理", letter="over")
    assert office.duty("decide_extension", code).owner_id == office.he.id
