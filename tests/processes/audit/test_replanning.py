"""Teams are planned anew for the whole year at once, change only what must, and are told once."""

from datetime import date

import pytest
from sqlmodel import select

from config.language import say
from models.audit import AuditProof
from models.engine import reading, writing
from models.record import Alarm
from processes.audit import closing as audit_closing
from processes.audit import opening as audit_opening
from processes.audit import staffing as audit_staffing
from processes.nonconformity import raising as nc
from processes.organisation import import_people as people_import
from processes.organisation import import_projects as projects_import
from rules.refusal import Refused
from tests.support.audit_cast import audit, company, did, team, the_audit
from tests.support.cast import at, change, lines, told

JANUARY = at("2026-01-12")  # months before any of the audits
AREAS = {"NET": "2026-06-15", "SYS": "2026-09-14", "QD": "2026-11-16", "HQ": "2026-10-12"}


@pytest.fixture
def cast(home):
    return company()


@pytest.fixture
def year(cast):
    for code, day in AREAS.items():
        audit(code, day=day)
    audit_staffing.staff(at=JANUARY, actor="clock")
    return cast


def teams():
    return {code: team(f"IA-2026-{code}") for code in AREAS}


def letters():
    return lines(letter="plan_report")


def alarms():
    with reading() as session:
        return [one for one in session.exec(select(Alarm)) if one.cleared_at is None]


def of(before, who):
    return {code for code, own in before.items() if who in own}


def take(process, tmp_path, text):
    file = tmp_path / "table.csv"
    file.write_text(text, "utf-8")
    process.take(file, at=JANUARY, actor="operator:x")


def test_a_year_that_stays_as_it_is_tells_nobody(year):
    assert audit_staffing.staff_due(JANUARY) is None
    assert letters() == []


def test_who_moves_is_replaced_in_audits_months_ahead_and_nowhere_else(year, tmp_path):
    """Seated by hand, so that the test knows who sits where."""
    for code, (first, second) in {"NET": ("chen", "zhao"), "SYS": ("zhou", "zhao")}.items():
        audit_staffing.set_team(
            f"IA-2026-{code}", lead=first, auditors=[second], at=JANUARY, actor="operator:x"
        )
    before = teams()
    take(people_import, tmp_path, "code,unit,manager\nchen,NET,wang\n")
    found = audit_staffing.staff_due(JANUARY)
    assert found is not None
    after = teams()
    touched = {code for code in AREAS if after[code] != before[code]}
    assert "NET" in touched
    assert touched <= of(before, "chen")
    assert after["NET"]["zhao"] in {"lead", "auditor"}
    assert "chen" not in after["NET"]


def test_a_project_that_changes_hands_is_found_at_once(year, tmp_path):
    audit_staffing.set_team(
        "IA-2026-NET", lead="chen", auditors=["he"], at=JANUARY, actor="operator:x"
    )
    take(projects_import, tmp_path, "code,manager\nP1,he\n")
    audit_staffing.staff_due(JANUARY)
    assert "he" not in team("IA-2026-NET")
    assert team("IA-2026-NET")["chen"] == "lead"


def test_training_that_ends_before_the_day_is_found_at_once(year):
    with writing() as session:
        from models.audit import Auditor

        for row in session.exec(select(Auditor).where(Auditor.person_id == year["zhao"])):
            row.valid_until = at("2026-08-31").date()
            session.add(row)
    audit_staffing.staff_due(JANUARY)
    late = {code for code, day in AREAS.items() if day > "2026-08-31"}
    assert not of(teams(), "zhao") & late


def test_the_head_of_quality_hears_everything_in_one_letter(year):
    before = teams()
    change("chen", active=False)
    change("he", active=False)
    touched = of(before, "chen") | of(before, "he")
    assert len(touched) > 1
    audit_staffing.staff_due(JANUARY)
    assert told("plan_report") == ["qin"]
    (one,) = letters()
    said = "\n".join(one.facts["sentences"])
    assert all(f"IA-2026-{code}" in said for code in touched)
    assert "何工" in said or "陈工" in said
    # Who could not be replaced is named too, and one alarm stands, not one for each audit.
    empty = [code for code in AREAS if len(team(f"IA-2026-{code}")) < 2]
    assert len(alarms()) == bool(empty)
    audit_staffing.staff_due(at("2026-01-13"))
    assert len(letters()) == 1


