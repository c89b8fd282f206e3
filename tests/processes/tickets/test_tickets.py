"""Ticket logs: streamed, folded, exact by month and scope, and all or nothing."""

import csv
import gzip
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from models.engine import reading
from models.kpi import Measurement
from models.ticket import Ticket, TicketLog
from processes.imports.problems import ImportRefused
from processes.kpi import collecting as kpi_collecting
from processes.kpi import from_tickets as kpi_tickets
from processes.kpi import import_kpis as kpis
from processes.tickets import attainment
from processes.tickets import taken as tickets_taken
from rules.refusal import Refused
from tests.support.cast import at, hire

UCI = Path(__file__).parents[4] / "shared" / "data" / "uci_incident_event_log.csv.gz"
AT = at("2026-09-28")
HEAD = (
    "number,reopen_count,made_sla,opened_at,sys_updated_at,priority,assignment_group,"
    "resolved_at,closed_at"
)
ROWS = [
    # Three events of one incident: the last one is its final state.
    "INC1,0,true,29/2/2016 23:30,29/2/2016 23:40,3 - Moderate,Group 56,?,?",
    "INC1,0,true,29/2/2016 23:30,1/3/2016 08:53,2 - High,Group 7,1/3/2016 11:29,?",
    "INC1,1,false,29/2/2016 23:30,5/3/2016 12:00,2 - High,Group 7,1/3/2016 11:29,5/3/2016 12:00",
    "INC2,0,true,1/3/2016 00:00,1/3/2016 09:00,2 - High,Group 7,1/3/2016 08:00,1/3/2016 09:00",
    # No word on its SLA: it leaves the denominator.
    "INC3,0,?,2/3/2016 10:00,2/3/2016 11:00,2 - High,?,2/3/2016 11:00,31/3/2016 23:59",
    "INC4,0,true,3/3/2016 10:00,3/3/2016 11:00,1 - Critical,Group 7,?,?",
]

real_log = pytest.mark.skipif(not UCI.is_file(), reason="../shared/data is not here")


def log(folder, rows=ROWS, name="log.csv", head=HEAD):
    path = folder / name
    text = "\n".join([head, *rows]) + "\n"
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, "utf-8")
    return path


def take(path, **options):
    return tickets_taken.take(path, mapping="uci", at=AT, actor="operator:test", **options)


def counts(report):
    return report.new, report.changed, report.unchanged


def figures(*by, measure="met_sla"):
    rows = attainment.of_tickets("uci", by=by, measure=measure, at=AT)
    return {(row.period, row.scope): (row.numerator, row.denominator) for row in rows}


def refused(path):
    with pytest.raises(ImportRefused) as no:
        take(path)
    with reading() as session:
        assert session.exec(select(Ticket)).first() is None  # nothing half taken
        assert session.exec(select(TicketLog)).first() is None
    return [(p.row, p.column) for p in no.value.problems]


def test_several_rows_of_a_ticket_are_one_in_its_final_state(home):
    assert counts(take(log(home))) == (4, 0, 0)
    with reading() as session:
        one = session.exec(select(Ticket).where(Ticket.number == "INC1")).one()
    assert (one.priority, one.group, one.met_sla, one.events) == ("2 - High", "Group 7", False, 3)


@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz"])
def test_a_second_import_changes_nothing_and_says_so(home, name):
    path = log(home, name=name)
    take(path)
    with reading() as session:
        before = session.exec(select(TicketLog)).one().model_dump()
    report = take(path)
    assert counts(report) == (0, 0, 4)
    assert "6 events of 4 tickets" in report.notes[0].said("en")
    with reading() as session:
        assert session.exec(select(TicketLog)).one().model_dump() == before


def test_a_later_export_changes_what_changed_and_forgets_nothing(home):
    take(log(home))
    later = ["INC4,0,false,3/3/2016 10:00,4/3/2016 11:00,1 - Critical,Group 7,?,4/3/2016 11:00"]
    assert counts(take(log(home, later))) == (0, 1, 0)
    assert figures("closed_month", "priority")["2016-03", "priority=1 - Critical"] == (0, 1)
    assert figures("closed_month")["2016-03", "organisation"] == (1, 3)  # INC1, INC2, INC4


def test_a_dry_run_changes_nothing(home):
    assert counts(take(log(home), dry_run=True)) == (4, 0, 0)
    with reading() as session:
        assert session.exec(select(Ticket)).first() is None


