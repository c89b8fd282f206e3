"""One door: whose it is to answer, what the rules say, what follows, and what is recorded."""

from datetime import date

import pytest
from pydantic import ValidationError
from sqlmodel import col, select

from models.alarms import open_alarms
from models.duty import Answer
from models.engine import reading
from models.record import Trail
from models.trail import verify
from processes.duty import answers
from processes.duty.answers import CodeNeeded
from processes.nonconformity.raising import raise_
from rules import gates
from rules.extension import ExtensionAlreadyAsked
from rules.nonconformity import TransitionRefused
from rules.refusal import AlreadyAnswered, NotEntitled, NotFound, Withdrawn
from rules.words import Risk, Severity
from tests.support.cast import (
    absent,
    at,
    change,
    duties_of,
    duty_of,
    hire,
    lines,
    nonconformity,
    rounds,
    told,
)

MONDAY = at("2026-09-14")
PLAN = {
    "method": "5why",
    "cause": "值班手册没有要求校验备份",
    "correction": "当天补做校验",
    "corrective_action": "在值班手册中加入校验步骤并培训",
    "planned_on": "2026-09-25",
}


@pytest.fixture
def cast(home):
    return hire()


@pytest.fixture
def code(cast):
    return raise_(title="备份未校验", owner_code="li", at=MONDAY, project="P1", clause="8.3")


class Office:
    """Everybody's hands: `office.li.respond(…)` answers the one open duty of that kind."""

    def __init__(self, cast):
        self.cast = cast

    def answer(self, who, code, kind, when, *, via="link", **data):
        duty = duty_of(code, kind)
        person = self.cast[who]
        signed = {}
        if answers.KINDS[kind].signature:
            with pytest.raises(CodeNeeded):
                answers.answer(duty.id, person_id=person, data=data, at=when, via=via)
            signed["code"] = mailed_code()
        return answers.answer(duty.id, person_id=person, data=data, at=when, via=via, **signed)

    def verifier(self, code, kind="verify"):
        owner = duty_of(code, kind).owner_id
        return next(name for name, number in self.cast.items() if number == owner)

    def to_planned(self, code, day="2026-09-15", **plan):
        self.answer("li", code, "respond", at(day), **{**PLAN, **plan})

    def to_act(self, code, day="2026-09-15", **plan):
        self.to_planned(code, day, **plan)
        self.answer(self.verifier(code, "agree"), code, "agree", at(day, "15:00"), decision="agree")

    def to_implemented(self, code, day="2026-09-15", **plan):
        self.to_act(code, day, **plan)
        self.answer(
            "li", code, "act", at(day, "16:00"), done="已加入步骤", evidence_note="手册 2.3 版"
        )

    def verified(self, code, result, day, kind="verify", **data):
        who = self.verifier(code, kind)
        return self.answer(who, code, kind, at(day), result=result, **data)


def mailed_code():
    return lines(letter="code")[-1].facts["code"]


@pytest.fixture
def office(cast):
    return Office(cast)


def actions():
    with reading() as session:
        assert verify(session) is None
        return list(session.exec(select(Trail.action).order_by(col(Trail.seq))))


# --- the whole way ---------------------------------------------------------------------


def test_from_raised_to_closed(office, code, cast):
    said = office.answer("li", code, "respond", at("2026-09-15"), **PLAN)
    assert said.says
    assert nonconformity(code).state == "planned"
    agree = duty_of(code, "agree")
    assert agree.owner_id == cast["zhao"]
    assert agree.due_at == at("2026-09-18", "18:00")

    office.answer("zhao", code, "agree", at("2026-09-16"), decision="agree")
    act = duty_of(code, "act")
    assert (act.owner_id, act.due_at) == (cast["li"], at("2026-09-25", "18:00"))
    assert nonconformity(code).state == "planned"

    office.answer("li", code, "act", at("2026-09-22"), done="已完成", evidence_note="手册 2.3 版")
    assert nonconformity(code).state == "implemented"
    verification = duty_of(code, "verify")
    assert verification.due_at == at("2026-09-30", "18:00")  # past the Mid-Autumn Festival
    assert told("verification_asked") == [office.verifier(code)]

    office.verified(code, "effective", "2026-09-24")
    row = nonconformity(code)
    assert (row.state, row.closed_at, row.rounds) == ("closed", at("2026-09-24"), 1)
    assert duties_of(code) == []
    (first,) = rounds(code)
    assert first.cause == PLAN["cause"]
    assert first.planned_on == date(2026, 9, 25)
    assert first.agreed_by_id == cast["zhao"]
    assert first.done_by_id == cast["li"]
    assert first.effective is True
    assert [a for a in actions() if a.startswith("nonconformity.")] == [
        "nonconformity.raised",
        "nonconformity.accept",
        "nonconformity.plan",
        "nonconformity.agree",
        "nonconformity.implement",
        "nonconformity.find_effective",
    ]


