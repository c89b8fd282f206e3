"""A year's plan: drafted, approved by three, expanded into activities, changed with a reason."""

from datetime import date

import pytest
from sqlmodel import col, select

from models.engine import reading, writing
from models.organisation import Project
from models.plan import Activity, Plan
from processes.improvement import proposals as improvements
from processes.plan import drafting as plan_drafting
from processes.plan import expansion as plan_expansion
from processes.plan import plans, rows
from rules import gates
from rules import plan as rule
from tests.support.cast import at, change, duties_of, duty_of, hire, lines
from tests.support.hands import answer, ids

LINE = {
    "number": "01",
    "kind": "project_quality_check",
    "title": "项目质量检查",
    "detail": "",
    "object_kind": "projects",
    "object": "",
    "rule": "FREQ=MONTHLY;BYMONTHDAY=20",
    "working_day": 1,
    "lead_days": 5,
    "owner": "quality",
    "checker": "",
    "output": "检查表",
    "source": "",
}
DRILL = {
    **LINE,
    "number": "02",
    "kind": "emergency_drill",
    "object_kind": "organisation",
    "title": "应急演练",
    "rule": "FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=15",
    "owner": "centre_director",
}


@pytest.fixture
def cast(home):
    return hire()


def draft(day="2025-12-01"):
    return plan_drafting.draft_due(at(day))


def edit(*new, who="qin", day="2025-12-02", **text):
    return plans.edit("2026", person_id=ids()[who], text=text, lines=new, at=at(day))


def into_force(day="2025-12-10"):
    answer("qin", "2026", duty_kind(), at(day))
    for kind in ("review", "approve"):
        (owner,) = [name for name, n in ids().items() if n == duty_of("2026", kind).owner_id]
        answer(owner, "2026", kind, at(day), decision="pass")


def duty_kind():
    return "draw_up" if duties_of("2026", "draw_up") else "revise"


def planned(state=None):
    with reading() as session:
        found = session.exec(select(Activity).order_by(col(Activity.code))).all()
    return [one for one in found if state is None or one.state == state]


def plan(version=None):
    with reading() as session:
        return rows.by_code(session, "2026", version)


def plan_lines():
    with reading() as session:
        return rows.lines(session, rows.by_code(session, "2026"))


def test_the_next_years_plan_is_drafted_on_its_day_and_owed_to_its_author(cast):
    assert draft("2025-11-30") == []
    assert draft() == ["2026"]
    assert draft() == []  # twice is harmless
    duty = duty_of("2026", "draw_up")
    assert duty.owner_id == cast["qin"]
    assert duty.title == "2026 年度运维服务质量管理计划"
    assert len(plan_lines()) == 10
    assert "1 个" in plan().scope  # from the project register


def test_down_in_december_it_is_drafted_in_january(cast):
    draft("2024-12-02")
    assert draft("2026-01-07") == ["2026"]


def test_without_anybody_to_draw_it_up_nothing_is_drafted(home):
    assert draft() == []


def test_improvements_of_the_last_cycle_become_lines_with_their_source(cast):
    for _ in range(2):
        with writing() as session:
            improvements.propose(
                session,
                source="quality_check",
                ref="要点7",
                text="记录完整性连续三月不达标，制作记录模板",
                cycle="2025",
                at=at("2025-11-30"),
            )
    draft()
    (line,) = [one for one in plan_lines() if one["kind"] == "improvement"]
    assert line["number"] == "11"
    assert line["source"] == "项目质量检查 要点7"
    with reading() as session:
        (taken,) = improvements.taken(session, "2026")
    assert taken.taken_item == "11"


def test_three_different_people_put_it_into_force(cast):
    draft()
    edit(LINE, DRILL)
    into_force()
    assert plan().state == "in_force"
    assert {duty.owner_id for duty in duties_of("2026", "read")} >= {cast["sun"], cast["wang"]}


def test_a_plan_without_lines_is_not_handed_in(cast):
    draft()
    edit()
    with pytest.raises(rule.NothingPlanned):
        answer("qin", "2026", "draw_up", at("2025-12-10"))
    assert duty_of("2026", "draw_up")


def test_only_author_and_quality_write_and_only_a_draft(cast):
    draft()
    with pytest.raises(rule.NotTheAuthor):
        edit(LINE, who="li")
    edit(LINE)
    assert edit(LINE) is False  # nothing is different
    answer("qin", "2026", "draw_up", at("2025-12-10"))
    with pytest.raises(rule.NotADraft):
        edit(LINE)


