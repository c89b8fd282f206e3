"""The management review: what it looks at, what is kept of it, and what its decisions become."""

import io
from datetime import date, timedelta

import pytest
from docx import Document
from sqlmodel import col, select

from config.current import current
from models.engine import reading, writing
from models.plan import Activity, ActivityState, Improvement
from models.review import Review
from processes.duty.climbing import climb
from processes.nonconformity import raising as nonconformities
from processes.plan import activities
from processes.plan import drafting as plan_drafting
from processes.plan import expansion as plan_expansion
from processes.plan import rows as plan_rows
from processes.review import keeping as review_input
from processes.review import view as review_view
from processes.review import walk as review_walk
from processes.review import words as review_words
from processes.review.followed import ref_of
from processes.worksheet import sheets as worksheet
from rules.refusal import NotFound
from rules.worksheet import SheetRefused
from tests.support.cast import at, duties_of, duty_of, hire, lines
from tests.support.hands import answer, ids

CODE = "2026-04-1215"
DAY = "2026-12-14"
JUDGED = {"suitable": "yes", "adequate": "partly", "effective": "yes", "result": "体系总体有效"}
TRAIN = {
    "kind": "improvement",
    "what": "统一记录模板，培训全员",
    "who": "wang",
    "until": "2027-03-31",
}
BUY = {"kind": "resource", "what": "增加一名服务台人员", "who": "运维副总", "until": "2027-02-26"}
LATER = {"kind": "improvement", "what": "把知识库纳入检查"}


@pytest.fixture
def cast(home):
    return hire()


def plan(code=CODE, *, planned="2026-12-15", opens="2026-11-17", **facts):
    day = date.fromisoformat(planned)
    own = {"owner": "quality_head", "checker": "top_management", "title": "管理评审", **facts}
    with writing() as session:
        session.add(
            Activity(
                code=code,
                plan=code[:4],
                item="04",
                kind="management_review",
                object_kind="organisation",
                nominal_on=day,
                first_planned_on=day,
                planned_on=day,
                opens_on=date.fromisoformat(opens),
                **own,
            )
        )


def opened(**facts):
    plan(**facts)
    activities.open_due(at("2026-11-17"))


def activity(code):
    with reading() as session:
        return session.exec(select(Activity).where(col(Activity.code) == code)).one()


def kept(code=CODE):
    with reading() as session:
        return session.exec(
            select(Review).where(col(Review.activity) == code).order_by(col(Review.id))
        ).all()


def held(*decisions, day=DAY, **facts):
    sheet = {f"d{n:02}": one for n, one in enumerate(decisions, 1)}
    return answer("qin", CODE, "hold_review", at(day), lines=sheet, **JUDGED, **facts)


def confirmed(day=DAY, **facts):
    return answer("zong", CODE, "check_activity", at(day, "15:00"), **{"decision": "done", **facts})


def read(day=DAY, clock="16:00", code=CODE):
    return review_view.of(code, at=at(day, clock))


def test_it_is_owed_with_a_link_to_its_input(cast):
    opened()
    duty = duty_of(CODE, "hold_review")
    assert duties_of(CODE, "carry_out") == []
    assert lines(duty)[0].facts["review"].endswith(f"/review/{CODE}")


def test_what_management_saw_is_kept_and_never_computed_anew(cast):
    opened()
    nonconformities.raise_(title="备份未做", owner_code="li", raised_by="zhao", at=at("2026-12-01"))
    held()
    (row,) = kept()
    assert (row.since, row.until) == (date(2026, 1, 1), date(2026, 12, 14))
    before = read().found
    assert before.nonconformities.raised == 1
    nonconformities.raise_(title="又一项", owner_code="li", raised_by="zhao", at=at("2026-12-14"))
    later = read("2027-02-01")
    assert later.held is not None
    assert later.found == before
    assert review_input.as_json(later.found) == row.content


