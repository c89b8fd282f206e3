"""Checks are opened for somebody independent, filled, and become what is owed about them."""

import io
import json
from datetime import date, timedelta
from decimal import Decimal

import docx
import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select, update

from config.choices import PACKAGED
from models.check import Check, CheckLine, CheckSheetVersion
from models.engine import reading, writing
from models.nonconformity import Evidence, GateException
from models.organisation import Person, Project, Unit
from models.plan import Improvement
from models.record import Alarm
from processes.check import exceptions as check_exceptions
from processes.check import planned as checks
from processes.check import reading as check_reading
from processes.check import report as check_report
from processes.duty import answers
from processes.duty.answers import CodeNeeded
from processes.improvement import proposals
from processes.register import registers
from processes.register.query import Filters
from processes.register.rows import as_json
from processes.worksheet import drafts as worksheet_drafts
from rules.check import CheckKind, CheckState, Conclusion, Result
from rules.checker import Conflict, NotIndependent
from rules.refusal import AlreadyAnswered
from rules.words import DutyKind, LetterKind, Severity
from rules.worksheet import SheetRefused
from tests.support import cast
from tests.support.cast import SHANGHAI, at, duty_of

POINTS = (
    "planning", "work_by_plan", "deliverables", "process",
    "attitude", "security", "records", "satisfaction",
)  # fmt: skip
DAY = date(2026, 3, 10)
NOW = at("2026-03-10")


@pytest.fixture
def people(home):
    """The cast, with quality in a unit of its own and the project in another."""
    known = cast.hire()
    with writing() as session:
        quality = Unit(code="QM", name="质量部")
        session.add(quality)
        session.flush()
        for code in ("qin", "zhao", "zhou"):
            session.get(Person, known[code]).unit_id = quality.id
        unit = session.exec(select(Unit).where(col(Unit.code) == "OPS")).one()
        session.exec(select(Project).where(col(Project.code) == "P1")).one().unit_id = unit.id
    return known


def check(code):
    with reading() as session:
        return session.exec(select(Check).where(col(Check.code) == code)).one()


def lines(code):
    with reading() as session:
        found = session.exec(
            select(CheckLine).join(Check, col(Check.id) == CheckLine.check_id)
            .where(col(Check.code) == code).order_by(col(CheckLine.id))
        ).all()  # fmt: skip
    return {line.key: line for line in found}


def filled(**amiss):
    """Return a sheet that conforms but for the points named: planning="nonconforming"."""
    sheet = {key: {"result": "conforming", "evidence": "查阅记录"} for key in POINTS}
    for key, values in amiss.items():
        sheet[key] = {"evidence": "抽查 10 份", **values}
    return sheet


WRONG = {"result": "nonconforming", "problem": "服务计划未经批准"}
ODD = {"result": "observation", "problem": "计划未写应急安排"}


def perform(code, sheet, when=NOW, **more):
    duty = duty_of(code, DutyKind.QUALITY_CHECK)
    return answers.answer(
        duty.id, person_id=duty.owner_id, data={"lines": sheet, **more}, at=when, via="test"
    )


def test_a_routine_check_is_owed_by_somebody_of_quality_who_is_independent(people):
    code = checks.plan(project="P1", on=DAY, at=NOW)
    duty = duty_of(code, DutyKind.QUALITY_CHECK)
    assert duty.owner_id in {people["zhao"], people["zhou"]}
    assert duty.title == "政务云运维例行检查"
    assert code == "QC-2026-0001"
    assert check(code).state is CheckState.OPEN


def test_planning_the_same_check_twice_is_one_check(people):
    first = checks.plan(project="P1", on=DAY, at=NOW)
    assert checks.plan(project="P1", on=DAY, at=NOW) == first


def test_a_check_of_a_day_to_come_waits_for_it_and_is_opened_once(people):
    code = checks.plan(project="P1", on=DAY, at=at("2026-03-02"))
    assert check(code).state is CheckState.PLANNED
    assert checks.open_due(at("2026-03-09")) == 0
    assert checks.open_due(NOW) == 1
    assert checks.open_due(NOW) == 0


def test_a_check_caught_up_late_keeps_its_day_and_leaves_three_working_days(people):
    code = checks.plan(project="P1", on=DAY, at=at("2026-03-02"))
    checks.open_due(at("2026-03-20"))  # a Friday, after ten days of downtime
    assert check(code).planned_on == DAY
    assert duty_of(code, DutyKind.QUALITY_CHECK).due_at == at("2026-03-25", "18:00")


def test_a_checker_of_the_delivery_team_is_refused_with_every_reason(people):
    cast.change("sun", roles=["project_manager", "auditor"])
    with pytest.raises(NotIndependent) as refused:
        checks.plan(project="P1", on=DAY, at=NOW, checker="sun")
    assert set(refused.value.conflicts) == {Conflict.MANAGES_IT, Conflict.SAME_UNIT}