def test_the_owner_hears_that_it_is_closed(office, code, cast):
    office.to_implemented(code)
    office.verified(code, "effective", "2026-09-24")
    last = lines(letter="over")[-1]
    assert last.person_id == cast["li"]
    assert last.facts["outcome"] == "closed"


def test_verifications_are_shared_out(office, cast):
    first = raise_(title="a", owner_code="li", at=MONDAY)
    second = raise_(title="b", owner_code="li", at=MONDAY)
    office.to_planned(first)
    office.to_planned(second)
    assert [office.verifier(first, "agree"), office.verifier(second, "agree")] == ["zhao", "zhou"]


def test_what_the_owner_answers_is_kept_word_for_word(office, code):
    office.to_planned(code)
    with reading() as session:
        (kept,) = session.exec(select(Answer).where(col(Answer.act) == "answer")).all()
    assert kept.data["cause"] == PLAN["cause"]
    assert kept.data["planned_on"] == "2026-09-25"
    assert (kept.via, kept.on_behalf_of_id) == ("link", None)


# --- who may ---------------------------------------------------------------------------


@pytest.mark.parametrize("stranger", ["chen", "wang", "qin", "zong"])
def test_nobody_answers_for_the_owner(office, code, stranger):
    with pytest.raises(NotEntitled):
        office.answer(stranger, code, "respond", MONDAY, **PLAN)
    assert "refused" in actions()


def test_the_delegate_answers_while_the_owner_is_away(office, code, cast):
    change("li", **absent("2026-09-15", "2026-09-15", delegate="chen"))
    with pytest.raises(NotEntitled):
        office.answer("chen", code, "respond", MONDAY, **PLAN)
    with pytest.raises(NotEntitled):
        office.answer("chen", code, "respond", at("2026-09-16"), **PLAN)
    office.answer("chen", code, "respond", at("2026-09-15"), **PLAN)
    with reading() as session:
        kept = session.exec(select(Answer)).one()
    assert (kept.person_id, kept.on_behalf_of_id) == (cast["chen"], cast["li"])
    (first,) = rounds(code)
    assert first.planned_hands == sorted([cast["li"], cast["chen"]])


def test_somebody_who_has_left_does_nothing(office, code, cast):
    change("li", active=False)
    with pytest.raises(answers.Departed):
        office.answer("li", code, "respond", MONDAY, **PLAN)


def test_an_operator_is_recorded_and_judged_too(office, code, cast):
    office.to_planned(code)
    duty = duty_of(code, "agree")
    with pytest.raises(gates.OwnWork):  # Li types the agreement of Zhao
        answers.answer(
            duty.id,
            person_id=duty.owner_id,
            data={"decision": "agree"},
            at=at("2026-09-15", "11:00"),
            via="operator li",
        )
    office.answer("zhao", code, "agree", at("2026-09-16"), decision="agree", via="operator root")
    with reading() as session:
        agreed = session.exec(select(Trail).where(col(Trail.action) == "nonconformity.agree")).one()
    assert (agreed.actor, agreed.on_behalf_of) == ("operator:root", f"person:{cast['zhao']}")


def test_there_is_no_such_duty(cast):
    with pytest.raises(NotFound):
        answers.answer(99, person_id=cast["li"], data={}, at=MONDAY, via="link")


# --- once ------------------------------------------------------------------------------


