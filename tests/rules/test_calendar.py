"""The working calendar: National Day and its make-up days, clocks that change, bounds."""

import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.calendar import Calendar, YearOutOfRange

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
# The published schedule of autumn 2026: two days of work on weekends, a week off.
OFF = [date(2026, 9, 25), *(date(2026, 10, d) for d in (1, 2, 5, 6, 7))]
MADE_UP = [date(2026, 9, 20), date(2026, 10, 10)]


def calendar(zone=SHANGHAI, *, off=OFF, made_up=MADE_UP, confirmed=(2026,)):
    return Calendar(
        name="test",
        zone=zone,
        opens=clock(9),
        closes=clock(18),
        holidays=frozenset(off),
        make_up=frozenset(made_up),
        confirmed=frozenset(confirmed),
    )


CHINA = calendar()


def at(text, zone=SHANGHAI):
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def shown(instant, zone=SHANGHAI):
    assert instant.tzinfo is UTC
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(("day", "working"), [
    (date(2026, 9, 18), True),  # a Friday
    (date(2026, 9, 19), False),  # a Saturday
    (date(2026, 9, 20), True),  # a Sunday that is worked for National Day
    (date(2026, 9, 25), False),  # Mid-Autumn, a Friday
    (date(2026, 10, 7), False),  # a Wednesday of the long week
    (date(2026, 10, 10), True),  # the Saturday worked for it
])  # fmt: skip
def test_a_day_counts_by_the_schedule_not_by_its_weekday(day, working):
    assert CHINA.is_working(day) is working


@pytest.mark.parametrize(("start", "n", "then"), [
    ("2026-09-28 10:30", 0, "2026-09-28 10:30"),  # nowhere
    ("2026-09-28 10:30", 1, "2026-09-29 10:30"),  # tomorrow
    ("2026-09-30 18:00", 1, "2026-10-08 18:00"),  # across the long week
    ("2026-09-28 10:30", 5, "2026-10-10 10:30"),  # the worked Saturday is the fifth
    ("2026-09-28 10:30", 6, "2026-10-12 10:30"),  # and the Sunday after it is none
    ("2026-10-03 10:30", 1, "2026-10-08 10:30"),  # from a day off: the next working day
    ("2026-10-03 10:30", -1, "2026-09-30 10:30"),  # and back: the last one before
    ("2026-10-12 10:30", -1, "2026-10-10 10:30"),  # back to the worked Saturday
    ("2026-12-31 23:59", 1, "2027-01-01 23:59"),  # across the year, into one without holidays
    ("2027-01-01 00:00", -1, "2026-12-31 00:00"),
    ("2028-02-28 09:00", 1, "2028-02-29 09:00"),  # a leap day
])  # fmt: skip
def test_moves_working_days_and_keeps_the_time_of_day(start, n, then):
    assert shown(CHINA.add(at(start), n)) == then


@pytest.mark.parametrize(("instant", "opens"), [
    ("2026-09-28 09:00", "2026-09-28 09:00"),  # the first minute is inside
    ("2026-09-28 17:59", "2026-09-28 17:59"),
    ("2026-09-28 18:00", "2026-09-29 09:00"),  # the last is not
    ("2026-09-28 08:59", "2026-09-28 09:00"),
    ("2026-09-30 18:00", "2026-10-08 09:00"),  # after the long week
    ("2026-10-10 12:00", "2026-10-10 12:00"),  # the worked Saturday is open
    ("2026-10-11 12:00", "2026-10-12 09:00"),  # an ordinary Sunday is not
    ("2026-10-08 00:00", "2026-10-08 09:00"),
])  # fmt: skip
def test_waits_for_working_hours(instant, opens):
    assert shown(CHINA.opening(at(instant))) == opens


