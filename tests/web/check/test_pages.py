"""The sheet of a check on its page: saved line by line, judged at the end, taken along in Excel."""

import io
import re
from datetime import timedelta

import pytest
from sqlmodel import col, select

from models.check import Check, CheckLine
from models.duty import Duty
from models.engine import reading, writing
from models.nonconformity import Evidence
from models.organisation import Person
from models.record import Trail
from models.worksheet import WorksheetLine
from processes.check import planned as checks
from processes.worksheet import files as worksheet_files
from processes.worksheet import returned_copy as worksheet_copy
from rules.words import DutyState
from tests.web.cast import TEMPTING, field
from tests.web.duty.test_page import everything

POINTS = (
    "planning", "work_by_plan", "deliverables", "process",
    "attitude", "security", "records", "satisfaction",
)  # fmt: skip
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def check(people, hour):
    """An open check of P1, owed by Zhao."""
    code = checks.plan(project="P1", on=hour.at.date(), at=hour.at, checker="zhao")
    with reading() as session:
        return session.exec(select(Duty).where(col(Duty.subject) == code)).one()


def line(key, **values):
    return {f"line.{key}.{name}": value for name, value in values.items()}


def sheet(**amiss):
    """Return the fields of a sheet that conforms but for the points named."""
    fields = {}
    for key in POINTS:
        fields |= line(key, **amiss.get(key, {"result": "conforming"}))
    return fields


WRONG = {"result": "nonconforming", "problem": "服务计划未经批准", "evidence": "计划 V1.2"}


def post(pages, path, act, data, **more):
    page = pages.get(path)
    return pages.post(path, data={"csrf": field(page.text), "act": act, **data}, **more)


def drafted(duty):
    with reading() as session:
        rows = session.exec(select(WorksheetLine).where(col(WorksheetLine.duty_id) == duty.id))
        return {row.key: row.filled for row in rows}


def test_the_page_shows_the_eight_points_word_for_word(pages, check, token):
    page = pages.get(f"/d/{token(check.id, 'zhao')}").text
    for point in (
        "按照公司运维服务交付管理制度进行项目策划", "按照项目策划开展运维工作",
        "各项交付成果符合策划要求", "运维交付的过程符合规范", "运维服务人员态度良好",
        "运维服务中的信息安全", "运维服务记录完整", "达到用户满意",
    ):  # fmt: skip
        assert point in page


def test_to_an_english_reader_it_is_english(pages, check, token, people):
    with writing() as session:
        session.get(Person, people["zhao"]).language = "en"
    page = pages.get(f"/d/{token(check.id, 'zhao')}").text
    assert "The project is planned by the company&#39;s rules" in page
    assert not re.search(
        r"[一-鿿]",
        re.sub(r"(?s)<h1>.*?</h1>|<dd>.*?</dd>|王伟|赵敏|示例运维公司|政务云运维\S*", "", page),
    )


def test_looking_at_the_page_changes_nothing(pages, check, token):
    before = everything()
    pages.get(f"/d/{token(check.id, 'zhao')}")
    pages.get(f"/d/{token(check.id, 'zhao')}/sheet.xlsx")
    assert everything() == before


def test_a_draft_keeps_one_line_and_is_shown_again(pages, check, token):
    path = f"/d/{token(check.id, 'zhao')}"
    answer = post(pages, path, "draft", line("planning", **WRONG))
    assert "8 项中已填 1 项" in answer.text
    assert "服务计划未经批准" in pages.get(path).text
    assert drafted(check) == {"planning": WRONG}


def test_the_same_draft_twice_leaves_one_trace(pages, check, token):
    path = f"/d/{token(check.id, 'zhao')}"
    for _ in range(2):
        post(pages, path, "draft", line("planning", **WRONG))
    with reading() as session:
        kept = session.exec(select(Trail).where(col(Trail.action) == "worksheet.saved")).all()
    assert len(kept) == 1
    assert list(kept[0].after["lines"]) == ["planning"]


def test_a_refused_answer_says_so_by_line_and_keeps_what_was_typed(pages, check, token):
    path = f"/d/{token(check.id, 'zhao')}"
    bad = {"result": "nonconforming", "problem": "计划未批准"}
    answer = post(pages, path, "answer", {**sheet(planning=bad), "summary": "总体可控"})
    assert answer.status_code == 422
    assert 'id="wrong-line.planning.evidence"' in answer.text
    assert "总体可控" in answer.text
    assert drafted(check)["planning"] == bad
    assert "总体可控" in pages.get(path).text
    with reading() as session:
        assert session.exec(select(CheckLine)).all() == []


def test_the_answer_is_a_result_and_the_project_manager_reads_it(pages, check, token):
    path = f"/d/{token(check.id, 'zhao')}"
    answer = post(pages, path, "answer", sheet(planning=WRONG))
    assert answer.status_code == 200
    with reading() as session:
        found = session.exec(select(Check)).one()
    assert (found.findings, str(found.score)) == (1, "85.0")
    report = pages.get(f"/d/{token(check.id, 'wang')}").text
    assert "服务计划未经批准" in report
    assert 'name="act" value="answer"' not in report


def test_what_somebody_typed_is_text(pages, check, token):
    path = f"/d/{token(check.id, 'zhao')}"
    wrong = {"result": "nonconforming", "problem": TEMPTING, "evidence": TEMPTING}
    page = post(pages, path, "draft", line("planning", **wrong)).text
    assert "<script>alert" not in page
    assert "<svg onload" not in page
    post(pages, path, "answer", sheet(planning=wrong))
    assert "<script>alert" not in pages.get(path).text