def test_a_second_answer_is_polite_and_changes_nothing(office, code, cast):
    duty = duty_of(code, "respond")
    office.answer("li", code, "respond", at("2026-09-15"), **PLAN)
    before = actions()
    with pytest.raises(AlreadyAnswered) as again:
        answers.answer(duty.id, person_id=cast["li"], data=PLAN, at=at("2026-09-16"), via="link")
    assert again.value.facts["person"] == "李工"
    assert again.value.facts["at"].startswith("2026-09-15 10:00")
    assert actions() == before


def test_a_stranger_does_not_even_learn_that_it_was_answered(office, code, cast):
    duty = duty_of(code, "respond")
    office.answer("li", code, "respond", at("2026-09-15"), **PLAN)
    with pytest.raises(NotEntitled):
        answers.answer(duty.id, person_id=cast["chen"], data=PLAN, at=MONDAY, via="link")


def test_a_form_of_an_earlier_deadline_is_refused(office, code, cast):
    duty = duty_of(code, "respond")
    with pytest.raises(answers.EarlierDeadline):
        answers.answer(duty.id, person_id=cast["li"], data=PLAN, at=MONDAY, via="link", episode=2)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"decision": "perhaps"}, "decision"),
        ({"planned_on": "tomorrow"}, "planned_on"),
        ({"method": "dice"}, "method"),
        ({"cause": "x" * 10_001}, "cause"),
        ({"caus": "x"}, "caus"),
    ],
)
def test_what_cannot_be_read_is_said_by_field(office, code, cast, data, field):
    with pytest.raises(ValidationError) as wrong:
        office.answer("li", code, "respond", MONDAY, **{**PLAN, **data})
    said = answers.problems(wrong.value, answers.KINDS["respond"].model, "en")
    assert list(said) == [field]
    assert said[field]


# --- the owner's plan ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lacking", "no"),
    [
        ({"cause": " "}, gates.NoCause),
        ({"method": ""}, gates.NoMethod),
        ({"corrective_action": ""}, gates.NoCorrectiveAction),
        ({"planned_on": ""}, gates.NoPlannedDate),
        ({"planned_on": "2026-09-13"}, gates.PlannedInThePast),
        ({"planned_on": "2026-10-15"}, gates.PlannedTooLate),  # 30 days lead to the 14th
    ],
)
def test_no_plan_without_what_makes_it_one(office, code, lacking, no):
    with pytest.raises(no):
        office.answer("li", code, "respond", MONDAY, **{**PLAN, **lacking})
    assert nonconformity(code).state == "raised"
    assert duty_of(code, "respond")


def test_a_late_answer_may_plan_as_long_as_the_policy_gives(office, code):
    office.to_act(code, "2026-10-09", planned_on="2026-11-06")
    row = nonconformity(code)
    assert row.first_due_at == at("2026-10-14", "18:00")
    assert row.due_at == at("2026-11-06", "18:00")


def test_a_plan_agreed_after_its_own_date_leaves_three_days(office, code):
    office.to_planned(code, planned_on="2026-09-16")
    office.answer("zhao", code, "agree", at("2026-09-18"), decision="agree")
    assert duty_of(code, "act").due_at == at("2026-09-22", "18:00")  # Sunday the 20th is worked
    assert rounds(code)[0].planned_on == date(2026, 9, 16)


def test_a_refused_plan_is_owed_again(office, code, cast):
    office.to_planned(code)
    with pytest.raises(gates.NoReason):
        office.answer("zhao", code, "agree", at("2026-09-16"), decision="refuse")
    office.answer("zhao", code, "agree", at("2026-09-16"), decision="refuse", note="原因没有到底")
    assert nonconformity(code).state == "accepted"
    again = duty_of(code, "respond")
    assert again.due_at == at("2026-09-20", "18:00")  # a make-up Sunday
    assert lines(again)[0].facts["note"] == "原因没有到底"
    office.answer("li", code, "respond", at("2026-09-17"), **PLAN)
    assert nonconformity(code).state == "planned"
    assert nonconformity(code).rounds == 1


def test_nobody_agrees_to_his_own_plan(office, code, cast):
    change("zhao", **absent("2026-09-16", "2026-09-16", delegate="li"))
    office.to_planned(code)
    with pytest.raises(gates.OwnWork):
        office.answer("li", code, "agree", at("2026-09-16"), decision="agree")