def test_sent_back_it_is_a_draft_again(cast):
    draft()
    edit(LINE)
    answer("qin", "2026", "draw_up", at("2025-12-10"))
    (owner,) = [name for name, n in ids().items() if n == duty_of("2026", "review").owner_id]
    answer(owner, "2026", "review", at("2025-12-11"), decision="return", note="加上演练")
    edit(LINE, DRILL)
    into_force("2025-12-12")
    assert (plan().version, plan().state, len(plan_lines())) == (1, "in_force", 2)


def test_each_project_has_its_check_of_each_month_on_a_working_day(cast):
    draft()
    edit(LINE)
    into_force()
    found = planned()
    assert [one.planned_on.isoformat() for one in found][:3] == [
        "2026-01-20",
        "2026-02-24",  # after Spring Festival
        "2026-03-20",
    ]
    assert {(one.project, one.object_kind) for one in found} == {("P1", "project")}
    assert found[0].code == "2026-01-0120-P1"
    assert found[0].opens_on == date(2026, 1, 13)
    assert len(found) == 12


def test_a_project_is_checked_only_while_under_contract(cast):
    with writing() as session:
        session.add(Project(code="P2", name="乙", start=date(2026, 3, 1), end=date(2026, 5, 31)))
    draft()
    edit(LINE)
    into_force()
    assert [one.planned_on.month for one in planned() if one.project == "P2"] == [3, 4, 5]


def test_what_is_over_when_it_comes_into_force_is_not_planned(cast):
    draft()
    edit(LINE)
    into_force("2026-03-23")
    assert [one.planned_on.month for one in planned()] == list(range(4, 13))


def test_a_project_that_comes_later_is_taken_in(cast):
    draft()
    edit(LINE)
    into_force()
    with writing() as session:
        session.add(Project(code="P2", name="乙"))
    assert plan_expansion.keep_up(at("2026-06-01")) == 7
    assert plan_expansion.keep_up(at("2026-06-01")) == 0


def test_a_change_needs_a_reason_and_the_same_three_people(cast):
    draft()
    edit(LINE, DRILL)
    into_force()
    with pytest.raises(gates.NoReason):
        plans.begin_change("2026", person_id=cast["qin"], reason=" ", at=at("2026-03-02"))
    assert plans.begin_change("2026", person_id=cast["qin"], reason="改为双月", at=at("2026-03-02"))
    with pytest.raises(rule.ChangeUnderWay):
        plans.begin_change("2026", person_id=cast["qin"], reason="再改", at=at("2026-03-02"))
    assert lines(duty_of("2026", "draw_up"))[0].facts["reason"] == "改为双月"
    every_second = {**LINE, "rule": "FREQ=YEARLY;BYMONTH=2,4,6,8,10,12;BYMONTHDAY=20"}
    edit(every_second, day="2026-03-03")
    assert len(planned("planned")) == 13  # until it is approved the first version holds
    into_force("2026-03-05")
    assert (plan(1).state, plan(2).state) == ("replaced", "in_force")
    left = [one.planned_on.month for one in planned("planned") if one.item == "01"]
    assert left == [2, 4, 6, 8, 10, 12]
    assert {one.cancel_reason for one in planned("cancelled")} == {
        "the plan in force does not have this activity any more"
    }


def test_what_a_later_version_takes_up_again_is_planned_again(cast):
    draft()
    edit(LINE, DRILL)
    into_force()
    for new in ([LINE], [LINE, DRILL]):
        plans.begin_change("2026", person_id=cast["qin"], reason="演练", at=at("2026-03-02"))
        edit(*new, day="2026-03-03")
        into_force("2026-03-05")
    (drill,) = [one for one in planned() if one.item == "02"]
    assert (drill.state, drill.version) == ("planned", 3)


def test_a_plan_signed_on_paper_is_taken_over_with_its_three_people(cast):
    draft()
    with writing() as session:
        own = session.exec(select(Plan)).one()
        people = {"author": cast["qin"], "reviewer": cast["zhao"], "approver": cast["gao"]}
        with pytest.raises(rule.Refused):
            plans.adopt(session, own, **{**people, "approver": cast["zhao"]}, at=at("2025-12-20"))
        plans.adopt(session, own, **people, at=at("2025-12-20"))
    assert plan().state == "in_force"
    assert planned()


def test_the_head_is_away_and_another_draws_it_up_while_three_remain(cast):
    change("qin", active=False)
    draft()
    assert duty_of("2026", "draw_up").owner_id in {cast["zhao"], cast["zhou"]}