def test_a_draft_is_not_shown_to_others(pages, check, token, signed_in):
    path = f"/d/{token(check.id, 'zhao')}"
    post(pages, path, "draft", line("planning", **WRONG))
    head = signed_in("head")
    assert "服务计划未经批准" not in head.get(f"/duties/{check.id}").text
    assert head.get(f"/duties/{check.id}/sheet.xlsx").status_code == 404


def test_a_line_that_a_stand_in_saved_meanwhile_is_not_overwritten(
    pages, check, token, people, hour
):
    path = f"/d/{token(check.id, 'zhao')}"
    first = pages.get(path)
    with writing() as session:
        zhao = session.get(Person, people["zhao"])
        zhao.absent_from = zhao.absent_until = hour.at.date()
        zhao.delegate_id = people["head"]
    post(pages, f"/d/{token(check.id, 'head')}", "draft", line("planning", **WRONG))
    with writing() as session:
        zhao = session.get(Person, people["zhao"])
        zhao.absent_from = zhao.absent_until = None
    mine = line("planning", result="conforming") | {"seen.planning": "0"}
    again = pages.post(path, data={"csrf": field(first.text), "act": "draft", **mine})
    assert again.status_code == 422
    assert "钱质在此期间保存过该行" in again.text
    assert drafted(check)["planning"] == WRONG


def test_a_file_names_the_line_it_shows(pages, check, token):
    path = f"/d/{token(check.id, 'zhao')}"
    wrong = {"result": "nonconforming", "problem": "无审批"}
    files = {"files": ("plan.txt", io.BytesIO("计划".encode()), "text/plain")}
    data = {**sheet(planning=wrong), "file_line": "planning"}
    assert post(pages, path, "answer", data, files=files).status_code == 200
    with reading() as session:
        assert session.exec(select(Evidence.facts)).one() == {"line": "planning"}


def test_the_sheet_goes_out_and_comes_back_as_a_draft(pages, check, token, tmp_path):
    path = f"/d/{token(check.id, 'zhao')}"
    out = pages.get(f"{path}/sheet.xlsx")
    assert out.headers["content-type"] == XLSX
    filled = refilled(check, tmp_path, {"planning": WRONG})
    files = {"files": ("sheet.xlsx", filled, XLSX)}
    answer = post(pages, path, "fill", {}, files=files)
    assert "8 项中已填 1 项" in answer.text
    assert drafted(check)["planning"] == WRONG


def test_an_altered_sheet_is_refused_by_the_name_of_the_line(pages, check, token, tmp_path):
    path = f"/d/{token(check.id, 'zhao')}"
    kept = worksheet_copy.parse(written(check, tmp_path))
    kept.rows[4][2], kept.rows[5], kept.rows[6] = "改了名的检查项", kept.rows[6], kept.rows[5]
    files = {"files": ("sheet.xlsx", rewritten(kept.rows), XLSX)}
    answer = post(pages, path, "fill", {}, files=files)
    assert answer.status_code == 409
    assert "第 1 项被改动" in answer.text
    assert "被移动了位置" in answer.text
    assert drafted(check) == {}


def test_the_register_and_its_statistics(pages, check, token, signed_in):
    post(pages, f"/d/{token(check.id, 'zhao')}", "answer", sheet(planning=WRONG))
    page = signed_in("head").get("/checks").text
    assert check.subject in page
    assert "<svg" in page
    assert "87.5 %" in page
    assert check.subject not in signed_in("chen").get("/checks").text
    assert check.subject in signed_in("wang").get("/checks").text  # his project


def test_a_check_has_its_page_for_whom_it_concerns(pages, check, token, signed_in, hour):
    post(pages, f"/d/{token(check.id, 'zhao')}", "answer", sheet(planning=WRONG))
    hour.later(hours=1)
    page = signed_in("wang").get(f"/checks/{check.subject}").text
    assert "服务计划未经批准" in page
    assert 'href="/nonconformities/NC-2026-0001"' in page
    assert signed_in("chen").get(f"/checks/{check.subject}").status_code == 404


def test_an_old_letter_of_a_finished_check_still_reads(pages, check, token, hour):
    path = f"/d/{token(check.id, 'zhao')}"
    post(pages, path, "answer", sheet())
    hour.at += timedelta(days=3)
    page = pages.get(path)
    assert page.status_code == 200
    assert "已完成" in page.text or "符合" in page.text
    with reading() as session:
        assert session.get(Duty, check.id).state is DutyState.DISCHARGED


def written(check, folder):
    path = folder / "sheet.xlsx"
    path.write_bytes(worksheet_files.export(check.id, "zh").content)
    return path


def refilled(check, folder, lines):
    """Return the exported sheet with these lines filled, as somebody would in Excel."""
    rows = worksheet_copy.parse(written(check, folder)).rows
    for row in rows[4:]:
        values = lines.get(row[0], {})
        words = {"nonconforming": "不符合"}
        result = values.get("result", "")
        row[7:11] = [
            words.get(result, result), values.get("problem", ""),
            "", values.get("evidence", ""),
        ]  # fmt: skip
    return rewritten(rows)


def rewritten(rows):
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                page.write_string(number, column, cell)
    made.seek(0)
    return made