def test_what_was_kept_before_the_input_grew_can_still_be_read(cast):
    old = {"since": "2025-01-01", "until": "2025-12-31", "at": "2025-12-15T10:00:00+08:00"}
    assert review_input.from_json(old).top.rows == ()


def test_decisions_are_in_force_only_once_the_review_is_confirmed(cast):
    opened()
    held(TRAIN, LATER)
    assert duties_of(ref_of(CODE, 1)) == []
    assert [one.state for one in read(clock="12:00").decisions] == ["unconfirmed"] * 2
    confirmed()
    assert [one.state for one in read().decisions] == ["open", "proposed"]


def test_without_a_checker_they_are_in_force_at_once(cast):
    opened(checker="")
    held(TRAIN)
    assert [one.state for one in read().decisions] == ["open"]


def test_a_decision_is_owed_by_its_owner_until_its_day_and_checked_by_quality(cast):
    opened()
    held(TRAIN, BUY)
    confirmed()
    own = activity(ref_of(CODE, 1))
    duty = duty_of(own.code, "carry_out")
    assert (own.plan, own.item, own.kind) == ("2027", "", "review_decision")
    assert (duty.owner_id, duty.due_at) == (ids()["wang"], at("2027-03-31", "18:00"))
    assert lines(duty)[0].facts["note"] == TRAIN["what"]
    assert activity(ref_of(CODE, 2)).owner_id == ids()["gao"]  # by the name of his role
    done = {"result": "模板已发布，全员培训", "record": "PX-2027-02"}
    answer("wang", own.code, "carry_out", at("2027-02-10"), **done)
    checker = duty_of(own.code, "check_activity").owner_id
    assert checker in {ids()["zhao"], ids()["zhou"]}
    who = "zhao" if checker == ids()["zhao"] else "zhou"
    answer(who, own.code, "check_activity", at("2027-02-11"), decision="done")
    first, second = read("2027-02-12").decisions
    assert (first.state, first.done_on) == ("done", date(2027, 2, 10))
    assert (second.state, second.late) == ("open", False)
    assert read("2027-03-01").decisions[1].late


def test_an_improvement_without_owner_and_date_goes_into_the_next_plan(cast):
    opened()
    held(LATER)
    confirmed()
    with reading() as session:
        (one,) = session.exec(select(Improvement)).all()
    assert (one.source, one.ref, one.cycle) == ("management_review", f"{CODE}-D1", "2026")
    with writing() as session:
        draft = plan_drafting.new_version(session, 2027, at=at("2026-12-20"))
        found = plan_drafting.lines(session, draft)
    assert LATER["what"] in [line["detail"] for line in found]
    (after,) = read("2026-12-21").decisions
    assert (after.state, after.taken[:4]) == ("taken", "2027")


def test_sent_back_it_is_held_again_with_what_was_written_and_both_are_kept(cast):
    opened()
    held(TRAIN)
    confirmed(decision="again", note="写明培训范围")
    assert duties_of(ref_of(CODE, 1)) == []
    duty = duty_of(CODE, "hold_review")
    with reading() as session:
        assert worksheet.filled(session, duty.id)["d01"]["what"] == TRAIN["what"]
    held({**TRAIN, "what": "统一记录模板，培训运维一部全员"}, day="2026-12-15")
    confirmed("2026-12-15")
    assert len(kept()) == 2
    (one,) = read("2026-12-15").decisions
    assert (one.what, one.state) == ("统一记录模板，培训运维一部全员", "open")


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ({"what": "买工具"}, "kind"),
        ({"kind": "resource"}, "what"),
        ({**BUY, "who": "nobody"}, "who"),
        ({**BUY, "who": "gone"}, "who"),
        ({**BUY, "until": ""}, "until"),
        ({**BUY, "who": ""}, "who"),
        ({**BUY, "who": "", "until": ""}, "who"),  # a resource is not left to the next plan
        ({**BUY, "until": "2026-12-14"}, "until"),
        ({**BUY, "until": "明年"}, "until"),
    ],
)
def test_a_decision_that_nobody_could_follow_is_refused_and_nothing_is_kept(cast, line, column):
    opened()
    with pytest.raises(SheetRefused) as no:
        held(TRAIN, line)
    assert ("d02", column) in {(one.key, one.column) for one in no.value.troubles}
    assert kept() == []
    assert duty_of(CODE, "hold_review")


