"""Lines of a plan from a file: into a draft, or as a change with its reason."""

import pytest
from sqlmodel import col, select

from models.engine import reading, writing
from models.plan import Plan
from processes.imports.problems import ImportRefused
from processes.plan import import_plan as plan
from processes.plan import plans, rows
from tests.support.cast import at, duties_of, hire

HEAD = "year,number,kind,title,object_kind,object,rule,working_day,lead_days,owner,reason\n"
CHECK = (
    "2026,01,project_quality_check,项目质量检查,projects,,FREQ=MONTHLY;BYMONTHDAY=20,1,5,quality,"
)
DRILL = '2026,02,emergency_drill,应急演练,,,"FREQ=YEARLY;BYMONTH=6,9;BYMONTHDAY=-1",-1,10,wang,'


@pytest.fixture
def cast(home):
    return hire()


@pytest.fixture
def take(cast, tmp_path):
    def taken(*lines, dry_run=False, head=HEAD):
        path = tmp_path / "plan.csv"
        path.write_text(head + "\n".join(lines) + "\n", "utf-8")
        return plan.take(path, at=at("2025-12-05"), actor="operator:root", dry_run=dry_run)

    return taken


def known():
    with reading() as session:
        return [
            (one.version, one.state.value)
            for one in session.exec(select(Plan).order_by(col(Plan.version)))
        ]


def lines():
    with reading() as session:
        return {one["number"]: one for one in rows.lines(session, rows.by_code(session, "2026"))}


def adopt(cast):
    with writing() as session:
        people = {"author": cast["qin"], "reviewer": cast["zhao"], "approver": cast["gao"]}
        plans.adopt(session, rows.by_code(session, "2026"), **people, at=at("2025-12-20"))


def test_a_year_without_a_plan_gets_a_draft_that_its_author_owes(take, cast):
    report = take(CHECK, DRILL)
    assert (report.new, report.changed, report.unchanged) == (2, 0, 0)
    assert known() == [(1, "draft")]
    assert duties_of("2026", "draw_up")[0].owner_id == cast["qin"]
    assert lines()["02"]["object_kind"] == "organisation"
    assert lines()["02"]["rule"] == "FREQ=YEARLY;BYMONTH=6,9;BYMONTHDAY=-1"


def test_twice_is_harmless(take):
    take(CHECK, DRILL)
    report = take(CHECK, DRILL)
    assert (report.new, report.changed, report.unchanged) == (0, 0, 2)
    assert len(duties_of("2026", "draw_up")) == 1


def test_a_dry_run_changes_nothing(take):
    assert take(CHECK, dry_run=True).new == 1
    assert known() == []


def test_a_column_that_is_missing_leaves_what_is_known(take):
    take(CHECK, DRILL)
    take("2026,01,每月质量检查", head="year,number,title\n")
    assert (lines()["01"]["title"], lines()["01"]["lead_days"]) == ("每月质量检查", 5)
    assert "02" in lines()


def test_a_plan_in_force_is_followed_by_its_next_version_with_the_reason(take, cast):
    take(CHECK)
    adopt(cast)
    with pytest.raises(ImportRefused, match="reason"):
        take(DRILL)
    assert take(CHECK).unchanged == 1  # nothing is different: no new version
    take(DRILL + "监管要求")
    assert known() == [(1, "in_force"), (2, "draft")]
    assert set(lines()) == {"01", "02"}


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("26年,01,,检查,,,FREQ=DAILY,1,0,quality,", "year"),
        ("99999,01,,检查,,,FREQ=DAILY,1,0,quality,", "year"),
        ("2026,01,,检查,,,每月,1,0,quality,", "rule"),
        ("2026,01,,检查,,,FREQ=DAILY,99,0,quality,", "working_day"),
        ("2026,01,,检查,,,FREQ=DAILY,1,-1,quality,", "lead_days"),
        ("2026,01,,检查,,,FREQ=DAILY,1,0,nobody,", "owner"),
        ("2026,01,,检查,project,P9,FREQ=DAILY,1,0,quality,", "object"),
        ("2026,01,,检查,planet,,FREQ=DAILY,1,0,quality,", "object_kind"),
        ("2026,01,,,,,FREQ=DAILY,1,0,quality,", "title"),
    ],
)
def test_what_cannot_be_taken_is_named_by_row_and_column(take, row, column):
    with pytest.raises(ImportRefused) as refused:
        take(CHECK.replace(",01,", ",09,"), row)
    assert [(one.row, one.column) for one in refused.value.problems] == [(3, column)]
    assert known() == []


def test_a_number_that_stands_there_twice_is_refused(take):
    with pytest.raises(ImportRefused, match="twice"):
        take(CHECK, CHECK)
