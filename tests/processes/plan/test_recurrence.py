"""Rules expanded over a year of the Chinese calendar, and said in words."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.calendar import load_calendar
from processes.plan.recurrence import days, described, nominal

CHINA = load_calendar(Path("nowhere"), ZoneInfo("Asia/Shanghai"))
QUARTER = "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1"


def planned(rule, n, year=2026):
    return [on.isoformat() for _, on in days(rule, n, year, CHINA)]


def test_the_last_working_day_of_each_quarter():
    assert planned(QUARTER, -1) == ["2026-03-31", "2026-06-30", "2026-09-30", "2026-12-31"]
    assert planned(QUARTER, -1, 2027)[0] == "2027-03-31"


def test_the_last_working_day_of_each_month():
    assert planned("FREQ=MONTHLY;BYMONTHDAY=-1", -1) == [
        *("2026-01-30", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-29", "2026-06-30"),
        *("2026-07-31", "2026-08-31", "2026-09-30", "2026-10-30", "2026-11-30", "2026-12-31"),
    ]


def test_the_first_working_day_on_or_after_the_fifth():
    found = planned("FREQ=MONTHLY;BYMONTHDAY=5", 1)
    assert found[:5] == ["2026-01-05", "2026-02-05", "2026-03-05", "2026-04-07", "2026-05-06"]
    assert found[9] == "2026-10-08"


def test_a_rule_on_every_day_means_each_working_day_once():
    found = planned("FREQ=DAILY", 1)
    whole = CHINA.count(date(2025, 12, 31), date(2026, 12, 31))
    assert whole <= len(found) <= whole + 1  # the last days of December may mean January


def test_a_leap_day_is_meant_in_leap_years_only():
    rule = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"
    assert nominal(rule, 2028) == (date(2028, 2, 29),)
    assert nominal(rule, 2026) == ()


@pytest.mark.parametrize(
    ("rule", "n", "zh", "en"),
    [
        ("FREQ=MONTHLY;BYMONTHDAY=-1", -1, "每月，最后一个工作日", "Every month, last working day"),
        (
            QUARTER,
            -1,
            "每季度（3、6、9、12月），最后一个工作日",
            "Every quarter (months 3, 6, 9, 12), last working day",
        ),
        (
            "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=15",
            1,
            "每年（11月），15日或其后首个工作日",
            "Every year (months 11), day 15 or the next working day",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=1",
            3,
            "每月，第3个工作日",
            "Every month, working day 3 of the month",
        ),
        ("FREQ=WEEKLY;BYDAY=MO", 1, "每周", "Every week"),
        ("FREQ=DAILY;INTERVAL=10", 1, "FREQ=DAILY;INTERVAL=10 (+1)", "FREQ=DAILY;INTERVAL=10 (+1)"),
    ],
)
def test_a_rule_in_words(rule, n, zh, en):
    assert described("zh", rule, n) == zh
    assert described("en", rule, n) == en
