"""Whoever was told may say what is expected; the owner hears it once, and nothing else moves."""

import pytest
from sqlmodel import col, select

from models.duty import Answer, Duty, Line
from models.engine import reading, writing
from models.organisation import Person
from models.trail import Trail
from processes.duty import instructing
from rules.instructing import (
    LONGEST,
    EnoughInstructions,
    InstructionTooLong,
    MayNotInstruct,
    NoInstruction,
)
from rules.words import LetterKind
from tests.web.conftest import _kept, hour, people  # noqa: F401 - fixtures
from tests.web.matters import Matter

ON_SQLITE_ALONE = "lives in the home of the pages, which is a copied file"


@pytest.fixture
def duty(people, hour):  # noqa: F811
    return Matter(people, hour.at).duty("respond")


def say(duty, people, hour, who="wang", note="本周五前给出原因分析"):  # noqa: F811
    return instructing.instruct(duty.id, person_id=people[who], note=note, at=hour.at, via="test")


def lines():
    with reading() as session:
        query = select(Line).where(col(Line.letter) == LetterKind.INSTRUCTION)
        return list(session.exec(query.order_by(col(Line.id))))


def test_the_owner_hears_it_and_the_duty_stays_as_it_was(duty, people, hour):  # noqa: F811
    say(duty, people, hour)
    (line,) = lines()
    assert line.person_id == people["li"]
    assert line.facts == {"name": "王伟", "text": "本周五前给出原因分析"}
    with reading() as session:
        now = session.get(Duty, duty.id)
        assert (now.due_at, now.next_at, now.level, now.owner_id) == (
            duty.due_at,
            duty.next_at,
            duty.level,
            duty.owner_id,
        )
        acts = session.exec(select(Trail.action).where(Trail.subject == f"duty:{duty.id}")).all()
    assert acts.count("duty.instructed") == 1


def test_the_same_words_sent_twice_are_one_instruction(duty, people, hour):  # noqa: F811
    say(duty, people, hour)
    hour.later(minutes=1)
    say(duty, people, hour)
    assert len(lines()) == 1
    say(duty, people, hour, note="另：请带上模板")
    assert len(lines()) == 2


def test_the_head_of_quality_and_every_manager_may(duty, people, hour):  # noqa: F811
    for n, who in enumerate(("wang", "director", "head", "zhao")):
        say(duty, people, hour, who, f"要求 {n}")
    assert len(lines()) == 4


@pytest.mark.parametrize("who", ["li", "sun", "chen", "other"])
def test_the_owner_colleagues_and_strangers_may_not(who, duty, people, hour):  # noqa: F811
    with pytest.raises(MayNotInstruct):
        say(duty, people, hour, who)
    assert lines() == []


@pytest.mark.parametrize(
    ("note", "no"),
    [("", NoInstruction), (" \n ", NoInstruction), ("长" * (LONGEST + 1), InstructionTooLong)],
    ids=["nothing", "blanks", "too long"],
)
def test_nothing_and_too_much_are_refused_before_anything_is_kept(note, no, duty, people, hour):  # noqa: F811
    with pytest.raises(no):
        say(duty, people, hour, note=note)
    with reading() as session:
        assert session.exec(select(Answer)).all() == []


def test_a_fourth_on_one_day_is_refused_and_the_next_day_is_not(duty, people, hour):  # noqa: F811
    for n in range(3):
        say(duty, people, hour, note=f"第 {n} 次")
    with pytest.raises(EnoughInstructions):
        say(duty, people, hour, note="再次")
    hour.later(days=1)
    say(duty, people, hour, note="再次")
    assert len(lines()) == 4


def test_whoever_stands_in_hears_it_for_the_absent_owner(duty, people, hour):  # noqa: F811
    with writing() as session:
        li = session.get(Person, people["li"])
        li.absent_from = li.absent_until = hour.at.date()
        li.delegate_id = people["sun"]
        session.add(li)
    say(duty, people, hour)
    (line,) = lines()
    assert (line.person_id, line.on_behalf_of_id) == (people["sun"], people["li"])