def test_where_nobody_is_independent_an_alarm_stands_and_the_check_waits(people):
    with writing() as session:  # the whole of quality works on the project's unit
        unit = session.exec(select(Unit.id).where(col(Unit.code) == "OPS")).one()
        for code in ("qin", "zhao", "zhou"):
            session.get(Person, people[code]).unit_id = unit
    code = checks.plan(project="P1", on=DAY, at=NOW)
    assert check(code).state is CheckState.PLANNED
    with reading() as session:
        assert session.exec(select(Alarm.ref).where(col(Alarm.cleared_at).is_(None))).one() == (
            f"check:{code}"
        )
    with writing() as session:
        quality = session.exec(select(Unit.id).where(col(Unit.code) == "QM")).one()
        session.get(Person, people["zhou"]).unit_id = quality
    checks.open_due(NOW + timedelta(days=1))
    assert duty_of(code, DutyKind.QUALITY_CHECK).owner_id == people["zhou"]
    with reading() as session:
        assert session.exec(select(Alarm.id).where(col(Alarm.cleared_at).is_(None))).all() == []


def test_the_answer_is_refused_by_line_and_nothing_is_taken(people):
    code = checks.plan(project="P1", on=DAY, at=NOW)
    sheet = filled(planning={"result": "nonconforming", "evidence": ""}, records={"result": ""})
    with pytest.raises(SheetRefused) as refused:
        perform(code, sheet)
    assert {(t.key, t.column) for t in refused.value.troubles} == {
        ("planning", "problem"), ("planning", "evidence"), ("records", "result"),
    }  # fmt: skip
    assert check(code).state is CheckState.OPEN
    assert lines(code) == {}


def test_a_file_attached_to_the_line_is_its_evidence(people):
    code = checks.plan(project="P1", on=DAY, at=NOW)
    duty = duty_of(code, DutyKind.QUALITY_CHECK)
    with writing() as session:
        session.add(
            Evidence(
                duty_id=duty.id, subject_kind="check", subject=code, name="a.pdf", size=1,
                content_type="application/pdf", sha256="0" * 64, path="aa/bb",
                by_id=duty.owner_id, at=NOW, facts={"line": "planning"},
            )
        )  # fmt: skip
    perform(code, filled(planning={**WRONG, "evidence": ""}))
    assert check(code).findings == 1


def test_each_failing_line_is_one_nonconformity_of_the_project_manager(people):
    code = checks.plan(project="P1", on=DAY, at=NOW)
    perform(code, filled(planning=WRONG, security={**WRONG, "problem": "离岗账号未注销"}))
    found = lines(code)
    first = cast.nonconformity(found["planning"].nonconformity)
    second = cast.nonconformity(found["security"].nonconformity)
    assert first.owner_id == second.owner_id == people["sun"]
    assert (first.source, first.source_record, first.clause) == ("quality_check", code, "3.2.1 1)")
    assert "服务计划未经批准" in first.title
    assert (first.severity, second.severity) == (Severity.MINOR, Severity.MAJOR)
    assert cast.duties_of(first.code, DutyKind.RESPOND)


def test_the_score_weighs_the_points_and_what_does_not_apply_is_left_out(people):
    code = checks.plan(project="P1", on=DAY, at=NOW)
    perform(code, filled(planning=WRONG, attitude={"result": "not_applicable"}, records=ODD))
    done = check(code)
    # 15 lost, 10 left out, 2 of 10 lost: 73 of 90.
    assert done.score == Decimal("81.1")
    assert done.conclusion is Conclusion.ORDINARY
    assert (done.findings, done.observations, done.performed_on) == (1, 1, DAY)


def test_nothing_that_applies_gives_no_score(people):
    code = checks.plan(project="P1", on=DAY, at=NOW)
    perform(code, {key: {"result": "not_applicable"} for key in POINTS})
    assert (check(code).score, check(code).conclusion) == (None, None)


def test_the_same_point_found_again_within_a_year_is_one_severity_up_and_linked(people):
    first = checks.plan(project="P1", on=DAY, at=NOW)
    perform(first, filled(planning=WRONG))
    later = at("2026-04-10")
    second = checks.plan(project="P1", on=date(2026, 4, 10), at=later)
    perform(second, filled(planning=WRONG), later)
    again = cast.nonconformity(lines(second)["planning"].nonconformity)
    assert again.severity is Severity.MAJOR
    assert again.recurs_from == lines(first)["planning"].nonconformity
    assert again.recurs_from in again.severity_reason


