"""Checks and audits from a register kept elsewhere: as they were, marked, without a letter."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlmodel import select

from config.current import current
from config.register_mapping import load_register
from models.audit import Audit, AuditArea, AuditProgramme
from models.check import Check
from models.duty import Duty, Line
from models.engine import reading
from processes.audit import areas as audit_areas
from processes.audit import import_audits as audits
from processes.audit import programme as audit_programme
from processes.audit import registers as registers_audit
from processes.check import import_checks as checks
from processes.check import registers as registers_check
from processes.imports.problems import ImportRefused
from processes.register.query import Filters
from tests.support.cast import hire

AT = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
CHECKS = "code,project,state,closed_at,verified_by,score,conclusion,findings\n"
AUDITS = "code,area,planned_on,state,closed_at,verified_by,verified_at,rounds,lead\n"


def write(folder, text, name="register.csv"):
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def take(module, path, mapping=None):
    return module.take(path, at=AT, actor="operator:test", mapping=mapping)


def of(model):
    with reading() as session:
        return list(session.exec(select(model)))


def test_a_check_of_before_has_its_score_and_nobody_hears_of_it(home):
    hire()
    path = write(home, CHECKS + "QC-1,P1,closed,2024-03-05,zhao,87.5,ordinary,2\n")
    assert take(checks, path).new == 1
    (check,) = of(Check)
    assert (check.score, check.findings, str(check.performed_on)) == (
        Decimal("87.5"),
        2,
        "2024-03-05",
    )
    (row,) = registers_check.checks(Filters(), at=AT).rows
    assert row.brought_in["unknown"] == ["verified_at"]
    assert (row.state, row.inspector) == ("done", "zhao")
    assert (of(Duty), of(Line)) == ([], [])
    assert take(checks, path).unchanged == 1
    assert len(of(Check)) == 1


def test_who_checked_may_be_unknown_and_is_said(home):
    hire()
    report = take(checks, write(home, CHECKS + "QC-1,P1,done,2024-03-05,,,,\n"))
    assert any("verified_by is unknown for 1" in note.said("en") for note in report.notes)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("QC-1,P9,done,2024-03-05,,,,", "project"),
        ("QC-1,P1,open,2024-03-05,,,,", "state"),  # what is open belongs into a plan of ours
        ("QC-1,P1,done,2027-03-05,,,,", "closed_at"),
        ("QC-1,P1,done,2024-03-05,nobody,,,", "verified_by"),
        ("QC-1,P1,done,,,,,", None),  # of no day at all
    ],
)
def test_what_cannot_have_been_is_refused(home, row, column):
    hire()
    with pytest.raises(ImportRefused) as no:
        take(checks, write(home, CHECKS + row + "\n"))
    assert column in {one.column for one in no.value.problems}
    assert of(Check) == []


def test_a_register_of_checks_is_read_by_a_mapping(home):
    hire()
    mapping = write(
        home,
        'register = "checks"\n[columns]\ncode = "QC-{nr}"\nproject = "p"\nclosed_at = "on"\n'
        '[constants]\nstate = "closed"\n[written]\ndates = "%d.%m.%Y"\n',
        "old.toml",
    )
    found = load_register(str(mapping), current().settings.home, "checks")
    take(checks, write(home, "nr,p,on,more\n7,P1,05.03.2024,x\n"), found)
    assert [check.code for check in of(Check)] == ["QC-7"]


def test_an_audit_of_before_stands_in_a_programme_of_its_year(home):
    hire()
    audit_areas.sync(at=AT)
    area = registers_audit_areas()
    path = write(
        home,
        AUDITS
        + f"IA-1,{area},2024-03-01,closed,2024-03-05,zhao,2024-03-05,2,zhao\n"
        + f"IA-2,{area},2024-09-01,cancelled,,,,,\n",
    )
    assert take(audits, path).new == 2
    rows = {row.code: row for row in registers_audit.audits(Filters(), at=AT).rows}
    assert (rows["IA-1"].state, rows["IA-1"].programme) == ("closed", "AP-2024")
    assert (rows["IA-1"].brought_in["rounds"], rows["IA-1"].brought_in["lead"]) == (2, "zhao")
    assert rows["IA-2"].brought_in["unknown"] == ["closed_at", "verified_by", "verified_at"]
    assert len(of(AuditProgramme)) == 1
    assert take(audits, path).unchanged == 2
    assert (len(of(Audit)), of(Duty), of(Line)) == (2, [], [])


def registers_audit_areas():

    return of(AuditArea)[0].code


def test_a_year_that_has_a_programme_of_its_own_takes_none(home):
    hire()
    audit_areas.sync(at=AT)
    audit_programme.draft(2026, at=AT, actor="test")
    area = registers_audit_areas()
    with pytest.raises(ImportRefused) as no:
        take(audits, write(home, AUDITS + f"IA-1,{area},2026-03-01,closed,2026-03-05,,,,\n"))
    assert [one.column for one in no.value.problems] == ["planned_on"]
