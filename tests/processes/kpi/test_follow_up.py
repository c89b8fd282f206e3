"""The month's follow-up of indicators: done by the month, and owed by hand if it is not."""

from datetime import date

import pytest
from sqlmodel import col, select

from config.special import special_policy
from models.duty import Duty
from models.engine import reading, writing
from models.plan import Activity, ActivityState, PlanItem
from models.record import Cycle
from processes.cycle import sight as cycle_sight
from processes.cycle import walk as cycle_walk
from processes.kpi import follow_up as kpi_follow_up
from processes.kpi import letter as kpi_letter
from processes.kpi import misses as kpi_misses
from processes.plan import activities, rows
from processes.plan import drafting as plan_drafting
from tests.support.cast import at, codes_by_id, hire
from tests.support.hands import answer, ids
from tests.support.indicators import indicator, measure

CODE = "2026-02-20260901"
OPENS, EIGHTH = at("2026-09-01"), at("2026-09-10")  # the eighth working day of September
AFTER = at("2026-09-11", "18:30")


@pytest.fixture
def cast(home):
    hire()
    with writing() as session:
        plan_drafting.draft(session, 2026, at=at("2026-01-05"))
        plan = rows.by_code(session, "2026")
        (number,) = [one.number for one in rows.items(session, plan) if one.kind == "kpi_follow_up"]
        session.add(
            Activity(
                code=CODE,
                plan="2026",
                item=number,
                kind=kpi_follow_up.KIND,
                title="服务质量指标跟踪",
                object_kind="organisation",
                owner="quality",
                checker="quality_head",
                nominal_on=date(2026, 9, 1),
                first_planned_on=date(2026, 9, 10),
                planned_on=date(2026, 9, 10),
                opens_on=date(2026, 9, 1),
            )
        )
        for code, first, last in (("2026", (1, 1), (12, 31)), ("2026-09", (9, 1), (9, 30))):
            begins, ends = date(2026, *first), date(2026, *last)
            session.add(
                Cycle(code=code, kind="year", starts_on=begins, ends_on=ends, opened_at=OPENS)
            )


@pytest.fixture
def measured(cast):
    """Of August: Li's missed its target, Chen's attained it."""
    measure(indicator("K1", name="SLA达成率"), [96, 97, 80], first="2026-06")
    measure(indicator("K2", owner="chen", name="回访覆盖率"), [(98, 100)], first="2026-08")


def activity():
    with reading() as session:
        return session.exec(select(Activity).where(col(Activity.code) == CODE)).one()


def owed():
    """Return what is owed about it, and by whom."""
    names = codes_by_id()
    with reading() as session:
        query = select(Duty).where(col(Duty.subject) == CODE, col(Duty.state) == "open")
        return [(duty.kind, names[duty.owner_id]) for duty in session.exec(query)]


def by_hand():
    """Whether somebody of quality owes the carrying out."""
    return [kind for kind, who in owed() if who in {"zhao", "zhou"}] == ["carry_out"]


def carry_out(when, **said):
    ((_, who),) = owed()
    answer(who, CODE, "carry_out", when, **said)


def month(instant):
    """What Check does of it in its turn."""
    kpi_misses.raise_missed(at=instant)
    kpi_letter.send(at=instant)
    return kpi_follow_up.settle(at=instant)


def test_where_nothing_is_measured_it_is_owed_by_hand(cast):
    activities.open_due(OPENS)
    assert by_hand()
    assert kpi_follow_up.settle(at=AFTER) == 0
    assert by_hand()


def test_whoever_measures_is_asked_for_nothing_else(measured):
    activities.open_due(OPENS)
    assert owed() == []
    assert activity().state is ActivityState.OPEN
    assert activity().owner_id is not None
    assert month(at("2026-09-09")) == 0  # judged, and not told yet
    assert month(EIGHTH) == 1
    assert owed() == []


def test_it_is_done_with_the_letter_and_says_how_the_month_stands(measured):
    activities.open_due(OPENS)
    month(EIGHTH)
    done = activity()
    assert (done.state, done.done_on, done.record) == (
        ActivityState.DONE,
        date(2026, 9, 10),
        "2026-08",
    )
    assert done.result == "共判定2项指标：达标1项，未达标1项；另缺数0项。"
    assert month(AFTER) == 0


