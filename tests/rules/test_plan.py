"""When a planned activity opens and is due, whose turn it is, and what may be moved."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.calendar import load_calendar
from rules import plan

ZONE = ZoneInfo("Asia/Shanghai")
CHINA = load_calendar(Path("nowhere"), ZONE)  # National Day 2026: closed 1 to 7 October


def day(text):
    return date.fromisoformat(text)


def at(text, clock="09:00"):
    return datetime.fromisoformat(f"{text}T{clock}").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("today", "planned", "years"),
    [
        ("2026-11-30", {2026}, []),
        ("2026-12-01", {2026}, [2027]),  # its own day counts
        ("2026-12-31", {2026}, [2027]),
        ("2026-12-31", {2026, 2027}, []),
        ("2027-01-05", {2026}, [2027]),  # nobody drafted it in time
        ("2027-01-05", {2025}, []),  # a house without a plan begins with the next one
        ("2027-01-05", {2028}, []),
        ("2027-01-05", set(), []),
        ("2026-12-01", {2025}, [2026, 2027]),
        ("2026-12-01", set(), [2027]),
    ],
)
def test_which_years_are_to_be_drafted(today, planned, years):
    from_ = date(day(today).year, 12, 1)
    found = plan.years_to_draft(day(today), drafted_from=from_, planned=frozenset(planned))
    assert found == years


def test_what_was_done_was_done_today_or_before():
    plan.carried_out(day("2026-09-29"), today=day("2026-09-30"))
    plan.carried_out(day("2026-09-30"), today=day("2026-09-30"))
    with pytest.raises(plan.NotYetDone, match="2026-10-01 is still to come"):
        plan.carried_out(day("2026-10-01"), today=day("2026-09-30"))


@pytest.mark.parametrize(
    ("until", "planned_on", "today", "than"),
    [
        ("2026-09-29", "2026-09-28", "2026-09-21", None),
        ("2026-10-10", "2026-09-28", "2026-09-21", None),  # a Saturday that is worked
        ("2026-09-28", "2026-09-28", "2026-09-21", "2026-09-28"),  # the same day is not later
        ("2026-09-25", "2026-09-28", "2026-09-21", "2026-09-28"),
        ("2026-10-03", "2026-09-28", "2026-09-21", "2026-09-28"),  # no working day
        ("2026-09-29", "2026-09-22", "2026-09-29", "2026-09-29"),  # later than planned, not now
        ("2026-09-30", "2026-09-22", "2026-09-29", None),
    ],
)
def test_it_is_postponed_to_a_later_working_day(until, planned_on, today, than):
    def ask():
        plan.postponable(day(until), planned_on=day(planned_on), today=day(today), calendar=CHINA)

    if than is None:
        ask()
        return
    with pytest.raises(plan.NoWorkingDayLeft) as no:
        ask()
    assert no.value.facts == {"day": day(until), "planned": day(than)}


@pytest.mark.parametrize(
    ("planned_on", "opened_at", "due"),
    [
        ("2026-09-30", "2026-09-21", "2026-09-30"),
        ("2026-09-30", "2026-09-25", "2026-09-30"),  # exactly three working days
        ("2026-09-30", "2026-09-28", "2026-10-08"),  # too late: three working days all the same
        ("2026-09-01", "2026-09-28", "2026-10-08"),
    ],
)
def test_it_is_due_on_its_day_and_never_in_less_than_three_working_days(planned_on, opened_at, due):
    found = plan.due(day(planned_on), opened_at=at(opened_at), calendar=CHINA)
    assert found == CHINA.close_of(day(due))


@pytest.mark.parametrize(
    ("opens_on", "opened_on", "late"),
    [
        ("2026-09-28", "2026-09-28", False),
        ("2026-09-28", "2026-09-29", True),
        ("2026-10-01", "2026-10-08", False),  # its window began in the holiday
        ("2026-10-01", "2026-10-09", True),
        ("2026-10-01", "2026-10-03", False),
        ("2026-10-10", "2026-10-10", False),
    ],
)
def test_what_was_opened_later_than_it_could_be_was_caught_up(opens_on, opened_on, late):
    found = plan.caught_up(opens_on=day(opens_on), opened_on=day(opened_on), calendar=CHINA)
    assert found is late


@pytest.mark.parametrize(
    ("planned_on", "lead", "opens"),
    [
        ("2026-10-09", 0, "2026-10-09"),
        ("2026-10-03", 0, "2026-10-03"),  # a day off stays what it is
        ("2026-10-03", -1, "2026-10-03"),
        ("2026-10-09", 1, "2026-10-08"),
        ("2026-10-09", 2, "2026-09-30"),  # back over the holiday
        ("2026-10-03", 1, "2026-09-30"),
    ],
)
def test_it_opens_so_many_working_days_before(planned_on, lead, opens):
    assert plan.opens_on(day(planned_on), lead_days=lead, calendar=CHINA) == day(opens)


def test_turns_go_forwards_through_the_candidates():
    assert [plan.in_turn([7, 8, 9], about="P1", nth=nth) for nth in range(4)] == [7, 8, 9, 7]
    assert [plan.in_turn([7, 8, 9], about="P2", nth=nth) for nth in range(4)] == [9, 7, 8, 9]


@given(st.lists(st.integers(), min_size=1, max_size=9, unique=True), st.text(), st.integers(0, 400))
def test_everybody_has_one_turn_in_a_round_whatever_it_is_about(candidates, about, nth):
    round_ = range(nth, nth + len(candidates))
    turns = [plan.in_turn(candidates, about=about, nth=one) for one in round_]
    assert sorted(turns) == sorted(candidates)
