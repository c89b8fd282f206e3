"""Planned activities: opened on their day, caught up after a fault, carried out and checked."""

from datetime import date

import pytest
from sqlmodel import col, select

from models.alarms import open_alarms
from models.engine import reading, writing
from models.plan import Activity, ActivityState
from models.record import Trail
from processes.plan import activities, activity_changes
from rules import gates
from rules import plan as rule
from tests.support.cast import at, change, codes_by_id, duties_of, duty_of, hire, lines
from tests.support.hands import answer, ids

DRILL = "2026-09-0930"


@pytest.fixture
def cast(home):
    return hire()


def plan(code=DRILL, *, planned="2026-09-30", opens="2026-09-16", **facts):
    day = date.fromisoformat(planned)
    own = {
        "kind": "emergency_drill",
        "title": "应急演练",
        "object_kind": "organisation",
        "owner": "centre_director",
        "checker": "quality",
        "output": "演练记录",
        **facts,
    }
    with writing() as session:
        session.add(
            Activity(
                code=code,
                plan="2026",
                item="09",
                nominal_on=day,
                first_planned_on=day,
                planned_on=day,
                opens_on=date.fromisoformat(opens),
                **own,
            )
        )


def activity(code=DRILL):
    with reading() as session:
        return session.exec(select(Activity).where(col(Activity.code) == code)).one()


def trail_of(code=DRILL):
    with reading() as session:
        query = select(Trail.action).where(col(Trail.subject) == f"activity:{code}")
        return list(session.exec(query.order_by(col(Trail.seq))))


def name(number):
    return codes_by_id().get(number)


def test_it_opens_on_its_day_and_not_before(cast):
    plan()
    assert activities.open_due(at("2026-09-15")) == 0
    assert activities.open_due(at("2026-09-16")) == 1
    assert activities.open_due(at("2026-09-16")) == 0
    duty = duty_of(DRILL, "carry_out")
    assert (name(duty.owner_id), duty.due_at) == ("director", at("2026-09-30", "18:00"))
    assert trail_of() == ["activity.opened"]


def test_caught_up_late_it_keeps_its_day_and_leaves_three_working_days(cast):
    plan()
    activities.open_due(at("2026-10-09"))  # down over the whole window and National Day
    found, duty = activity(), duty_of(DRILL, "carry_out")
    assert found.planned_on == date(2026, 9, 30)
    assert duty.due_at == at("2026-10-13", "18:00")  # the 10th is a make-up workday
    assert lines(duty)[0].facts["caught_up"] is True
    assert trail_of() == ["activity.caught_up"]


@pytest.mark.parametrize(
    ("opens", "day", "late"),
    [
        ("2026-09-16", "2026-09-16", False),
        ("2026-09-16", "2026-09-17", True),
        ("2026-09-19", "2026-09-20", False),  # a Saturday opens on the make-up Sunday
        ("2026-09-19", "2026-09-21", True),
        ("2026-09-12", "2026-09-14", False),  # a Saturday opens on Monday
    ],
)
def test_late_is_later_than_the_first_working_day_of_its_window(cast, opens, day, late):
    plan(opens=opens)
    activities.open_due(at(day))
    assert activity().caught_up is late


def test_done_and_checked_by_another(cast):
    plan()
    activities.open_due(at("2026-09-16"))
    with pytest.raises(gates.NoEvidence):
        answer("director", DRILL, "carry_out", at("2026-09-28"), result="演练完成")
    answer("director", DRILL, "carry_out", at("2026-09-28"), result="演练完成", record="YL-01")
    assert activity().state is ActivityState.OPEN
    checker = name(duty_of(DRILL, "check_activity").owner_id)
    assert checker in {"zhao", "zhou"}
    answer(checker, DRILL, "check_activity", at("2026-09-29"), decision="done")
    found = activity()
    assert (found.state, found.record, found.done_on) == ("done", "YL-01", date(2026, 9, 28))


def test_sent_back_it_is_carried_out_again(cast):
    plan()
    activities.open_due(at("2026-09-16"))
    answer("director", DRILL, "carry_out", at("2026-09-28"), result="演练完成", record="YL-01")
    checker = name(duty_of(DRILL, "check_activity").owner_id)
    answer(checker, DRILL, "check_activity", at("2026-09-29"), decision="again", note="无签到")
    again = duty_of(DRILL, "carry_out")
    assert lines(again)[0].facts["note"] == "无签到"


