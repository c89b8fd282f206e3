"""Outages as they come: taken and named, judged when asked, taken out only by agreement."""

from decimal import Decimal

import pytest
from sqlmodel import select

from models.availability import Outage
from models.engine import reading
from processes.availability import figures
from processes.availability import registers as availability
from processes.availability.figures import ServiceNotPromised
from processes.availability.terms import NoServiceTime
from processes.contract import view
from processes.imports.problems import ImportRefused
from processes.kpi.from_availability import fetch
from processes.kpi.sources import SourceFailed, Wanted
from processes.register.query import Filters
from rules import period as periods
from rules.availability import PeriodNotBegun
from rules.refusal import NotFound
from tests.support.cast import at, hire
from tests.support.promises import SLAS, Desk, said

HEAD = "code,contract,service,starts_at,ends_at,announced_at,planned"
NOW = at("2026-10-08")
SEPTEMBER = periods.parse("2026-09")


@pytest.fixture
def desk(home, tmp_path):
    hire()
    desk = Desk(tmp_path)
    desk.sign()
    return desk


def of(service=None, when=NOW, period=SEPTEMBER):
    return figures.of("HY-1", [period], at=when, service=service)[0]


def listed():
    return {one.code: one for one in availability.outages(Filters(), at=NOW).rows}


def test_times_without_a_zone_are_the_sites_and_the_month_is_the_contracts(desk):
    desk.take("outages", f"{HEAD}\nA,HY-1,CLOUD,2026-09-30 23:00,2026-10-01 01:00,,no", NOW)
    assert (of().unplanned_minutes, of().outages, of().agreed_minutes) == (60, 1, 30 * 24 * 60)
    desk.take("contracts", "code,zone\nHY-1,UTC", NOW)
    assert of().unplanned_minutes == 120


def test_a_claim_that_does_not_hold_is_taken_named_and_counts(desk):
    report = desk.take(
        "outages",
        f"{HEAD}\n"
        "A,HY-1,CLOUD,2026-09-10 01:00,2026-09-10 02:00,2026-09-08 01:00,yes\n"
        "B,HY-1,CLOUD,2026-09-11 01:00,2026-09-11 02:00,2026-09-11 01:30,yes\n"
        "C,HY-1,CLOUD,2026-09-12 01:00,2026-09-12 02:00,,yes",
        NOW,
    )
    assert [(note.row, note.column) for note in report.notes] == [
        (3, "announced_at"), (4, "announced_at"),
    ]  # fmt: skip
    assert {code: (one.planned, one.why) for code, one in listed().items()} == {
        "A": (True, "planned"), "B": (False, "afterwards"), "C": (False, "no_notice"),
    }  # fmt: skip
    assert (of().planned_minutes, of().unplanned_minutes) == (60, 120)


def test_the_agreed_window_is_the_contracts(desk):
    planned = "A,HY-1,CLOUD,2026-09-12 01:00,2026-09-12 02:00,2026-09-01 00:00,yes"  # a Saturday
    desk.take("outages", f"{HEAD}\n{planned}", NOW)
    assert listed()["A"].planned
    desk.take("contracts", "code,window\nHY-1,周日 00:00-06:00", NOW)
    assert listed()["A"].why == "outside"


def test_what_nobody_agreed_to_takes_nothing_out(desk):
    desk.take("outages", f"{HEAD}\nA,HY-1,CLOUD,2026-09-10 01:00,2026-09-10 03:00,,no", NOW)
    head = "code,contract,service,kind,starts_at,ends_at,agreed_by,evidence"
    row = "L,HY-1,CLOUD,customer,2026-09-10 01:00,2026-09-10 02:00,{},"
    report = desk.take("exclusions", f"{head}\n{row.format('')}", NOW)
    assert [note.column for note in report.notes] == ["agreed_by"]
    assert (of().excluded_minutes, of().unplanned_minutes) == (0, 120)
    desk.take("exclusions", f"{head}\n{row.format('郭涛')}", NOW)
    assert (of().excluded_minutes, of().unplanned_minutes) == (60, 60)
    (one,) = availability.exclusions(Filters(), at=NOW).rows
    assert one.minutes == 60


def test_services_have_figures_of_their_own_and_the_whole_is_down_when_one_is(desk):
    desk.take("services", "code,name,contracts\nBACKUP,备份,HY-1", NOW)
    desk.take(
        "outages",
        f"{HEAD}\n"
        "A,HY-1,CLOUD,2026-09-10 01:00,2026-09-10 02:00,,no\n"
        "B,HY-1,BACKUP,2026-09-10 01:30,2026-09-10 02:30,,no\n"
        "C,HY-1,,2026-09-20 01:00,2026-09-20 01:10,,no",  # of the whole contract
        NOW,
    )
    assert (of().unplanned_minutes, of("CLOUD").unplanned_minutes) == (100, 70)
    rows = figures.of("HY-1", [SEPTEMBER], at=NOW)
    assert [one.service for one in rows] == [None, "BACKUP", "CLOUD"]