def test_nobody_with_a_conflict_stays_seated_where_nobody_can_replace_him(home):
    company(auditors={"chen": True, "zhao": True, "sun": False})
    code = audit("NET", day="2026-11-16")
    audit_staffing.staff(at=JANUARY, actor="clock")
    assert set(team(code)) == {"chen", "zhao"}
    change("chen", active=False)
    found = audit_staffing.staff_due(JANUARY)
    assert found.unstaffed == (code,)
    assert set(team(code)) == {"zhao"}
    assert "没有审核组" in letters()[-1].facts["subject_line"]
    assert len(alarms()) == 1
    audit_opening.cancel(code, reason="并入下次审核", at=JANUARY, actor="person:1")
    assert [one.kind for one in alarms()] == ["audit_uncovered"]  # and no team is missing


def test_what_will_be_over_by_itself_moves_nobody_who_sits_months_ahead(year):
    """A verification of this week is no reason to plan November anew; of next month's it is."""
    audit_staffing.set_team(
        "IA-2026-NET", lead="chen", auditors=["zhao"], at=JANUARY, actor="operator:x"
    )
    found = nc.raise_(title="备份", owner_code="wang", at=JANUARY, unit="NET")
    with writing() as session:
        from models.duty import Duty
        from rules.words import DutyKind

        for duty in session.exec(select(Duty).where(Duty.subject == found)):
            duty.kind, duty.owner_id = DutyKind.VERIFY, year["zhao"]
            session.add(duty)
    assert audit_staffing.staff_due(JANUARY) is None
    audit_staffing.staff_due(at("2026-05-25"))
    assert "zhao" not in team("IA-2026-NET")


def test_each_seat_planned_anew_has_its_proof(year):
    before = teams()
    change("chen", active=False)
    audit_staffing.staff_due(JANUARY)
    with reading() as session:
        proven = {(p.audit_id, p.person_id) for p in session.exec(select(AuditProof))}
    new = [(code, who) for code, own in teams().items() for who in set(own) - set(before[code])]
    assert new
    assert all((the_audit(f"IA-2026-{code}").id, year[who]) in proven for code, who in new)


def test_work_found_out_later_is_found_in_the_whole_year(year):
    sits = of(teams(), "zhao")
    assert sits
    for code in sits:
        did(year["zhao"], area=code, begins="2025-12-01", what=f"支援{code}")
    audit_staffing.staff_due(JANUARY)
    assert of(teams(), "zhao") == set()


def test_a_hole_that_a_cancellation_tears_is_told_at_once_and_ends_when_it_is_taken_up(home):
    company()
    code = audit("NET")
    audit_opening.cancel(code, reason="客户停机", at=JANUARY, actor="person:1")
    (hole,) = alarms()
    assert hole.kind == "audit_uncovered"
    assert "NET" in hole.message
    (told,) = letters()
    assert "NET" in told.facts["subject_line"]
    audit_closing.close_due(at=at("2026-06-01"))
    assert alarms() == [hole]  # nobody has to be told twice, and it is not over
    audit_opening.resume(
        code,
        on=date(2026, 10, 12),
        reason="客户同意",
        at=at("2026-06-02"),
        actor="person:1",
    )
    assert alarms() == []
    audit_staffing.staff(at=at("2026-06-02"), actor="clock")
    assert team(code)
    assert audit_opening.open_due(at=at("2026-09-25")) == 1
    assert len(letters()) == 1


@pytest.mark.parametrize(
    ("day", "reason", "no"),
    [
        ("2026-10-01", "x", "工作日"),  # National Day
        ("2026-01-05", "x", "工作日"),  # over
        ("2027-03-01", "x", "2026"),  # of another programme
        ("2026-10-12", " ", "理由"),
    ],
)
def test_it_is_taken_up_on_a_working_day_to_come_of_its_year_with_a_reason(home, day, reason, no):
    company()
    code = audit("NET")
    audit_opening.cancel(code, reason="客户停机", at=JANUARY, actor="person:1")
    with pytest.raises(Refused) as refused:
        audit_opening.resume(
            code, on=date.fromisoformat(day), reason=reason, at=at("2026-02-02"), actor="person:1"
        )
    assert no in say("zh", refused.value.sentence, **refused.value.facts)


def test_what_takes_place_is_not_taken_up(home):
    company()
    code = audit("NET")
    with pytest.raises(audit_opening.NotCancelled):
        audit_opening.resume(code, on=date(2026, 10, 12), reason="x", at=JANUARY, actor="person:1")
