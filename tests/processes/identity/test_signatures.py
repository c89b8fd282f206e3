"""Signing: who, what and within ten minutes; a code seen by somebody else is of no use."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from models.engine import reading
from models.record import Code, Trail
from processes.duty import answers
from processes.duty.answers import CodeNeeded, CodeUsedUp, CodeWrong
from processes.identity.signatures import NoAddress, TooManyCodes, masked
from processes.nonconformity.raising import raise_
from rules.refusal import AlreadyAnswered
from tests.support.cast import at, change, duty_of, hire, lines, nonconformity

MONDAY = at("2026-09-14")
PLAN = {
    "method": "fishbone",
    "cause": "没有要求",
    "corrective_action": "写入手册",
    "planned_on": "2026-09-24",
}
YES = {"decision": "agree"}


@pytest.fixture
def cast(home):
    return hire()


@pytest.fixture
def duty(cast):
    code = raise_(title="备份未校验", owner_code="li", at=MONDAY)
    respond = duty_of(code, "respond")
    answers.answer(respond.id, person_id=cast["li"], data=PLAN, at=MONDAY, via="link")
    return duty_of(code, "agree")


def sign(duty, code=None, data=YES, when=MONDAY):
    return answers.answer(
        duty.id, person_id=duty.owner_id, data=data, at=when, via="link", code=code
    )


def ask(duty, **how):
    with pytest.raises(CodeNeeded) as needed:
        sign(duty, **how)
    return needed.value


def mailed():
    return lines(letter="code")[-1].facts["code"]


def other(code):
    return f"{(int(code) + 1) % 10**8:08d}"


def test_the_code_goes_to_the_person_and_nothing_is_done_before(duty):
    needed = ask(duty)
    assert needed.facts == {"sent_to": "z***@company.example", "minutes": 10}
    (line,) = lines(letter="code")
    assert line.person_id == duty.owner_id
    assert len(mailed()) == 8
    assert mailed().isdigit()
    assert nonconformity(duty.subject).state == "planned"
    assert duty_of(duty.subject, "agree")


def test_the_code_signs_once(duty):
    ask(duty)
    code = mailed()
    sign(duty, f" {code[:4]} {code[4:]} ")  # as people copy it
    with pytest.raises(AlreadyAnswered):
        sign(duty, code)


def test_only_its_hash_is_kept(duty):
    ask(duty)
    with reading() as session:
        row = session.exec(select(Code)).one()
    assert mailed() not in row.code_hash
    sign(duty, mailed())
    with reading() as session:
        assert session.exec(select(Code)).one().used_at is not None


def test_ten_minutes_and_no_longer(duty):
    ask(duty)
    with pytest.raises(CodeUsedUp):
        sign(duty, mailed(), when=MONDAY + timedelta(minutes=10))
    sign(duty, mailed(), when=MONDAY + timedelta(minutes=9, seconds=59))


def test_five_tries(duty):
    ask(duty)
    wrong = other(mailed())
    for left in (4, 3, 2, 1):
        with pytest.raises(CodeWrong) as no:
            sign(duty, wrong)
        assert no.value.facts == {"left": left}
    with pytest.raises(CodeUsedUp):
        sign(duty, wrong)
    with pytest.raises(CodeUsedUp):  # even the right one is too late
        sign(duty, mailed())
    with reading() as session:
        refused = session.exec(select(Trail).where(col(Trail.action) == "refused")).all()
    assert len(refused) == 6


def test_another_content_needs_another_code(duty):
    ask(duty)
    with pytest.raises(CodeUsedUp):
        sign(duty, mailed(), data={"decision": "refuse", "note": "不行"})
    sign(duty, mailed())


def test_another_duty_needs_another_code(duty, cast):
    ask(duty)
    code = raise_(title="另一个", owner_code="li", at=MONDAY)
    respond = duty_of(code, "respond")
    answers.answer(respond.id, person_id=cast["li"], data=PLAN, at=MONDAY, via="link")
    with pytest.raises(CodeUsedUp):
        sign(duty_of(code, "agree"), mailed())


def test_a_double_click_mails_one_code(duty):
    ask(duty)
    ask(duty, when=MONDAY + timedelta(seconds=30))
    assert len(lines(letter="code")) == 1
    sign(duty, mailed(), when=MONDAY + timedelta(seconds=40))


def test_a_newer_code_replaces_the_older(duty):
    ask(duty)
    first = mailed()
    later = MONDAY + timedelta(minutes=2)
    ask(duty, when=later)
    with pytest.raises(CodeWrong):
        sign(duty, first, when=later)
    sign(duty, mailed(), when=later)


def test_three_an_hour(duty):
    for minute in (0, 11, 22):
        ask(duty, when=MONDAY + timedelta(minutes=minute))
    with pytest.raises(TooManyCodes) as no:
        sign(duty, when=MONDAY + timedelta(minutes=33))
    assert no.value.facts["again"] == "11:00"
    ask(duty, when=MONDAY + timedelta(minutes=61))


def test_no_code_is_mailed_for_what_a_rule_refuses(duty):
    from rules.gates import NoReason

    with pytest.raises(NoReason):
        sign(duty, data={"decision": "refuse"})
    assert lines(letter="code") == []


def test_without_an_address_there_is_no_signature(duty):
    change("zhao", email=None)
    with pytest.raises(NoAddress):
        sign(duty)


def test_a_blank_code_is_none(duty):
    ask(duty, code="  ")


def test_the_line_forgets_the_code_once_it_was_mailed_and_used(duty):
    from processes.mail.outbox import gather

    ask(duty)
    code = mailed()
    gather(MONDAY)
    sign(duty, code)
    assert "code" not in lines(letter="code")[0].facts


def test_an_address_is_shown_masked():
    assert masked("li.ming@company.example") == "l***@company.example"