def test_a_month_is_that_of_the_site_s_clock(home):
    take(log(home))
    assert figures("opened_month") == {
        ("2016-02", "organisation"): (0, 1),
        ("2016-03", "organisation"): (2, 2),  # INC3 has no SLA: it is in neither count
    }


def test_figures_by_priority_and_group_name_what_the_log_does_not_know_as_it_does(home):
    take(log(home))
    assert figures("closed_month", "priority", "group") == {
        ("2016-03", "priority=2 - High;group=?"): (0, 0),
        ("2016-03", "priority=2 - High;group=Group 7"): (1, 2),
    }
    (none, _) = attainment.of_tickets("uci", by=["closed_month", "priority", "group"], at=AT)
    assert (none.value, none.judgement, none.tickets) == (None, "no_data", 1)


def test_hours_to_resolve_are_a_mean_with_its_count(home):
    take(log(home))
    rows = attainment.of_tickets("uci", by=["closed_month"], measure="hours_to_resolve", at=AT)
    assert [(row.numerator, row.denominator, row.value) for row in rows] == [
        # 11:59 + 8:00 + 1:00 hours of three tickets, rounded against the target
        (Decimal("20.983334"), 3, Decimal("6.9945")),
    ]


@pytest.mark.parametrize(
    ("row", "place"),
    [
        # the month first: another form than the mapping declares
        ("INC9,0,true,3/16/2016 10:00,3/3/2016 11:00,1,Group 7,?,?", (2, "opened_at")),
        ("INC9,0,true,2016-03-03 10:00,3/3/2016 11:00,1,Group 7,?,?", (2, "opened_at")),
        ("INC9,-1,true,3/3/2016 10:00,3/3/2016 11:00,1,Group 7,?,?", (2, "reopen_count")),
        ("INC9,0,perhaps,3/3/2016 10:00,3/3/2016 11:00,1,Group 7,?,?", (2, "made_sla")),
        ("INC9,0,true,3/3/2016 10:00,NS,1,Group 7,?,?", (2, "sys_updated_at")),
        ("?,0,true,3/3/2016 10:00,3/3/2016 11:00,1,Group 7,?,?", (2, "number")),
        ("INC9,0,true,3/3/2016 10:00", (2, None)),  # cells are missing
        (f"{'I' * 65},0,true,3/3/2016 10:00,3/3/2016 11:00,1,G,?,?", (2, "number")),
    ],
)
def test_one_row_that_cannot_be_read_refuses_the_log_by_name(home, row, place):
    assert place in refused(log(home, [row, *ROWS]))


def test_an_event_in_the_middle_is_judged_as_strictly_as_the_last(home):
    broken = "INC1,0,true,31/2/2016 01:16,29/2/2016 23:50,3 - Moderate,Group 56,?,?"
    assert refused(log(home, [ROWS[0], broken, *ROWS[1:]])) == [(3, "opened_at")]


def test_a_log_without_a_column_of_the_mapping_is_refused(home):
    assert (1, "made_sla") in refused(log(home, ["INC1"], head="number"))


def test_a_log_that_breaks_off_is_refused(home):
    path = log(home, name="log.csv.gz")
    path.write_bytes(path.read_bytes()[:-20])
    assert refused(path)


def test_html_under_the_name_of_a_log_is_refused(home):
    path = home / "log.csv"
    path.write_text("<!doctype html>\n<title>Sign in</title>\n", "utf-8")
    assert (1, "number") in refused(path)


@pytest.mark.parametrize("by", [[], ["priority"], ["opened_month", "closed_month"], ["x"]])
def test_figures_are_by_one_of_two_months(home, by):
    take(log(home))
    with pytest.raises(Refused, match="no way to tell tickets apart"):
        attainment.of_tickets("uci", by=by, at=AT)


def test_an_unknown_source_is_refused_by_name(home):
    with pytest.raises(Refused, match="there is no ticket log nowhere"):
        attainment.of_tickets("nowhere", by=["closed_month"], at=AT)


CELLS = st.tuples(
    st.sampled_from(["INC1", "INC2", "INC3"]),
    st.sampled_from(["true", "false", "?"]),
    st.integers(1, 28),
    st.sampled_from([1, 2]),
    st.sampled_from(["1 - Critical", "2 - High", "?"]),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(CELLS, min_size=1, max_size=12))
