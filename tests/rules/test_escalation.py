"""The ladder: when each step is due, and who hears."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.calendar import Calendar
from rules.escalation import (
    OPERATOR,
    Heard,
    Ladder,
    acknowledged,
    fitted,
    following,
    instant_of,
    step,
    whom,
)
from rules.organisation import Organisation, Post, of

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
    assert (taken.stage, taken.after_working_days) == (stage, after)


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


def test_after_downtime_the_next_step_is_the_next_working_morning():
    due = local("2026-08-03 18:00")
    taken = local("2026-09-28 11:20")
    nxt = following(MINOR, nth=2, due=due, taken_at=taken, calendar=CALENDAR)
    assert nxt == local("2026-09-29 09:00")


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
    assert Ladder.from_json(MAJOR.to_json()) == MAJOR


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
    assert (told.receiver, told.why, told.gap) == (9, "quality_head", "top")
    assert told.passed
    assert climb(office, 4, 3)[1:] == [(9, "again", None), (9, "again", None)]


def test_a_gap_is_told_to_those_below_it_and_stays_with_the_highest():
    office = of([post(3, None, manager_code="nobody"), post(4, 3)])
    assert climb(office, 4, 2) == [(3, "chain", None), (3, "again", None)]


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
