"""Imports: all or nothing, idempotent by code, every wrong place named at once."""

import csv
import gzip
import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from sqlmodel import select

from models import trail
from models.engine import reading
from models.organisation import Person, Project, Unit
from processes.imports import workbook
from processes.imports.problems import ImportRefused
from processes.organisation import import_people as people
from processes.organisation import import_projects as projects
from processes.organisation import import_units as units

DATA = Path(__file__).parents[4] / "shared" / "data"
AT = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
PEOPLE = "code,name,email,manager,unit,roles,language,active,absent_from,absent_until,delegate"

real_data = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here")


def write(folder: Path, text: str, name="people.csv", encoding="utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def take(path, kind=people, **options):
    return kind.take(path, at=AT, actor="operator:test", **options)


def counts(report):
    return report.new, report.changed, report.unchanged, report.refused


def refused(path, kind=people):
    with pytest.raises(ImportRefused) as no:
        take(path, kind)
    return [(p.row, p.column, p.said("en")) for p in no.value.problems]


def person(code):
    with reading() as session:
        return session.exec(select(Person).where(Person.code == code)).one_or_none()


def test_takes_people_whose_managers_stand_later_in_the_file(home):
    path = write(home, f"{PEOPLE}\nli,李明,LI@Company.example ,wang,,,,,,,\nwang,王强,,,,,,,,,\n")
    report = take(path)
    assert counts(report) == (2, 0, 0, 0)
    assert person("li").manager_id == person("wang").id
    assert person("li").email == "li@company.example"


def test_the_same_file_twice_changes_nothing_and_leaves_no_trail(home):
    path = write(home, f"{PEOPLE}\nli,李明,li@company.example,,,quality;auditor,zh,yes,,,\n")
    take(path)
    with reading() as session:
        before = len(session.exec(select(trail.Trail)).all())
    assert counts(take(path)) == (0, 0, 1, 0)
    with reading() as session:
        assert len(session.exec(select(trail.Trail)).all()) == before
        assert trail.verify(session) is None


def test_a_column_that_is_missing_leaves_what_is_known(home):
    take(write(home, f"{PEOPLE}\nli,李明,li@company.example,,,auditor,en,yes,,,\n"))
    report = take(write(home, "code,roles\nli,quality;quality_head\n"))
    assert counts(report) == (0, 1, 0, 0)
    assert person("li").roles == ["quality", "quality_head"]
    assert (person("li").name, person("li").language) == ("李明", "en")


def test_an_empty_cell_in_a_column_that_is_there_means_empty(home):
    take(write(home, f"{PEOPLE}\nli,李明,li@company.example,,,auditor,en,yes,,,\n"))
    take(write(home, "code,roles,email\nli,,\n"))
    assert (person("li").roles, person("li").email) == ([], None)


def test_a_dry_run_says_what_would_happen_and_changes_nothing(home):
    report = take(write(home, "code,name\nli,李明\n"), dry_run=True)
    assert counts(report) == (1, 0, 0, 0)
    assert person("li") is None


def test_everything_that_is_wrong_is_named_at_once_and_nothing_is_taken(home):
    path = write(
        home,
        "code,name,email,unit,roles,absent_from,absent_until,delegate\n"
        "good,Good,good@company.example,,,,,\n"
        ",Nobody,,,,,,\n"
        "li,,two@@signs,nowhere,boss,2026-02-30,,\n"
        "good,Again,,,,,,\n"
        "short,row\n"
        "chen,Chen\0,chen@localhost,,,2026-05-02,2026-05-01,nobody\n",
    )
    found = refused(path)
    assert {(row, column) for row, column, _ in found} == {
        (3, "code"),
        (4, "name"),
        (4, "email"),
        (4, "unit"),
        (4, "roles"),
        (4, "absent_from"),
        (5, "code"),
        (6, None),
        (7, "name"),
        (7, "email"),
        (7, "absent_until"),
        (7, "delegate"),
    }
    assert any("U+0000" in said for *_, said in found)
    assert person("good") is None


@pytest.mark.parametrize("address", [
    '"a@b"@c', "two@@signs.example", "a@localhost", "<script>@x", f"{'a' * 320}@company.example",
    "a b@company.example", "a@-bad.example", "plain", "@company.example", "a@", "a..b@c.example",
])  # fmt: skip
def test_an_address_that_mail_cannot_reach_is_refused_at_entry(home, address):
    path = home / "people.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["code", "name", "email"], ["li", "Li", address]])
    assert [(row, column) for row, column, _ in refused(path)] == [(2, "email")]


def test_gaps_circles_and_shared_addresses_are_taken_and_named(home):
    path = write(
        home,
        "code,name,email,manager,roles\n"
        "li,Li,same@company.example,gone,\n"
        "a,A,a@company.example,b,\n"
        "b,B,same@company.example,a,\n"
        "head,Head,,,quality_head\n",
    )
    report = take(path)
    said = " ".join(note.said("en") for note in report.notes)
    assert counts(report) == (4, 0, 0, 0)
    assert "row 2, column manager: a gap: nobody has the code gone" in said
    assert "a circle: a → b → a" in said
    assert "same@company.example is the address of several: li, b" in said
    assert "1 without an address (head)" in said


def test_a_manager_who_arrives_later_closes_the_gap(home):
    take(write(home, "code,name,manager\nli,Li,wang\n"))
    take(write(home, "code,name\nwang,Wang\n"))
    assert person("li").manager_id == person("wang").id


def test_the_trail_of_an_import_knows_no_names(home):
    take(write(home, "code,name,email\nli,李明,li@company.example\n"))
    with reading() as session:
        told = "".join(str(row.after) for row in session.exec(select(trail.Trail)))
    assert "李明" not in told
    assert "company.example" not in told


def test_units_know_their_parents_wherever_they_stand(home):
    path = write(home, "code,name,parent,head\nteam,Team,house,li\nhouse,House,,\n", "units.csv")
    assert counts(take(path, units)) == (2, 0, 0, 0)
    with reading() as session:
        rows = {unit.code: unit for unit in session.exec(select(Unit))}
    assert rows["team"].parent_id == rows["house"].id
    assert rows["team"].head_code == "li"


def test_a_unit_cannot_lie_inside_itself(home):
    path = write(home, "code,name,parent\na,A,b\nb,B,a\n", "units.csv")
    assert {(row, column) for row, column, _ in refused(path, units)} == {
        (2, "parent"),
        (3, "parent"),
    }


def test_projects_name_a_manager_and_a_unit_that_exist(home):
    take(write(home, "code,name\nli,Li\n"))
    path = write(
        home,
        "code,name,manager,unit,start,end\np1,One,li,,2026/1/1,2026年12月31日\np2,Two,x,y,,\n",
        "projects.csv",
    )
    assert [(r, c) for r, c, _ in refused(path, projects)] == [(3, "manager"), (3, "unit")]
    path.write_text("code,name,manager,start,end\np1,One,li,2026/1/1,2026年12月31日\n", "utf-8")
    assert counts(take(path, projects)) == (1, 0, 0, 0)
    with reading() as session:
        assert session.exec(select(Project.end)).one() == date(2026, 12, 31)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_reads_what_chinese_spreadsheets_save(home, encoding):
    take(write(home, "code,name\nli,李明\n", encoding=encoding))
    assert person("li").name == "李明"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_reads_the_delimiters_that_spreadsheets_use(home, delimiter):
    take(write(home, "code,name\nli,李明\n".replace(",", delimiter)))
    assert person("li").name == "李明"


def test_reads_a_packed_csv(home):
    path = home / "people.csv.gz"
    path.write_bytes(gzip.compress("code,name\nli,李明\n".encode()))
    take(path)
    assert person("li").name == "李明"


def test_a_formula_stays_text(home):
    take(write(home, 'code,name\nli,"=HYPERLINK(""http://evil"")"\nchen,-1\n'))
    assert person("li").name == '=HYPERLINK("http://evil")'
    assert person("chen").name == "-1"


def sheet(path: Path, rows, **options) -> Path:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, **options}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return path


