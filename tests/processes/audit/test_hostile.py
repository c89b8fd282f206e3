"""Somebody tries to audit his own work: by a move the day before, by a file, by hand."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.audit import AuditArea, Auditor, AuditProof, AuditTeam
from models.engine import reading, transaction, writing
from processes.audit import areas as audit_areas
from processes.audit import import_auditors as auditors_import
from processes.audit import import_audits as audits_import
from processes.audit import plan as audit_plan
from processes.audit import staffing as audit_staffing
from processes.audit import team as audit_team
from processes.audit.findings import OwnFinding
from processes.imports.problems import ImportRefused
from processes.organisation import import_people as people_import
from processes.organisation import import_projects as projects_import
from processes.organisation import import_units as units_import
from rules.audit import NotIndependent, NotQualified
from tests.support.audit_cast import audit, company, did, team, the_audit
from tests.support.audit_life import (
    HELD,
    PLANNED,
    announced,
    answer,
    conducted,
    hand_in,
    lead,
    opened,
    reported,
)
from tests.support.cast import absent, at, change, duty_of

TODAY = at("2026-09-20")


@pytest.fixture
def cast(home):
    return company()


@transaction
def put(session: Session, code, person, role="auditor", *, when=TODAY):
    audit_team.put(
        session, audit_team.by_code(session, code), person, role, at=when, actor="operator:x"
    )


def refused(code, person, when=TODAY):
    with pytest.raises((NotIndependent, NotQualified)) as no:
        put(code, person, when=when)
    return [one.reason for one in no.value.found]


def take(process, tmp_path, text, day="2026-09-19"):
    file = tmp_path / "table.csv"
    file.write_text(text, "utf-8")
    return process.take(file, at=at(day), actor="operator:x")


# --- yesterday it was his -------------------------------------------------------------------


def test_not_who_became_head_of_the_unit_yesterday_though_the_area_names_another(cast, tmp_path):
    code = audit()
    take(units_import, tmp_path, "code,head\nNET,chen\n")
    with reading() as session:
        area = session.exec(select(AuditArea).where(col(AuditArea.code) == "NET")).one()
    assert area.owner_id == cast["wang"]  # not brought in step yet
    assert "manages_area" in refused(code, cast["chen"])


def test_not_who_ceased_to_be_head_of_the_unit_yesterday(cast, tmp_path):
    code = audit()
    take(units_import, tmp_path, "code,head\nNET,chen\n", "2026-09-01")
    audit_areas.sync_known(at=at("2026-09-02"))
    take(units_import, tmp_path, "code,head\nNET,wang\n")
    assert "manages_area" in refused(code, cast["chen"])  # the area still names him
    audit_areas.sync_known(at=TODAY)
    assert refused(code, cast["chen"]) == ["own_work"]


def test_not_who_handed_his_project_over_yesterday(cast, tmp_path):
    code = audit()
    take(projects_import, tmp_path, "code,manager\nP1,chen\n", "2026-06-01")
    assert "own_project" in refused(code, cast["chen"])
    take(projects_import, tmp_path, "code,manager\nP1,li\n")
    assert refused(code, cast["chen"]) == ["own_work"]
    later = at("2027-09-28")
    put(code, cast["chen"], when=later)  # a year later it is forgiven


def test_not_whose_project_was_taken_out_of_the_unit_yesterday(cast, tmp_path):
    code = audit()
    take(projects_import, tmp_path, "code,manager\nP1,chen\n", "2026-06-01")
    take(projects_import, tmp_path, "code,unit\nP1,SYS\n")
    assert refused(code, cast["chen"]) == ["own_project"]


def test_not_who_ceased_to_hold_the_role_that_owns_the_process(cast, tmp_path):
    code = audit("service-desk")
    change("feng", roles=["department_manager"])
    change("zhou", roles=["quality", "auditor", "service_desk"])
    audit_areas.sync_known(at=at("2026-09-18"))
    change("zhou", roles=["quality", "auditor"])
    change("feng", roles=["department_manager", "service_desk"])
    audit_areas.sync_known(at=at("2026-09-19"))
    assert "own_work" in refused(code, cast["zhou"])


# --- seated already, then something changes ---------------------------------------------------


def everybody_else(cast, code):
    return [who for who in ("zhao", "zhou", "chen", "he") if who not in team(code)]


@pytest.mark.parametrize(
    ("what", "how"),
    [
        ("moved into the unit", "code,unit\n{who},NET\n"),
        ("became the manager's manager", "code,manager\ndu,{who}\n"),
        ("reports to the auditee", "code,manager\n{who},wang\n"),
        ("stands in for the auditee", "code,delegate\nwang,{who}\n"),
    ],
)
def test_a_change_of_people_the_day_before_stops_the_audit(cast, tmp_path, what, how):
    code = announced(cast)
    who = lead(code)
    take(people_import, tmp_path, how.format(who=who), "2026-09-09")
    with pytest.raises(NotIndependent):
        hand_in(cast, code)
    assert the_audit(code).conducted_at is None, what


def test_training_that_ended_before_the_day_stops_the_audit(cast, tmp_path):
    code = announced(cast)
    take(auditors_import, tmp_path, f"code,valid_until\n{lead(code)},2026-09-09\n", "2026-09-08")
    with pytest.raises(NotQualified):
        hand_in(cast, code)


def test_who_may_not_lead_any_more_leads_no_audit(cast, tmp_path):
    code = opened()
    take(auditors_import, tmp_path, f"code,lead\n{lead(code)},否\n", "2026-08-31")
    with pytest.raises(NotQualified):
        answer(cast, lead(code), "plan_audit", code, opening_on="2026-09-10")


def test_an_audit_is_not_moved_to_a_day_on_which_its_auditors_are_not_trained(cast):
    code = announced(cast)
    with writing() as session:
        session.execute(sa.text("UPDATE auditor SET valid_until = '2026-09-15'"))
    wanted = audit_plan.Wanted(opening_on=date(2026, 9, 17), opening_at=at("2026-09-17").time())
    with pytest.raises(NotQualified):
        audit_plan.move(code, wanted, person_id=cast["zhao"], at=PLANNED, via="test")


def test_whoever_conducted_it_reports_it_though_his_training_has_ended_since(cast):
    code = conducted(cast)
    with writing() as session:
        session.execute(sa.text("UPDATE auditor SET valid_until = '2026-09-11'"))
    reported(cast, code, at("2026-09-14"))
    assert duty_of(code, "review")


# --- by a file, by another's hand, by the rows -------------------------------------------------


def test_no_file_seats_a_member_of_the_audited_unit(cast, tmp_path):
    code = audit()
    with pytest.raises(ImportRefused) as no:
        take(audits_import, tmp_path, f"code,lead,auditors\n{code},zhao,sun\n")
    assert [(p.row, p.column) for p in no.value.problems] == [(2, "lead")]
    assert team(code) == {}


def test_an_auditor_named_by_a_file_after_the_move_is_judged_by_the_move(cast, tmp_path):
    code = audit()
    take(people_import, tmp_path, "code,unit\nchen,NET\n", "2026-09-18")
    take(auditors_import, tmp_path, "code,units\nchen,SYS 2020-01-01\n")  # says he was elsewhere
    assert "own_unit" in refused(code, cast["chen"])


def test_the_auditor_does_not_confirm_his_finding_as_the_auditees_delegate(cast):
    code = conducted(cast, c1="minor")
    change("wang", **absent(delegate=lead(code)))
    with pytest.raises(OwnFinding):
        answer(cast, lead(code), "confirm_finding", f"{code}-F1", HELD, decision="confirm")


def test_the_auditee_reviews_no_report_about_himself(cast):
    code = conducted(cast, "QD")
    reported(cast, code)
    owner = duty_of(code, "review").owner_id
    assert owner not in {cast["qin"], cast["zhao"], cast["zhou"]}  # nor do his own people


def test_a_seat_and_a_proof_written_by_hand_do_not_conduct_an_audit(cast):
    """The database cannot know a forged proof; the gate asks again."""
    code = announced(cast)
    kept = the_audit(code)
    forged = "f" * 64
    with writing() as session:
        session.execute(sa.delete(AuditTeam).where(col(AuditTeam.audit_id) == kept.id))
        session.add(
            AuditProof(
                audit_id=kept.id,
                person_id=cast["sun"],
                at=PLANNED,
                facts={"conflicts": []},
                conflicts=0,
                hash=forged,
            )
        )
        session.flush()
        session.add(
            AuditTeam(
                audit_id=kept.id, person_id=cast["sun"], role="lead", proof=forged, at=PLANNED
            )
        )
    from processes.duty import answers

    duty = duty_of(code, "conduct_audit")
    with pytest.raises(NotIndependent):
        answers.answer(
            duty.id, person_id=duty.owner_id, data={"attendance": "x"}, at=HELD, via="test"
        )
    audit_staffing.staff_due(PLANNED)
    assert "sun" not in team(code)  # and the night takes him out


def test_an_auditor_written_without_anything_may_not_audit(cast):
    """The defaults of the table let nobody in: no training, no competence, no lead."""
    code = audit()
    with writing() as session:
        session.add(Auditor(person_id=cast["du"]))
        session.flush()
        stranger = Auditor(person_id=cast["feng"])
        session.add(stranger)
    with pytest.raises(NotQualified) as no:
        put(code, cast["feng"])
    assert {one.reason for one in no.value.found} == {"not_trained", "not_competent"}


def test_work_found_out_later_lets_nobody_verify(cast):
    code = conducted(cast, c1="minor")
    did(cast[lead(code)], area="NET", begins="2026-08-01")
    with pytest.raises(NotIndependent):
        reported(cast, code)