# --- carrying out ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "no"),
    [
        ({"done": "已完成"}, gates.NoEvidence),
        ({"evidence_note": "手册"}, gates.NoAccount),
    ],
)
def test_nothing_is_carried_out_without_account_and_evidence(office, code, data, no):
    office.to_act(code)
    with pytest.raises(no):
        office.answer("li", code, "act", at("2026-09-16"), **data)
    assert nonconformity(code).state == "planned"


# --- verification ----------------------------------------------------------------------


def test_the_owner_of_a_quality_matter_does_not_verify_it(office, cast):
    code = raise_(title="质量部自己的问题", owner_code="zhao", at=MONDAY)
    office.answer("zhao", code, "respond", at("2026-09-15"), **PLAN)
    assert office.verifier(code, "agree") == "zhou"


def test_the_doer_does_not_verify_even_if_he_only_stood_in(office, code, cast):
    office.to_act(code)
    change("li", **absent("2026-09-21", "2026-09-21", delegate="zhao"))
    office.answer("zhao", code, "act", at("2026-09-21"), done="已完成", evidence_note="手册")
    assert office.verifier(code) == "zhou"


@pytest.mark.parametrize(
    ("without", "verifier"),
    [
        ((), "zhao"),
        (("zhao",), "zhou"),
        (("zhao", "zhou"), "qin"),
        (("zhao", "zhou", "qin"), "zong"),
    ],
)
def test_the_next_role_verifies_where_one_has_nobody(office, code, without, verifier):
    for person in without:
        change(person, roles=[])
    office.to_planned(code)
    assert office.verifier(code, "agree") == verifier


def test_an_unreachable_verifier_is_passed_by(office, code):
    change("zhao", email=None)
    change("zhou", **absent())
    office.to_planned(code)
    assert office.verifier(code, "agree") == "qin"


def test_where_nobody_may_verify_it_waits_with_an_alarm(office, code):
    office.to_act(code)
    for person in ("zhao", "zhou", "qin", "zong"):
        change(person, roles=[])
    office.answer("li", code, "act", at("2026-09-16"), done="已完成", evidence_note="手册")
    assert nonconformity(code).state == "implemented"
    with reading() as session:
        assert [alarm.kind for alarm in open_alarms(session)] == ["nobody_for_verify"]


def test_an_ineffective_action_goes_one_round_more(office, code, cast):
    office.to_implemented(code)
    with pytest.raises(gates.NoReason):
        office.verified(code, "ineffective", "2026-09-17")
    office.verified(code, "ineffective", "2026-09-17", note="抽查 3 次有 2 次没做")
    row = nonconformity(code)
    assert (row.state, row.rounds, row.ineffective) == ("accepted", 2, 1)
    again = duty_of(code, "respond")
    assert (again.round, again.level) == (2, 0)
    assert told("ineffective") == ["li"]
    assert [r.effective for r in rounds(code)] == [False, None]


def test_the_second_time_the_one_above_hears_at_once(office, code, cast):
    office.to_implemented(code)
    office.verified(code, "ineffective", "2026-09-17", note="无效")
    office.to_implemented(code, "2026-09-18")
    office.verified(code, "ineffective", "2026-09-21", note="仍然无效")
    assert duty_of(code, "respond").level == 1
    assert told("ineffective") == ["li", "li", "wang"]


def test_a_major_one_waits_for_its_effect(office, cast):
    code = raise_(title="重大", owner_code="li", at=MONDAY, severity=Severity.MAJOR)
    office.to_implemented(code)
    office.verified(code, "effective", "2026-09-17")
    assert nonconformity(code).state == "implemented"
    effect = duty_of(code, "verify_effect")
    assert effect.due_at == at("2026-12-16", "18:00")
    with pytest.raises(gates.TooEarly):
        office.verified(code, "effective", "2026-12-13", "verify_effect")
    office.verified(code, "effective", "2026-12-16", "verify_effect")
    assert nonconformity(code).state == "closed"
    assert rounds(code)[0].effect_holds is True


def test_a_major_one_that_comes_back_starts_anew(office, cast):
    code = raise_(title="重大", owner_code="li", at=MONDAY, severity=Severity.MAJOR)
    office.to_implemented(code)
    office.verified(code, "effective", "2026-09-17")
    office.verified(code, "ineffective", "2026-10-20", "verify_effect", note="又发生了")
    assert nonconformity(code).state == "accepted"
    assert rounds(code)[0].effective is True
    assert rounds(code)[0].effect_holds is False


