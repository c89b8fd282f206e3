"""A version of an SLA comes into force through three people, and is never edited after."""

import pytest

from models.engine import reading
from processes.contract import registers as contract_registers
from processes.contract.sla_facts import FACTS
from processes.imports.problems import ImportRefused
from processes.register.query import Filters
from rules.contract import NotReady
from rules.words import DutyKind
from tests.support.cast import at, change, duties_of, duty_of, hire
from tests.support.hands import answer
from tests.support.promises import SLAS, Desk, said

SIGNED_TWICE = (
    "code,contract,indicator,target,minimum_n,signed_on\n"
    "L,HY-1,可用性,99,1,2026-01-01\nM,HY-1,及时率,99,1,2026-01-02"
)


@pytest.fixture
def desk(home, tmp_path):
    hire()
    change("chen", roles=["service_desk"])
    desk = Desk(tmp_path)
    desk.sign()
    return desk


def versions():
    rows = contract_registers.slas(Filters(), at=at("2026-09-30")).rows
    return [(one.version, one.state, one.code, str(one.target)) for one in rows]


def approve():
    answer("sun", "HY-1", "draw_up", at("2026-09-15"), note="首版")
    answer("zhao", "HY-1", "review", at("2026-09-16"), decision="pass")
    answer("director", "HY-1", "approve", at("2026-09-17"), decision="pass")


def test_a_file_makes_a_draft_that_the_manager_owes(desk):
    desk.take("slas", SLAS)
    assert versions() == [(1, "draft", "HY-1.1", "99.9"), (1, "draft", "HY-1.2", "95")]
    assert len(duties_of("HY-1", "draw_up")) == 1
    desk.take("slas", SLAS)
    assert len(duties_of("HY-1", "draw_up")) == 1


def test_three_people_put_it_into_force_and_the_desk_receives_it(desk):
    desk.take("slas", SLAS)
    approve()
    assert {state for _, state, _, _ in versions()} == {"in_force"}
    assert [one.kind for one in duties_of("HY-1")] == ["read"]


def test_what_changes_afterwards_is_the_next_version_and_the_old_one_holds_meanwhile(desk):
    desk.take("slas", SLAS)
    approve()
    desk.take("slas", "code,target\nHY-1.1,99.5", at("2026-09-20"))
    assert versions() == [
        (2, "draft", "HY-1.1", "99.5"),
        (2, "draft", "HY-1.2", "95"),  # taken over
        (1, "in_force", "HY-1.1", "99.9"),
        (1, "in_force", "HY-1.2", "95"),
    ]
    answer("sun", "HY-1", "draw_up", at("2026-09-21"), note="目标下调")
    answer("zhao", "HY-1", "review", at("2026-09-22"), decision="pass")
    answer("director", "HY-1", "approve", at("2026-09-23"), decision="pass")
    assert [(v, s) for v, s, code, _ in versions() if code == "HY-1.1"] == [
        (2, "in_force"), (1, "replaced"),
    ]  # fmt: skip


def test_the_reviewer_sees_what_changed(desk):
    desk.take("slas", SLAS)
    approve()
    desk.take("slas", "code,target,dropped\nHY-1.1,99.5,no\nHY-1.2,95,yes", at("2026-09-20"))
    duty = duty_of("HY-1", "draw_up")
    with reading() as session:
        facts = dict(FACTS[DutyKind.DRAW_UP](session, duty, "en"))
    assert "(before: 云平台可用性 >= 99.9 %, from 1 cases)" in facts["HY-1.1"]
    assert facts["HY-1.2"].startswith("dropped; before:")


def test_sent_back_it_is_a_draft_again(desk):
    desk.take("slas", SLAS)
    answer("sun", "HY-1", "draw_up", at("2026-09-15"), note="")
    answer("zhao", "HY-1", "review", at("2026-09-16"), decision="return", note="公式不清")
    assert {state for _, state, _, _ in versions()} == {"draft"}
    answer("sun", "HY-1", "revise", at("2026-09-17"), note="已改")
    assert {state for _, state, _, _ in versions()} == {"submitted"}


def test_it_cannot_be_handed_in_while_the_contract_has_no_service_time(desk):
    desk.take("contracts", "code,service_time\nHY-1,")
    desk.take("slas", SLAS)
    with pytest.raises(NotReady):
        answer("sun", "HY-1", "draw_up", at("2026-09-15"), note="")
    assert {state for _, state, _, _ in versions()} == {"draft"}


def test_a_version_under_approval_is_not_changed_under_the_reviewers_hands(desk):
    desk.take("slas", SLAS)
    answer("sun", "HY-1", "draw_up", at("2026-09-15"), note="")
    with pytest.raises(ImportRefused) as refused:
        desk.take("slas", "code,target\nHY-1.1,99.5")
    assert said(refused)[0][:2] == (2, "contract")


def test_what_was_signed_before_is_brought_in_without_asking_anybody(desk):
    head, *lines = SLAS.splitlines()
    signed = "\n".join([f"{head},signed_on", *(f"{line},2025-12-20" for line in lines)])
    desk.take("slas", signed)
    assert {state for _, state, _, _ in versions()} == {"in_force"}
    assert duties_of("HY-1") == []


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("code,contract,indicator,target,minimum_n\nL,HY-1,可用性,99,", (2, "minimum_n")),
        ("code,contract,indicator,target,minimum_n\nL,HY-1,可用性,99,0", (2, "minimum_n")),
        ("code,contract,indicator,target\nL,HY-1,可用性,99", (2, "minimum_n")),
        ("code,contract,indicator,target,minimum_n\nL,HY-1,可用性,101,1", (2, "target")),
        ("code,contract,indicator,target,minimum_n\nL,NONE,可用性,99,1", (2, "contract")),
        (
            SIGNED_TWICE,
            (3, "signed_on"),
        ),
    ],
)
def test_a_line_that_cannot_be_judged_is_refused(desk, text, where):
    with pytest.raises(ImportRefused) as refused:
        desk.take("slas", text)
    assert where in [(row, column) for row, column, _ in said(refused)]
    assert versions() == []
