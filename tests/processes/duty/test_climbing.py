"""One step up: told, moved, recorded and alarmed in one transaction, once."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from config.current import current
from models import alarms, engine, trail
from models.duty import Duty
from models.engine import reading, writing
from models.record import Trail
from processes.duty import climbing
from processes.duty import issued as duties
from rules.words import LetterKind, Severity
from tests.support.cast import absent, at, codes_by_id, hire, lines, told

pytestmark = pytest.mark.usefixtures("home")


def owe(owner="li", *, issued="2026-09-14", working_days=3, severity=Severity.MINOR, **more):
    """Issue a duty to respond and return its number."""
    known = {code: number for number, code in codes_by_id().items()}
    with writing() as session:
        duty = duties.issue(
            session,
            kind="respond",
            subject_kind="nonconformity",
            subject=more.pop("subject", "NC-2026-0001"),
            title="巡检记录缺失",
            owner_id=known[owner],
            due_at=current().calendar.working_days(at(issued), working_days),
            at=at(issued),
            severity=severity,
            **more,
        )
        return duty.id


def sweep(day, clock="09:00"):
    """Climb everything that is due, as the `act` flow does."""
    instant = at(day, clock)
    while ids := duties.due(instant):
        climbing.climb(ids, at=instant)


def path(letter=LetterKind.ESCALATION):
    names = codes_by_id()
    return [(line.level, names.get(line.person_id)) for line in lines(letter=letter)]


def duty(number):
    with reading() as session:
        return session.get(Duty, number)


def days(first, count):
    begin = at(first, "09:00")
    return [f"{begin + timedelta(days=n):%Y-%m-%d}" for n in range(count)]


def test_an_unanswered_duty_climbs_to_the_top_and_stays_there():
    hire()
    owe()  # due Thursday the 17th at 18:00
    for day in days("2026-09-14", 60):
        sweep(day)
    assert told(LetterKind.REMINDER) == ["li"]
    assert told(LetterKind.OVERDUE) == ["li"]
    assert path() == [
        (1, "wang"),
        (2, "director"),
        (3, "gao"),
        (4, "zong"),
        (4, "zong"),  # again, the second time
        (4, "zong"),
        (4, "zong"),
        (4, "zong"),
    ]
    assert [line.facts.get("again") for line in lines(letter=LetterKind.ESCALATION)][3:] == [
        None,
        1,
        2,
        3,
        4,
    ]


def test_each_letter_is_told_on_its_working_morning():
    hire()
    owe()
    for day in days("2026-09-14", 21):
        sweep(day)
    local = current().settings.zone
    assert [
        (line.letter.value, f"{line.created_at.astimezone(local):%m-%d %H:%M}") for line in lines()
    ] == [
        ("assignment", "09-14 10:00"),
        ("reminder", "09-17 09:00"),
        ("overdue", "09-18 09:00"),
        # 09-20 is a make-up Sunday: two working days after the 17th end on it at 18:00.
        ("escalation", "09-21 09:00"),
        ("escalation", "09-24 09:00"),
    ]


def test_climbing_twice_tells_once():
    hire()
    number = owe()
    instant = at("2026-09-18", "09:00")
    first = climbing.climb([number], at=instant)
    again = climbing.climb([number], at=instant)
    assert (first.taken, again.taken) == (1, 0)
    assert told(LetterKind.REMINDER) == ["li"]


def test_after_a_month_of_silence_it_takes_one_step_a_day_and_skips_no_level():
    hire()
    number = owe()
    sweep("2026-10-20")
    assert path() == []
    for day in days("2026-10-20", 8):
        sweep(day)
        sweep(day, "15:00")  # a second sweep the same day takes nothing
    assert path() == [(1, "wang"), (2, "director"), (3, "gao"), (4, "zong")]
    assert duty(number).nth == 6


def test_an_absent_manager_is_represented_and_the_delegate_knows_for_whom():
    hire(wang=absent("2026-09-21", "2026-09-30", delegate="he"))
    owe()
    for day in days("2026-09-14", 9):
        sweep(day)
    (line,) = lines(letter=LetterKind.ESCALATION)
    names = codes_by_id()
    assert (names[line.person_id], names[line.on_behalf_of_id], line.level) == ("he", "wang", 1)


def test_a_delegate_who_hears_in_the_tops_place_learns_how_often_the_top_was_told():
    hire(zong=absent("2026-10-18", "2026-12-31", delegate="chen"))
    owe()
    for day in days("2026-09-14", 50):
        sweep(day)
    assert path()[3:] == [(4, "zong"), (4, "chen"), (4, "chen")]
    again = [line.facts.get("again") for line in lines(letter=LetterKind.ESCALATION)]
    assert again[3:] == [None, 1, 2]


def test_the_top_who_heard_as_a_delegate_is_told_again_as_the_top():
    hire(wang=absent(delegate="zong"))
    owe()
    for day in days("2026-09-14", 40):
        sweep(day)
    assert path() == [(1, "zong"), (2, "director"), (3, "gao"), (3, "zong"), (3, "zong")]
    again = [line.facts.get("again") for line in lines(letter=LetterKind.ESCALATION)]
    assert again == [None, None, None, 1, 2]


def test_who_is_passed_over_is_named_to_the_one_above():
    hire(wang={"email": None})
    owe()
    for day in days("2026-09-14", 9):
        sweep(day)
    (line,) = lines(letter=LetterKind.ESCALATION)
    names = codes_by_id()
    assert names[line.person_id] == "director"
    assert [(names[person], why) for person, why in line.facts["passed"]] == [
        ("wang", "no_address")
    ]


def test_an_owner_without_an_address_is_said_to_level_one_and_alarmed():
    hire(li={"email": None})
    owe()
    for day in days("2026-09-14", 9):
        sweep(day)
    assert told(LetterKind.OVERDUE) == []
    (line,) = lines(letter=LetterKind.ESCALATION)
    assert line.facts["passed"][0][1] == "no_address"
    with reading() as session:
        assert {alarm.kind for alarm in alarms.open_alarms(session)} == {"owner_unreachable"}


def test_a_chain_that_gives_nobody_ends_at_the_quality_head_with_one_alarm():
    hire(
        wang={"active": False},
        director={"active": False},
        gao={"active": False},
        zong={"active": False},
    )
    owe()
    for day in days("2026-09-14", 30):
        sweep(day)
    assert path()[:2] == [(1, "qin"), (1, "qin")]
    with reading() as session:
        assert [alarm.kind for alarm in alarms.open_alarms(session)] == ["chain_gap"]


def test_a_circle_is_told_to_its_people_and_then_to_the_quality_head():
    ids = hire()
    with writing() as session:
        session.execute(sa.text(f"UPDATE person SET manager_id={ids['wang']} WHERE code='gao'"))
    owe()
    for day in days("2026-09-14", 45):
        sweep(day)
    assert path()[:5] == [(1, "wang"), (2, "director"), (3, "gao"), (4, "qin"), (4, "qin")]
    with reading() as session:
        assert [alarm.kind for alarm in alarms.open_alarms(session)] == ["chain_circle"]


def test_a_major_one_climbs_faster():
    hire()
    owe(severity=Severity.MAJOR)
    for day in days("2026-09-14", 19):
        sweep(day)
    assert path() == [(1, "wang"), (2, "director"), (3, "gao"), (4, "zong")]


def test_one_row_that_cannot_be_read_does_not_stop_the_others():
    hire()
    broken, sound = owe(), owe(subject="NC-2026-0002")
    with writing() as session:
        session.execute(sa.text(f"UPDATE duty SET ladder='{{\"steps\": 7}}' WHERE id={broken}"))
    taken = climbing.climb([broken, sound], at=at("2026-09-18", "09:00"))
    assert (taken.taken, taken.set_aside) == (1, (broken,))
    assert duties.due(at("2026-09-18", "10:00")) == []  # neither is tried in a hot loop
    with reading() as session:
        (alarm,) = alarms.open_alarms(session)
    assert alarm.kind == "duty_set_aside"
    assert str(broken) in alarm.message


def test_a_date_column_edited_by_hand_sets_that_row_aside():
    if not engine.database().sqlite:
        pytest.skip("a server's column takes nothing but dates")
    hire()
    broken, sound = owe(), owe(subject="NC-2026-0002")
    with writing() as session:
        session.execute(sa.text(f"UPDATE duty SET due_at='soon' WHERE id={broken}"))
    taken = climbing.climb([broken, sound], at=at("2026-09-18", "09:00"))
    assert (taken.taken, taken.set_aside) == (1, (broken,))


def test_every_step_leaves_exactly_one_row_in_the_trail_and_no_names():
    hire()
    number = owe()
    for day in days("2026-09-14", 40):
        sweep(day)
    with reading() as session:
        rows = session.exec(
            select(Trail).where(col(Trail.subject) == f"duty:{number}").order_by(col(Trail.seq))
        ).all()
        assert trail.verify(session) is None
    assert [row.action for row in rows][:3] == ["duty.issued", "duty.reminded", "duty.overdue"]
    assert len(rows) == 1 + duty(number).nth
    assert "王经理" not in str([row.after for row in rows])


def test_an_acknowledgement_moves_one_step_once_and_stops_nothing():
    ids = hire()
    number = owe()
    for day in days("2026-09-14", 8):  # until Monday the 21st: level 1 is told
        sweep(day)
    before = duty(number).next_at
    for _ in range(2):  # the second time it is only recorded
        with writing() as session:
            duties.acknowledge(
                session,
                session.get(Duty, number),
                by_id=ids["wang"],
                at=at("2026-09-21", "11:00"),
                via="link",
            )
    assert before == at("2026-09-24", "09:00")
    # The Friday is Mid-Autumn: one working day later is the Monday.
    assert duty(number).next_at == at("2026-09-28", "09:00")
    for day in days("2026-09-22", 12):
        sweep(day)
    assert path()[1] == (2, "director")


def test_only_the_present_level_moves_a_step():
    ids = hire()
    number = owe()
    for day in days("2026-09-14", 12):  # level 2 is told on Thursday the 24th
        sweep(day)
    before = duty(number).next_at
    with writing() as session:
        moved = duties.acknowledge(
            session,
            session.get(Duty, number),
            by_id=ids["wang"],
            at=at("2026-09-25", "11:00"),
            via="link",
        )
    assert not moved
    assert duty(number).next_at == before


def test_an_entry_one_level_higher_tells_that_level_at_once():
    hire()
    number = owe(entry=1, letter=LetterKind.INEFFECTIVE)
    assert path(LetterKind.INEFFECTIVE) == [(None, "li"), (1, "wang")]
    for day in days("2026-09-14", 9):
        sweep(day)
    assert path() == [(2, "director")]
    assert duty(number).level == 2


def test_whoever_was_told_hears_that_it_is_over_once():
    ids = hire()
    number = owe()
    for day in days("2026-09-14", 12):
        sweep(day)
    with writing() as session:
        duties.discharge(
            session, session.get(Duty, number), by_id=ids["li"], at=at("2026-09-25", "11:00")
        )
    assert told(LetterKind.OVER) == ["wang", "director"]
    sweep("2026-10-30")
    assert len(path()) == 2


def test_a_withdrawal_is_told_to_its_owner_too():
    hire()
    number = owe()
    with writing() as session:
        duties.withdraw(
            session, session.get(Duty, number), at=at("2026-09-15"), why="raised in error"
        )
    assert told(LetterKind.OVER) == ["li"]
