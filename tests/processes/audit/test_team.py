"""The gate of independence: nobody comes into a team by any way but through it."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models.audit import Audit, AuditProof, AuditTeam
from models.engine import reading, transaction, writing
from models.nonconformity import Nonconformity, Round
from processes.audit import staffing as audit_staffing
from processes.audit import team as audit_team
from processes.nonconformity import raising as nc
from processes.organisation import import_people as people_import
from rules.audit import NotIndependent, NotQualified
from rules.refusal import NotFound
from tests.support.audit_cast import audit, company, did, team, the_audit
from tests.support.cast import absent, at, change

TODAY = at("2026-09-20")


@pytest.fixture
def cast(home):
    return company()


@transaction
def put(session: Session, code, person, role="auditor"):
    return audit_team.put(
        session, audit_team.by_code(session, code), person, role, at=TODAY, actor="operator:x"
    ).proof


def refused(code, person):
    with pytest.raises((NotIndependent, NotQualified)) as no:
        put(code, person)
    assert team(code) == {}
    return [one.reason for one in no.value.found]


def test_a_stranger_is_let_in_and_the_proof_says_why(cast):
    code = audit()
    proof = put(code, cast["zhao"], "lead")
    assert team(code) == {"zhao": "lead"}
    with reading() as session:
        kept = session.exec(select(AuditProof)).one()
    assert kept.hash == proof == audit_team.proof_hash(code, kept)
    assert kept.facts["auditees"] == [cast["wang"]]
    assert kept.facts["conflicts"] == []


def test_twice_is_once(cast):
    code = audit()
    assert put(code, cast["zhao"]) == put(code, cast["zhao"])
    assert team(code) == {"zhao": "auditor"}


# --- hostile tries -----------------------------------------------------------------------


def test_no_auditor_of_the_own_unit(cast):
    assert refused(audit(), cast["sun"]) == ["led_by_auditee", "own_unit"]


def test_not_who_moved_into_the_unit_the_day_before(cast, tmp_path):
    code = audit()
    file = tmp_path / "people.csv"
    file.write_text("code,unit\nchen,NET\n", "utf-8")
    people_import.take(file, at=at("2026-09-27"), actor="operator:x")
    assert "own_unit" in refused(code, cast["chen"])


def test_not_who_moved_out_of_the_unit_the_day_before(cast, tmp_path):
    """His unit and his manager are others now; the trail knows where he was."""
    code = audit()
    file = tmp_path / "people.csv"
    file.write_text("code,unit,manager\nsun,SYS,feng\n", "utf-8")
    people_import.take(file, at=at("2026-09-19"), actor="operator:x")
    assert refused(code, cast["sun"]) == ["moved"]


@pytest.mark.parametrize("boss", ["wang", "du", "gao", "zong"])
def test_no_manager_at_any_level_above(cast, boss):
    code = audit()
    with writing() as session:
        from models.audit import Auditor

        session.add(Auditor(person_id=cast[boss], competence=["*"], valid_until=date(2027, 1, 1)))
    assert {"leads_auditee", "manages_area"} & set(refused(code, cast[boss]))


def test_not_the_deputy_of_the_auditee(cast):
    code = audit()
    change("wang", **absent(delegate="chen"))
    assert refused(code, cast["chen"]) == ["stands_in"]


def test_not_whom_the_auditee_stands_in_for(cast):
    code = audit()
    change("chen", delegate="wang")
    assert refused(code, cast["chen"]) == ["stood_in_for"]


def test_not_who_fixed_last_years_finding(cast):
    code = audit()
    found = nc.raise_(title="备份", owner_code="wang", at=at("2025-11-03"), unit="NET")
    with writing() as session:
        row = session.exec(select(Nonconformity).where(col(Nonconformity.code) == found)).one()
        row.state, row.closed_at = "closed", at("2025-12-20")
        round_ = session.exec(select(Round).where(col(Round.nonconformity_id) == row.id)).one()
        round_.done_hands, round_.done_at = [cast["chen"]], at("2025-12-01")
        session.add(row)
        session.add(round_)
    assert refused(code, cast["chen"]) == ["own_action"]


def test_not_who_did_the_work_last_month(cast):
    code = audit()
    did(cast["chen"], area="NET")
    assert refused(code, cast["chen"]) == ["own_work"]


def test_not_who_worked_on_a_project_of_the_unit(cast):
    code = audit()
    did(cast["chen"], project="P1")
    assert refused(code, cast["chen"]) == ["own_work"]


def test_work_longer_ago_than_the_policy_looks_is_forgiven(cast):
    code = audit()
    did(cast["chen"], area="NET", begins="2024-01-01", ends="2025-09-01")
    put(code, cast["chen"])
    assert team(code) == {"chen": "auditor"}


def test_not_who_has_left_nor_whose_training_is_over(cast):
    code = audit()
    change("chen", active=False)
    assert refused(code, cast["chen"]) == ["inactive"]
    with writing() as session:
        session.execute(sa.text("UPDATE auditor SET valid_until = '2026-09-27'"))
    assert refused(code, cast["zhao"]) == ["training_expired"]


def test_not_by_naming_the_role_otherwise(cast):
    code = audit()
    with pytest.raises(NotFound):
        put(code, cast["zhao"], "observer")


# --- ways around ---------------------------------------------------------------------------


def test_the_database_refuses_a_member_without_a_proof(cast):
    code = audit()
    own = the_audit(code).id
    with pytest.raises(IntegrityError), writing() as session:
        session.add(
            AuditTeam(audit_id=own, person_id=cast["sun"], role="auditor", proof="0" * 64, at=TODAY)
        )


def test_the_database_refuses_somebody_elses_proof(cast):
    code = audit()
    proof = put(code, cast["zhao"])
    with pytest.raises(IntegrityError), writing() as session:
        session.add(
            AuditTeam(
                audit_id=the_audit(code).id,
                person_id=cast["sun"],
                role="auditor",
                proof=proof,
                at=TODAY,
            )
        )


def test_the_database_has_no_default_that_lets_anybody_in(cast):
    code = audit()
    insert = "INSERT INTO audit_team (audit_id, person_id, role, at) VALUES (:a, :p, 'lead', :t)"
    values = {"a": the_audit(code).id, "p": cast["sun"], "t": TODAY.isoformat()}
    with pytest.raises(IntegrityError), writing() as session:
        session.execute(sa.text(insert), values)


def test_the_database_refuses_a_proof_with_a_conflict_and_no_exception(cast):
    code = audit()
    with pytest.raises(IntegrityError), writing() as session:
        session.add(
            AuditProof(
                audit_id=the_audit(code).id,
                person_id=cast["sun"],
                at=TODAY,
                facts={},
                conflicts=1,
                hash="f" * 64,
            )
        )


def test_a_team_named_by_a_planner_goes_through_the_same_gate(cast):
    code = audit()
    with pytest.raises(NotIndependent):
        audit_staffing.set_team(code, lead="zhao", auditors=["sun"], at=TODAY, actor="operator:x")
    assert team(code) == {}  # nothing half done


def test_nobody_else_writes_the_team():
    """`AuditTeam(` is made in one place of the product."""
    from pathlib import Path

    root = Path(__file__).parents[3]
    folders = ("rules", "models", "processes", "tasks", "flows", "web", "service", "config")
    makers = [
        path.relative_to(root).as_posix()
        for folder in folders
        for path in (root / folder).rglob("*.py")
        if "AuditTeam(" in path.read_text("utf-8") and "class AuditTeam(" not in path.read_text()
    ]
    assert makers == ["processes/audit/team.py"]


# --- the proposal, and planning anew ---------------------------------------------------------


def test_staffs_every_audit_without_a_conflict(cast):
    for code in ("NET", "SYS", "QD"):
        audit(code)
    found = audit_staffing.staff(at=TODAY, actor="clock")
    assert found.unstaffed == ()
    assert found.spread == found.bound
    assert set(team("IA-2026-QD")) <= {"sun", "chen", "he"}
    assert set(team("IA-2026-NET")).isdisjoint({"sun"})
    assert all("lead" in team(f"IA-2026-{c}").values() for c in ("NET", "SYS", "QD"))


def test_says_which_audit_cannot_be_staffed_and_why_for_each_auditor(home):
    company(auditors={"sun": True, "chen": False})
    code = audit("NET")
    found = audit_staffing.staff(at=TODAY, actor="clock")
    assert found.unstaffed == (code,)
    why, told = the_audit(code).unstaffed[0]
    assert why == "no_lead"
    reasons = {person: [r for r, _ in conflicts] for person, conflicts in told}
    assert sorted(reasons.values()) == [[], ["led_by_auditee", "own_unit"]]


def test_who_leaves_is_replaced_and_nobody_else_moves(cast):
    for code in ("NET", "SYS", "QD"):
        audit(code)
    audit_staffing.staff(at=TODAY, actor="clock")
    before = {c: team(f"IA-2026-{c}") for c in ("NET", "SYS", "QD")}
    change("zhou", active=False)
    assert audit_staffing.staff_due(TODAY) is not None
    for code, was in before.items():
        now = team(f"IA-2026-{code}")
        assert "zhou" not in now
        assert len(now) == 2
        stayed = {who: role for who, role in was.items() if who != "zhou"}
        if "zhou" not in was:
            assert now == was
        else:
            assert set(stayed) <= set(now)


def test_asks_nobody_when_nothing_is_wanting(cast):
    audit("NET")
    audit_staffing.staff(at=TODAY, actor="clock")
    assert audit_staffing.staff_due(TODAY) is None


def test_who_comes_into_a_conflict_later_is_replaced(cast):
    code = audit("NET", needs=1)
    audit_staffing.set_team(code, lead="chen", auditors=[], at=TODAY, actor="operator:x")
    did(cast["chen"], area="NET", begins="2026-09-18")
    audit_staffing.staff_due(TODAY)
    assert "chen" not in team(code)
    assert list(team(code).values()) == ["lead"]


def test_the_team_of_an_audit_that_was_conducted_is_history(cast):
    code = audit("NET")
    put(code, cast["zhao"], "lead")
    with writing() as session:
        row = session.exec(select(Audit).where(col(Audit.code) == code)).one()
        row.conducted_at = TODAY
        session.add(row)
    with pytest.raises(audit_team.TeamIsFixed):
        put(code, cast["zhou"])
