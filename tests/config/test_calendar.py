"""The site's calendar from the country's, the organisation's exceptions, and years assumed."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from config.calendar import calendar_alarm, load_calendar
from config.settings import Misconfigured

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def written(tmp_path):
    """Write a calendar.toml and load what comes of it."""

    def load(text=""):
        (tmp_path / "config").mkdir(exist_ok=True)
        (tmp_path / "config" / "calendar.toml").write_text(text, "utf-8")
        return load_calendar(tmp_path, SHANGHAI)

    return load


@pytest.mark.parametrize(("day", "working"), [
    (date(2025, 1, 26), True),  # Sunday worked for the Spring Festival
    (date(2025, 1, 28), False),  # its eve
    (date(2025, 10, 8), False),  # Mid-Autumn and National Day together: eight days
    (date(2025, 10, 11), True),  # the Saturday worked for it
    (date(2026, 1, 2), False),  # a Friday swapped …
    (date(2026, 1, 4), True),  # … for this Sunday
    (date(2026, 2, 14), True),
    (date(2026, 2, 23), False),
    (date(2026, 5, 9), True),
    (date(2026, 9, 20), True),
    (date(2026, 10, 7), False),
    (date(2026, 10, 10), True),
])  # fmt: skip
def test_china_as_published(tmp_path, day, working):
    assert load_calendar(tmp_path, SHANGHAI).is_working(day) is working


def test_published_years_are_confirmed_and_the_next_is_not(tmp_path):
    calendar = load_calendar(tmp_path, SHANGHAI)
    assert [y for y in range(2020, 2030) if calendar.is_confirmed(y)] == list(range(2020, 2027))


def test_an_unconfirmed_year_is_monday_to_friday_less_statutory_days(tmp_path):
    calendar = load_calendar(tmp_path, SHANGHAI)
    assert not calendar.is_working(date(2027, 10, 1))
    assert not calendar.is_working(date(2027, 10, 9))  # a Saturday: no make-up day is guessed
    assert calendar.is_working(date(2027, 10, 8))


def test_a_country_that_moves_no_weekends_is_settled_by_law(written):
    calendar = written('country = "GB"')
    assert calendar.is_confirmed(2030)
    assert not calendar.is_working(date(2030, 12, 25))


def test_the_organisations_days_come_before_the_countrys(written):
    calendar = written("holidays = [2026-09-20, 2026-12-31]\nworkdays = [2026-10-07, 2027-02-14]\n")
    assert not calendar.is_working(date(2026, 9, 20))  # a make-up day that we do not work
    assert not calendar.is_working(date(2026, 12, 31))
    assert calendar.is_working(date(2026, 10, 7))  # a national holiday that we do
    assert calendar.is_working(date(2027, 2, 14))


def test_an_organisation_confirms_a_year_itself(written):
    assert written("confirmed = [2027]").is_confirmed(2027)


def test_keeps_the_hours_it_is_given(written):
    calendar = written("opens = 08:30:00\ncloses = 17:30:00\n")
    assert calendar.local(calendar.close_of(date(2026, 9, 28))).strftime("%H:%M") == "17:30"


@pytest.mark.parametrize(("day", "years"), [
    (date(2026, 10, 31), None),  # nobody has published yet, and nobody should have
    (date(2026, 11, 1), "2027"),
    (date(2026, 12, 31), "2027"),
    (date(2027, 1, 1), "2027"),  # still assumed, all year long
    (date(2027, 11, 1), "2027, 2028"),
])  # fmt: skip
def test_an_assumed_year_is_an_alarm_from_november_on(tmp_path, day, years):
    sentence = calendar_alarm(load_calendar(tmp_path, SHANGHAI), day)
    if years is None:
        assert sentence is None
    else:
        assert sentence is not None
        assert f"calendar of {years} is not confirmed" in sentence


def test_the_alarm_is_over_when_the_year_is_confirmed(written):
    assert calendar_alarm(written("confirmed = [2027]"), date(2026, 12, 1)) is None


def test_the_alarm_speaks_chinese(tmp_path):
    calendar = load_calendar(tmp_path, SHANGHAI)
    sentence = calendar_alarm(calendar, date(2026, 12, 1), language="zh")
    assert sentence is not None
    assert sentence.startswith("2027年的工作日历尚未确认")


@pytest.mark.parametrize(("text", "said"), [
    ('country = "XX"', "country: no calendar is known for the country 'XX'"),
    ("country = 86", "country: must be text in quotes, not 86"),
    ("closes = 08:00:00", "closes: working hours begin before they end"),
    ("opens = 18:00:00", "opens: working hours begin before they end, not from 18:00:00 to"),
    ('opens = "9:00"', "opens: must be a time like 09:00:00, without quotes, not '9:00'"),
    ('holidays = ["2026-12-31"]', "holidays.0: must be a date like 2027-02-06"),
    ("holidays = 2026-12-31", "holidays: must be a list in square brackets"),
    ("confirmed = [26]", "confirmed.0: must be at least 1970, not 26"),
    ("workday = []", "workday: there is no such key"),
    ("holidays = [2026-12-31]\nworkdays = [2026-12-31]", "workdays: 2026-12-31 is also in hol"),
    ("holidays = [2026-02-30]", "not valid TOML"),
])  # fmt: skip
def test_refuses_by_file_and_key(written, tmp_path, text, said):
    with pytest.raises(Misconfigured) as refused:
        written(text)
    assert str(refused.value).startswith(f"{tmp_path / 'config' / 'calendar.toml'}: ")
    assert said in str(refused.value)
