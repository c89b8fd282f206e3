"""Histories: who was told what and when, who answered what; the evidence of an auditor."""

from datetime import date, timedelta

import pytest

from models.engine import reading
from models.people import by_code
from processes.duty import answers, climbing
from processes.history import told as history
from processes.history.told import NothingNamed
from processes.mail import outbox
from processes.nonconformity import raising as nonconformities
from rules.refusal import NotFound
from tests.support.cast import absent, at, change, hire

NOW = at("2026-09-07")


@pytest.fixture
def code(home):
    hire()
    return nonconformities.raise_(title="巡检记录缺失", owner_code="li", at=NOW, raised_by="zhao")


def person(code):
    with reading() as session:
        return by_code(session, code).id


def duty_of(code):
    return history.of_nonconformity(code, at=NOW).duties[0].id


def climb_to(duty, level):
    """Take steps until that level was told."""
    when = NOW + timedelta(days=4)
    while history.of_duty(duty, at=when).duty.level < level:
        climbing.climb([duty], at=when)
        when += timedelta(days=3)
    outbox.gather(when)
    return when


def test_a_duty_tells_who_was_told_what_at_which_level(code):
    duty = duty_of(code)
    climb_to(duty, 2)
    told = history.of_duty(duty, at=NOW).told
    assert [(one.letter, one.level, one.person.code) for one in told] == [
        ("assignment", None, "li"),
        ("reminder", None, "li"),
        ("overdue", None, "li"),
        ("escalation", 1, "wang"),
        ("escalation", 2, "director"),
    ]
    assert {one.mail for one in told} == {"pending"}
    assert told[-1].address == "director@company.example"


def test_who_was_passed_over_is_named_with_the_reason(code):
    change("wang", **absent())
    duty = duty_of(code)
    climb_to(duty, 1)
    last = history.of_duty(duty, at=NOW).told[-1]
    assert last.person.code == "director"
    assert [(one.code, why) for one, why in last.passed] == [("wang", "absent")]


def test_answers_and_extensions_stand_in_the_history(code):
    duty = duty_of(code)
    answers.acknowledge(duty, person_id=person("li"), at=NOW + timedelta(hours=1), via="test")
    answers.ask_extension(
        duty,
        person_id=person("li"),
        until=date(2026, 9, 14),
        reason="等备件",
        at=NOW + timedelta(hours=2),
        via="test",
    )
    found = history.of_nonconformity(code, at=NOW)
    assert [(one.act, one.person.code) for one in found.answers] == [
        ("acknowledge", "li"),
        ("ask_extension", "li"),
    ]
    [asked] = found.extensions
    assert (asked.until, asked.granted, asked.decided_by) == (date(2026, 9, 14), None, None)
    assert {row.kind for row in found.duties} == {"respond", "decide_extension"}


def test_a_nonconformity_keeps_its_rounds_and_its_trail(code):
    duty = duty_of(code)
    answers.answer(
        duty,
        person_id=person("li"),
        data={
            "method": "5why",
            "cause": "周末未交接",
            "corrective_action": "改用移动端巡检",
            "planned_on": date(2026, 9, 20),
        },
        at=NOW + timedelta(hours=3),
        via="operator root",
    )
    found = history.of_nonconformity(code, at=NOW)
    [first] = found.rounds
    assert (first["number"], first["cause"], first["planned_by"].code) == (1, "周末未交接", "li")
    assert found.answers[0].via == "operator root"
    actions = [entry.action for entry in found.trail]
    assert actions[0] == "nonconformity.raised"
    assert "duty.discharged" in actions
    assert any(entry.actor == "operator:root" for entry in found.trail)


def test_a_person_stands_below_a_chain_and_owes(code):
    found = history.of_person("li", at=NOW)
    assert [one.code for one in found.chain] == ["wang", "director", "gao", "zong"]
    assert (found.chain_ends, [row.subject for row in found.duties]) == ("top", [code])
    assert [one.letter for one in found.told] == ["assignment"]


def test_a_code_is_found_by_what_it_names(code):
    assert history.kind_of(code) == "nonconformity"
    assert history.kind_of(str(duty_of(code))) == "duty"
    assert history.kind_of(f"duty:{duty_of(code)}") == "duty"
    assert history.kind_of("li") == "person"
    with pytest.raises(NothingNamed, match="there is no nonconformity, duty or person nobody"):
        history.kind_of("nobody")


@pytest.mark.parametrize("ask", [
    lambda: history.of_duty(999, at=NOW),
    lambda: history.of_nonconformity("NC-1900-0001", at=NOW),
    lambda: history.of_person("nobody", at=NOW),
])  # fmt: skip
def test_what_is_not_there_is_refused_by_name(home, ask):
    with pytest.raises(NotFound):
        ask()