def test_the_same_point_after_more_than_a_year_is_not(people):
    first = checks.plan(project="P1", on=DAY, at=NOW)
    perform(first, filled(planning=WRONG))
    later = at("2027-03-11")
    second = checks.plan(project="P1", on=date(2027, 3, 11), at=later)
    perform(second, filled(planning=WRONG), later)
    assert cast.nonconformity(lines(second)["planning"].nonconformity).severity is Severity.MINOR


def test_an_observation_is_asked_about_in_the_next_check_until_it_is_dealt_with(people):
    first = checks.plan(project="P1", on=DAY, at=NOW)
    perform(first, filled(planning=ODD))
    later = at("2026-04-10")
    second = checks.plan(project="P1", on=date(2026, 4, 10), at=later)
    (asked,) = check(second).carried
    assert (asked["check"], asked["point"]) == (first, "planning")
    with pytest.raises(SheetRefused):
        perform(second, filled(), later)  # the observation is not answered
    perform(
        second, {**filled(), asked["key"]: {"result": "observation", "problem": "仍未补充"}}, later
    )
    assert check(second).score == Decimal("100.0")  # the question itself weighs nothing
    third = checks.plan(project="P1", on=date(2026, 5, 11), at=at("2026-05-11"))
    (still,) = check(third).carried
    assert (still["check"], still["problem"]) == (second, "仍未补充")


def test_an_observation_that_became_worse_is_a_nonconformity_of_its_point(people):
    first = checks.plan(project="P1", on=DAY, at=NOW)
    perform(first, filled(security=ODD))
    later = at("2026-04-10")
    second = checks.plan(project="P1", on=date(2026, 4, 10), at=later)
    (asked,) = check(second).carried
    perform(second, {**filled(), asked["key"]: {**WRONG, "evidence": "账号清单"}}, later)
    raised = cast.nonconformity(lines(second)[asked["key"]].nonconformity)
    assert (raised.clause, raised.severity) == ("3.2.1 6)", Severity.MAJOR)


def test_a_follow_up_asks_what_was_found_wrong(people):
    first = checks.plan(project="P1", on=DAY, at=NOW)
    perform(first, filled(planning=WRONG, process=WRONG))
    later = at("2026-03-24")
    code = checks.plan(
        project="P1", kind=CheckKind.FOLLOW_UP, on=date(2026, 3, 24), at=later
    )  # fmt: skip
    assert (check(code).follows, check(code).points) == (first, ["planning", "process"])
    perform(code, {key: {"result": "conforming"} for key in ("planning", "process")}, later)
    assert check(code).score == Decimal("100.0")


def test_the_report_goes_to_the_project_manager_and_the_department_manager_once(people):
    code = checks.plan(project="P1", on=DAY, at=NOW)
    duty = duty_of(code, DutyKind.QUALITY_CHECK)
    perform(code, filled(planning=WRONG))
    assert cast.told(LetterKind.CHECK_REPORT, duty) == ["sun", "wang"]
    with pytest.raises(AlreadyAnswered):
        answers.answer(
            duty.id, person_id=duty.owner_id, data={"lines": filled()}, at=NOW, via="test"
        )
    assert len(lines(code)) == 8


def test_what_was_found_cannot_be_altered(people):
    code = checks.plan(project="P1", on=DAY, at=NOW)
    perform(code, filled())
    with pytest.raises(DBAPIError, match="append only"), writing() as session:
        session.execute(update(CheckLine).values(result=Result.NONCONFORMING))


def test_a_check_keeps_the_version_of_the_sheet_it_was_opened_with(people, home):
    code = checks.plan(project="P1", on=DAY, at=NOW)
    own = home / "config" / "checks"
    own.mkdir(parents=True)
    text = (PACKAGED / "checks" / "project.toml").read_text()
    own.joinpath("project.toml").write_text(
        text.replace("version = 1", "version = 2").replace("达到用户满意", "用户满意度达标")
    )
    later = checks.plan(project="P1", on=date(2026, 4, 10), at=at("2026-04-10"))
    with reading() as session:
        pairs = session.exec(select(CheckSheetVersion.id, CheckSheetVersion.version)).all()
    versions = dict(pairs)
    assert versions[check(code).sheet_id] == 1
    assert versions[check(later).sheet_id] == 2


def test_a_draft_is_kept_line_by_line_and_the_answer_takes_it(people):
    code = checks.plan(project="P1", on=DAY, at=NOW)
    duty = duty_of(code, DutyKind.QUALITY_CHECK)
    who = {"person_id": duty.owner_id, "at": NOW, "via": "test"}
    saved = worksheet_drafts.save(duty.id, lines={"planning": WRONG | {"evidence": "x"}}, **who)
    assert (saved.changed, saved.filled, saved.lines) == (1, 1, 8)
    again = worksheet_drafts.save(duty.id, lines={"planning": WRONG | {"evidence": "x"}}, **who)
    assert again.changed == 0
    rest = {key: values for key, values in filled().items() if key != "planning"}
    worksheet_drafts.save(duty.id, lines=rest, **who)
    answers.answer(duty.id, data={}, **who)
    assert check(code).findings == 1


