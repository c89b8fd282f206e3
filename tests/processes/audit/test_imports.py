"""Auditors, work, areas and teams from files: all or nothing, and never past the gate."""

import pytest
from sqlmodel import select

from models.audit import AuditArea, Auditor, AuditorUnit, Work
from models.engine import reading
from processes.audit import areas as audit_areas
from processes.audit import import_areas as areas
from processes.audit import import_auditors as auditors
from processes.audit import import_audits as audits
from processes.audit import import_work as work
from processes.audit import programme as audit_programme
from processes.audit.registers import audits as register
from processes.imports.problems import ImportRefused
from processes.register.query import Filters
from tests.support.audit_cast import audit, company, team
from tests.support.cast import at

TODAY = at("2026-09-01")


@pytest.fixture
def cast(home):
    return company(auditors={})


def take(process, tmp_path, text, **options):
    file = tmp_path / "table.csv"
    file.write_text(text, "utf-8")
    return process.take(file, at=TODAY, actor="operator:x", **options)


def rows(model):
    with reading() as session:
        return session.exec(select(model)).all()


AUDITORS = """code,lead,competence,trained_on,valid_until,units
zhao,是,20000;own,2025-01-10,2027-12-31,NET 2024-01-01 2025-06-30; SYS 2026-03-01
he,否,*,2025-01-10,2027-12-31,
"""


def test_auditors_with_where_they_were(cast, tmp_path):
    report = take(auditors, tmp_path, AUDITORS)
    assert (report.new, report.changed) == (2, 0)
    zhao = next(row for row in rows(Auditor) if row.person_id == cast["zhao"])
    assert zhao.lead
    assert zhao.competence == ["20000", "own"]
    assert len(rows(AuditorUnit)) == 2
    assert take(auditors, tmp_path, AUDITORS).unchanged == 2


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("nobody,是,*,,2027-01-01,", "code"),
        ("zhao,maybe,*,,2027-01-01,", "lead"),
        ("zhao,是,*,,tomorrow,", "valid_until"),
        ("zhao,是,20 000,,2027-01-01,", "competence"),
        ("zhao,是,*,,2027-01-01,XX 2024-01-01", "units"),
        ("zhao,是,*,,2027-01-01,NET 2025-01-01 2024-01-01", "units"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_taken(cast, tmp_path, line, column):
    text = f"code,lead,competence,trained_on,valid_until,units\nhe,否,*,,2027-01-01,\n{line}\n"
    with pytest.raises(ImportRefused) as no:
        take(auditors, tmp_path, text)
    assert [(p.row, p.column) for p in no.value.problems] == [(3, column)]
    assert rows(Auditor) == []


def test_work_is_of_an_area_or_a_project(cast, tmp_path):
    text = "code,person,area,project,what,begins,ends\nW1,he,,P1,割接,2026-06-01,\n"
    assert take(work, tmp_path, text).new == 1
    assert rows(Work)[0].project == "P1"
    for wrong in ("W2,he,,,割接,2026-06-01,\n", "W2,he,NET,,割接,2026-06-02,2026-06-01\n"):
        with pytest.raises(ImportRefused):
            take(work, tmp_path, text.splitlines()[0] + "\n" + wrong)


def test_the_importance_of_an_area_stays_when_areas_are_computed_anew(cast, tmp_path):
    take(areas, tmp_path, "code,importance,status,site\nNET,5,changed,上海\n")
    audit_areas.sync(at=TODAY)
    net = next(row for row in rows(AuditArea) if row.code == "NET")
    assert (net.importance, net.status, net.site) == (5, "changed", "上海")


def test_what_changed_and_matters_more_comes_earlier(cast, tmp_path):
    take(auditors, tmp_path, AUDITORS)
    take(areas, tmp_path, "code,importance,status,site\nSYS,5,new,\n")
    audit_programme.draft(2027, at=TODAY, actor="person:1")
    with reading() as session:
        lines = audit_programme.lines_of(session, audit_programme.find(session, 2027))
    assert lines[0][1].code == "SYS"
    assert ["new", 1, 8] in lines[0][0].reasons


def test_a_file_of_teams_goes_through_the_gate(home, tmp_path):
    company()
    code = audit()
    with pytest.raises(ImportRefused) as no:
        take(audits, tmp_path, f"code,lead,auditors\n{code},zhao,sun;he\n")
    told = no.value.problems[0]
    assert (told.row, told.column) == (2, "lead")
    assert "属于受审核部门" in told.said("zh")
    assert team(code) == {}
    assert take(audits, tmp_path, f"code,lead,auditors\n{code},zhao,he\n").changed == 1
    assert team(code) == {"zhao": "lead", "he": "auditor"}
    assert take(audits, tmp_path, f"code,lead,auditors\n{code},zhao,he\n").unchanged == 1


def test_a_dry_run_names_what_is_wrong_and_seats_nobody(home, tmp_path):
    company()
    code = audit()
    take(audits, tmp_path, f"code,lead,auditors\n{code},zhao,he\n", dry_run=True)
    assert team(code) == {}


def test_the_register_has_the_keys_that_others_rely_on(home):
    company()
    audit()
    row = register(Filters(), at=TODAY).rows[0]
    wanted = ("code", "area", "planned_on", "lead", "auditors", "state", "conflicts")
    assert all(hasattr(row, name) for name in wanted)
    assert (row.area, row.lead, row.auditors, row.conflicts) == ("NET", None, (), ())
