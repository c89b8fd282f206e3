"""What a rule may say, and on which working day each of its days falls."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.calendar import load_calendar
from rules.recurrence import (
    RulePartUnknown,
    RuleUnreadable,
    WorkingDayUnusable,
    days,
    placed,
    read,
    working_day,
)

CHINA = load_calendar(Path("nowhere"), ZoneInfo("Asia/Shanghai"))
DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "n", "falls"),
    [
        ("2026-03-31", -1, "2026-03-31"),  # the quarter ends on a Tuesday
        ("2026-05-31", -1, "2026-05-29"),  # on a Sunday
        ("2026-02-28", -1, "2026-02-28"),  # a Saturday, but a make-up workday
        ("2026-10-01", 1, "2026-10-08"),  # National Day week
        ("2026-10-01", 2, "2026-10-09"),
        ("2026-10-01", 3, "2026-10-10"),  # the make-up Saturday counts
        ("2026-01-01", 1, "2026-01-04"),  # New Year; Sunday the 4th is worked
        ("2026-09-30", -2, "2026-09-29"),
        ("2026-10-04", -1, "2026-09-30"),  # back over the holiday
        ("2026-10-04", 0, "2026-10-04"),  # the day itself, a holiday or not
        ("2026-02-15", 1, "2026-02-24"),  # Spring Festival
    ],
)
def test_where_a_day_falls(day, n, falls):
    assert placed(date.fromisoformat(day), n, CHINA) == date.fromisoformat(falls)


@given(DAYS, st.integers(-23, 23).filter(bool))
def test_it_falls_on_a_working_day_on_the_side_that_was_meant(day, n):
    found = placed(day, n, CHINA)
    assert CHINA.is_working(found)
    assert found >= day if n > 0 else found <= day
    between = CHINA.count(day, found) if n > 0 else CHINA.count(found, day)
    assert abs(between - abs(n)) <= 1


@given(st.lists(DAYS, max_size=60), st.integers(-3, 3))
def test_no_working_day_is_meant_twice(nominal, n):
    found = days(nominal, n, CHINA)
    assert len({on for _, on in found}) == len(found)
    assert {day for day, _ in found} <= set(nominal)
    assert [day for day, _ in found] == sorted(day for day, _ in found)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "RRULE:freq=yearly; bymonth=3,6,9,12; bymonthday=-1",
        "FREQ=WEEKLY;BYDAY=MO,TH",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=DAILY;INTERVAL=10;",
    ],
)
def test_rules_that_can_be_used(rule):
    assert read(read(rule).text) == read(rule)  # as it is kept it reads the same


@pytest.mark.parametrize(
    ("rule", "refusal"),
    [
        ("", RuleUnreadable),
        ("monthly", RuleUnreadable),
        ("BYMONTH=3", RuleUnreadable),  # not how often
        ("FREQ=HOURLY", RuleUnreadable),
        ("FREQ=MONTHLY;BYMONTHDAY=", RuleUnreadable),
        ("FREQ=MONTHLY;BYMONTHDAY=32", RulePartUnknown),
        ("FREQ=MONTHLY;BYMONTHDAY=0", RulePartUnknown),
        ("FREQ=YEARLY;BYMONTH=13", RulePartUnknown),
        ("FREQ=MONTHLY;BYDAY=XX", RulePartUnknown),
        ("FREQ=MONTHLY;BYDAY=99MO", RulePartUnknown),
        ("FREQ=DAILY;BYHOUR=3", RulePartUnknown),
        ("FREQ=DAILY;INTERVAL=0", RulePartUnknown),
        ("FREQ=DAILY;INTERVAL=1,2", RulePartUnknown),
        ("FREQ=DAILY;COUNT=99999999", RulePartUnknown),
        ("FREQ=DAILY;UNTIL=20261231", RulePartUnknown),  # a plan is for its year
        ("FREQ=DAILY;COUNT=１", RulePartUnknown),  # a digit that is none to a computer
    ],
)
def test_rules_that_cannot(rule, refusal):
    with pytest.raises(refusal):
        read(rule)


@pytest.mark.parametrize("n", [-24, 24, 1000])
def test_a_month_has_no_more_working_days(n):
    with pytest.raises(WorkingDayUnusable):
        working_day(n)


@given(st.text(max_size=40))
def test_whatever_is_written_is_read_or_refused(rule):
    try:
        read(rule)
    except (RuleUnreadable, RulePartUnknown):
        pass
