"""The plan on paper: what an assessor is handed."""

import io

import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from processes.plan import papers as plan_documents
from tests.processes.plan.test_plans import DRILL, LINE, draft, edit, into_force
from tests.support.cast import at, hire


@pytest.fixture
def _plan(home):
    hire()
    draft()
    edit(LINE, DRILL)
    into_force()


def texts(made):
    document = Document(io.BytesIO(made))
    found = [paragraph.text for paragraph in document.paragraphs]
    found += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return found


@pytest.mark.usefixtures("_plan")
def test_word_names_lines_signatures_and_who_received_it():
    told = texts(plan_documents.word("2026", at=at("2026-01-05"), language="zh"))
    for wanted in (
        "2026 年度运维服务质量管理计划",
        "QMP-2026",
        "已生效",
        "项目质量检查",
        "每月，20日或其后首个工作日",
        "秦部长",
        "2025-12-10",
        "未签收",
    ):
        assert wanted in told, wanted


@pytest.mark.usefixtures("_plan")
def test_word_in_english_has_no_chinese_words_of_ours():
    told = texts(plan_documents.word("2026", at=at("2026-01-05"), language="en"))
    assert {"Document number", "in force", "every project", "head of quality"} & set(told)
    assert "编制" not in told


@pytest.mark.usefixtures("_plan")
def test_excel_has_the_year_by_months_and_every_dated_activity():
    made = plan_documents.excel("2026", at=at("2026-02-02"), language="zh")
    book = CalamineWorkbook.from_filelike(io.BytesIO(made))
    assert book.sheet_names == ["年度工作计划", "活动清单", "质量目标", "变更记录"]
    year = book.get_sheet_by_name("年度工作计划").to_python()
    head = next(row for row in year if row[0] == "序号")
    line = next(row for row in year if row[0] == "01")
    by_month = dict(zip(head, line, strict=True))
    assert (by_month["1月"], by_month["2月"]) == ("20", "24")
    dated = book.get_sheet_by_name("活动清单").to_python()
    assert len([row for row in dated if str(row[0]).startswith("2026-")]) == 13
    assert next(row for row in dated if row[0] == "2026-01-0120-P1")[4] == "逾期"


@pytest.mark.usefixtures("_plan")
def test_an_earlier_version_can_be_taken_out_again():
    assert plan_documents.word("2026", at=at("2026-01-05"), language="zh", version=1)
