"""Files made to do harm: each is refused before it is loaded, and its limit is named."""

import contextlib
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from processes.imports import extent, workbook
from processes.imports.problems import ImportRefused
from processes.nonconformity import import_nonconformities as nonconformities
from tests.processes.imports.test_imports import AT, HEAD, SHEET, bomb, refused, sheet, take, write
from tests.support.cast import hire
from tests.support.rows import everything

MEGABYTE = 2**20


def rows_of(count: int, cell: bytes = b"<c><v>1</v></c>") -> bytes:
    return HEAD + (b"<row>" + cell + b"</row>") * count + b"</sheetData></worksheet>"


def shared(text: bytes, cells: bytes) -> dict[str, bytes]:
    return {
        "xl/sharedStrings.xml": b"<sst><si><t>" + text + b"</t></si></sst>",
        SHEET: HEAD + b"<row>" + cells + b"</row></sheetData></worksheet>",
    }


@pytest.mark.parametrize(("parts", "said"), [
    ({SHEET: rows_of(400_000)}, "below row 200000"),  # no cell says where it stands
    ({SHEET: HEAD + b'<row r="400000"/>'}, "below row 200000"),
    ({SHEET: HEAD + b'<row r = "9999999999999999999"/>'}, "below row 200000"),
    ({SHEET: HEAD + b"<x:row>" + b"<x:c/>" * 201}, "beyond column 200"),  # a prefix of its own
    ({SHEET: HEAD + b'<row><c r = "XFD1"/></row>'}, "beyond column 200"),
    (shared(b"x" * MEGABYTE, b'<c t="s"><v>0</v></c>' * 200 + b'<c t="s"> <v>0</v></c>' * 57),
     "beyond column 200"),
    (shared(b"x" * MEGABYTE, b'<c t="s"><v>0</v></c></row><row>' * 257),
     "more than 256 MB of text"),
    (shared(b"x" * MEGABYTE, b"<c t = 's'><!-- --><v>0</v></c></row><row>" * 257),
     "more than 256 MB of text"),
    ({"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}, "links to other files"),
    ({"xl/macrosheets/sheet1.xml": b"<macrosheet/>"}, "macros"),
    ({"xl/VBAProject.bin": b"\0"}, "macros"),
    ({"a/../../etc/passwd": b"x"}, "leads outside"),
    ({"/etc/passwd": b"x"}, "leads outside"),
    ({"..\\x": b"x"}, "leads outside"),
    ({"xl/styles.xml": b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'},
     "entities of its own"),
    ({"xl/comments1.xml": "<comments/>".encode("utf-16")}, "entities of its own"),  # hidden by NULs
    ({f"part{n}": b"x" for n in range(1001)}, "at most 1000 are read"),
])  # fmt: skip
def test_a_workbook_made_to_do_harm_is_refused_before_it_is_loaded(home, parts, said, monkeypatch):
    monkeypatch.setattr(workbook, "_load", lambda _file: pytest.fail("it was loaded"))
    monkeypatch.setattr(workbook, "RATIO", 5000)  # or most would be refused by their ratio alone
    [(_, _, told)] = refused(bomb(home / "people.xlsx", **parts))
    assert said in told


def test_looking_through_a_bomb_takes_little_memory(home, monkeypatch):
    monkeypatch.setattr(workbook, "RATIO", 5000)
    path = bomb(home / "people.xlsx", **{SHEET: HEAD + b"<row>" + b" " * 25_000_000})
    tracemalloc.start()
    refused(path)
    assert tracemalloc.get_traced_memory()[1] < 15 * MEGABYTE
    tracemalloc.stop()


def test_a_file_full_of_long_texts_that_are_shown_once_is_read(home):
    rows = [["code", "name", "unit"], *([f"P{n}", "n" * 200, ""] for n in range(800))]
    assert take(sheet(home / "people.xlsx", rows)).new == 800


@pytest.mark.slow
def test_a_csv_of_400_000_rows_is_refused_by_its_rows(home):
    path = home / "people.csv"
    path.write_text("code,name\n" + "p,n\n" * 400_000, "utf-8")
    assert any("more than 200000 rows" in told for *_, told in refused(path))


@pytest.mark.parametrize("name", ["people.xlsm", "people.xls"])
def test_a_macro_workbook_by_whatever_name_is_refused(home, name):
    types = b'<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/>'
    [(_, _, told)] = refused(bomb(home / name, **{"[Content_Types].xml": types}))
    assert "macros" in told


def test_a_member_whose_bytes_are_broken_is_refused(home):
    path = sheet(home / "people.xlsx", [["code", "name"], ["li", "Li"]])
    raw = bytearray(path.read_bytes())
    for place in range(60, len(raw), 331):  # every member somewhere: data, sizes, names
        spoiled = bytearray(raw)
        spoiled[place : place + 3] = b"\xff\xff\xff"
        path.write_bytes(spoiled)
        before = everything()
        with contextlib.suppress(ImportRefused):
            take(path)
            continue
        assert everything() == before


def test_a_member_locked_with_a_password_is_refused(home):
    path = sheet(home / "people.xlsx", [["code", "name"], ["li", "Li"]])
    raw = path.read_bytes()
    # The flag of an encrypted member, as 7-Zip sets it; Excel's own password makes an OLE file.
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(mark)
        while at >= 0:
            raw = raw[: at + place] + bytes([raw[at + place] | 1]) + raw[at + place + 1 :]
            at = raw.find(mark, at + 4)
    path.write_bytes(raw)
    [(_, _, told)] = refused(path)
    assert "not a readable .xlsx" in told


def test_a_reader_that_panics_refuses_the_file(home, monkeypatch):
    class PanicException(BaseException):
        """What the library raises where it is wrong about itself."""

    def panic(_file):
        raise PanicException("index out of bounds")

    monkeypatch.setattr(workbook, "_load", panic)
    [(_, _, told)] = refused(sheet(home / "people.xlsx", [["code", "name"], ["li", "Li"]]))
    assert "index out of bounds" in told


def test_nothing_of_an_archive_is_written_anywhere(home, tmp_path):
    path = bomb(tmp_path / "people.xlsx", **{"../outside.txt": b"x"})
    before = sorted(home.iterdir()), sorted(tmp_path.iterdir())
    refused(path)
    assert (sorted(home.iterdir()), sorted(tmp_path.iterdir())) == before


@pytest.mark.parametrize(
    "typed", ["2026-06-30 23:59:60", "2026-06-30T23:59:60+08:00", "2026-W54-1"]
)
def test_a_second_or_a_week_that_is_none_is_named_with_its_row(home, typed):
    hire()
    path = write(home, f"code,title,owner,raised_at\nN1,记录缺失,li,{typed}\n", "n.csv")
    [(row, column, told)] = refused(path, nonconformities)
    assert (row, column) == (2, "raised_at")
    assert typed in told


def test_week_53_is_a_week(home):
    hire()
    path = write(home, "code,title,owner,raised_at\nN1,记录缺失,li,2026-W53-1 09:00\n", "n.csv")
    nonconformities.take(path, at=AT, actor="operator:test")
    from tests.support.cast import nonconformity

    assert f"{nonconformity('N1').raised_at:%Y-%m-%d %H:%M}" == "2026-12-28 01:00"


def test_tags_are_never_cut_in_two():
    text = b"<a>" * 10 + b"<row r='7'/>" * 5
    for size in range(1, 30):
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        found = b"".join(extent.tags(pieces))
        assert found == text
        assert sum(part.count(b"<row r='7'/>") for part in extent.tags(pieces)) == 5


def test_an_honest_workbook_is_looked_through_once(home, monkeypatch):
    opened: list[str] = []
    plain = zipfile.ZipFile.open

    def counted(self, name, *args, **kwargs):
        opened.append(str(getattr(name, "filename", name)))
        return plain(self, name, *args, **kwargs)

    path: Path = sheet(home / "people.xlsx", [["code", "name"], ["li", "Li"]])
    monkeypatch.setattr(zipfile.ZipFile, "open", counted)
    workbook.inspect(path)
    assert len(opened) == len(set(opened))
