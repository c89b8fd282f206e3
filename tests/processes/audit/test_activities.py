"""The annual plan's internal audit is done by the programme's audits, and by nothing twice."""

from datetime import date

from sqlmodel import col, select

from models.audit import AuditLine, AuditProgramme
from models.engine import reading, writing
from models.plan import Activity, ActivityState, Plan, PlanItem, PlanState
from processes.audit import activities as audit_activities
from processes.audit import opening as audit_opening
from processes.cycle import walk as cycle_walk
from processes.cycle.walkers import checks  # registers what activities led to
from processes.plan import activities
from tests.support.audit_cast import audit, company, drafted, the_audit
from tests.support.audit_life import HELD, answer, conducted, reported
from tests.support.cast import at, duties_of, duty_of

LINE = "2026-03-1030"
assert checks


def plan(code=LINE, *, planned="2026-10-30", opens="2026-09-01", **facts):
    """Write one activity of the plan's line 03, and the line."""
    day = date.fromisoformat(planned)
    own = {"object_kind": "organisation", "owner": "quality_head", "checker": "vp_operations"}
    own |= facts
    with writing() as session:
        kept = session.exec(select(Plan)).first()
        if kept is None:
            kept = Plan(
                code="2026",
                year=2026,
                title="年度计划",
                state=PlanState.IN_FORCE,
                drafted_at=at("2026-01-05"),
            )
            session.add(kept)
            session.flush()
            session.add(
                PlanItem(
                    plan_id=kept.id,
                    number="03",
                    kind="internal_audit",
                    title="内部审核",
                    rule="FREQ=YEARLY",
                    owner="quality_head",
                )
            )
        session.add(
            Activity(
                code=code,
                plan="2026",
                item="03",
                kind="internal_audit",
                title="内部审核",
                nominal_on=day,
                first_planned_on=day,
                planned_on=day,
                opens_on=date.fromisoformat(opens),
                **own,
            )
        )


def activity(code=LINE):
    with reading() as session:
        return session.exec(select(Activity).where(col(Activity.code) == code)).one()


def in_force():
    """Say when the programme that `audit` writes was approved."""
    with writing() as session:
        programme = session.exec(select(AuditProgramme)).one()
        programme.approved_at = at("2025-12-20")
        session.add(programme)


def through(cast, code):
    """Bring a conducted audit to its approved report."""
    reported(cast, code)
    answer(cast, "qin", "review", code, HELD, decision="pass")
    answer(cast, "zong", "approve", code, HELD, decision="pass")


def test_without_auditors_it_is_an_ordinary_activity(home):
    cast = company(auditors={})
    plan()
    activities.open_due(at("2026-09-01"))
    assert duty_of(LINE, "carry_out").owner_id == cast["qin"]
    given = {"done_on": "2026-09-10", "result": "已完成", "evidence_note": "内审报告 2026-1"}
    answer(cast, "qin", "carry_out", LINE, HELD, **given)
    assert activity().done_on == date(2026, 9, 10)


def test_a_plain_duty_that_was_open_before_is_left_to_whoever_owes_it(home):
    """A home that named its first auditors while the activity was under way."""
    cast = company(auditors={})
    plan()
    activities.open_due(at("2026-09-01"))
    owed = duty_of(LINE, "carry_out")
    audit()
    audit_activities.settle(at=HELD)
    assert duty_of(LINE, "carry_out").id == owed.id
    assert cast["qin"] == owed.owner_id


def test_where_there_is_no_programme_the_programme_is_owed_and_nothing_else(home):
    cast = company()
    plan()
    activities.open_due(at("2026-09-01"))
    assert activity().state is ActivityState.OPEN
    assert duties_of(LINE) == []
    assert duty_of("AP-2026", "draw_up").owner_id in {cast["zhao"], cast["zhou"]}
    assert audit_activities.settle(at=at("2026-09-02")) == []


