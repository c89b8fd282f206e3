"""Lists of the staff as departments really send them: leavers, lost zeros, no managers."""

import pytest
import xlsxwriter

from processes.imports import shown
from processes.imports.problems import ImportRefused
from tests.processes.imports.test_imports import counts, person, take, write

HEAD = "code,name,email,manager"
STAFF = "".join(f"e{n},员工{n},e{n}@company.example,boss\n" for n in range(11))
ALL = f"{HEAD}\nboss,总经理,boss@company.example,\n{STAFF}"


def workbook(folder, form):
    path = folder / "people.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet, filled = book.add_worksheet(), book.add_format({"num_format": form})
    for column, name in enumerate(HEAD.split(",")):
        sheet.write(0, column, name)
    for row, (code, manager) in enumerate([(7, None), (45, 7)], 1):
        sheet.write_number(row, 0, code, filled)
        sheet.write(row, 1, f"员工{code}")
        if manager:
            sheet.write_number(row, 3, manager, filled)
    book.close()
    return path


def said(report):
    return "\n".join(note.said("en") for note in report.notes)


@pytest.mark.parametrize(
    ("form", "code", "below"),
    [
        ("0000", "0007", "0045"),
        ('"A"0000', "A0007", "A0045"),
        ("00-00", "00-07", "00-45"),
        ("General", "7", "45"),
        ("0.00", "7", "45"),  # decimals are no code's format
    ],
)
def test_a_code_is_read_as_the_workbook_shows_it(home, form, code, below):
    take(workbook(home, form))
    assert person(below).manager_id == person(code).id


def test_a_number_longer_than_its_format_keeps_its_digits():
    assert shown.shown(12345, shown.filling("000")) == "12345"
    assert shown.shown(12345, shown.filling("00-00")) == "123-45"


def test_a_code_that_lost_its_zeros_is_never_a_second_person(home):
    take(write(home, f"{HEAD}\n0007,员工,a@company.example,\n"))
    with pytest.raises(ImportRefused) as no:
        take(write(home, f"{HEAD}\n7,员工,a@company.example,\n8,员工,b@company.example,7\n"))
    assert [(p.row, p.column) for p in no.value.problems] == [(2, "code"), (3, "manager")]


def test_who_is_not_in_the_list_any_more_is_named_and_stays(home):
    take(write(home, ALL))
    report = take(write(home, ALL.replace("e3,员工3,e3@company.example,boss\n", "")))
    assert "e3 (员工3) is not in this file any more and stays active" in said(report)
    assert person("e3").active


def test_a_list_declared_complete_takes_leavers_out_of_service(home):
    take(write(home, ALL))
    report = take(write(home, ALL.replace("e3,员工3,e3@company.example,boss\n", "")), complete=True)
    assert counts(report)[1] == 1
    assert not person("e3").active


def test_more_leavers_than_the_policy_believes_are_refused_without_yes(home):
    take(write(home, ALL))
    short = write(home, "\n".join(ALL.splitlines()[:10]) + "\n")
    with pytest.raises(ImportRefused, match="add --yes"):
        take(short, complete=True)
    assert person("e10").active
    take(short, complete=True, sure=True)
    assert not person("e10").active


def test_a_change_of_one_person_is_no_list_of_leavers(home):
    take(write(home, ALL))
    assert "not in this file" not in said(take(write(home, "code,name\ne1,新名\n")))


def test_orphans_and_people_who_lead_themselves_are_called_that(home):
    report = take(write(home, f"{HEAD}\na,甲,a@company.example,\nb,乙,b@company.example,b\n"))
    assert "1 without a manager who are not top management (a)" in said(report)
    assert "b is entered as their own manager" in said(report)
