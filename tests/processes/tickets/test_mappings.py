"""The mappings that are supplied read an export of their tool's shape, and count it right."""

from datetime import datetime

import pytest
import xlsxwriter

from processes.tickets import attainment
from processes.tickets import taken as tickets_taken
from tests.support.cast import at

AT = at("2026-09-28")

SERVICENOW = """\
"number","opened_at","sys_updated_on","resolved_at","closed_at","priority","assignment_group",\
"reopen_count","made_sla","short_description"
"INC0010001","2026-03-30 02:00:00","2026-03-31 17:30:00","2026-03-31 17:30:00","","2 - High",\
"Network","0","true","a router"
"INC0010002","2026-03-31 02:00:00","2026-03-31 15:30:00","2026-03-31 15:30:00","","2 - High",\
"Network","1","false","a switch"
"""
JIRA = """\
Summary,Issue key,Status,Priority,Created,Updated,Resolved,Labels,Labels
one,OPS-1,Done,High,05/Mar/26 9:05 AM,06/Mar/26 4:00 PM,06/Mar/26 4:00 PM,a,b
two,OPS-2,Open,Low,07/Mar/26 12:30 AM,09/Mar/26 9:00 AM,,,
"""
GLPI = """\
"ID";"Title";"Opening date";"Last update";"Resolution date";"Closing date";"Time to resolve";\
"Priority";"Technician group"
"1";"a";"2026-03-02 09:00";"2026-03-02 19:00";"2026-03-02 19:00";"";"2026-03-02 13:00";"High";"G"
"2";"b";"2026-03-06 17:00";"2026-03-09 10:00";"2026-03-09 10:00";"";"2026-03-09 10:00";"High";"G"
"3";"c";"2026-03-07 17:00";"2026-03-09 10:00";"2026-03-09 10:00";"";"";"Low";"G"
"""

MARCH_AND_APRIL = [("2026-03", 0, 1, 0), ("2026-04", 1, 1, 0)]


def report(path):
    """Write a sheet as the tool does: a title, an empty row, the header, tickets, a footer."""
    head = ["#", "Priority", "Group", "Created At", "Updated At", "Closed At"]
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "2026-3")
        sheet.write_row(2, 0, [*head, "Close Escalation At"])
        for row, (number, closed, due) in enumerate([("31001", 3, 4), ("31002", 5, 4)], start=3):
            days = [datetime(2026, 3, day, 10) for day in (1, closed, closed, due)]
            sheet.write_row(row, 0, [number, "2 normal", "Desk", *days])
        sheet.write_string(6, 0, "Timezone: Asia/Shanghai")
    return path


def take(path, mapping):
    return tickets_taken.take(path, mapping=mapping, at=AT, actor="operator:test")


def counted(source, basis, measure):
    rows = attainment.of_tickets(source, by=[basis], measure=measure, at=AT)
    return [(row.period, row.numerator, row.denominator, row.no_target) for row in rows]


@pytest.mark.parametrize(
    ("mapping", "text", "basis", "measure", "wanted"),
    [
        # 17:30 UTC on the last of March is April at the site
        ("servicenow", SERVICENOW, "resolved_month", "met_sla", MARCH_AND_APRIL),
        # 12:30 AM is half past midnight; nothing says a target, so nothing is on time or late
        ("jira", JIRA, "opened_month", "resolved", [("2026-03", 1, 2, 0)]),
        # late, on the minute, and without a time to resolve
        ("glpi", GLPI, "resolved_month", "on_time", [("2026-03", 1, 2, 1)]),
    ],
)  # fmt: skip
def test_an_export_of_a_tool_is_read_by_its_mapping(home, mapping, text, basis, measure, wanted):
    path = home / f"{mapping}.csv"
    path.write_text(text, "utf-8")
    take(path, mapping)
    assert counted(mapping, basis, measure) == wanted


def test_a_report_of_zammad_is_read_below_its_title_and_above_its_footer(home):
    assert take(report(home / "zammad.xlsx"), "zammad").new == 2
    assert counted("zammad", "resolved_month", "on_time") == [("2026-03", 1, 2, 0)]
