"""Nonconformities from tables and ticket logs: at their own dates, once, all or nothing."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from config.settings import Misconfigured
from config.ticket_mapping import load_mapping
from models.duty import Duty
from models.engine import reading
from models.nonconformity import Nonconformity
from processes.imports.problems import ImportRefused
from processes.nonconformity import import_nonconformities as nonconformities
from processes.organisation import import_people as people
from processes.organisation import import_units as units
from processes.tickets import nonconformities as tickets
from tests.support.cast import hire

DATA = Path(__file__).parents[4] / "shared" / "data"
AT = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
real_data = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here")


def write(folder, text, name="nonconformities.csv"):
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def take(path, **options):
    return nonconformities.take(path, at=AT, actor="operator:test", **options)


def refused(work):
    with pytest.raises(ImportRefused) as no:
        work()
    return [(p.row, p.column, p.said("en")) for p in no.value.problems]


def rows():
    with reading() as session:
        return {row.code: row for row in session.exec(select(Nonconformity))}


def test_rows_are_raised_at_their_own_instants_in_the_order_of_time(home):
    hire()
    path = write(
        home,
        "code,title,owner,severity,raised_at,project,raised_by\n"
        "N2,后发生,li,major,2026-03-02 15:30,P1,zhao\n"
        "N1,先发生,chen,,2026-03-01T10:00:00+00:00,,\n"
        "N3,没有时间,li,,2026-03-05,,\n",
    )
    report = take(path)
    assert (report.new, report.codes) == (3, ("N1", "N2", "N3"))
    assert rows()["N2"].raised_at == datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
    assert rows()["N1"].raised_at == datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
    assert rows()["N3"].raised_at == datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
    with reading() as session:
        owed = session.exec(select(Duty.subject).order_by(Duty.id)).all()
    assert owed == ["N1", "N2", "N3"]


def test_a_second_import_changes_what_describes_and_names_what_stays(home):
    hire()
    head = "code,title,owner,severity\n"
    take(write(home, f"{head}N1,旧标题,li,minor\n"))
    report = take(write(home, f"{head}N1,新标题,chen,major\n"))
    assert (report.new, report.changed, report.unchanged) == (0, 1, 0)
    assert rows()["N1"].title == "新标题"
    assert rows()["N1"].severity == "minor"
    assert "N1: owner, severity differ in the file" in report.notes[0].said("en")
    assert take(write(home, f"{head}N1,新标题,li,minor\n")).unchanged == 1


def test_every_wrong_row_is_named_and_nothing_is_raised(home):
    hire()
    path = write(
        home,
        "code,title,owner,severity,due,raised_at,project\n"
        "N1,好的,li,,,,\n"
        "N2,,li,,,,\n"
        "N3,无此人,nobody,,,,\n"
        "N4,坏日期,gone,terrible,0026-01-01,yesterday,P9\n"
        "N1,重复,li,,,,\n",
    )
    assert {(row, column) for row, column, _ in refused(lambda: take(path))} == {
        (3, "title"),
        (4, "owner"),
        (5, "owner"),
        (5, "severity"),
        (5, "project"),
        (5, "due"),
        (5, "raised_at"),
        (6, "code"),
    }
    assert not rows()


def test_a_dry_run_raises_nothing(home):
    hire()
    report = take(write(home, "code,title,owner\nN1,一,li\n"), dry_run=True)
    assert (report.new, report.dry_run) == (1, True)
    assert not rows()


MAPPING = """
source = "desk"
[columns]
number = "no"
updated = "at"
reopened = "reopened"
priority = "prio"
met_sla = "sla"
[written]
dates = "%d/%m/%Y %H:%M"
missing = ["?"]
[[nonconformities]]
name = "again"
title = "{number} 重开 {reopened} 次"
reopened_at_least = 2
[[nonconformities]]
name = "p1"
title = "{number} {priority}"
priority = "P1"
met_sla = false
month = "2016-03"
severity = "major"
"""
LOG = (
    "no,at,reopened,prio,sla\n"
    "T1,29/2/2016 10:00,0,P1,true\n"
    "T1,1/3/2016 10:00,0,P1,false\n"  # the first event that shows it
    "T1,2/3/2016 10:00,2,P1,false\n"  # and the other condition as well: once, the worst
    "T2,29/2/2016 10:00,0,P1,false\n"  # missed in February already
    "T2,3/3/2016 10:00,0,P1,false\n"
    "T3,5/3/2016 10:00,3,?,?\n"
    "T3,4/3/2016 10:00,2,P3,true\n"  # written later, happened earlier
    "T4,5/3/2016 10:00,1,P2,false\n"
)


def take_log(home, log=LOG, mapping=MAPPING, owners="round-robin:deepest", **options):
    write(home, mapping, "desk.toml")
    path = write(home, log, "log.csv")
    return tickets.take(
        path,
        mapping=str(home / "desk.toml"),
        owners=owners,
        at=AT,
        actor="operator:test",
        **options,
    )


def test_a_ticket_is_raised_once_at_the_first_event_that_shows_it(home):
    hire()
    report = take_log(home)
    found = rows()
    assert report.codes == ("DESK-T1", "DESK-T3")
    assert found["DESK-T1"].raised_at == datetime(2016, 3, 1, 2, 0, tzinfo=UTC)
    assert (found["DESK-T1"].title, found["DESK-T1"].severity) == ("T1 P1", "major")
    assert found["DESK-T3"].raised_at == datetime(2016, 3, 4, 2, 0, tzinfo=UTC)
    assert found["DESK-T3"].title == "T3 重开 2 次"
    assert take_log(home).unchanged == 2


def test_owners_take_turns_over_the_deepest_posts_by_code(home):
    known = hire()
    take_log(home)
    deepest = [known["chen"], known["li"]]  # four above each; by code
    assert [rows()[code].owner_id for code in ("DESK-T1", "DESK-T3")] == deepest


@pytest.mark.parametrize(("owners", "owner"), [
    ("wang", "wang"),
    ("round-robin:quality", "zhao"),
])  # fmt: skip
def test_owners_may_be_a_person_or_a_role(home, owners, owner):
    known = hire()
    take_log(home, owners=owners)
    assert rows()["DESK-T1"].owner_id == known[owner]


@pytest.mark.parametrize("owners", ["nobody", "gone", "round-robin:boss", None])
def test_owners_that_name_nobody_are_refused(home, owners):
    hire()
    assert "names nobody active" in refused(lambda: take_log(home, owners=owners))[0][2]


def test_every_wrong_row_of_a_log_is_named(home):
    hire()
    log = (
        LOG
        + "T5,31/2/2016 10:00,2,P1,false\nT6,1/3/2016 10:00,x,P1,maybe\nT7,short\n,,,,\n,?,?,?,?\n"
    )
    found = refused(lambda: take_log(home, log))
    assert [(row, column) for row, column, _ in found] == [
        (10, "at"),
        (11, "reopened"),
        (11, "sla"),
        (12, None),
        (14, "no"),
    ]
    assert not rows()


def test_a_log_without_a_column_of_the_mapping_is_refused(home):
    hire()
    found = refused(lambda: take_log(home, "no,at\nT1,1/3/2016 10:00\n"))
    assert {column for _, column, _ in found} == {"reopened", "prio", "sla"}


@pytest.mark.parametrize(("line", "said"), [
    ("bogus = 1", "bogus"),
    ("[extra]", "extra"),
    ('[[nonconformities]]\nname = "x"\ntitle = "{number.__class__}"', "a title may name"),
    ('[[nonconformities]]\nname = "x"\ntitle = "x"\nmonth = "2016-13"', "month"),
    ('[[nonconformities]]\nname = "x"\ntitle = "x"\nseverity = "bad"', "severity"),
])  # fmt: skip
def test_a_mapping_that_makes_no_sense_is_refused_by_key(home, line, said):
    bare = MAPPING if line.startswith("[") else f"{line}\n{MAPPING}"
    path = write(home, bare + (f"\n{line}\n" if line.startswith("[") else ""), "bad.toml")
    with pytest.raises(Misconfigured, match=said):
        load_mapping(str(path), home)


def test_a_home_may_have_a_mapping_of_its_own(home):
    folder = home / "config" / "tickets"
    folder.mkdir(parents=True)
    write(folder, MAPPING, "uci.toml")
    assert load_mapping("uci", home)[0].source == "desk"
    assert load_mapping("uci", home / "elsewhere")[0].source == "uci"
    assert load_mapping("config/tickets/uci.toml", home)[0].source == "uci"


def test_a_log_that_breaks_off_is_refused(home):
    hire()
    write(home, MAPPING, "desk.toml")
    path = home / "log.csv.gz"
    path.write_bytes(gzip.compress(LOG.encode())[:-12])
    found = refused(
        lambda: tickets.take(
            path, mapping=str(home / "desk.toml"), owners="li", at=AT, actor="operator:test"
        )
    )
    assert "cannot be read" in found[0][2]


@real_data
def test_the_real_log_shows_fifty_four_nonconformities(home):
    units.take(DATA / "units_hmrc.csv", at=AT, actor="operator:test")
    people.take(DATA / "people_hmrc.csv", at=AT, actor="operator:test")
    report = tickets.take(
        DATA / "uci_incident_event_log.csv.gz",
        mapping="uci",
        owners="round-robin:deepest",
        at=AT,
        actor="operator:test",
    )
    found = rows()
    assert report.new == len(found) == 54
    assert sum("重新打开" in row.title for row in found.values()) == 11
    missed = [row for row in found.values() if row.severity == "major"]
    assert len(missed) == 43
    assert {(row.raised_at.year, row.raised_at.month) for row in missed} == {(2016, 3)}
    assert len({row.owner_id for row in found.values()}) == 54  # of 110 deepest posts