# --- disputes --------------------------------------------------------------------------


def disputed(office, code):
    office.answer(
        "li", code, "respond", at("2026-09-15"), decision="dispute", reason="合同没有要求"
    )


def test_a_dispute_needs_a_reason(office, code):
    with pytest.raises(gates.NoReason):
        office.answer("li", code, "respond", at("2026-09-15"), decision="dispute")


def test_the_duty_to_respond_runs_on_while_the_dispute_is_open(office, code, cast):
    before = duty_of(code, "respond")
    disputed(office, code)
    assert nonconformity(code).state == "disputed"
    assert duty_of(code, "respond").next_at == before.next_at
    decision = duty_of(code, "decide_dispute")
    assert (decision.owner_id, decision.due_at) == (cast["qin"], at("2026-09-18", "18:00"))
    with pytest.raises(TransitionRefused):
        disputed(office, code)


def test_an_upheld_dispute_makes_it_void(office, code):
    disputed(office, code)
    office.answer("qin", code, "decide_dispute", at("2026-09-16"), decision="uphold", reason="确实")
    row = nonconformity(code)
    assert (row.state, row.void_reason) == ("void", "确实")
    assert duties_of(code) == []
    (respond,) = duties_of(code, "respond", "withdrawn")
    assert told("over", respond) == ["li"]
    with pytest.raises(Withdrawn):
        answers.answer(
            respond.id, person_id=respond.owner_id, data=PLAN, at=at("2026-09-17"), via="link"
        )


def test_an_overruled_dispute_leaves_the_owner_owing(office, code, cast):
    disputed(office, code)
    office.answer(
        "qin", code, "decide_dispute", at("2026-09-16"), decision="overrule", reason="合同 5.2 有"
    )
    assert nonconformity(code).state == "accepted"
    respond = duty_of(code, "respond")
    assert told("assignment", respond) == ["li", "li"]
    assert lines(respond)[-1].facts["note"] == "合同 5.2 有"
    with pytest.raises(TransitionRefused):
        disputed(office, code)
    office.answer("li", code, "respond", at("2026-09-17"), **PLAN)
    assert nonconformity(code).state == "planned"


def test_an_owner_who_gives_in_ends_the_dispute(office, code):
    disputed(office, code)
    office.answer("li", code, "respond", at("2026-09-16"), **PLAN)
    assert nonconformity(code).state == "planned"
    assert [d.kind for d in duties_of(code, state="withdrawn")] == ["decide_dispute"]


def test_the_quality_head_does_not_decide_his_own_dispute(office, cast):
    code = raise_(title="质量部长自己的", owner_code="qin", at=MONDAY)
    office.answer("qin", code, "respond", at("2026-09-15"), decision="dispute", reason="不是")
    assert duty_of(code, "decide_dispute").owner_id == cast["zong"]


# --- straight up, void -----------------------------------------------------------------


@pytest.mark.parametrize("who", ["li", "sun", "zhao", "qin"])
def test_owner_project_manager_and_quality_may_report_straight_up(code, cast, who):
    answers.straight_up(code, person_id=cast[who], reason="需要采购", at=MONDAY, via="link")
    assert duty_of(code, "decide").owner_id == cast["gao"]
    (line,) = lines(letter="straight_up")
    assert line.facts["reason"] == "需要采购"
    assert line.facts["declared_by"] == cast[who]
    assert nonconformity(code).straight_up_reason == "需要采购"


@pytest.mark.parametrize("who", ["chen", "wang", "he"])
def test_others_may_not(code, cast, who):
    with pytest.raises(answers.MayNotReport):
        answers.straight_up(code, person_id=cast[who], reason="需要采购", at=MONDAY, via="link")


def test_management_is_asked_once_at_a_time(office, code, cast):
    answers.straight_up(code, person_id=cast["li"], reason="需要采购", at=MONDAY, via="link")
    with pytest.raises(answers.AlreadyReported):
        answers.straight_up(code, person_id=cast["zhao"], reason="同上", at=MONDAY, via="link")
    office.answer("gao", code, "decide", at("2026-09-15"), decision="resource", text="批准采购")
    respond = duty_of(code, "respond")
    assert lines(respond)[-1].facts["note"] == "批准采购"
    answers.straight_up(
        code, person_id=cast["li"], reason="还是不够", at=at("2026-09-16"), via="link"
    )


