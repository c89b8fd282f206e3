"""A company with several units, so that somebody is a stranger to each of them."""

from datetime import date

from sqlmodel import col, select

from models.audit import Audit, AuditArea, AuditLine, Auditor, AuditProgramme, AuditTeam, Work
from models.engine import reading, writing
from models.organisation import Person, Project, Unit
from processes.audit import areas as audit_areas
from processes.audit import programme as audit_programme
from tests.support.cast import at

UNITS = [("HQ", None, "zong"), ("QD", "HQ", "qin"), ("NET", "HQ", "wang"), ("SYS", "HQ", "feng")]
PEOPLE = [
    # code, name, manager, unit, roles
    ("zong", "总经理", None, "HQ", ["top_management"]),
    ("gao", "高副总", "zong", "HQ", ["vp_operations"]),
    ("du", "杜主任", "gao", "HQ", ["centre_director"]),
    ("qin", "秦部长", "zong", "QD", ["quality_head"]),
    ("zhao", "赵工", "qin", "QD", ["quality", "auditor"]),
    ("zhou", "周工", "qin", "QD", ["quality", "auditor"]),
    ("wang", "王经理", "du", "NET", ["department_manager"]),
    ("li", "李工", "wang", "NET", []),
    ("sun", "孙工", "wang", "NET", ["project_manager", "auditor"]),
    ("feng", "冯经理", "du", "SYS", ["department_manager", "service_desk"]),
    ("chen", "陈工", "feng", "SYS", ["auditor"]),
    ("he", "何工", "feng", "SYS", ["auditor"]),
]
AUDITORS = {"zhao": True, "zhou": True, "sun": False, "chen": True, "he": False}  # may lead


def company(*, auditors=AUDITORS, trained="2027-12-31"):
    """Write units, people, a project and auditors; return ids by code."""
    with writing() as session:
        units, known = {}, {}
        for code, parent, head in UNITS:
            unit = Unit(code=code, name=f"{code}部", parent_id=units.get(parent), head_code=head)
            session.add(unit)
            session.flush()
            units[code] = unit.id
        for code, name, manager, unit, roles in PEOPLE:
            person = Person(
                code=code,
                name=name,
                email=f"{code}@company.example",
                manager_id=known.get(manager),
                manager_code=manager,
                unit_id=units[unit],
                roles=roles,
            )
            session.add(person)
            session.flush()
            known[code] = person.id
        session.add(Project(code="P1", name="政务云", manager_id=known["li"], unit_id=units["NET"]))
        for code, lead in auditors.items():
            session.add(
                Auditor(
                    person_id=known[code],
                    lead=lead,
                    competence=["*"],
                    trained_on=date(2025, 1, 10),
                    valid_until=date.fromisoformat(trained),
                )
            )
    return known


def area(code="NET"):
    with reading() as session:
        return session.exec(select(AuditArea).where(col(AuditArea.code) == code)).one()


def audit(area_code="NET", *, day="2026-09-28", needs=2):
    """Write one planned audit of an area in a programme in force; return its code."""
    audit_areas.sync(at=at("2026-01-05"))
    with writing() as session:
        programme = session.exec(select(AuditProgramme)).first()
        if programme is None:
            programme = AuditProgramme(
                code="AP-2026",
                year=2026,
                state="approved",
                procedure_hash="0" * 64,
                drafted_at=at("2026-01-05"),
            )
            session.add(programme)
            session.flush()
        found = session.exec(select(AuditArea).where(col(AuditArea.code) == area_code)).one()
        line = AuditLine(programme_id=programme.id, area_id=found.id, points=1, rank=1, months=[9])
        session.add(line)
        session.flush()
        made = Audit(
            code=f"IA-2026-{area_code}",
            programme_id=programme.id,
            line_id=line.id,
            area_id=found.id,
            month=9,
            planned_on=date.fromisoformat(day),
            clauses=["20000:7.2", "20000:7.5", "own:3"],
            needs=needs,
        )
        session.add(made)
        return made.code


def team(code):
    """Return the team as {code: role}."""
    with reading() as session:
        rows = session.exec(
            select(Person.code, AuditTeam.role)
            .join(AuditTeam, col(AuditTeam.person_id) == Person.id)
            .join(Audit, col(Audit.id) == AuditTeam.audit_id)
            .where(col(Audit.code) == code)
        )
        return dict(rows.all())


def the_audit(code):
    with reading() as session:
        return session.exec(select(Audit).where(col(Audit.code) == code)).one()


def did(person_id, *, area=None, project=None, begins="2026-08-01", ends=None, what="割接"):
    with writing() as session:
        session.add(
            Work(
                code=f"W{person_id}-{begins}-{what}",
                person_id=person_id,
                area=area,
                project=project,
                what=what,
                begins_on=date.fromisoformat(begins),
                ends_on=date.fromisoformat(ends) if ends else None,
            )
        )


def drafted(year=2026, day="2026-01-05"):
    return audit_programme.draft(year, at=at(day), actor="person:1")