def test_an_exception_needs_a_second_person_who_signs_and_stands_on_record(people):
    cast.change("chen", roles=["auditor"])  # of the unit that delivers the project
    code = checks.plan(project="P1", on=DAY, at=NOW)
    number = check_exceptions.ask(
        code, checker="chen", asked_by="zhao", reason="仅他熟悉该平台", at=NOW, actor="person:1"
    )
    decide = {"person_id": people["qin"], "at": NOW, "via": "test"}
    data = {"decision": "allow", "note": "本次人手不足"}
    with pytest.raises(CodeNeeded):
        answers.answer(number, data=data, **decide)
    signature = cast.lines(letter=LetterKind.CODE)[-1].facts["code"]
    answers.answer(number, data=data, code=signature, **decide)
    assert duty_of(code, DutyKind.QUALITY_CHECK).owner_id == people["chen"]
    with reading() as session:
        exception = session.exec(select(GateException)).one()
    assert (exception.asked_by_id, exception.granted_by_id) == (people["zhao"], people["qin"])
    assert check(code).exception_id == exception.id
    perform(code, filled())
    assert check(code).state is CheckState.DONE


def test_somebody_who_is_not_independent_may_not_answer_for_the_checker(people):
    """An operator who is the project manager types for the checker: the gate sees his hand."""
    code = checks.plan(project="P1", on=DAY, at=NOW)
    duty = duty_of(code, DutyKind.QUALITY_CHECK)
    with pytest.raises(NotIndependent):
        answers.answer(
            duty.id, person_id=duty.owner_id, data={"lines": filled()}, at=NOW, via="operator sun"
        )


def test_a_point_found_three_times_in_a_year_is_proposed_for_the_next_plan_once(people):
    for day in ("2026-03-10", "2026-04-10", "2026-05-11"):
        code = checks.plan(project="P1", on=date.fromisoformat(day), at=at(day))
        perform(code, filled(records=WRONG), at(day))
    assert proposals.collect(at("2026-05-12")) == 1
    assert proposals.collect(at("2026-06-12")) == 0
    with reading() as session:
        (proposed,) = session.exec(select(Improvement)).all()
    assert (proposed.source, proposed.ref, proposed.cycle) == ("quality_check", "records", "2026")
    assert "运维服务记录完整" in proposed.text


def test_the_register_has_the_keys_of_the_interface_and_no_others(people):
    code = checks.plan(project="P1", on=DAY, at=NOW)
    perform(code, filled(planning=WRONG))
    (row,) = registers.register("checks").read(Filters(), at=NOW).rows
    found = as_json(row, SHANGHAI)
    assert list(found) == [
        "code", "project", "kind", "state", "planned_on", "performed_on",
        "inspector", "score", "conclusion", "findings", "brought_in",
    ]  # fmt: skip
    assert json.loads(json.dumps(found, default=str)) == {
        "code": code, "project": "P1", "kind": "routine", "state": "done",
        "planned_on": "2026-03-10", "performed_on": "2026-03-10", "inspector": "zhao",
        "score": "85.0", "conclusion": "ordinary", "findings": 1, "brought_in": None,
    }  # fmt: skip


def test_turning_daily_or_once_after_ten_days_gives_the_same_checks(people):
    days = [date(2026, 3, day) for day in (3, 4, 9, 10)]
    codes = [checks.plan(project="P1", on=day, at=at("2026-03-02")) for day in days]

    def owed(code):
        duty = duty_of(code, DutyKind.QUALITY_CHECK)
        return (duty.kind, duty.subject, check(code).planned_on)

    for hour in ("2026-03-03", "2026-03-03", "2026-03-04"):
        checks.open_due(at(hour))
    daily = [owed(code) for code in codes[:2]]
    checks.open_due(at("2026-03-20"))  # ten days later, all at once
    checks.open_due(at("2026-03-20"))
    assert [owed(code) for code in codes[:2]] == daily
    assert [owed(code)[2] for code in codes] == days
    assert {check(code).state for code in codes} == {CheckState.OPEN}


def test_the_word_report_holds_what_was_found(people):
    code = checks.plan(project="P1", on=DAY, at=NOW)
    perform(code, filled(planning={**WRONG, "problem": "<w:p/> {{ 7 * 7 }} 服务计划未批准"}))
    found = check_reading.of_check(code, at=NOW, language="zh")
    document = docx.Document(io.BytesIO(check_report.word(found, "zh")))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert "<w:p/> {{ 7 * 7 }} 服务计划未批准" in cells
    assert {"按照公司运维服务交付管理制度进行项目策划", "85.0", "不符合", code} <= set(cells)
