"""However the wheel is turned, the same things are owed: daily, twice a day, or after downtime.

The promise is about which activities and duties there are, and whose they are; a late one keeps
its planned day and only its deadline is later.
"""

import random
import shutil
from datetime import timedelta

import pytest
from sqlmodel import col, select

from config.current import current
from flows.turning import turn
from models import engine
from models.check import Check
from models.duty import Duty
from models.engine import reading, writing
from models.organisation import Project
from models.plan import Activity
from processes.plan import import_plan as importing
from processes.plan import plans, rows
from rules.plan import LEAST_WORKING_DAYS
from tests.support.cast import at, hire

ON_SQLITE_ALONE = "it begins again by copying the file"
FIRST, DAYS = at("2026-03-16", "09:00"), 25  # over the end of the quarter and Qingming
LINES = """year,number,kind,title,object_kind,rule,working_day,lead_days,owner,checker
2026,01,project_quality_check,检查,projects,FREQ=MONTHLY;BYMONTHDAY=20,1,5,quality,
2026,02,complaint_analysis,投诉分析,,FREQ=MONTHLY;BYMONTHDAY=-1,-1,3,wang,quality
2026,03,improvement_review,改进评审,,FREQ=WEEKLY;BYDAY=MO,1,0,quality,
2026,04,other,部门自查,units,FREQ=MONTHLY;BYMONTHDAY=1,3,2,unit_head,quality
"""


@pytest.fixture
def planned(home, tmp_path):
    """A plan in force for three projects, before its first day; returns the database's copy."""
    known = hire()
    with writing() as session:
        for n in range(2, 4):
            session.add(Project(code=f"P{n}", name=f"项目{n}", manager_id=known["sun"]))
    path = tmp_path / "plan.csv"
    path.write_text(LINES, "utf-8")
    importing.take(path, at=at("2026-03-11"), actor="operator:test")
    with writing() as session:
        own = rows.by_code(session, "2026")
        who = {"author": known["qin"], "reviewer": known["zhao"], "approver": known["gao"]}
        plans.adopt(session, own, **who, at=at("2026-03-12"))
    kept = tmp_path / "kept.sqlite"
    engine.database().dispose()
    shutil.copy(engine.database().path, kept)
    return kept


def begin_again(kept):
    """Put the database back as it was before the first day."""
    path = engine.database().path
    engine.database().dispose()
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    shutil.copy(kept, path)


def what_there_is():
    """Return activities, checks and duties as the promise names them."""
    with reading() as session:
        activities = {
            (one.code, one.state.value, one.planned_on, one.owner_id, one.checker_id)
            for one in session.exec(select(Activity))
        }
        checks = {
            (one.activity, one.planned_on, one.inspector_id) for one in session.exec(select(Check))
        }
        duties = {
            (one.kind, one.subject, one.owner_id)
            for one in session.exec(select(Duty).where(col(Duty.kind) != "draw_up"))
        }
    return activities, {one for one in checks if one[0]}, named_by_activity(duties)


def named_by_activity(duties):
    """Name duties about checks by their activity: codes are given in the order of opening."""
    with reading() as session:
        known = {one.code: one.activity for one in session.exec(select(Check))}
    return {(kind, known.get(subject, subject), owner) for kind, subject, owner in duties}


def turned(days):
    for day in days:
        for phase in ("plan", "do"):  # what makes activities, checks and duties
            turn(FIRST + timedelta(days=day), phase=phase)
    return what_there_is()


def test_every_day_twice_is_every_day_once(planned):
    once = turned(range(DAYS))
    begin_again(planned)
    assert turned(sorted([*range(DAYS), *range(DAYS)])) == once
    assert len(once[2]) >= 9


@pytest.mark.parametrize("seed", range(2))
def test_after_downtime_the_same_is_owed_as_if_it_had_never_been_down(planned, seed):
    daily = turned(range(DAYS))
    begin_again(planned)
    own = random.Random(seed)
    up = sorted({*own.sample(range(DAYS), 3), DAYS - 1})
    assert turned(up) == daily


def test_ten_days_down_what_was_missed_keeps_its_day_and_has_three_working_days(planned):
    turned([0])
    begun = FIRST + timedelta(days=22)
    turn(begun)
    with reading() as session:
        late = session.exec(select(Activity).where(col(Activity.opened_at) == begun)).all()
    calendar = current().calendar
    least = calendar.working_days(begun, LEAST_WORKING_DAYS)
    assert any(one.caught_up for one in late)
    for one in late:
        assert one.planned_on == one.first_planned_on
        assert one.due_at == max(calendar.close_of(one.planned_on), least)