def test_reads_the_first_sheet_of_a_workbook(home):
    path = home / "people.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_row(0, 0, ["code", "name", "absent_from", "active"])
        page.write_row(1, 0, [1001, "李明"])
        page.write_datetime(1, 2, datetime(2026, 10, 1), day)
        page.write_boolean(1, 3, True)
        book.add_worksheet("more")
    report = take(path)
    assert (person("1001").name, person("1001").absent_from) == ("李明", date(2026, 10, 1))
    assert "only its first sheet was read, not more" in report.notes[0].said("en")


def bomb(path: Path, **parts) -> Path:
    """A workbook whose parts are replaced or added."""
    plain = sheet(path.with_name("plain.xlsx"), [["code", "name"], ["li", "Li"]])
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w", 8) as target:
        for name in source.namelist():
            target.writestr(name, parts.pop(name, None) or source.read(name))
        for name, content in parts.items():
            target.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


@pytest.mark.parametrize(("parts", "said"), [
    ({SHEET: HEAD + b" " * 30_000_000}, "times its size"),  # a zip bomb
    ({SHEET: HEAD + b'<row r="1048576"><c r="A1048576"/></row>'}, "below row 200000"),
    ({SHEET: HEAD + b'<row r="1"><c r="XFD1"/></row>'}, "beyond column 200"),
    ({SHEET: HEAD + b'<row r="200000"><c r="GR200000"/></row>'}, "more than 8000000 cells"),
    ({"xl/sharedStrings.xml": b'<!DOCTYPE x [<!ENTITY a "ha">]><sst/>'}, "entities of its own"),
    ({"xl/vbaProject.bin": b"\0"}, "macros"),
    ({"../outside.txt": b"x"}, "leads outside"),
])  # fmt: skip
def test_a_workbook_is_refused_before_it_is_loaded(home, parts, said, monkeypatch):
    monkeypatch.setattr(workbook, "_load", lambda _file: pytest.fail("it was loaded"))
    [(_, _, told)] = refused(bomb(home / "people.xlsx", **parts))
    assert said in told