def test_a_value_that_is_missing_after_its_day_is_owed_by_hand(measured):
    indicator("K3", owner="chen", name="录单率", since=date(2026, 8, 1))
    activities.open_due(OPENS)
    assert month(EIGHTH) == 0
    assert owed() == []  # its day is not over
    assert month(AFTER) == 0
    assert by_hand()
    assert month(AFTER) == 0
    assert by_hand()


def test_the_value_that_comes_at_last_ends_what_was_owed(measured):
    late = indicator("K3", owner="chen", name="录单率", since=date(2026, 8, 1))
    activities.open_due(OPENS)
    month(EIGHTH)
    month(AFTER)
    measure(late, [99], first="2026-08")
    assert month(at("2026-09-14")) == 1
    assert owed() == []
    with reading() as session:
        duty = session.exec(select(Duty).where(col(Duty.subject) == CODE)).one()
    assert duty.state == "withdrawn"


def test_what_somebody_has_carried_out_is_his_to_be_confirmed(measured):
    late = indicator("K3", owner="chen", name="录单率", since=date(2026, 8, 1))
    activities.open_due(OPENS)
    month(EIGHTH)
    month(AFTER)
    carry_out(at("2026-09-14"), result="K3 的系统停用，本月无数据。", record="记录-9")
    measure(late, [99], first="2026-08")
    assert month(at("2026-09-15")) == 0
    assert activity().record == "记录-9"


def test_a_month_whose_letter_never_went_out_is_owed_by_hand(measured):
    """The service was down the whole of September."""
    october = at("2026-10-15")
    activities.open_due(october)
    assert month(october) == 0  # September's letter; of August nothing will come
    assert owed() == []
    assert kpi_follow_up.settle(at=at("2026-10-21", "18:30")) == 0
    assert by_hand()


# --- the walk --------------------------------------------------------------------------------


def steps(code, at_=AFTER):
    walk = cycle_walk.walk(code, at=at_)
    (line,) = [one for one in walk.lines if one.steps]
    return walk, line


def test_a_month_walks_from_the_activity_to_what_was_measured_and_missed(measured):
    activities.open_due(OPENS)
    month(EIGHTH)
    walk, line = steps("2026-09")
    assert line.progress.done == 1
    (found,) = [one.code for one in walk.nonconformities]
    assert [(s.kind, s.code, s.outcome, s.nonconformities) for s in line.steps] == [
        ("measurement", "K1", "80%", (found,)),
        ("measurement", "K2", "98%", ()),
        ("kpi_report", "2026-08", "1/2", ()),
    ]
    assert not walk.others


def test_a_year_names_the_letters_alone(measured):
    activities.open_due(OPENS)
    month(EIGHTH)
    walk, line = steps("2026")
    (found,) = [one.code for one in walk.nonconformities]
    assert [(s.kind, s.code, s.outcome, s.nonconformities) for s in line.steps] == [
        ("kpi_report", "2026-08", "1/2", (found,)),
    ]


def test_of_another_unit_s_indicators_the_walk_names_none(measured):
    activities.open_due(OPENS)
    month(EIGHTH)
    walk, _ = steps("2026-09")
    chen = ids()["chen"]
    narrow = cycle_sight.narrowed(walk, people=frozenset({chen}), reader=chen, at=AFTER)
    (line,) = [one for one in narrow.lines if one.steps]
    assert [(s.code, s.nonconformities) for s in line.steps] == [("K2", ()), ("2026-08", ())]
    assert not narrow.nonconformities


def test_done_by_hand_it_is_a_record_like_any_other(cast):
    activities.open_due(OPENS)
    carry_out(EIGHTH, result="本月无指标。", record="记录-9")
    answer("qin", CODE, "check_activity", EIGHTH, decision="done")
    _, line = steps("2026-09")
    assert [(s.kind, s.code) for s in line.steps] == [("activity", "记录-9")]


def test_the_plan_means_the_day_of_the_letter(cast):
    with reading() as session:
        line = session.exec(select(PlanItem).where(col(PlanItem.kind) == "kpi_follow_up")).one()
    assert line.working_day == special_policy().letter.working_day
