"""Documents come into force through three different people, and reach those named."""

import pytest

from models.alarms import open_alarms
from models.engine import reading, writing
from processes.approval import course as approval
from processes.approval.steps import NO_APPROVER, ask_missing
from rules import approval as rule
from rules.approval import ApprovalState as State
from rules.gates import NoReason
from rules.refusal import NotEntitled
from tests.support.cast import absent, at, change, duties_of, duty_of, hire, lines
from tests.support.hands import answer, ids

MONDAY = at("2026-09-14")
CODE = "规程-1"


@pytest.fixture
def heard(monkeypatch):
    """What the owner of the document is told of its approval."""
    told = []
    monkeypatch.setitem(
        approval.ON_APPROVED, "rule_book", lambda _s, *facts: told.append(("approved", *facts))
    )
    monkeypatch.setitem(
        approval.ON_RETURNED, "rule_book", lambda _s, *facts: told.append(("returned", *facts))
    )
    return told


@pytest.fixture
def cast(home):
    return hire()


def submit(*, author="qin", reviewers=("zhao",), approvers=("gao",), readers=(), version=1):
    known = ids()
    with writing() as session:
        approval.submit(
            session,
            kind="rule_book",
            code=CODE,
            version=version,
            title="运维规程",
            author_id=known[author],
            reviewers=[known[one] for one in reviewers],
            approvers=[known[one] for one in approvers],
            readers=[known[one] for one in readers],
            at=MONDAY,
            actor="clock",
            summary="第一版",
        )


def state(version=1):
    with reading() as session:
        return approval.state(session, "rule_book", CODE, version)


def owner(kind):
    known = {number: code for code, number in ids().items()}
    return known[duty_of(CODE, kind).owner_id]


def test_author_reviewer_and_approver_put_it_into_force(cast, heard):
    submit(readers=["li", "wang"])
    answer("zhao", CODE, "review", at("2026-09-15"), decision="pass")
    assert heard == []  # not in force before the third
    answer("gao", CODE, "approve", at("2026-09-16"), decision="pass")
    assert heard == [("approved", CODE, 1, at("2026-09-16"), cast["gao"])]
    found = state()
    assert found.state is State.APPROVED
    assert (found.author_id, found.reviewed_by_id, found.approved_by_id) == (
        cast["qin"],
        cast["zhao"],
        cast["gao"],
    )
    assert {duty.owner_id for duty in duties_of(CODE, "read")} == {cast["li"], cast["wang"]}


def test_each_step_has_its_deadline_and_its_letter(cast, heard):
    submit()
    duty = duty_of(CODE, "review")
    assert duty.due_at == at("2026-09-17", "18:00")
    (letter,) = lines(duty)
    assert letter.facts["reason"] == "第一版"


def test_a_reader_confirms_that_he_has_it(cast, heard):
    submit(readers=["li"])
    answer("zhao", CODE, "review", at("2026-09-15"), decision="pass")
    answer("gao", CODE, "approve", at("2026-09-16"), decision="pass")
    assert state().readers == ((cast["li"], None),)
    answer("li", CODE, "read", at("2026-09-17"))
    assert state().readers == ((cast["li"], at("2026-09-17")),)


@pytest.mark.parametrize(
    ("reviewers", "approvers", "who"),
    [
        (["qin", "zhao"], ["gao"], ("zhao", "gao")),  # the author is passed over
        (["zhao"], ["zhao", "qin", "gao"], ("zhao", "gao")),  # and so is the reviewer
    ],
)
def test_who_is_asked_is_another(cast, heard, reviewers, approvers, who):
    submit(reviewers=reviewers, approvers=approvers)
    assert owner("review") == who[0]
    answer(who[0], CODE, "review", at("2026-09-15"), decision="pass")
    assert owner("approve") == who[1]


def test_refused_by_name_where_there_are_not_three(cast):
    with pytest.raises(rule.NobodyToReview, match="秦部长"):
        submit(reviewers=["qin"])
    with pytest.raises(rule.NobodyToApprove, match="赵工"):
        submit(approvers=["zhao", "qin"])
    assert duties_of(CODE, state=None) == []


