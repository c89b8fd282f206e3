"""Word and Excel as they are handed over: filled in, printable, and with text as text."""

import io
import re
import zipfile
from datetime import date

import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from config.language import catalogue
from notifications.documents import build, forms
from processes.paper.files import TEMPLATES, Column, Sheet, excel, word

NASTY = '<w:t>&"=1+1 {{ 7*7 }} {% for %} ]]>\x0b\x00 行一\n行二'
ROW = {name: "" for part in forms.PLAN.parts for _, name, _ in part.columns}
PLAN = {
    "title": "2026 年度运维服务质量管理计划",
    "organisation": "示例 & 公司",
    **{field: "甲" for _, field in forms.PLAN.facts},
    **{part.text: ["一段"] for part in forms.PLAN.parts if part.text},
    **{part.rows: [ROW] for part in forms.PLAN.parts if part.rows},
    "signatures": [{"step": "编制", "name": "秦部长", "at": "2025-12-10", "note": ""}],
}


def texts(made):
    document = Document(io.BytesIO(made))
    found = [paragraph.text for paragraph in document.paragraphs]
    found += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return found


def xml(made, name="word/document.xml"):
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        return file.read(name).decode()


@pytest.mark.parametrize("form", forms.FORMS, ids=lambda form: form.name)
def test_the_templates_are_what_their_tables_make(form):
    assert (TEMPLATES / f"{form.name}.docx").read_bytes() == build.built(form)


@pytest.mark.parametrize("form", forms.FORMS, ids=lambda form: form.name)
def test_every_word_of_a_template_has_its_chinese(form):
    made = build.built(form)
    said = {
        sentence.replace("&amp;", "&")
        for name in zipfile.ZipFile(io.BytesIO(made)).namelist()
        if name.endswith(".xml")
        for sentence in re.findall(r't\("([^"]+)"\)', xml(made, name))
    }
    assert len(said) > 10
    assert sorted(one for one in said if (None, one) not in catalogue("zh")) == []


def test_a_plan_names_its_version_and_signatures_on_the_first_page():
    told = texts(word("plan", PLAN, "zh"))
    assert "2026 年度运维服务质量管理计划" in told
    assert {"文件编号", "版本", "编制", "秦部长", "2025-12-10"} <= set(told)
    assert not any("{{" in one or "{%" in one for one in told)


def test_it_speaks_the_readers_language():
    told = texts(word("plan", PLAN, "en"))
    assert {"Document number", "Quality objectives"} & set(told) == {"Document number"}
    assert any(one.endswith("Quality objectives") for one in told)


def test_pages_are_counted_by_word_itself():
    made = word("plan", PLAN, "zh")
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        footer = next(file.read(n).decode() for n in file.namelist() if "footer" in n)
    assert "NUMPAGES" in footer
    assert "共" in footer


def test_chinese_has_a_chinese_font():
    styles = xml(word("plan", PLAN, "zh"), "word/styles.xml")
    assert 'w:eastAsia="宋体"' in styles
    assert 'w:eastAsia="黑体"' in styles


@pytest.mark.parametrize("hostile", [NASTY, "=cmd|' /C calc'!A0", "@SUM(1)", "\ufffe", "a\tb"])
def test_what_somebody_wrote_is_text_in_word(hostile):
    data = {**PLAN, "title": hostile, "items": [{**ROW, "title": hostile}]}
    told = texts(word("plan", data, "zh"))
    assert "49" not in "".join(told)
    if "{{" in hostile:
        assert any("{{ 7*7 }}" in one for one in told)


def test_a_table_without_rows_is_left_out():
    told = texts(word("plan", {**PLAN, "improvements": []}, "zh"))
    assert not any("改进建议" in one for one in told)


SHEET = Sheet(
    name="计划/2026",
    title="年度计划",
    columns=[
        Column(title="内容", width=30),
        Column(title="次数", kind="number"),
        Column(title="日期", kind="date"),
    ],
    rows=[["=1+1", 12, date(2026, 9, 30)], ["https://a.b", 3, None], ["007", "3", ""]],
    facts=[("版本", "1")],
    notes=["=2+2"],
)


def opened(*sheets):
    """Return the parts of a workbook by name."""
    made = excel(sheets, organisation="甲&乙", language="zh")
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def rows(*sheets):
    """Return what a reader of spreadsheets sees."""
    made = excel(sheets, organisation="甲&乙", language="zh")
    return CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_index(0).to_python()


def test_cells_are_text_unless_said_otherwise():
    shown = rows(SHEET)
    assert shown[3:6] == [
        ["=1+1", 12, date(2026, 9, 30)],
        ["https://a.b", 3, ""],
        ["007", "3", ""],
    ]
    page = opened(SHEET)["xl/worksheets/sheet1.xml"]
    assert "<f>" not in page
    assert "hyperlink" not in page


def test_the_head_stays_in_view_and_on_every_page():
    book = opened(SHEET)
    page = book["xl/worksheets/sheet1.xml"]
    assert '<pane ySplit="3" topLeftCell="A4"' in page
    assert 'orientation="landscape"' in page
    assert "第 &amp;P 页　共 &amp;N 页" in page
    assert "$3:$3" in book["xl/workbook.xml"]


@pytest.mark.parametrize("name", ["a" * 40, "计划/2026", "[x]:*?", "", "'"])
def test_any_name_becomes_one_that_a_workbook_takes(name):
    sheets = [Sheet(name=name, title="", columns=[Column(title="甲")], rows=[]) for _ in range(3)]
    made = excel(sheets)
    names = CalamineWorkbook.from_filelike(io.BytesIO(made)).sheet_names
    assert len(set(names)) == 3
    assert all(len(one) <= 31 for one in names)
