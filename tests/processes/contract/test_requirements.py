"""What nothing meets is owed by its owner and climbs; a problem is owed until its cause is gone."""

import pytest
from sqlmodel import col, select

from models.contract import Problem, Requirement
from models.engine import reading
from processes.contract import upkeep
from processes.duty import climbing
from processes.imports.problems import ImportRefused
from rules.contract import NoCause, NothingMeets, NoWorkaround
from rules.gates import NoReason
from tests.support.cast import at, duties_of, hire
from tests.support.hands import answer
from tests.support.promises import SLAS, Desk, said

HEAD = "code,title,contract,owner,raised_on,due"
ROW = "XQ-1,每日报送,HY-1,li,2026-09-10,2026-09-18"
PROBLEM = "code,title,contract,owner,raised_on,due\nWT-1,磁盘反复告警,HY-1,li,2026-09-10,2026-09-18"


@pytest.fixture
def desk(home, tmp_path):
    hire()
    desk = Desk(tmp_path)
    desk.sign()
    head, *lines = SLAS.splitlines()
    signed = "\n".join([f"{head},signed_on", *(f"{line},2025-12-20" for line in lines)])
    desk.take("slas", signed)
    return desk


def one(model, code):
    with reading() as session:
        return session.exec(select(model).where(col(model.code) == code)).one()


def test_what_nothing_meets_is_owed_by_its_owner_and_climbs(desk):
    desk.take("requirements", f"{HEAD}\n{ROW}")
    (duty,) = duties_of("XQ-1", "meet_requirement")
    assert str(duty.due_at.date()) == "2026-09-18"
    for day in ("2026-09-21", "2026-09-22", "2026-09-23"):
        climbing.climb([duty.id], at=at(day))
    assert duties_of("XQ-1")[0].level == 1


def test_it_is_met_by_a_line_in_force_and_by_nothing_that_is_not(desk):
    desk.take("requirements", f"{HEAD}\n{ROW}")
    monday = at("2026-09-14")
    with pytest.raises(NothingMeets):
        answer("li", "XQ-1", "meet_requirement", monday, met_by="sla_line", reference="HY-1.9")
    with pytest.raises(NothingMeets):
        answer("li", "XQ-1", "meet_requirement", monday, met_by="activity", reference="2026-99")
    answer("li", "XQ-1", "meet_requirement", monday, met_by="sla_line", reference="HY-1.2")
    row = one(Requirement, "XQ-1")
    assert (row.state, row.met_by, row.reference) == ("met", "sla_line", "HY-1.2")
    assert duties_of("XQ-1") == []


def test_it_is_withdrawn_only_with_a_reason(desk):
    desk.take("requirements", f"{HEAD}\n{ROW}")
    with pytest.raises(NoReason):
        answer("li", "XQ-1", "meet_requirement", at("2026-09-14"), met_by="withdrawn")
    answer("li", "XQ-1", "meet_requirement", at("2026-09-14"), met_by="withdrawn", note="客户撤回")
    assert one(Requirement, "XQ-1").state == "withdrawn"


def test_a_requirement_is_open_again_when_the_line_it_rests_on_is_gone(desk):
    desk.take("requirements", f"{HEAD},met_by,reference\n{ROW},sla_line,HY-1.2")
    assert duties_of("XQ-1") == []
    desk.take("slas", "code,dropped,signed_on\nHY-1.2,yes,2026-09-15", at("2026-09-15"))
    assert upkeep.keep_up(at("2026-09-16")).reopened == 1
    assert upkeep.keep_up(at("2026-09-17")).reopened == 0
    (duty,) = duties_of("XQ-1", "meet_requirement")
    assert duty.due_at > at("2026-09-16")


def test_a_file_that_says_by_what_it_is_met_ends_what_is_owed(desk):
    desk.take("requirements", f"{HEAD}\n{ROW}")
    desk.take("requirements", "code,met_by,reference\nXQ-1,document,QP-07")
    assert duties_of("XQ-1") == []
    again = desk.take("requirements", f"{HEAD},met_by,reference\n{ROW},,")
    assert (again.changed, one(Requirement, "XQ-1").state) == (0, "met")


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ("XQ-2,t,HY-1,li,2026-09-10,2026-09-09,,", (2, "due")),
        ("XQ-2,t,HY-1,nobody,2026-09-10,2026-09-18,,", (2, "owner")),
        ("XQ-2,t,HY-1,li,2026-09-10,2026-09-18,sla_line,NONE", (2, "reference")),
        ("XQ-2,t,HY-1,li,2026-09-10,2026-09-18,document,", (2, "reference")),
    ],
)
def test_a_row_that_cannot_be_is_refused(desk, row, where):
    with pytest.raises(ImportRefused) as refused:
        desk.take("requirements", f"{HEAD},met_by,reference\n{row}")
    assert where in [(line, column) for line, column, _ in said(refused)]


def test_a_problem_is_owed_until_its_cause_is_gone(desk):
    desk.take("problems", PROBLEM)
    monday = at("2026-09-14")
    with pytest.raises(NoCause):
        answer("li", "WT-1", "solve_problem", monday, decision="solved")
    with pytest.raises(NoWorkaround):
        answer("li", "WT-1", "solve_problem", monday, decision="known_error", cause="固件缺陷")
    answer(
        "li", "WT-1", "solve_problem", monday,
        decision="known_error", cause="固件缺陷", workaround="重启",
    )  # fmt: skip
    assert one(Problem, "WT-1").state == "known_error"
    (duty,) = duties_of("WT-1", "solve_problem")  # still owed, by a later day
    assert duty.due_at > at("2026-09-24")
    answer("li", "WT-1", "solve_problem", at("2026-09-20"), decision="solved", changes="C-1; C-2")
    row = one(Problem, "WT-1")
    assert (row.state, row.cause, row.changes) == ("closed", "固件缺陷", ["C-1", "C-2"])
    assert duties_of("WT-1") == []