@pytest.mark.parametrize(("set_at", "n", "due"), [
    ("2026-09-28 00:01", 3, "2026-10-08 18:00"),  # 29, 30, then the 8th
    ("2026-09-28 23:59", 3, "2026-10-08 18:00"),  # the day counts, not the hour
    ("2026-09-26 12:00", 1, "2026-09-28 18:00"),  # set on a Saturday
    ("2026-09-26 12:00", 0, "2026-09-28 18:00"),
    ("2026-09-28 12:00", 0, "2026-09-28 18:00"),
])  # fmt: skip
def test_a_deadline_of_working_days_is_the_end_of_the_last(set_at, n, due):
    assert shown(CHINA.working_days(at(set_at), n)) == due


@pytest.mark.parametrize(("set_at", "n", "due"), [
    ("2026-09-14 12:00", 15, "2026-09-29 18:00"),
    ("2026-09-14 12:00", 17, "2026-10-08 18:00"),  # would fall on National Day
    ("2026-09-05 12:00", 15, "2026-09-20 18:00"),  # a worked Sunday stays
    ("2026-09-28 16:30", 0, "2026-09-28 18:00"),
])  # fmt: skip
def test_a_deadline_of_calendar_days_moves_to_the_next_working_day(set_at, n, due):
    assert shown(CHINA.calendar_days(at(set_at), n)) == due


def test_the_end_of_a_day_in_shanghai_is_ten_in_the_morning_utc():
    assert CHINA.close_of(date(2026, 9, 28)) == datetime(2026, 9, 28, 10, tzinfo=UTC)


def test_the_day_of_an_instant_is_the_sites():
    assert CHINA.day(datetime(2026, 9, 28, 16, tzinfo=UTC)) == date(2026, 9, 29)


def test_opens_again_after_a_holiday():
    assert shown(CHINA.next_opening_after(date(2026, 9, 30))) == "2026-10-08 09:00"


@pytest.mark.parametrize(("a", "b", "days"), [
    (date(2026, 9, 28), date(2026, 9, 28), 0),
    (date(2026, 9, 28), date(2026, 9, 29), 1),
    (date(2026, 9, 30), date(2026, 10, 8), 1),
    (date(2026, 9, 30), date(2026, 10, 12), 4),  # 8, 9, 10 and 12
    (date(2026, 10, 12), date(2026, 9, 30), -4),
    (date(2025, 12, 31), date(2028, 1, 1), 261 - 6 + 2 + 261),  # whole years between
])  # fmt: skip
def test_counts_the_working_days_after_one_day_up_to_another(a, b, days):
    assert CHINA.count(a, b) == days


# --- clocks that change ----------------------------------------------------------------
# In New York the clocks go forward on 8 March 2026 at 02:00 and back on 1 November at 02:00.

SUNDAYS = calendar(NEW_YORK, off=[], made_up=[date(2026, 3, 8), date(2026, 11, 1)])


def test_a_skipped_time_of_day_is_that_much_later():
    moved = SUNDAYS.add(at("2026-03-06 02:30", NEW_YORK), 1)
    assert moved == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)  # 03:30 summer time


def test_a_repeated_time_of_day_means_the_first():
    moved = SUNDAYS.add(at("2026-10-30 01:30", NEW_YORK), 1)
    assert moved == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # still summer time


def test_from_the_second_of_a_repeated_hour_the_next_days_time_is_the_same():
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # 01:30 for the second time
    assert SUNDAYS.add(second, 0) == second
    assert shown(SUNDAYS.add(second, 1), NEW_YORK) == "2026-11-02 01:30"


@pytest.mark.parametrize(("before", "utc_hour"), [
    (date(2026, 3, 6), 13),  # opens at 09:00 summer time on the Sunday that is worked
    (date(2026, 10, 30), 14),  # and at 09:00 winter time
])  # fmt: skip
def test_opens_at_nine_by_the_clock_on_the_wall(before, utc_hour):
    assert SUNDAYS.next_opening_after(before).hour == utc_hour


# --- bounds ----------------------------------------------------------------------------


