"""Service time is read from the words of a contract, and counted in its own zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import spans
from rules.service_time import ServiceTime, ServiceTimeRefused, week_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = 24 * 60


def instant(text, zone=UTC):
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("words", "monday", "saturday", "sunday"),
    [
        ("24x7", [(0, DAY)], [(0, DAY)], [(0, DAY)]),
        ("7×24", [(0, DAY)], [(0, DAY)], [(0, DAY)]),
        ("Mon-Fri 08:00-18:00", [(480, 1080)], [], []),
        ("周一至周五 08:00-12:00 14:00-18:00", [(480, 720), (840, 1080)], [], []),
        ("周一-周五 9:00-18:00；周六 09:00-12:00", [(540, 1080)], [(540, 720)], []),
        ("Mon,Sun 22:00-24:00", [(1320, DAY)], [], [(1320, DAY)]),  # days may be listed
        ("星期日 00:00-04:00", [], [], [(0, 240)]),  # a maintenance window
        ("周天 00:00-04:00", [], [], [(0, 240)]),  # Sunday has two names
        ("Sat 12:00-13:00; Sat 08:00-09:00", [], [(480, 540), (720, 780)], []),  # put in order
    ],
)
def test_words_say_the_hours_of_each_day(words, monday, saturday, sunday):
    week = week_of(words)
    assert [list(week[day]) for day in (0, 5, 6)] == [monday, saturday, sunday]


@pytest.mark.parametrize(
    "words",
    [
        "",
        "always",
        "Mon-Fri",  # without hours
        "08:00-18:00",  # without days
        "Mon-Fri 18:00-08:00",  # over midnight: two parts say it
        "Mon-Fri 08:00-08:00",
        "Mon-Fri 08:00-24:01",
        "Mon-Fri 08:60-09:00",
        "Mon-Fri 08:00-18:99",
        "Fri-Mon 08:00-18:00",
        "Mon 08:00-12:00 11:00-13:00",  # overlaps
        "Mon 08:00-12:00; Mon 11:00-13:00",
        "Mon-Fri 08:00-18:00 holidays",  # a word that nobody reads
    ],
)
def test_other_words_are_refused_whole(words):
    with pytest.raises(ServiceTimeRefused) as refused:
        week_of(words)
    assert str(refused.value).startswith(f"{words} is no service time")


def hours(week, begins, ends, zone=SHANGHAI, **days):
    service = ServiceTime(zone=zone, week=week_of(week), **days)
    return spans.length(service.spans(begins, ends)) / timedelta(hours=1)


@pytest.mark.parametrize(
    ("week", "begins", "ends", "found"),
    [
        ("Mon-Fri 08:00-18:00", "2026-09-14 00:00", "2026-09-21 00:00", 50),
        ("Mon-Fri 08:00-18:00", "2026-09-14 17:00", "2026-09-15 09:00", 2),  # over a night
        ("Mon-Fri 08:00-18:00", "2026-09-18 18:00", "2026-09-21 08:00", 0),  # closing to opening
        ("24x7", "2026-09-14 00:00", "2026-09-21 00:00", 168),
        ("Sun 22:00-24:00; Mon 00:00-02:00", "2026-09-13 21:00", "2026-09-14 12:00", 4),
    ],
)
def test_only_time_inside_service_time_counts(week, begins, ends, found):
    assert hours(week, instant(begins, SHANGHAI), instant(ends, SHANGHAI)) == found


def test_days_off_have_no_service_and_make_up_days_have_that_of_a_monday():
    whole = instant("2026-10-05 00:00", SHANGHAI), instant("2026-10-12 00:00", SHANGHAI)
    off = frozenset(date(2026, 10, day) for day in (5, 6, 7))
    make_up = frozenset({date(2026, 10, 10)})
    week = "Mon-Thu 08:00-18:00; Fri 08:00-12:00"
    assert hours(week, *whole) == 44
    assert hours(week, *whole, off=off) == 14
    assert hours(week, *whole, off=off, make_up=make_up) == 24
    assert hours("24x7", *whole, make_up=make_up) == 168  # a day with hours keeps its own


@pytest.mark.parametrize(
    ("day", "found"),
    [("2026-03-08", 23), ("2026-11-01", 25), ("2026-11-02", 24)],  # the clocks change
)
def test_a_day_is_as_long_as_it_is_there(day, found):
    zone = ZoneInfo("America/New_York")
    begins = instant(f"{day} 00:00", zone)
    ends = instant(str(date.fromisoformat(day) + timedelta(days=1)) + " 00:00", zone)
    assert hours("24x7", begins, ends, zone) == found


MINUTES = st.integers(0, 14 * DAY)


@given(st.lists(st.tuples(MINUTES, MINUTES)), st.lists(st.tuples(MINUTES, MINUTES)))
def test_spans_are_what_their_minutes_are(one, other):
    """Each minute by itself says the same as the spans do."""
    epoch = datetime(2026, 9, 1, tzinfo=UTC)

    def made(pairs):
        return spans.merged(
            (epoch + timedelta(minutes=a), epoch + timedelta(minutes=b)) for a, b in pairs
        )

    def counted(found):
        return {
            minute for a, b in found for minute in range((a - epoch) // step, (b - epoch) // step)
        }

    step = timedelta(minutes=1)
    left, right = made(one), made(other)
    minutes = [{m for a, b in pairs for m in range(a, b)} for pairs in (one, other)]
    assert [counted(left), counted(right)] == minutes
    assert counted(spans.common(left, right)) == minutes[0] & minutes[1]
    assert counted(spans.without(left, right)) == minutes[0] - minutes[1]
    assert spans.length(left) == len(minutes[0]) * step
    for found in (left, right, spans.common(left, right), spans.without(left, right)):
        assert found == spans.merged(found)


@given(st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)), st.integers(1, 100_000))
def test_a_span_that_the_service_time_holds_is_all_of_it(begins, length):
    span = (begins.replace(tzinfo=UTC), begins.replace(tzinfo=UTC) + timedelta(seconds=length))
    service = ServiceTime(zone=SHANGHAI, week=week_of("Mon-Fri 08:00-18:00; Sun 00:00-24:00"))
    held = spans.length(service.spans(*span)) == span[1] - span[0]
    assert service.holds(span) == held