def test_a_day_to_come_is_no_day_on_which_it_was_done(cast):
    plan()
    activities.open_due(at("2026-09-16"))
    with pytest.raises(rule.NotYetDone):
        answer(
            "director",
            DRILL,
            "carry_out",
            at("2026-09-28"),
            result="演练完成",
            record="YL-01",
            done_on="2026-09-29",
        )


def test_without_a_checker_it_is_done_at_once(cast):
    plan(checker="")
    activities.open_due(at("2026-09-16"))
    answer("director", DRILL, "carry_out", at("2026-09-28"), result="演练完成", record="YL-01")
    assert activity().state is ActivityState.DONE


def test_nobody_for_it_is_an_alarm_and_is_asked_again(cast):
    for code in ("qin", "zhao", "zhou", "zong"):
        change(code, active=False)
    plan(owner="nobody")
    assert activities.open_due(at("2026-09-16")) == 0
    with reading() as session:
        assert [alarm.kind for alarm in open_alarms(session)] == ["nobody_for_activity"]
    change("zhou", active=True)
    assert activities.open_due(at("2026-09-17")) == 1
    with reading() as session:
        assert open_alarms(session) == []


def test_a_kind_opens_by_its_own_opener_and_a_fault_in_it_stops_no_other(cast, monkeypatch):
    seen = []

    def opener(session, batch, when, actor):
        seen.extend(one.code for one in batch)

    def broken(session, batch, when, actor):
        raise ZeroDivisionError

    monkeypatch.setitem(activities.OPENERS, "satisfaction", opener)
    monkeypatch.setitem(activities.OPENERS, "internal_audit", broken)
    plan("A", kind="internal_audit")
    plan("B", kind="satisfaction")
    with pytest.raises(ExceptionGroup):
        activities.open_due(at("2026-09-16"))
    assert seen == ["B"]
    assert (activity("A").state, activity("B").state) == ("planned", "open")


def ask(who, *, until="2026-10-30", day="2026-09-10", reason="系统割接"):
    activity_changes.ask(
        DRILL,
        person_id=ids()[who],
        until=date.fromisoformat(until) if until else None,
        reason=reason,
        at=at(day),
    )


def test_postponed_by_another_it_keeps_its_first_date(cast):
    plan()
    ask("director")
    assert activity().planned_on == date(2026, 9, 30)  # nothing moves before the decision
    answer("qin", DRILL, "decide_change", at("2026-09-11"), decision="grant")
    found = activity()
    assert (found.first_planned_on, found.planned_on) == (date(2026, 9, 30), date(2026, 10, 30))
    assert found.opens_on == date(2026, 10, 16)  # as many working days before as at first
    assert activities.open_due(at("2026-09-16")) == 0


def test_refused_with_a_reason_nothing_moves(cast):
    plan()
    ask("director")
    with pytest.raises(gates.NoReason):
        answer("qin", DRILL, "decide_change", at("2026-09-11"), decision="refuse")
    answer("qin", DRILL, "decide_change", at("2026-09-11"), decision="refuse", note="不可推迟")
    assert activity().planned_on == date(2026, 9, 30)


def test_cancelled_it_is_never_opened_and_says_why(cast):
    plan()
    ask("zhao", until=None)
    answer("qin", DRILL, "decide_change", at("2026-09-11"), decision="grant")
    assert (activity().state, activity().cancel_reason) == ("cancelled", "系统割接")
    assert activities.open_due(at("2026-09-16")) == 0


def test_the_asker_does_not_decide(cast):
    plan()
    ask("qin")
    assert name(duty_of(DRILL, "decide_change").owner_id) == "zong"


@pytest.mark.parametrize(
    ("who", "facts", "refusal"),
    [
        ("chen", {}, rule.MayNotAsk),
        ("director", {"until": "2026-09-30"}, rule.NoWorkingDayLeft),  # no later day
        ("director", {"until": "2026-10-05"}, rule.NoWorkingDayLeft),  # National Day
        ("director", {"reason": " "}, gates.NoReason),
    ],
)
def test_what_cannot_be_asked(cast, who, facts, refusal):
    plan()
    with pytest.raises(refusal):
        ask(who, **facts)
    assert duties_of(DRILL) == []


def test_one_change_at_a_time_and_none_once_it_is_under_way(cast):
    plan()
    ask("director")
    with pytest.raises(rule.ChangeAlreadyAsked):
        ask("zhao")
    activities.open_due(at("2026-09-16"))
    with pytest.raises(rule.AlreadyOpen):
        ask("zhao")
