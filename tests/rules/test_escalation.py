"""The ladder: when each step is due, and who hears."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.calendar import Calendar
from rules.escalation import OPERATOR, Heard, whom
from rules.organisation import Organisation, Post, of
from rules.stepping import (
    Ladder,
    acknowledged,
    as_things_stand,
    first_instant,
    fitted,
    following,
    instant_of,
    step,
    tells_owner,
    waits_until,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NATIONAL_DAY = frozenset(date(2026, 10, day) for day in range(1, 8))
CALENDAR = Calendar(
    name="test",
    zone=SHANGHAI,
    opens=time(9),
    closes=time(18),
    holidays=NATIONAL_DAY,
    make_up=frozenset({date(2026, 10, 10)}),
    confirmed=frozenset({2026}),
)
MINOR = Ladder(reminder=3, steps=(0, 2, 5, 10, 15), every=5)
MAJOR = Ladder(reminder=3, steps=(0, 1, 3, 5, 8), every=3)
OBSERVATION = Ladder(reminder=3, steps=(0, 5, 10), every=10)
DAY = date(2026, 9, 28)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("ladder", "nth", "stage", "after"),
    [
        (MINOR, 0, None, -3),  # the reminder comes first
        (MINOR, 1, 0, 0),  # overdue: the owner
        (MINOR, 2, 1, 2),
        (MINOR, 5, 4, 15),
        (MINOR, 6, 5, 20),  # past the table: one person more, every five days
        (MINOR, 8, 7, 30),
        (MAJOR, 5, 4, 8),
        (MAJOR, 6, 5, 11),
        (OBSERVATION, 3, 2, 10),
        (OBSERVATION, 4, 3, 20),  # no level 3 in the table, and still it goes on
        (Ladder(reminder=0, steps=(0, 2), every=5), 0, 0, 0),  # no reminder fits
    ],
)
def test_the_table_and_what_follows_it(ladder, nth, stage, after):
    taken = step(ladder, nth=nth)
    assert (taken.stage, taken.after) == (stage, after)


def test_a_duty_due_on_monday_tells_its_owner_on_tuesday_and_level_one_on_thursday():
    due = local("2026-09-21 18:00")
    assert instant_of(MINOR, nth=1, due=due, calendar=CALENDAR) == local("2026-09-22 09:00")
    assert instant_of(MINOR, nth=2, due=due, calendar=CALENDAR) == local("2026-09-24 09:00")


def test_the_ladder_sleeps_over_national_day_and_counts_the_make_up_saturday():
    due = local("2026-09-30 18:00")
    assert instant_of(MINOR, nth=1, due=due, calendar=CALENDAR) == local("2026-10-08 09:00")
    # Two working days on is Friday the 9th at 18:00; the Saturday is worked this year.
    assert instant_of(MINOR, nth=2, due=due, calendar=CALENDAR) == local("2026-10-10 09:00")


def test_only_any_hour_frees_a_step_from_working_hours():
    due = local("2026-09-25 18:00")
    at_once = Ladder(reminder=0, steps=(0, 1), every=1, any_hour=True)
    assert instant_of(at_once, nth=0, due=due, calendar=CALENDAR) == due
    assert instant_of(MAJOR, nth=1, due=due, calendar=CALENDAR) == local("2026-09-28 09:00")


@pytest.mark.parametrize(
    ("issued", "due", "before"),
    [
        ("2026-09-07 10:00", "2026-09-21 18:00", 3),  # ten working days: the policy's three
        ("2026-09-07 10:00", "2026-09-11 18:00", 2),  # four: half of them
        ("2026-09-07 10:00", "2026-09-10 18:00", 1),
        ("2026-09-07 10:00", "2026-09-08 18:00", 0),  # one: no reminder
        ("2026-09-07 10:00", "2026-09-07 18:00", 0),  # due the same day
        ("2026-09-07 10:00", "2026-09-01 18:00", 0),  # due before it was issued
    ],
)
def test_a_reminder_fits_the_period_or_does_not_come(issued, due, before):
    kept = fitted(MINOR, issued=local(issued), due=local(due), calendar=CALENDAR)
    assert kept.reminder == before
    if before:
        reminded = instant_of(kept, nth=0, due=local(due), calendar=CALENDAR)
        assert CALENDAR.day(reminded) > CALENDAR.day(local(issued))
        assert reminded < local(due)


@pytest.mark.parametrize(
    ("ladder", "nth", "due", "taken", "nxt"),
    [
        # Its own day is to-morrow or later: no drift.
        (MINOR, 2, "2026-09-21 18:00", "2026-09-23 14:00", "2026-09-24 09:00"),
        # Its own day is to-day: one step a day, the next working morning.
        (MINOR, 3, "2026-09-14 18:00", "2026-09-22 14:00", "2026-09-23 09:00"),
        # Its own day is over: the table's distance from the step just taken, two days, three …
        (MINOR, 2, "2026-08-03 18:00", "2026-09-28 11:20", "2026-09-30 09:00"),
        (MINOR, 3, "2026-08-03 18:00", "2026-09-21 09:00", "2026-09-24 09:00"),
        (MAJOR, 2, "2026-08-03 18:00", "2026-09-28 11:20", "2026-09-29 09:00"),
        # … and past the table every five, over National Day and with its make-up Saturday.
        (MINOR, 9, "2026-03-02 18:00", "2026-09-28 09:00", "2026-10-10 09:00"),
        # The first step of an extension that is over when it is granted: the next morning.
        (replace(MINOR, reminder=0), 0, "2026-08-03 18:00", "2026-09-28 11:20", "2026-09-29 09:00"),
    ],
)
def test_a_late_step_is_followed_at_the_ladders_own_distance(ladder, nth, due, taken, nxt):
    due, taken = local(due), local(taken)
    found = following(ladder, nth=nth, due=due, taken_at=taken, calendar=CALENDAR)
    assert found == local(nxt)


@given(
    st.sampled_from([MINOR, MAJOR, OBSERVATION]),
    st.integers(1, 40),
    st.datetimes(datetime(2026, 1, 5), datetime(2026, 12, 1)),
    st.integers(-40, 400),
)
def test_no_step_ever_follows_the_same_day_nor_outside_working_hours(ladder, nth, due, later):
    due_at = due.replace(tzinfo=UTC)
    taken = due_at + timedelta(days=later)
    nxt = following(ladder, nth=nth, due=due_at, taken_at=taken, calendar=CALENDAR)
    assert CALENDAR.day(nxt) > CALENDAR.day(taken)
    assert CALENDAR.opening(nxt) == nxt


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-09-26 23:30", "2026-09-28 09:00"),  # Saturday night
        ("2026-09-29 03:10", "2026-09-29 09:00"),
        ("2026-09-30 18:00", "2026-10-08 09:00"),  # closed, and then National Day
        ("2026-10-10 10:00", "2026-10-10 10:00"),  # the make-up Saturday
        ("2026-09-29 14:20", "2026-09-29 14:20"),
    ],
)
def test_a_step_that_is_late_is_taken_at_an_opening(at, until):
    assert waits_until(MINOR, nth=2, at=local(at), calendar=CALENDAR) == local(until)
    free = replace(MINOR, any_hour=True)
    assert waits_until(free, nth=2, at=local(at), calendar=CALENDAR) == local(at)
    assert waits_until(free, nth=0, at=local(at), calendar=CALENDAR) == local(until)  # a reminder
    hours = replace(MINOR, unit="hours")
    assert waits_until(hours, nth=0, at=local(at), calendar=CALENDAR) == local(at)


def test_a_reminder_that_would_come_past_due_is_the_owners_step_instead():
    due = local("2026-09-21 18:00")
    early, late = local("2026-09-21 17:59"), local("2026-09-21 18:00")
    assert as_things_stand(MINOR, nth=0, due=due, at=early) is MINOR
    late_one = as_things_stand(MINOR, nth=0, due=due, at=late)
    assert (step(late_one, nth=0).stage, step(late_one, nth=1).stage) == (0, 1)
    assert as_things_stand(MINOR, nth=1, due=due, at=late) is MINOR


@pytest.mark.parametrize(
    ("issued", "due", "first"),
    [
        ("2026-08-03 08:30", "2023-03-06 18:00", "2026-08-06 09:00"),  # three working days on
        ("2026-09-29 20:00", "2026-09-29 18:00", "2026-10-09 09:00"),
        ("2026-09-28 10:00", "2026-09-28 18:00", "2026-09-29 09:00"),  # not past due: the table
    ],
)
def test_what_is_entered_past_due_has_three_working_days(issued, due, first):
    ladder = replace(MINOR, reminder=0)
    found = first_instant(ladder, issued=local(issued), due=local(due), calendar=CALENDAR)
    assert found == local(first)


HOURS = Ladder(reminder=1, steps=(0, 2, 4), every=4, unit="hours", highest=1)
SERVICE = replace(HOURS, unit="service_hours")


@pytest.mark.parametrize(
    ("ladder", "nth", "due", "at"),
    [
        (HOURS, 0, "2026-09-26 23:30", "2026-09-26 22:30"),  # on a Saturday night
        (HOURS, 1, "2026-09-26 23:30", "2026-09-26 23:30"),
        (HOURS, 2, "2026-09-26 23:30", "2026-09-27 01:30"),
        (HOURS, 4, "2026-09-26 23:30", "2026-09-27 07:30"),
        (SERVICE, 0, "2026-09-28 10:00", "2026-09-28 09:00"),
        (SERVICE, 1, "2026-09-25 17:00", "2026-09-25 17:00"),
        (SERVICE, 2, "2026-09-25 17:00", "2026-09-28 10:00"),  # an hour on Friday, one on Monday
        (SERVICE, 3, "2026-09-30 16:00", "2026-10-08 11:00"),  # over National Day
    ],
)
def test_a_ladder_in_hours_counts_hours(ladder, nth, due, at):
    assert instant_of(ladder, nth=nth, due=local(due), calendar=CALENDAR) == local(at)


def test_a_ladder_in_hours_may_take_several_steps_a_day_and_catches_up_at_its_own_distances():
    due = local("2026-09-26 23:30")
    on_time = {"due": due, "calendar": CALENDAR}
    assert following(HOURS, nth=2, taken_at=due, **on_time) == local("2026-09-27 01:30")
    late = local("2026-09-28 12:00")
    assert following(HOURS, nth=3, taken_at=late, **on_time) == local("2026-09-28 14:00")
    assert following(SERVICE, nth=4, taken_at=late, **on_time) == local("2026-09-28 17:00")
    later = local("2026-09-29 17:00")
    assert following(SERVICE, nth=4, taken_at=later, **on_time) == local("2026-09-30 12:00")


def test_a_reminder_in_hours_comes_in_the_second_half_of_the_period_or_not_at_all():
    ladder = replace(HOURS, reminder=3)
    due = local("2026-09-28 16:00")
    for issued, before in (("08:00", 3), ("12:00", 2), ("14:00", 1), ("15:00", 0)):
        found = fitted(ladder, issued=local(f"2026-09-28 {issued}"), due=due, calendar=CALENDAR)
        assert found.reminder == before


def test_a_ladder_with_a_highest_level_repeats_there():
    office = of([boss(1), post(2, 1), post(3, 2), post(4, 3)])
    told = whom(office, owner=4, heard=Heard(), day=DAY, highest=1)
    assert (told.receiver, told.why) == (3, "chain")
    heard = Heard(people=frozenset({3}), level=1)
    for highest, who, why in ((1, 3, "again"), (2, 2, "chain"), (None, 2, "chain")):
        told = whom(office, owner=4, heard=heard, day=DAY, highest=highest)
        assert (told.receiver, told.why) == (who, why)
    assert [tells_owner(replace(HOURS, highest=0), nth=n) for n in range(5)] == [True] * 5
    assert [tells_owner(HOURS, nth=n) for n in range(4)] == [True, True, False, False]


def test_a_highest_level_whose_person_has_left_is_filled_anew():
    office = of([boss(1), post(2, 1), post(3, 2, active=False), post(4, 3)])
    heard = Heard(people=frozenset({3}), level=1)
    told = whom(office, owner=4, heard=heard, day=DAY, highest=1)
    assert (told.receiver, told.why) == (2, "chain")


def test_on_time_the_next_step_is_where_the_table_puts_it():
    due = local("2026-09-21 18:00")
    taken = local("2026-09-22 09:00")
    assert following(MINOR, nth=2, due=due, taken_at=taken, calendar=CALENDAR) == local(
        "2026-09-24 09:00"
    )


def test_an_acknowledgement_moves_one_step_by_one_working_day():
    assert acknowledged(local("2026-09-24 09:00"), CALENDAR) == local("2026-09-25 09:00")
    assert acknowledged(local("2026-09-30 09:00"), CALENDAR) == local("2026-10-08 09:00")


def test_a_kept_ladder_reads_back_as_it_was_written():
    for ladder in (MAJOR, HOURS, SERVICE, replace(MAJOR, highest=0)):
        assert Ladder.from_json(ladder.to_json()) == ladder
    with pytest.raises(ValueError, match="weeks"):
        Ladder.from_json({**MAJOR.to_json(), "unit": "weeks"})


# Who -------------------------------------------------------------------------------------------


def post(number: int, manager: int | None, **facts) -> Post:
    address = facts.pop("address", f"p{number}@company.example")
    return Post(
        id=number,
        code=f"p{number}",
        name=f"P{number}",
        manager_id=manager,
        address=address,
        roles=frozenset(facts.pop("roles", ())),
        **facts,
    )


def boss(number: int, manager: int | None = None, **facts) -> Post:
    return post(number, manager, roles=["top_management"], **facts)


def away(number: int, manager: int | None, delegate: int | None = None, **facts) -> Post:
    return post(number, manager, absent_from=DAY, absent_until=DAY, delegate_id=delegate, **facts)


def climb(organisation: Organisation, owner: int, steps: int, day: date = DAY) -> list:
    """Take level steps as the engine does, and return (receiver, why, stands_for)."""
    people: set[int] = set()
    stood_in: set[tuple[int, int]] = set()
    path = []
    for _ in range(steps):
        told = whom(
            organisation,
            owner=owner,
            heard=Heard(people=frozenset(people), stood_in=frozenset(stood_in)),
            day=day,
        )
        path.append((told.receiver, told.why, told.stands_for))
        receiver = OPERATOR if told.receiver is None else told.receiver
        people.add(receiver)
        if told.stands_for is not None:
            people.add(told.stands_for)
            stood_in.add((told.stands_for, receiver))
    return path


def test_it_climbs_one_manager_at_a_time_and_stays_with_the_top():
    office = of([post(1, None), post(2, 1), post(3, 2), post(4, 3)])
    assert climb(office, 4, 5) == [
        (3, "chain", None),
        (2, "chain", None),
        (1, "chain", None),
        (1, "again", None),
        (1, "again", None),
    ]


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        (post(3, 2, active=False), "inactive"),
        (post(3, 2, address=None), "no_address"),
        (away(3, 2), "absent"),
    ],
)
def test_the_one_above_learns_who_was_passed_over_and_why(missing, reason):
    office = of([post(1, None), post(2, 1), missing, post(4, 3)])
    told = whom(office, owner=4, heard=Heard(), day=DAY)
    assert told.receiver == 2
    assert [(one.person, one.reason) for one in told.passed] == [(3, reason)]


def test_who_comes_back_is_told_before_the_next_one_up():
    office = of([post(1, None), post(2, 1), away(3, 2), post(4, 3)])
    tomorrow = date(2026, 9, 29)
    assert whom(office, owner=4, heard=Heard(), day=DAY).receiver == 2
    back = whom(office, owner=4, heard=Heard(people=frozenset({2})), day=tomorrow)
    assert (back.receiver, back.why) == (3, "chain")


def test_a_delegate_stands_in_and_the_represented_counts_as_told():
    office = of([post(1, None), post(2, 1), away(3, 2, delegate=9), post(4, 3), post(9, 1)])
    assert climb(office, 4, 3) == [(9, "chain", 3), (2, "chain", None), (1, "chain", None)]


@pytest.mark.parametrize(
    ("delegate", "why"),
    [(4, "the owner"), (3, "himself"), (8, "away too"), (7, "gone")],
)
def test_a_delegate_who_cannot_stand_in_counts_as_none(delegate, why):
    office = of(
        [
            post(1, None),
            post(2, 1),
            away(3, 2, delegate=delegate),
            post(4, 3),
            away(8, 1),
            post(7, 1, active=False),
        ]
    )
    assert whom(office, owner=4, heard=Heard(), day=DAY).receiver == 2, why


def test_a_delegate_who_was_already_told_counts_as_none():
    office = of([post(1, None), away(2, 1, delegate=3), post(3, 2), post(4, 3)])
    assert climb(office, 4, 3) == [(3, "chain", None), (1, "chain", None), (1, "again", None)]


def test_only_he_who_stood_in_for_the_top_hears_again_in_its_place():
    office = of([away(1, None, delegate=9), post(3, 1), post(4, 3), post(9, 3)])
    assert climb(office, 4, 3) == [(3, "chain", None), (9, "chain", 1), (9, "again", 1)]


def test_nobody_reachable_above_the_owner_gives_the_quality_head_and_an_alarm():
    office = of([away(1, None), post(4, 1), post(9, None, roles=["quality_head"])])
    told = whom(office, owner=4, heard=Heard(), day=DAY)
    assert (told.receiver, told.why, told.gap) == (9, "quality_head", "gap")
    assert told.passed
    assert climb(office, 4, 3)[1:] == [(9, "again", None), (9, "again", None)]


def test_where_nobody_holds_an_office_a_gap_is_told_to_those_below_it():
    office = of([post(3, None, manager_code="nobody"), post(4, 3)])
    assert climb(office, 4, 2) == [(3, "chain", None), (3, "again", None)]


QH = ["quality_head"]


@pytest.mark.parametrize(
    ("posts", "owner", "path"),
    [
        # A gap at once, one level up, and two: the quality head, his chain, the top again.
        ([post(4, None)], 4, [9, 1, 1]),
        ([post(3, None), post(4, 3)], 4, [3, 9, 1, 1]),
        ([post(2, None, manager_code="ghost"), post(3, 2), post(4, 3)], 4, [3, 2, 9, 1, 1]),
        # One who has left and has a manager is passed over; with none he is a gap.
        ([post(3, 1, active=False), post(4, 3)], 4, [1, 1, 1]),
        ([post(3, None, active=False), post(4, 3)], 4, [9, 1, 1]),
        # Circles: everybody in it first.
        ([post(2, 3), post(3, 2), post(4, 3)], 4, [3, 2, 9, 1, 1]),
        ([post(3, 3), post(4, 3)], 4, [3, 9, 1, 1]),
        ([post(3, 4), post(4, 3)], 4, [3, 9, 1, 1]),
        # The owner is the top, or the quality head himself.
        ([post(4, 1)], 1, [9, 9, 9]),
        ([post(4, 9)], 9, [1, 1, 1]),
        # Whoever of the quality head's chain has heard is passed over.
        ([post(2, None), post(4, 2), post(9, 2, roles=QH)], 4, [2, 9, 1, 1]),
        # The quality head stands in the broken chain himself.
        ([post(9, None, roles=QH), post(4, 9)], 4, [9, 1, 1]),
        # Nobody of quality: top management; and nobody at all.
        ([post(9, 1), post(4, None)], 4, [1, 1]),
        ([post(9, 1), post(4, None), post(1, None)], 4, [None, None]),
    ],
)
def test_wherever_a_chain_ends_otherwise_the_quality_head_hears_and_then_the_top(
    posts, owner, path
):
    standing = {p.id: p for p in (boss(1), post(9, 1, roles=QH))}
    office = of({**standing, **{p.id: p for p in posts}}.values())
    assert [receiver for receiver, _, _ in climb(office, owner, len(path))] == path


def test_a_chain_without_a_top_says_how_it_ended_and_one_with_a_top_says_nothing():
    office = of([boss(1), post(9, 1, roles=QH), post(3, None), post(4, 3), post(5, 1)])
    heard = Heard(people=frozenset({3}))
    assert whom(office, owner=4, heard=Heard(), day=DAY).gap is None
    assert whom(office, owner=4, heard=heard, day=DAY).gap == "gap"
    assert whom(office, owner=5, heard=Heard(people=frozenset({1})), day=DAY).gap is None


# Hand-over: 7 hands on to 4; 5 and 6 lead the former owner, 2 and 3 the new one.
@pytest.mark.parametrize(
    ("told", "floor", "who"),
    [
        ([], 0, 3),
        ([6], 1, 3),  # level 1 was told: another level 1 is not below it
        ([6, 5], 2, 2),  # level 2 was told: no level 1
        ([6, 2], 2, 1),  # 2 stands above 3, who would be below
        ([6, 5, 8], 3, 1),
        ([6, 5, 8, 1], 4, 1),
        ([6, 5, 8, 10, 11], 5, 1),  # the way of the new owner is shorter: its end
    ],
)
def test_after_a_hand_over_the_next_step_tells_nobody_below_a_level_told(told, floor, who):
    office = of(
        [
            boss(1),
            post(2, 1),
            post(3, 2),
            post(4, 3),
            post(8, 1),
            post(5, 8),
            post(6, 5),
            post(7, 6),
            post(10, 1),
            post(11, 10),
        ]
    )
    people = frozenset(told)
    heard = Heard(people=people, level=floor, floor=floor, before=people)
    assert whom(office, owner=4, heard=heard, day=DAY).receiver == who


def test_in_a_circle_its_people_hear_first_and_then_the_quality_head():
    office = of([post(2, 3), post(3, 2), post(4, 3), post(9, None, roles=["quality_head"])])
    assert climb(office, 4, 4) == [
        (3, "chain", None),
        (2, "chain", None),
        (9, "quality_head", None),
        (9, "again", None),
    ]


def test_the_owner_at_the_top_answers_to_the_quality_head():
    office = of([post(1, None), post(9, 1, roles=["quality_head"])])
    assert climb(office, 1, 2) == [(9, "quality_head", None), (9, "again", None)]


def test_without_a_quality_head_top_management_hears_and_then_the_operator():
    boss = post(8, None, roles=["top_management"])
    assert climb(of([post(4, None), boss]), 4, 1) == [(8, "top_management", None)]
    assert climb(of([post(4, None)]), 4, 2) == [(None, "operator", None), (None, "again", None)]


def test_the_quality_head_who_owes_it_is_not_told_of_his_own_duty():
    head = post(4, None, roles=["quality_head"])
    boss = post(8, None, roles=["top_management"])
    assert climb(of([head, boss]), 4, 1) == [(8, "top_management", None)]


@st.composite
def organisations(draw) -> Organisation:
    """Any graph of managers: chains, circles, gaps, absences, delegates to anybody."""
    size = draw(st.integers(1, 8))
    someone = st.one_of(st.none(), st.integers(1, size))
    reached = st.sampled_from([None, "a@b.example", "a@b.example", "a@b.example"])
    roles = st.sampled_from([(), (), ("quality_head",), ("top_management",)])
    return of(
        post(
            number,
            draw(someone),
            active=draw(st.integers(0, 9)) > 0,
            address=draw(reached),
            absent_from=draw(st.sampled_from([None, None, DAY])),
            delegate_id=draw(someone),
            roles=draw(roles),
        )
        for number in range(1, size + 1)
    )


@given(organisations(), st.data())
def test_in_any_organisation_nobody_hears_twice_but_the_top_and_never_the_owner(office, data):
    owner = data.draw(st.sampled_from(sorted(office.posts)))
    path = climb(office, owner, 14)
    first = [receiver for receiver, why, _ in path if why != "again"]
    assert len(first) == len(set(first))
    assert owner not in [receiver for receiver, _, _ in path]
    # Once the steps stay with somebody they stay: nobody new appears after the first "again".
    whys = [why for _, why, _ in path]
    if "again" in whys:
        assert set(whys[whys.index("again") :]) == {"again"}
    for receiver, _, stands_for in path:
        if receiver is not None:
            someone = office.posts[receiver]
            assert someone.active
            assert someone.address
            assert not someone.absent(DAY)
        if stands_for is not None:
            assert office.posts[stands_for].absent(DAY)


@given(organisations(), st.data())
def test_in_any_organisation_everybody_reachable_above_is_told_before_it_repeats(office, data):
    owner = data.draw(st.sampled_from(sorted(office.posts)))
    path = climb(office, owner, 14)
    told = {receiver for receiver, _, _ in path} | {stands for _, _, stands in path}
    for above in office.chain(owner).people:
        if office.unreachable(above, DAY, barred=frozenset(office.posts)) is None:
            assert above in told