def test_it_is_done_when_the_last_audit_is_reported_and_owes_nobody_anything(home):
    cast = company()
    plan()
    first = conducted(cast, "NET", c1="minor")
    second = conducted(cast, "SYS")
    activities.open_due(HELD)
    assert duties_of(LINE) == []
    through(cast, first)
    assert activity().state is ActivityState.OPEN  # one is not all
    through(cast, second)
    done = activity()
    assert (done.state, done.record) == (ActivityState.DONE, "AP-2026")
    assert done.result == "已报告审核 2 次，审核发现 1 项"
    assert done.checker_id is not None
    assert duties_of(LINE) == []  # each report was reviewed and approved


def test_the_day_follows_the_approved_programme_and_the_first_one_is_kept(home):
    company()
    plan(planned="2026-09-30")
    audit("NET", day="2026-12-08")
    activities.open_due(at("2026-09-01"))
    kept = activity()
    assert kept.first_planned_on == date(2026, 9, 30)
    assert kept.planned_on > date(2026, 12, 15)  # with time for the report and its approval
    assert kept.due_at.date() == kept.planned_on


def test_each_half_year_stands_for_its_own_audits(home):
    cast = company()
    plan("2026-03-0930", planned="2026-09-30")
    plan("2026-03-1231", planned="2026-12-31", opens="2026-09-01")
    early = conducted(cast, "NET")
    audit("SYS", day="2026-11-10")
    activities.open_due(HELD)
    through(cast, early)
    assert activity("2026-03-0930").state is ActivityState.DONE
    assert activity("2026-03-1231").state is ActivityState.OPEN


def test_a_unit_named_by_the_plan_stands_for_its_own_audit(home):
    cast = company()
    plan("U", object_kind="unit", object="NET", unit="NET")
    code = conducted(cast, "NET")
    audit("SYS", day="2026-11-10")
    activities.open_due(HELD)
    through(cast, code)
    assert activity("U").state is ActivityState.DONE


def test_if_every_audit_is_cancelled_somebody_answers_for_it(home):
    cast = company()
    plan()
    code = audit("NET", day="2026-10-12")
    activities.open_due(at("2026-09-01"))
    assert duties_of(LINE) == []
    audit_opening.cancel(code, reason="部门撤销", at=at("2026-09-02"), actor="person:1")
    audit_activities.settle(at=at("2026-09-03"))
    assert duty_of(LINE, "carry_out").owner_id == cast["qin"]
    audit_activities.settle(at=at("2026-09-04"))
    assert len(duties_of(LINE)) == 1


def test_the_walk_leads_from_the_line_to_programme_audit_finding_and_verification(home):
    cast = company()
    plan()
    code = conducted(cast, "NET", c1="minor")
    in_force()
    activities.open_due(HELD)
    answer(cast, "wang", "confirm_finding", f"{code}-F1", HELD, decision="confirm")
    through(cast, code)
    walk = cycle_walk.walk("2026", at=HELD)
    (line,) = walk.lines
    found = {step.kind: step for step in line.steps}
    assert set(found) == {"audit_programme", "audit"}  # and no third record of the same
    assert found["audit_programme"].code == "AP-2026"
    assert found["audit"].code == code
    assert found["audit"].outcome == "部分"
    assert found["audit"].nonconformities == ("NC-2026-0001",)
    assert [one.source_record for one in walk.nonconformities] == [code]
    assert walk.others == ()


def test_an_audit_without_a_plan_is_shown_by_itself(home):
    cast = company()
    plan("other", object_kind="project", object="P1", project="P1")
    code = conducted(cast, "NET")
    walk = cycle_walk.walk("2026", at=HELD)
    assert [step.code for step in walk.others] == [code]
    assert the_audit(code).state == "conducted"


def test_a_programme_in_draft_moves_nothing(home):
    company()
    plan(planned="2026-09-30")
    drafted(2026, "2026-08-03")
    activities.open_due(at("2026-09-01"))
    assert activity().planned_on == date(2026, 9, 30)
    with reading() as session:
        assert session.exec(select(AuditLine)).first() is not None
