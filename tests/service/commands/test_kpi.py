"""The command line about indicators: stable keys, exit codes, and what a second import says."""

import json

import pytest
from sqlmodel import col, select

from models.engine import reading
from models.record import Trail
from tests.service.commands.test_commands import (
    office,  # noqa: F401 - the command in a home with people
    pdca,  # noqa: F401 - the command in a home with people
)

LOG = (
    "number,reopen_count,made_sla,opened_at,sys_updated_at,priority,assignment_group,"
    "resolved_at,closed_at\n"
    "INC1,0,true,1/3/2016 01:00,1/3/2016 02:00,1 - Critical,Group 7,?,2/3/2016 01:00\n"
    "INC2,0,false,1/3/2016 01:00,1/3/2016 02:00,2 - High,Group 7,?,2/4/2016 01:00\n"
)
KPIS = "code,name,target,frequency,owner,source\nSLA,SLA达成率,95,month,li,tickets:uci\n"
KEYS = ["kpi", "period", "scope", "numerator", "denominator", "value", "target", "judgement"]


@pytest.fixture
def tracked(office, home):  # noqa: F811 - the fixture of that name
    (home / "kpis.csv").write_text(KPIS, "utf-8")
    (home / "log.csv").write_text(LOG, "utf-8")
    assert office("import", "kpis", home / "kpis.csv")[0] == 0
    return office


def test_attainment_straight_from_a_log_has_the_keys_that_acceptance_knows(tracked, home):
    assert tracked("import", "tickets", home / "log.csv", "--mapping", "uci")[0] == 0
    code, out, _ = tracked(
        "attainment", "--tickets", "uci", "--by", "opened_month,priority", "--json"
    )
    assert code == 0
    rows = json.loads(out)
    assert [[row[key] for key in KEYS] for row in rows] == [
        ["uci", "2016-03", "priority=1 - Critical", "1", "1", "100", "95", "met"],
        ["uci", "2016-03", "priority=2 - High", "0", "1", "0", "95", "missed"],
    ]


def test_a_second_import_of_a_log_says_that_nothing_changed(tracked, home):
    for said in ("2 new, 0 changed, 0 unchanged", "0 new, 0 changed, 2 unchanged"):
        code, out, err = tracked("import", "tickets", home / "log.csv", "--mapping", "uci")
        assert (code, said in out) == (0, True)
        assert "2 events of 2 tickets" in err


def test_that_a_log_was_refused_is_kept_and_of_a_dry_run_nothing(tracked, home):
    bad = home / "bad.csv"
    bad.write_text(LOG + "INC9,0,true,31/2/2016 01:00,x,2 - High,?,?,?\n", "utf-8")
    for option, kept in (("--dry-run", []), ("--json", [{"file": "bad.csv", "refused": 1}])):
        assert tracked("import", "tickets", bad, "--mapping", "uci", option)[0] == 1
        with reading() as session:
            query = select(Trail).where(col(Trail.action) == "tickets.refused")
            assert [row.after for row in session.exec(query)] == kept


def test_a_log_needs_a_mapping(tracked, home):
    code, _, err = tracked("import", "tickets", home / "log.csv")
    assert (code, "--mapping uci" in err) == (2, True)


def test_values_are_imported_listed_corrected_and_shown(tracked, home):
    values = home / "values.csv"
    values.write_text("kpi,period,scope,value,numerator,denominator,note\nSLA,2026-08,,,94,100,\n")
    assert tracked("import", "measurements", values)[0] == 0
    (row,) = json.loads(tracked("list", "measurements", "--json")[1])
    assert [row[key] for key in KEYS] == [
        "SLA", "2026-08", "organisation", "94", "100", "94", "95", "missed",
    ]  # fmt: skip
    values.write_text(values.read_text().replace(",94,", ",96,"))
    code, _, err = tracked("import", "measurements", values)
    assert code == 1
    assert "values.csv, row 2, column note: 94/100 is recorded" in err
    new = ("--numerator", "96", "--denominator", "100")
    assert tracked("correct", "SLA", "2026-08", *new, "--reason", "  ")[0] == 1
    assert tracked("correct", "SLA", "2026-08", *new, "--reason", "night shift")[0] == 0
    shown = json.loads(tracked("show", "SLA", "--json")[1])
    (kept,) = shown["corrections"]
    assert (kept["before"]["numerator"], kept["after"]["numerator"]) == ("94", "96")
    assert kept["reason"] == "night shift"
    assert "night shift" in tracked("show", "SLA")[1]
    assert tracked("list", "measurements", "--state", "missed", "--json")[1].strip() == "[]"


def test_a_correction_of_nothing_is_refused(tracked):
    code, _, err = tracked("correct", "SLA", "2026-08", "--value", "96", "--reason", "x")
    assert (code, "SLA/2026-08/organisation" in err) == (1, True)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1", "95%", "1,000"])
def test_a_correction_to_no_number_is_wrong_usage(tracked, value):
    assert tracked("correct", "SLA", "2026-08", f"--value={value}", "--reason", "x")[0] == 2