def test_any_log_is_counted_as_by_hand(home, cells):
    rows = [
        f"{number},0,{sla},{day}/{month}/2016 10:00,1/3/2016 11:00,{priority},G,?,?"
        for number, sla, day, month, priority in cells
    ]
    source = f"s{abs(hash(tuple(rows)))}"
    mapping = home / "any.toml"
    uci = Path(tickets_taken.__file__).parents[2] / "config" / "tickets" / "uci.toml"
    mapping.write_text(uci.read_text("utf-8").replace('"uci"', f'"{source}"'), "utf-8")
    tickets_taken.take(log(home, rows), mapping=str(mapping), at=AT, actor="operator:test")
    last = {cell[0]: cell for cell in cells}
    wanted = Counter()
    for _, sla, _, month, priority in last.values():
        wanted[f"2016-0{month}", f"priority={priority}", "n"] += sla == "true"
        wanted[f"2016-0{month}", f"priority={priority}", "d"] += sla != "?"
    found = {}
    for row in attainment.of_tickets(source, by=["opened_month", "priority"], at=AT):
        found[row.period, row.scope, "n"] = int(row.numerator)
        found[row.period, row.scope, "d"] = int(row.denominator)
    assert found == dict(wanted)


def test_an_indicator_is_computed_from_tickets_with_its_evidence(home):
    hire()
    take(log(home))
    path = home / "kpis.csv"
    path.write_text(
        "code,name,target,frequency,owner,source\n"
        "SLA,SLA达成率,95,month,li,tickets:uci\n"
        "BYP,SLA按优先级,95,month,li,tickets:uci:met_sla:opened_month:priority\n",
        "utf-8",
    )
    kpis.take(path, at=at("2016-04-01"), actor="operator:test")
    assert kpi_collecting.collect(at("2016-04-05")).done == 2
    with reading() as session:
        rows = session.exec(select(Measurement).order_by(Measurement.id)).all()
    by_scope = {(row.scope, row.numerator, row.denominator, row.count) for row in rows}
    assert by_scope == {
        ("organisation", 1, 2, 2),
        ("priority=1 - Critical", 1, 1, 1),
        ("priority=2 - High", 1, 1, 1),
    }
    assert rows[0].evidence["file"] == "log.csv"
    assert rows[0].source.startswith("tickets:uci")
    # The target of the indicator stands beside the figures of its log.
    (march,) = attainment.of_tickets("uci", by=["closed_month"], at=AT)
    assert (march.target, march.judgement) == (95, "missed")


@pytest.mark.parametrize(
    ("rest", "meant"),
    [
        ("uci", ("uci", "met_sla", "closed_month", "")),
        ("uci:reopened", ("uci", "reopened", "closed_month", "")),
        ("uci::opened_month", ("uci", "met_sla", "opened_month", "")),
        ("uci:met_sla:closed_month:group", ("uci", "met_sla", "closed_month", "group")),
    ],
)
def test_a_ticket_source_names_what_differs(rest, meant):
    assert kpi_tickets.parts(rest) == meant


# --- the real log ---------------------------------------------------------------------


def by_hand():
    """Return the last row of each incident, read in the most naive way."""
    with gzip.open(UCI, "rt", encoding="utf-8") as file:
        return {row["number"]: row for row in csv.DictReader(file)}


@pytest.mark.slow  # twice 141 712 events; a small log, whatever is in it, is counted by hand above
@real_log
def test_the_real_log_is_exact_by_month_priority_and_group(home):
    report = take(UCI)
    assert counts(report) == (24_918, 0, 0)
    assert "141712 events" in report.notes[0].said("en")
    assert counts(take(UCI)) == (0, 0, 24_918)
    last = by_hand()
    columns = {"priority": "priority", "group": "assignment_group"}
    for basis, *dimensions in (
        ("opened_month",),
        ("closed_month", "priority"),
        ("closed_month", "priority", "group"),
    ):
        met, cases = Counter(), Counter()
        for row in last.values():
            _, month, year = row[basis.replace("month", "at")].partition(" ")[0].split("/")
            words = [f"{name}={row[columns[name]]}" for name in dimensions]
            key = f"{year}-{int(month):02}", ";".join(words) or "organisation"
            met[key] += row["made_sla"] == "true"
            cases[key] += 1
        found = figures(basis, *dimensions)
        assert found == {key: (met[key], count) for key, count in cases.items()}