def test_a_decision_needs_its_text(office, cast):
    code = raise_(title="高风险", owner_code="li", at=MONDAY, risk=Risk.HIGH)
    with pytest.raises(gates.NoReason):
        office.answer("gao", code, "decide", at("2026-09-15"), decision="accept_risk")


def test_closing_withdraws_what_management_had_not_decided(office, cast):
    code = raise_(title="高风险", owner_code="li", at=MONDAY, risk=Risk.HIGH)
    office.to_implemented(code)
    office.verified(code, "effective", "2026-09-17")
    assert duties_of(code) == []
    (decide,) = duties_of(code, "decide", "withdrawn")
    assert told("over", decide) == ["gao"]


def void(code, person, when="2026-09-15", reason="重复开具"):
    with pytest.raises(CodeNeeded):
        answers.void(code, person_id=person, reason=reason, at=at(when), via="link")
    return answers.void(
        code, person_id=person, reason=reason, at=at(when), via="link", signature=mailed_code()
    )


def test_only_the_quality_head_declares_it_void(code, cast):
    for who, no in (
        ("zhao", gates.NotQualityHead),
        ("zong", gates.NotQualityHead),
        ("li", gates.NotForOwner),
    ):
        with pytest.raises(no):
            answers.void(code, person_id=cast[who], reason="重复", at=MONDAY, via="link")
    with pytest.raises(gates.NoReason):
        answers.void(code, person_id=cast["qin"], reason=" ", at=MONDAY, via="link")
    void(code, cast["qin"])
    assert (nonconformity(code).state, nonconformity(code).void_reason) == ("void", "重复开具")
    assert duties_of(code) == []
    with pytest.raises(TransitionRefused):
        answers.void(code, person_id=cast["qin"], reason="再来", at=MONDAY, via="link")


def test_the_delegate_of_an_absent_head_may_but_not_about_his_own(code, cast):
    change("qin", **absent(delegate="zhao"))
    void(code, cast["zhao"])
    own = raise_(title="赵工的", owner_code="zhao", at=MONDAY)
    with pytest.raises(gates.NotForOwner):
        answers.void(own, person_id=cast["zhao"], reason="重复", at=MONDAY, via="link")


# --- recurrence ------------------------------------------------------------------------


def test_the_same_again_is_linked_and_one_severity_up(office, code, cast):
    office.to_planned(code)
    again = raise_(
        title="又没校验", owner_code="chen", at=at("2026-09-21"), project="P1", clause="8.3"
    )
    office.answer(
        "chen", again, "respond", at("2026-09-22"),
        **{**PLAN, "cause": "值班手册没有要求校验备份。", "planned_on": "2026-10-15"},
    )  # fmt: skip
    row = nonconformity(again)
    assert (row.recurs_from, row.severity, row.priority) == (code, Severity.MAJOR, 6)
    assert duty_of(again, "agree").severity is Severity.MAJOR


def test_another_cause_is_no_recurrence(office, code):
    office.to_planned(code)
    other = raise_(title="x", owner_code="li", at=at("2026-09-21"), project="P1", clause="8.3")
    office.answer("li", other, "respond", at("2026-09-22"), **{**PLAN, "cause": "人手不足"})
    assert nonconformity(other).recurs_from is None


# --- acknowledging and extensions ------------------------------------------------------


def test_acknowledging_is_recorded(code, cast):
    duty = duty_of(code, "respond")
    answers.acknowledge(duty.id, person_id=cast["li"], at=MONDAY, via="link")
    with pytest.raises(NotEntitled):
        answers.acknowledge(duty.id, person_id=cast["chen"], at=MONDAY, via="link")
    assert "duty.acknowledged" in actions()