def test_a_new_version_of_the_plan_leaves_decisions_alone(cast):
    opened()
    held(TRAIN)
    confirmed()
    with writing() as session:
        own = plan_drafting.new_version(session, 2027, at=at("2026-12-20"))
        plan_rows.replace_lines(session, own, [])
        plan_expansion.expand(session, own, at=at("2026-12-21"), actor="test")
    assert activity(ref_of(CODE, 1)).state == "open"


def test_the_next_review_begins_the_day_after_and_follows_what_this_one_decided(cast):
    opened()
    held(TRAIN, BUY, LATER)
    confirmed()
    plan("2027-04-1215", planned="2027-12-15", opens="2027-11-17")
    found = read("2027-04-15", code="2027-04-1215").found
    assert (found.since, found.until) == (date(2026, 12, 15), date(2027, 4, 15))
    assert (found.before.previous, found.before.held_on) == (CODE, date(2026, 12, 14))
    told = [(one.what, one.state, one.late) for one in found.before.decisions]
    assert told == [
        (BUY["what"], "open", True),
        (TRAIN["what"], "open", True),
        (LATER["what"], "proposed", False),
    ]


def test_what_reached_the_top_comes_first_with_how_often_it_was_told(cast):
    opened()
    held(BUY)
    confirmed()
    code = ref_of(CODE, 1)
    for day in range(60):
        moment = current().calendar.add(at("2027-02-26", "18:00"), day) + timedelta(hours=16)
        climb([duty_of(code, "carry_out").id], at=moment)
    plan("2027-04-1215", planned="2027-12-15", opens="2027-11-17")
    (one,) = read("2027-07-01", code="2027-04-1215").found.top.rows
    assert (one.code, one.owner, one.told) == (code, "高副总", "总经理")
    assert one.times > 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_word_and_terminal_are_made_of_the_same_words(cast, language):
    opened()
    held(TRAIN, LATER)
    confirmed()
    made = review_words.word(read(), language)
    document = Document(io.BytesIO(made))
    told = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert TRAIN["what"] in told
    assert "MR-2026-04-1215" in told


def test_a_year_without_a_planned_review_shows_its_own_days(cast):
    found = read("2026-09-01", code="2026")
    assert (found.code, found.state, found.held) == ("2026", "", None)
    assert (found.found.since, found.found.until) == (date(2026, 1, 1), date(2026, 9, 1))
    with pytest.raises(NotFound):
        read("2026-09-01", code="1999")
    with pytest.raises(NotFound):
        read("2026-09-01", code="2026-01-0101")


def test_one_that_was_held_elsewhere_says_that_nothing_was_kept(cast):
    plan()
    with writing() as session:
        own = session.exec(select(Activity).where(col(Activity.code) == CODE)).one()
        own.state, own.done_on = ActivityState.DONE, date(2026, 6, 30)
        session.add(own)
    found = read("2026-12-01")
    assert found.held is None
    assert found.found.until == date(2026, 6, 30)
    assert "nothing was kept" in review_words.state(found, "en")


def test_the_walk_of_a_cycle_leads_from_the_line_to_what_was_decided(cast):
    opened()
    held(TRAIN, LATER)
    confirmed()
    with reading() as session:
        steps = list(review_walk.reviews(session, date(2026, 1, 1), date(2026, 12, 31)))
    assert [(one.kind, one.activity) for one in steps] == [
        ("review", CODE),
        ("decision", CODE),
        ("decision", CODE),
    ]
    assert {one.code for one in steps} == {f"MR-{CODE}", ref_of(CODE, 1), ref_of(CODE, 2)}