@pytest.mark.parametrize(("name", "content", "said"), [
    ("people.xlsx", workbook.OLD_OR_LOCKED + b"rest", ".xls file or one with a password"),
    ("people.xls", workbook.OLD_OR_LOCKED + b"rest", ".xls file or one with a password"),
    ("people.xlsx", b"code,name\n", "not a readable .xlsx"),
    ("people.csv", b"PK\x03\x04rest", "an Excel file under another name"),
    ("people.csv.gz", b"code,name\n", "not a readable .gz"),
    ("people.csv", b"\xff\xfe\xff", "neither UTF-8, UTF-16 nor GB18030"),
    ("people.csv", b"", "has no header row"),
    ("people.csv", b"code,name\n", "holds no rows"),
    ("people.csv", b'code,name\nli,"Li\n', "cannot be read as csv"),
    ("people.csv", b"code,name,name\nli,Li,Li\n", "stands there twice"),
    ("people.csv", b"code,name,shoe\nli,Li,42\n", "there is no such column here"),
    ("people.csv", b"name\nLi\n", "the column is missing"),
    ("people.csv", b"code,name\nli,Li, Dr.\n", "the row has 3 cells, the header 2"),
    ("people.pdf", b"%PDF", "is neither .csv"),
])  # fmt: skip
def test_a_file_that_is_not_what_it_says_is_refused_with_a_sentence(home, name, content, said):
    path = home / name
    path.write_bytes(content)
    assert any(said in told for *_, told in refused(path))


def test_a_file_that_is_not_there_is_refused_with_a_sentence(home):
    assert "there is no such file" in refused(home / "nobody.csv")[0][2]


def test_limits_name_their_number(home, monkeypatch):
    monkeypatch.setattr("processes.imports.tabular.LARGEST", 2**20)
    assert "larger than 1 MB" in refused(write(home, "code,name\n" + "x" * 2**20))[0][2]
    monkeypatch.setattr("processes.imports.tabular.ROWS", 3)
    assert "more than 3 rows" in refused(write(home, "code,name\na,A\nb,B\nc,C\n"))[-1][2]
    long = refused(write(home, f"code,name\na,{'n' * 201}\n"))
    assert "201 characters are too many, at most 200" in long[0][2]


def test_a_file_of_the_wrong_kind_does_not_say_the_same_a_thousand_times(home):
    path = write(home, "code,name\n" + ",\n,x\n" * 1000)
    found = refused(path)
    assert len(found) == 201
    assert "problems more" in found[-1][2]


def test_refusals_are_said_in_chinese(home):
    with pytest.raises(ImportRefused) as no:
        take(write(home, "code,name,email\nli,李明,x@@y\n"))
    assert no.value.problems[0].said("zh") == (
        "people.csv 第 2 行 email 列：x@@y 不是有效的邮箱地址：应有且只有一个 @"
    )


@real_data
@pytest.mark.parametrize(("department", "posts", "gaps"), [
    ("hmrc", 346, 0),
    ("dwp", 203, 2),
    ("ea", 163, 0),
])  # fmt: skip
def test_real_departments_are_imported_twice_and_change_nothing(home, department, posts, gaps):
    for first in (True, False):
        took = take(DATA / f"units_{department}.csv", units)
        report = take(DATA / f"people_{department}.csv")
        assert counts(report)[:3] == ((posts, 0, 0) if first else (0, 0, posts))
        assert (took.new > 0) is first
        assert sum("a gap" in note.said("en") for note in report.notes) == gaps


def test_thousands_of_people_are_taken_at_once(home):
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["code", "name", "email", "manager"])
    for n in range(3_000):
        rows.writerow([f"P{n}", f"张三{n}", f"p{n}@company.example", f"P{n // 10}" if n else ""])
    path = write(home, text.getvalue())
    assert take(path).new == 3_000
    assert take(path).unchanged == 3_000