def test_a_granted_extension_moves_the_nonconformity_too(office, code, cast):
    office.to_act(code, planned_on="2026-10-14")
    act = duty_of(code, "act")
    answers.ask_extension(
        act.id,
        person_id=cast["li"],
        until=date(2026, 10, 30),
        reason="等待备件",
        at=at("2026-09-22"),
        via="link",
    )
    with pytest.raises(ExtensionAlreadyAsked):
        answers.ask_extension(
            act.id,
            person_id=cast["li"],
            until=date(2026, 10, 30),
            reason="等待备件",
            at=at("2026-09-22"),
            via="link",
        )
    decision = answers_duty("decide_extension")
    assert decision.owner_id == cast["wang"]
    with pytest.raises(CodeNeeded):
        answers.answer(
            decision.id, person_id=cast["wang"], data={"decision": "grant"}, at=at("2026-09-23"),
            via="link",
        )  # fmt: skip
    answers.answer(
        decision.id,
        person_id=cast["wang"],
        data={"decision": "grant"},
        at=at("2026-09-23"),
        via="link",
        code=mailed_code(),
    )
    assert duty_of(code, "act").due_at == at("2026-10-30", "18:00")
    assert duty_of(code, "act").episode == 2
    assert nonconformity(code).due_at == at("2026-10-30", "18:00")
    with pytest.raises(answers.EarlierDeadline):
        answers.answer(
            act.id, person_id=cast["li"], data={}, at=at("2026-09-24"), via="link", episode=1
        )


def test_nobody_grants_his_own_extension_as_a_delegate(office, code, cast):
    office.to_act(code)
    answers.ask_extension(
        duty_of(code, "act").id,
        person_id=cast["li"],
        until=date(2026, 10, 15),
        reason="等待备件",
        at=at("2026-09-16"),
        via="link",
    )
    decision = answers_duty("decide_extension")
    change("wang", **absent(delegate="li"))
    with pytest.raises(gates.OwnRequest):
        answers.answer(
            decision.id,
            person_id=cast["li"],
            data={"decision": "grant"},
            at=at("2026-09-17"),
            via="link",
        )


def answers_duty(kind):
    from models.duty import Duty

    with reading() as session:
        return session.exec(
            select(Duty).where(col(Duty.kind) == kind, col(Duty.state) == "open")
        ).one()


# --- standing --------------------------------------------------------------------------


def test_chen_sees_nothing_and_li_everything_that_is_his(code, cast):
    duty = duty_of(code, "respond")
    li = answers.standing(duty.id, cast["li"], MONDAY)
    assert (li.owes, li.may_see, li.may_answer, li.may_extend, li.may_report_up) == (True,) * 5
    assert (li.may_acknowledge, li.may_void) == (False, False)
    assert answers.standing(duty.id, cast["chen"], MONDAY) == answers.Standing()


def test_who_sees_by_office_or_because_he_leads_the_owner(code, cast):
    duty = duty_of(code, "respond")
    sees = {who for who in cast if answers.standing(duty.id, cast[who], MONDAY).may_see}
    offices, leaders = {"sun", "zhao", "zhou", "qin", "zong"}, {"wang", "gao", "director"}
    assert sees == {"li"} | offices | leaders
    answered = {who for who in cast if answers.standing(duty.id, cast[who], MONDAY).may_answer}
    assert answered == {"li"}


def test_a_delegate_stands_in_while_it_lasts(code, cast):
    change("li", **absent("2026-09-14", "2026-09-14", delegate="chen"))
    duty = duty_of(code, "respond")
    chen = answers.standing(duty.id, cast["chen"], MONDAY)
    assert (chen.stands_in_for, chen.may_answer) == (cast["li"], True)
    assert not answers.standing(duty.id, cast["chen"], at("2026-09-15")).may_answer


def test_somebody_told_may_see_and_acknowledge(office, code, cast):
    from processes.duty.climbing import climb

    duty = duty_of(code, "respond")
    for day in ("2026-09-16", "2026-09-18", "2026-09-21", "2026-09-22"):
        climb([duty.id], at=at(day))
    wang = answers.standing(duty.id, cast["wang"], at("2026-09-22"))
    assert (wang.told, wang.may_see, wang.may_acknowledge, wang.may_answer) == (
        True,
        True,
        True,
        False,
    )
    answers.acknowledge(duty.id, person_id=cast["wang"], at=at("2026-09-22"), via="link")
    assert not answers.standing(duty.id, cast["wang"], at("2026-09-22")).may_acknowledge
