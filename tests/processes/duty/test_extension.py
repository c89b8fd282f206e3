"""Extensions: the ladder runs on until one is granted, and then begins again."""

from datetime import date

import pytest
from sqlmodel import col, select

from models.duty import Duty
from models.engine import reading, writing
from processes.duty import extension
from processes.duty import issued as duties
from rules import extension as rule
from rules.words import LetterKind
from tests.processes.duty.test_climbing import owe, path, sweep
from tests.support.cast import at, change, codes_by_id, hire, told

pytestmark = pytest.mark.usefixtures("home")


def ask(number, *, until="2026-09-24", day="2026-09-15", by="li"):
    known = {code: person for person, code in codes_by_id().items()}
    with writing() as session:
        asked = extension.ask(
            session,
            session.get(Duty, number),
            by_id=known[by],
            until=date.fromisoformat(until),
            reason="备件未到",
            at=at(day),
            via="test",
        )
        return asked.decide_duty_id


def decide(decision, *, granted, day="2026-09-15"):
    with writing() as session:
        duty = session.get(Duty, decision)
        extension.decide(
            session, duty, by_id=duty.owner_id, granted=granted, note="", at=at(day, "11:00")
        )
        duties.discharge(session, duty, by_id=duty.owner_id, at=at(day, "11:00"))


def duty(number):
    with reading() as session:
        return session.get(Duty, number)


def owner_of(number):
    return codes_by_id()[duty(number).owner_id]


def test_before_anybody_was_told_the_first_manager_decides():
    hire()
    assert owner_of(ask(owe())) == "wang"


def test_the_highest_who_was_told_decides():
    hire()
    number = owe()
    for day in ("2026-09-17", "2026-09-18", "2026-09-21", "2026-09-24"):
        sweep(day)
    assert path() == [(1, "wang"), (2, "director")]
    assert owner_of(ask(number, until="2026-09-30", day="2026-09-24")) == "director"


def test_the_ladder_runs_on_while_nobody_decides():
    hire()
    number = owe()
    ask(number)
    for day in ("2026-09-17", "2026-09-18", "2026-09-21"):
        sweep(day)
    assert (1, "wang") in path()
    assert duty(number).episode == 1


def test_a_granted_one_begins_a_new_episode_and_keeps_the_first_promise():
    hire()
    number = owe()
    first = duty(number).due_at
    for day in ("2026-09-17", "2026-09-18", "2026-09-21"):
        sweep(day)
    decide(ask(number, until="2026-09-30", day="2026-09-22"), granted=True, day="2026-09-22")
    extended = duty(number)
    assert extended.due_at == at("2026-09-30", "18:00")
    assert extended.first_due_at == first
    assert (extended.episode, extended.level, extended.nth, extended.extensions) == (2, 0, 0, 1)
    assert told(LetterKind.EXTENSION_DECIDED) == ["li", "qin", "wang"]
    for day in ("2026-09-29", "2026-10-08", "2026-10-10"):
        sweep(day)
    assert path() == [(1, "wang"), (1, "wang")]  # told once in each episode


def test_a_day_that_is_over_when_it_is_granted_takes_no_second_step_that_day():
    hire()
    number = owe()  # due Thursday the 17th
    decision = ask(number, until="2026-09-18", day="2026-09-15")
    for day in ("2026-09-17", "2026-09-18", "2026-09-21"):
        sweep(day)
    assert path() == [(1, "wang")]
    decide(decision, granted=True, day="2026-09-21")
    sweep("2026-09-21", "12:00")
    assert told(LetterKind.OVERDUE, duty(number)) == ["li"]  # of the first episode
    sweep("2026-09-22")
    assert told(LetterKind.OVERDUE, duty(number)) == ["li", "li"]


def test_a_day_that_comes_again_because_the_clock_was_set_back_takes_no_second_step():
    hire()
    number = owe()
    decision = ask(number, until="2026-09-18", day="2026-09-15")
    for day in ("2026-09-17", "2026-09-18", "2026-09-21"):
        sweep(day)
    decide(decision, granted=True, day="2026-09-18")  # three days earlier than it was
    sweep("2026-09-21", "12:00")
    assert told(LetterKind.OVERDUE, duty(number)) == ["li"]  # of the first episode
    sweep("2026-09-22")
    assert told(LetterKind.OVERDUE, duty(number)) == ["li", "li"]


def test_a_clock_that_was_a_year_ahead_puts_no_later_ladder_to_sleep():
    hire()
    number = owe()
    decision = ask(number, until="2026-09-18", day="2026-09-15")
    sweep("2027-09-17")
    assert told(LetterKind.REMINDER, duty(number)) == ["li"]
    decide(decision, granted=True, day="2026-09-18")
    sweep("2026-09-21")
    assert told(LetterKind.OVERDUE, duty(number)) == ["li"]


def test_a_refused_one_is_told_to_the_asker_alone_and_changes_nothing():
    hire()
    number = owe()
    before = duty(number).next_at
    decide(ask(number), granted=False)
    assert told(LetterKind.EXTENSION_DECIDED) == ["li"]
    assert duty(number).next_at == before


def test_one_at_a_time_and_two_in_all():
    hire()
    number = owe()
    first = ask(number, until="2026-09-21")
    with pytest.raises(rule.ExtensionAlreadyAsked):
        ask(number, until="2026-09-22")
    decide(first, granted=True)
    decide(ask(number, until="2026-09-22"), granted=True)
    with pytest.raises(rule.NoMoreExtensions):
        ask(number, until="2026-09-23")


def test_a_decision_cannot_itself_be_extended():
    hire()
    decision = ask(owe())
    with pytest.raises(rule.NotExtendable):
        ask(decision, by="wang")


def test_when_the_duty_ends_its_open_request_is_withdrawn():
    ids = hire()
    number = owe()
    decision = ask(number)
    with writing() as session:
        duties.discharge(session, session.get(Duty, number), by_id=ids["li"], at=at("2026-09-16"))
    assert duty(decision).state == "withdrawn"


def test_an_undecided_request_is_itself_a_duty_that_climbs():
    hire()
    decision = ask(owe())
    for day in ("2026-09-18", "2026-09-21", "2026-09-23"):
        sweep(day)
    with reading() as session:
        row = session.exec(select(Duty).where(col(Duty.id) == decision)).one()
    assert row.level >= 1
    assert "director" in [who for _, who in path()]


def test_the_asker_is_not_his_own_judge_through_his_delegate():
    hire()
    change("li", delegate="wang")
    assert owner_of(ask(owe())) == "director"
