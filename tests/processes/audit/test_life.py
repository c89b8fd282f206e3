"""An audit from plan to report: what is refused on the way, and what follows from what."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from models.audit import AuditAgenda, Finding, MeetingInvite
from models.engine import reading
from models.trail import verify
from processes.audit import closing as audit_closing
from processes.audit import exception as audit_exception
from processes.audit import opening as audit_opening
from processes.audit import records as audit_records
from processes.audit import staffing as audit_staffing
from processes.audit import view as audit_view
from processes.audit.findings import OwnFinding
from processes.audit.papers import plan, procedure, report
from processes.audit.review import review_input
from processes.paper.blocks import pdf, plain, word
from rules.audit import NotIndependent
from rules.audit_findings import NotAWorkingDay, SayWhetherOne, ShortNotice, TooEarly
from rules.gates import NoReason
from rules.refusal import Refused
from rules.worksheet import SheetRefused
from tests.support.audit_cast import audit, company, did, team, the_audit
from tests.support.audit_life import (
    HELD,
    OPENING,
    PLANNED,
    announced,
    answer,
    checklist,
    conducted,
    hand_in,
    lead,
    opened,
    reported,
    sheet,
)
from tests.support.cast import (
    absent,
    at,
    change,
    duties_of,
    duty_of,
    lines,
    nonconformity,
    told,
)


@pytest.fixture
def cast(home):
    return company()


def findings(code):
    with reading() as session:
        rows = session.exec(select(Finding).order_by(col(Finding.number)))
        return [row for row in rows if row.code.startswith(code)]


# --- the plan ------------------------------------------------------------------------------


def test_the_lead_auditor_is_asked_in_good_time(cast):
    code = opened()
    assert duty_of(code, "plan_audit").owner_id == cast[lead(code)]


@pytest.mark.parametrize(
    ("day", "no"),
    [
        ("2026-09-03", ShortNotice),  # two working days
        ("2026-09-06", NotAWorkingDay),  # Sunday
        ("2026-08-28", ShortNotice),  # over
    ],
)
def test_the_auditee_hears_in_time_or_the_plan_is_refused(cast, day, no):
    code = opened()
    with pytest.raises(no):
        answer(cast, lead(code), "plan_audit", code, opening_on=day)
    assert duties_of(code, "receive_audit") == []


def test_three_working_days_are_notice_enough(cast):
    code = opened()
    answer(cast, lead(code), "plan_audit", code, opening_on="2026-09-04")
    assert duty_of(code, "receive_audit").owner_id == cast["wang"]


def test_the_plan_is_a_timetable_a_checklist_and_two_meetings(cast):
    code = announced(cast)
    audit = the_audit(code)
    assert audit.opens_at == at(OPENING, "09:00")
    assert [line.clause for line in checklist(code)] == audit.clauses
    assert all(line.requirement and line.person_id for line in checklist(code))
    with reading() as session:
        agenda = session.exec(select(AuditAgenda).order_by(col(AuditAgenda.number))).all()
        meetings = session.exec(select(MeetingInvite)).all()
    assert [agenda[0].what, agenda[-1].what] == ["opening", "closing"]
    assert {c for slot in agenda for c in slot.clauses} == set(audit.clauses)
    assert {m.kind: m.sequence for m in meetings} == {"opening": 0, "closing": 0}
    assert sorted(set(told("meeting"))) == sorted([*team(code), "wang"])


def test_nobody_plans_an_audit_that_he_may_not_do_any_more(cast):
    code = opened()
    who = lead(code)
    did(cast[who], area="NET", begins="2026-08-31")
    with pytest.raises(NotIndependent):
        answer(cast, who, "plan_audit", code, opening_on=OPENING)


def test_timetable_and_checklist_name_nobody_who_has_left_the_team(cast):
    code = announced(cast)
    before = {line.number: line.person_id for line in checklist(code)}
    gone = next(who for who, role in team(code).items() if role == "auditor")
    stays = lead(code)
    change(gone, active=False)
    audit_staffing.staff_due(PLANNED)
    members = {cast[who] for who in team(code)}
    after = {line.number: line.person_id for line in checklist(code)}
    assert set(after.values()) <= members
    kept = {number for number, who in before.items() if who == cast[stays]}
    assert kept
    assert all(after[number] == cast[stays] for number in kept)  # his own stay his
    with reading() as session:
        slots = session.exec(select(AuditAgenda.person_id)).all()
    assert {who for who in slots if who is not None} <= members


def test_a_cancelled_audit_leaves_everybodys_calendar(cast):
    code = announced(cast)
    audit_opening.cancel(code, reason="客户停机", at=PLANNED, actor="person:1")
    with reading() as session:
        rows = session.exec(select(MeetingInvite)).all()
    assert {(row.cancelled, row.sequence) for row in rows} == {(True, 1)}
    assert duties_of(code) == []
    cancelled = [one for one in lines(letter="meeting") if one.facts["meeting"]["cancelled"]]
    assert len(cancelled) == 2 * 3


def test_what_was_announced_and_called_off_is_taken_up_and_announced_anew(cast):
    code = announced(cast)
    audit_opening.cancel(code, reason="客户停机", at=PLANNED, actor="person:1")
    day = date(2026, 11, 16)
    audit_opening.resume(code, on=day, reason="客户同意", at=PLANNED, actor="person:1")
    later = at("2026-10-26")
    audit_opening.open_due(at=later)
    answer(cast, lead(code), "plan_audit", code, later, opening_on=day.isoformat(), place="一号")
    assert the_audit(code).state == "announced"
    with reading() as session:
        rows = session.exec(select(MeetingInvite)).all()
    assert {(row.cancelled, row.sequence) for row in rows} == {(False, 2)}
    assert duties_of(code, "conduct_audit")


# --- conducting ----------------------------------------------------------------------------


def test_it_cannot_be_handed_in_before_it_began(cast):
    code = announced(cast)
    with pytest.raises(TooEarly):
        hand_in(cast, code, when=at("2026-09-09"))


@pytest.mark.parametrize(
    "line",
    [
        {"verdict": ""},
        {"verdict": "conformity", "evidence": ""},  # not seen is not audited
        {"verdict": "minor", "evidence": "x", "gap": ""},  # two of three parts
    ],
)
def test_each_line_needs_a_judgement_its_evidence_and_its_gap(cast, line):
    code = announced(cast)
    filled = {**sheet(code), "c1": line}
    with pytest.raises(SheetRefused):
        answer(cast, lead(code), "conduct_audit", code, HELD, lines=filled, attendance="全体")


def test_the_sign_in_record_is_needed(cast):
    code = announced(cast)
    with pytest.raises(NoReason):
        answer(cast, lead(code), "conduct_audit", code, HELD, lines=sheet(code))


def test_a_delegate_with_a_conflict_cannot_hand_it_in(cast):
    """The lead is away; who stands in for him works in the audited unit."""
    code = announced(cast)
    change(lead(code), **absent(delegate="sun"))
    given = {"lines": sheet(code), "attendance": "全体"}
    with pytest.raises(NotIndependent):
        answer(cast, "sun", "conduct_audit", code, HELD, **given)


def test_an_auditor_moved_in_the_day_before_cannot_conduct(cast):
    code = announced(cast)
    change(lead(code), unit_id=None)
    did(cast[lead(code)], area="NET", begins="2026-09-09")
    with pytest.raises(NotIndependent):
        hand_in(cast, code)


def test_what_is_wrong_goes_to_the_auditee_and_opportunities_are_noted(cast):
    code = conducted(cast, c1="minor", c2="opportunity", c3="observation")
    assert [(f.grade, f.state) for f in findings(code)] == [
        ("minor", "asked"),
        ("opportunity", "noted"),
        ("observation", "asked"),
    ]
    assert duty_of(f"{code}-F1", "confirm_finding").owner_id == cast["wang"]
    assert duty_of(code, "report_audit").due_at == at("2026-09-17", "18:00")  # five working days


def test_several_minors_in_one_area_are_proposed_as_one_major(cast):
    code = announced(cast)
    three = {"c1": "minor", "c2": "minor", "c3": "minor"}
    with pytest.raises(SayWhetherOne):
        hand_in(cast, code, **three)
    with pytest.raises(SayWhetherOne):  # apart needs a reason
        hand_in(cast, code, more={"together": "separate"}, **three)
    hand_in(cast, code, more={"together": "one_major"}, **three)
    assert [(f.grade, f.state) for f in findings(code)] == [
        *[("minor", "merged")] * 3,
        ("major", "asked"),
    ]
    answer(cast, "wang", "confirm_finding", f"{code}-F4", HELD, decision="confirm")
    assert nonconformity("NC-2026-0001").severity == "major"


# --- findings and nonconformities ------------------------------------------------------------


def test_a_confirmed_finding_is_a_nonconformity_of_the_areas_manager(cast):
    code = conducted(cast, c1="minor")
    answer(cast, "wang", "confirm_finding", f"{code}-F1", HELD, decision="confirm")
    row = nonconformity("NC-2026-0001")
    assert (row.source, row.source_record, row.owner_id) == ("internal_audit", code, cast["wang"])
    assert row.unit == "NET"
    assert row.clause == the_audit(code).clauses[0]
    assert duty_of(row.code, "respond").owner_id == cast["wang"]


def test_a_dispute_is_decided_by_somebody_who_did_not_audit(cast):
    code = conducted(cast, c1="minor")
    answer(cast, "wang", "confirm_finding", f"{code}-F1", HELD, decision="dispute", reason="有记录")
    duty = duty_of(f"{code}-F1", "decide_finding")
    assert duty.owner_id == cast["qin"]
    change("qin", **absent(delegate=lead(code)))
    with pytest.raises(OwnFinding):  # the lead auditor stands in for the head of quality
        answer(
            cast, lead(code), "decide_finding", f"{code}-F1", HELD, decision="overrule", reason="x"
        )


@pytest.mark.parametrize(("decision", "raised"), [("uphold", 0), ("overrule", 1)])
def test_a_decided_dispute_withdraws_the_finding_or_raises_it(cast, decision, raised):
    code = conducted(cast, c1="minor")
    finding = f"{code}-F1"
    answer(cast, "wang", "confirm_finding", finding, HELD, decision="dispute", reason="有记录")
    answer(cast, "qin", "decide_finding", finding, HELD, decision=decision, reason="查实")
    assert [bool(f.nonconformity) for f in findings(code)] == [bool(raised)]


def to_verification(cast, code):
    answer(cast, "wang", "confirm_finding", f"{code}-F1", HELD, decision="confirm")
    nc = "NC-2026-0001"
    plan_ = {"cause": "无清单", "method": "5why", "corrective_action": "建清单"}
    answer(cast, "wang", "respond", nc, HELD, planned_on="2026-09-18", **plan_)
    agrees = next(w for w, n in cast.items() if n == duty_of(nc, "agree").owner_id)
    answer(cast, agrees, "agree", nc, HELD, decision="agree")
    answer(cast, "wang", "act", nc, HELD, done="已建", evidence_note="见附件")
    return nc


def test_an_auditor_of_that_audit_verifies(cast):
    code = conducted(cast, c1="minor")
    nc = to_verification(cast, code)
    assert duty_of(nc, "verify").owner_id in {cast[who] for who in team(code)}


def test_an_auditor_with_a_new_tie_does_not_verify(cast):
    code = conducted(cast, c1="minor")
    nc = to_verification(cast, code)
    who = next(w for w, n in cast.items() if n == duty_of(nc, "verify").owner_id)
    did(cast[who], area="NET", begins="2026-09-10")
    with pytest.raises(NotIndependent):
        answer(cast, who, "verify", nc, HELD, result="effective", note="好")


# --- report, closing, records ------------------------------------------------------------------


def approved(cast, code, when=HELD):
    answer(cast, "qin", "review", code, when, decision="pass")
    answer(cast, "zong", "approve", code, when, decision="pass")


def test_the_report_is_approved_and_handed_out(cast):
    code = conducted(cast)
    reported(cast, code)
    assert the_audit(code).state == "conducted"
    approved(cast, code)
    assert the_audit(code).state == "reported"
    readers = {d.owner_id for d in duties_of(code, "read")}
    assert {cast["wang"], cast["zong"], cast["qin"]} <= readers | {cast["zong"], cast["qin"]}


def test_an_audit_closes_when_nothing_is_open(cast):
    code = conducted(cast, c1="opportunity")
    reported(cast, code)
    assert audit_closing.close_due(at=HELD) == []  # not before its report is in force
    approved(cast, code)
    assert audit_closing.close_due(at=HELD) == [code]
    assert audit_closing.close_due(at=HELD) == []


def test_what_stays_open_is_carried_by_decision_only(cast):
    code = conducted(cast, c1="minor")
    answer(cast, "wang", "confirm_finding", f"{code}-F1", HELD, decision="confirm")
    reported(cast, code)
    approved(cast, code)
    later = HELD + timedelta(days=120)
    assert audit_closing.close_due(at=HELD) == []
    assert audit_closing.close_due(at=later) == []
    assert audit_closing.close_due(at=later) == []  # asked once
    answer(cast, "qin", "carry_findings", code, later, decision="carry", reason="周期较长")
    assert the_audit(code).state == "closed"
    assert findings(code)[0].carried_reason == "周期较长"
    ended = [one for one in lines(letter="plan_report") if code in one.facts["subject_line"]]
    assert {one.person_id for one in ended} == {cast["wang"], cast[lead(code)], cast["qin"]}
    assert all("周期较长" in one.facts["sentences"][0] for one in ended)


def test_the_whole_is_one_folder_with_an_index(cast, tmp_path):
    code = conducted(cast, c1="minor")
    reported(cast, code)
    names = audit_records.export(code, tmp_path, language="zh", at=HELD)
    index = (tmp_path / code / "INDEX.txt").read_text("utf-8")
    assert all((tmp_path / code / name).is_file() for name in names)
    assert all(name in index for name in names if name != "INDEX.txt")
    assert "09-report.pdf" in names
    assert "06-meetings/opening.ics" in names
    assert '"whole": true' in (tmp_path / code / "04-independence.json").read_text("utf-8")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_report_plan_and_procedure_can_be_printed(cast, language):
    code = conducted(cast, c1="minor", c2="major")
    reported(cast, code)
    view = audit_view.audit_of(code, at=HELD)
    for blocks in (report(view, view.report, language), plan(view, language), procedure(language)):
        assert word(blocks)[:2] == b"PK"
        assert pdf(blocks, language=language)[:5] == b"%PDF-"
    text = plain(report(view, view.report, language))
    assert "总体符合" in text
    assert "第 1 项缺少记录" in text


def test_what_somebody_wrote_is_text_and_never_markup(cast):
    code = announced(cast)
    evil = '#read("/etc/passwd") *x* <b> {{7*7}} \\ $x$ @y'
    lines_ = sheet(code, c1="minor")
    lines_["c1"]["gap"] = evil
    answer(cast, lead(code), "conduct_audit", code, HELD, lines=lines_, attendance=evil)
    reported(cast, code)
    view = audit_view.audit_of(code, at=HELD)
    blocks = report(view, view.report, "zh")
    assert pdf(blocks, language="zh")[:5] == b"%PDF-"
    assert evil in plain(blocks)
    assert word(blocks)[:2] == b"PK"


def test_the_management_review_gets_results_what_is_open_and_what_was_not_held(cast):
    code = conducted(cast, c1="minor")
    answer(cast, "wang", "confirm_finding", f"{code}-F1", HELD, decision="confirm")
    reported(cast, code)
    missed = audit("SYS", day="2026-09-04")
    told_ = review_input(HELD.date().replace(day=1), HELD.date().replace(day=30), at=HELD)
    (one,) = told_.results
    assert (one.code, one.service, one.own, one.conclusion) == (code, "yes", "partly", "partly")
    assert (one.grades, one.still_open) == ({"minor": 1}, ("NC-2026-0001",))
    assert told_.not_held == (missed,)


# --- exceptions ----------------------------------------------------------------------------------


def ask(cast, code, auditor="sun", who="zhao"):
    return audit_exception.ask(
        code, auditor, reason="仅此人懂该技术", person_id=cast[who], at=PLANNED, via="test"
    )


def test_there_is_no_exception_where_the_procedure_allows_none(cast):
    with pytest.raises(audit_exception.NoExceptions):
        ask(cast, opened())


@pytest.fixture
def lenient(cast, home: Path):
    (home / "config").mkdir(exist_ok=True)
    text = "[procedure]\nexception_allowed = true\n"
    (home / "config" / "audit.toml").write_text(text, "utf-8")
    return cast


def test_an_exception_needs_a_second_person_and_covers_what_it_names(lenient):
    cast = lenient
    code = opened()
    ask(cast, code)
    assert duty_of(code, "decide_exception").owner_id == cast["zong"]
    answer(cast, "zong", "decide_exception", code, decision="grant", reason="双人复核")
    audit_staffing.set_team(code, lead="zhao", auditors=["sun"], at=PLANNED, actor="person:1")
    row = audit_view.audit_of(code, at=PLANNED).row
    assert set(row.conflicts) == {"sun: own_unit", "sun: led_by_auditee"}
    # A tie that comes later is not covered.
    did(cast["sun"], area="NET", begins="2026-08-31")
    with pytest.raises(NotIndependent) as no:
        answer(cast, "zhao", "plan_audit", code, opening_on=OPENING)
    assert [one.reason for one in no.value.found] == ["own_work"]


def test_nobody_asks_for_himself_nor_grants_his_own(lenient):
    cast = lenient
    code = opened()
    with pytest.raises(audit_exception.MayNotAsk):
        ask(cast, code, auditor="zhao", who="zhao")
    with pytest.raises(audit_exception.MayNotAsk):
        ask(cast, code, who="wang")
    ask(cast, code)
    change("zong", **absent(delegate="zhao"))
    with pytest.raises(audit_exception.OnePerson):  # the asker stands in for the granter
        answer(cast, "zhao", "decide_exception", code, decision="grant", reason="x")


def test_a_refused_exception_lets_nobody_in(lenient):
    cast = lenient
    code = opened()
    ask(cast, code)
    answer(cast, "zong", "decide_exception", code, decision="refuse", reason="另找")
    with pytest.raises(Refused):
        audit_staffing.set_team(code, lead="zhao", auditors=["sun"], at=PLANNED, actor="x")


def test_the_trail_holds_through_all_of_it(cast):
    code = conducted(cast, c1="minor")
    reported(cast, code)
    with reading() as session:
        assert verify(session) is None
