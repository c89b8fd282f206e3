"""Where an indicator's values come from: files taken and refused, and calls made."""

from datetime import date

import pytest

from models.engine import writing
from models.kpi import KpiCollection
from processes.imports.problems import ImportRefused
from processes.kpi import import_measurements as measurements
from processes.tickets import taken as tickets_taken
from tests.processes.tickets.test_tickets import ROWS, log
from tests.support.indicators import indicator
from tests.web.cast import TEMPTING

PATH = "/kpis/sources/SLA"


@pytest.fixture
def tracked(people):
    return indicator("SLA", source="tickets:uci", since=date(2016, 1, 1))


def take(path, hour, **options):
    return tickets_taken.take(path, mapping="uci", at=hour.at, actor="operator:root", **options)


def test_of_a_ticket_log_each_file_says_what_was_taken_and_what_was_refused(
    tracked, signed_in, home, hour
):
    take(log(home, name="九月.csv"), hour)
    hour.later(hours=1)
    with pytest.raises(ImportRefused) as no:
        take(log(home, [*ROWS, "INC9,0,true,31/2/2016 23:30,x,2 - High,?,?,?"], "十月.csv"), hour)
    tickets_taken.note_refusal("uci", no.value, at=hour.at, actor="operator:root")
    html = signed_in("zhao").get(PATH).text
    assert "新增 4，更改 0" in html
    assert "读取 6 条事件" in html
    assert "有误 1 行" in html
    assert html.index("十月.csv") < html.index("九月.csv")  # the newest first
    assert "operator:root" in html


def test_a_dry_run_leaves_nothing_to_show(tracked, signed_in, home, hour):
    take(log(home), hour, dry_run=True)
    assert "没有导入过文件" in signed_in("zhao").get(PATH).text


def test_of_imported_values_the_files_are_named(signed_in, people, home, hour):
    indicator("SLA", source="import")
    file = home / "values.csv"
    file.write_text("kpi,period,value\nSLA,2026-07,96\nSLA,2026-08,97\n")
    measurements.take(file, at=hour.at, actor=f"person:{people['zhao']}")
    html = signed_in("li").get(PATH).text
    assert "values.csv" in html
    assert "2 个值" in html
    assert "赵敏" in html


def test_of_a_source_that_is_called_every_try_is_shown_as_text(tracked, signed_in, hour):
    rows = (("2026-07", "done", 1, None), ("2026-08", "failed", 4, TEMPTING))
    with writing() as session:
        for period, state, tries, error in rows:
            session.add(
                KpiCollection(
                    kpi_id=tracked,
                    period=period,
                    source="tickets:uci",
                    state=state,
                    attempts=tries,
                    error=error,
                    next_at=hour.at,
                    opened_at=hour.at,
                )
            )
    html = signed_in("zhao").get(PATH).text
    assert "已放弃" in html
    assert "已采集" in html
    assert "<script" not in html
    assert "{{7*7}}" in html


def test_it_is_linked_from_the_indicator_and_shown_to_whom_it_concerns(tracked, signed_in):
    li = signed_in("li")
    assert f'href="{PATH}"' in li.get("/kpis/show/SLA").text
    assert li.get(PATH).status_code == 200
    assert signed_in("chen").get(PATH).status_code == 404