def test_a_delegate_who_drew_it_up_may_not_review_for_the_absent(cast, heard):
    submit(author="zhou", reviewers=["zhao"])
    change("zhao", **absent(delegate="zhou"))
    with pytest.raises(rule.OwnDocument):
        answer("zhou", CODE, "review", at("2026-09-15"), decision="pass")
    assert state().state is State.REVIEW


def test_the_absent_reviewers_delegate_may_not_approve(cast, heard):
    change("zhao", **absent(delegate="gao"))
    submit(reviewers=["zhao"], approvers=["gao", "zong"])
    answer("gao", CODE, "review", at("2026-09-15"), decision="pass")
    assert owner("approve") == "zong"


def test_an_operator_who_is_the_author_may_not_type_the_review(cast, heard):
    submit()
    with pytest.raises(rule.OwnDocument):
        answer("zhao", CODE, "review", at("2026-09-15"), decision="pass", via="operator qin")


@pytest.mark.parametrize("step", ["review", "approve"])
def test_sent_back_it_comes_to_the_author_and_goes_the_whole_way_again(cast, heard, step):
    submit()
    if step == "approve":
        answer("zhao", CODE, "review", at("2026-09-15"), decision="pass")
    judge = owner(step)
    with pytest.raises(NoReason):
        answer(judge, CODE, step, at("2026-09-15"), decision="return")
    answer(judge, CODE, step, at("2026-09-15"), decision="return", note="缺少第三章")
    assert heard == [("returned", CODE, 1, "缺少第三章", at("2026-09-15"))]
    duty = duty_of(CODE, "revise")
    assert duty.owner_id == cast["qin"]
    assert lines(duty)[0].facts["note"] == "缺少第三章"
    answer("qin", CODE, "revise", at("2026-09-16"), note="已补第三章")
    assert owner("review") == "zhao"
    assert (state().round, state().state, state().reviewed_at) == (2, State.REVIEW, None)


def test_one_version_at_a_time(cast, heard):
    submit()
    with pytest.raises(rule.UnderWay):
        submit()
    with pytest.raises(rule.UnderWay):
        submit(version=2)


def test_what_is_approved_is_followed_and_never_changed(cast, heard):
    submit(readers=["li"])
    answer("zhao", CODE, "review", at("2026-09-15"), decision="pass")
    answer("gao", CODE, "approve", at("2026-09-16"), decision="pass")
    with pytest.raises(rule.AlreadyApproved):
        submit()
    submit(version=2, readers=["li"])
    answer("zhao", CODE, "review", at("2026-09-17"), decision="pass")
    answer("gao", CODE, "approve", at("2026-09-17"), decision="pass")
    assert [duty.state for duty in duties_of(CODE, "read", state=None)] == ["withdrawn", "open"]


def test_a_reviewed_document_waits_in_an_alarm_until_somebody_may_approve(cast, heard):
    submit()
    change("gao", active=False)
    answer("zhao", CODE, "review", at("2026-09-15"), decision="pass")
    with reading() as session:
        assert [alarm.kind for alarm in open_alarms(session)] == [NO_APPROVER]
    assert ask_missing(at("2026-09-16")) == 0
    change("gao", active=True)
    assert ask_missing(at("2026-09-17")) == 1
    assert ask_missing(at("2026-09-17")) == 0
    assert owner("approve") == "gao"
    with reading() as session:
        assert open_alarms(session) == []


def test_only_whoever_owes_it_may_judge(cast, heard):
    submit()
    with pytest.raises(NotEntitled):
        answer("chen", CODE, "review", at("2026-09-15"), decision="pass")


def test_a_drawing_up_ends_when_the_draft_comes_by_another_way(cast, heard):
    with writing() as session:
        approval.draw_up(
            session,
            kind="rule_book",
            code=CODE,
            title="运维规程",
            author_id=cast["qin"],
            due_at=at("2026-09-30", "18:00"),
            at=MONDAY,
        )
    submit()
    assert duties_of(CODE, "draw_up", state=None)[0].state == "discharged"