@pytest.mark.parametrize("year", [26, 1969, 9001, 9999])
def test_refuses_a_year_that_nobody_can_mean(year):
    instant = datetime(year, 6, 1, 12, tzinfo=UTC)
    for ask in (
        lambda: CHINA.add(instant, 1),
        lambda: CHINA.opening(instant),
        lambda: CHINA.close_of(date(year, 6, 1)),
        lambda: CHINA.working_days(instant, 3),
        lambda: CHINA.calendar_days(instant, 3),
        lambda: CHINA.next_opening_after(date(year, 6, 1)),
        lambda: CHINA.count(date(year, 6, 1), date(2026, 6, 1)),
        lambda: CHINA.day(instant),
    ):
        with pytest.raises(YearOutOfRange):
            ask()


@pytest.mark.parametrize("days", [10**7, -(10**7), 10**12, -(10**12)])
def test_refuses_to_count_beyond_the_bounds_instead_of_overflowing(days):
    with pytest.raises(YearOutOfRange):
        CHINA.calendar_days(at("2026-09-28 12:00"), days)
    with pytest.raises(YearOutOfRange):
        CHINA.add(at("2026-09-28 12:00"), days)


@pytest.mark.parametrize("edge", ["1970-01-01 09:00", "9000-12-31 09:00"])
def test_the_first_and_the_last_year_work_up_to_their_ends(edge):
    assert CHINA.opening(at(edge)) == at(edge)


def test_the_edge_itself_is_refused_when_the_next_day_lies_beyond():
    with pytest.raises(YearOutOfRange):
        CHINA.add(at("9000-12-31 09:00"), 1)


def test_a_year_without_a_single_working_day_ends_nothing():
    year_off = [date(2027, 1, 1) + timedelta(days=n) for n in range(365)]
    long_strike = calendar(off=year_off, made_up=[])
    assert shown(long_strike.add(at("2026-12-31 12:00"), 1)) == "2028-01-03 12:00"


def test_an_instant_without_a_zone_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="no zone"):
        CHINA.add(datetime(2026, 9, 28), 1)


def test_a_year_is_confirmed_or_assumed():
    assert CHINA.is_confirmed(2026)
    assert not CHINA.is_confirmed(2027)


# --- properties ------------------------------------------------------------------------

instants = st.datetimes(
    min_value=datetime(2026, 8, 1), max_value=datetime(2026, 11, 30), timezones=st.just(UTC)
)


def _slowly(day, n):
    """Walk day by day, as one would on a wall calendar."""
    step = timedelta(days=1 if n > 0 else -1)
    left = abs(n)
    while left:
        day += step
        left -= CHINA.is_working(day)
    return day


@given(instants, st.integers(-40, 40))
def test_moving_equals_walking_day_by_day(instant, n):
    moved = CHINA.add(instant, n)
    local, then = CHINA.local(instant), CHINA.local(moved)
    assert then.date() == _slowly(local.date(), n)
    assert then.time() == local.time()


@given(instants, st.integers(1, 40))
def test_counting_undoes_moving(instant, n):
    assert CHINA.count(CHINA.day(instant), CHINA.day(CHINA.add(instant, n))) == n


@given(instants)
def test_an_opening_is_inside_working_hours_and_its_own_opening(instant):
    opening = CHINA.opening(instant)
    local = CHINA.local(opening)
    assert opening >= instant
    assert CHINA.is_working(local.date())
    assert clock(9) <= local.time() < clock(18)
    assert CHINA.opening(opening) == opening


@given(instants, instants, st.integers(-20, 20))
def test_moving_keeps_the_order(a, b, n):
    days = [CHINA.day(CHINA.add(x, n)) for x in sorted((a, b))]
    assert days == sorted(days)


def test_a_hundred_thousand_moves_take_less_than_a_second():
    instant = at("2026-09-28 10:30")
    began = time.process_time()
    for n in range(100_000):
        CHINA.add(instant, n % 20)
    assert time.process_time() - began < 1