def test_an_outage_that_goes_on_lasts_until_now_and_a_running_month_is_computed_so_far(desk):
    desk.take("outages", f"{HEAD}\nA,HY-1,CLOUD,2026-09-10 00:00,,,no", at("2026-09-10"))
    row = of(when=at("2026-09-11", "00:00"))
    assert (row.unplanned_minutes, row.agreed_minutes) == (24 * 60, 10 * 24 * 60)
    assert row.until == at("2026-09-11", "00:00")


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ("A,HY-1,CLOUD,2026-09-10 03:00,2026-09-10 01:00,,no", (2, "ends_at")),
        ("A,HY-1,CLOUD,2026-13-10 03:00,,,no", (2, "starts_at")),
        ("A,HY-1,CLOUD,9926-09-10 03:00,,,no", (2, "starts_at")),
        ("A,HY-1,CLOUD,2027-09-10 03:00,,,no", (2, "starts_at")),  # lies ahead without an end
        ("A,NONE,CLOUD,2026-09-10 03:00,,,no", (2, "contract")),
        ("A,HY-1,NONE,2026-09-10 03:00,,,no", (2, "service")),
        ("A,HY-1,CLOUD,2026-09-10 03:00,,,perhaps", (2, "planned")),
    ],
)
def test_a_row_that_cannot_be_is_refused_whole(desk, row, where):
    good = "Z,HY-1,CLOUD,2026-09-01 03:00,2026-09-01 04:00,,no"
    with pytest.raises(ImportRefused) as refused:
        desk.take("outages", f"{HEAD}\n{row}\n{good}", NOW)
    assert where in [(line, column) for line, column, _ in said(refused)]
    assert listed() == {}


def test_an_outage_of_no_time_is_taken_and_named(desk):
    report = desk.take(
        "outages", f"{HEAD}\nA,HY-1,CLOUD,2026-09-10 01:00,2026-09-10 01:00,,no", NOW
    )
    assert [(note.row, note.column) for note in report.notes] == [(2, "ends_at")]
    assert of().outages == 0


def test_what_cannot_be_computed_is_refused_by_name(desk):
    desk.take("contracts", "code,name\nHY-2,没有服务时间", NOW)
    with pytest.raises(NoServiceTime, match="HY-2"):
        figures.of("HY-2", [SEPTEMBER], at=NOW)
    with pytest.raises(NotFound, match="HY-9"):
        figures.of("HY-9", [SEPTEMBER], at=NOW)
    with pytest.raises(ServiceNotPromised, match="it promises CLOUD"):
        of("MAIL")
    with pytest.raises(PeriodNotBegun, match="2026-11"):
        of(period=periods.parse("2026-11"))


def wanted(rest):
    return Wanted(
        kpi_id=1, code="K", source=f"availability:{rest}", unit="%", period=SEPTEMBER, at=NOW
    )


def test_an_indicator_takes_its_value_from_the_outages(desk):
    desk.take("outages", f"{HEAD}\nA,HY-1,CLOUD,2026-09-10 00:00,2026-09-10 07:12,,no", NOW)
    found = fetch(wanted("agreed:HY-1:CLOUD")).observations
    assert [(one.scope, one.value) for one in found] == [("organisation", Decimal("99.0000"))]
    found = fetch(wanted("")).observations
    assert [one.scope for one in found] == ["organisation", "project=P1"]
    for rest in ("uptime:HY-1", "agreed:HY-9"):
        with pytest.raises(SourceFailed):
            fetch(wanted(rest))


def test_a_line_of_the_sla_that_is_measured_so_shows_its_last_value(desk):
    head, first, second = SLAS.splitlines()
    lines = [f"{first},availability:agreed,2025-12-20", f"{second},,2025-12-20"]
    desk.take("slas", "\n".join([f"{head},source,signed_on", *lines]), NOW)
    desk.take("outages", f"{HEAD}\nA,HY-1,CLOUD,2026-09-10 00:00,2026-09-10 07:12,,no", NOW)
    seen = view.read("HY-1", at=NOW, people=None).versions[0].lines
    assert [(one.period, one.actual, one.judgement) for one in seen] == [
        ("2026-09", Decimal("99.0000"), "missed"), ("", None, None),
    ]  # fmt: skip


def test_a_contract_of_another_manager_is_not_there(desk):
    with pytest.raises(NotFound):
        view.read("HY-1", at=NOW, people=frozenset({0}))


def test_an_outage_of_another_contract_does_not_count(desk):
    desk.take("contracts", "code,name,service_time\nHY-2,别的合同,24x7", NOW)
    desk.take("outages", f"{HEAD}\nA,HY-2,,2026-09-10 00:00,2026-09-10 07:12,,no", NOW)
    assert of().unplanned_minutes == 0
    with reading() as session:
        assert len(session.exec(select(Outage)).all()) == 1
