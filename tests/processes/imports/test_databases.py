"""Imports, registers and histories on both databases; and two people importing at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from models import engine, trail
from models.engine import reading
from processes.history import told as history
from processes.nonconformity import import_nonconformities as nonconformities
from processes.organisation import import_people as people
from processes.organisation import import_projects as projects
from processes.organisation import import_units as units
from processes.register import registers
from processes.register.query import Filters

AT = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
FILES = {
    "units": "code,name,parent,head\nOPS,运维一部,HQ,wang\nHQ,总部,,\n",
    "people": "code,name,email,manager,unit,roles,absent_from,delegate\n"
    "li,李工,li@company.example,wang,OPS,,2026-08-01,wang\n"
    "wang,王经理,wang@company.example,gone,OPS,department_manager;quality,,\n",
    "projects": "code,name,manager,unit,start\nP1,政务云,wang,OPS,2026-01-01\n",
    "nonconformities": "code,title,owner,project,unit,raised_at\nN1,缺记录,li,P1,OPS,2026-09-01\n",
}
TAKERS = {
    "units": units,
    "people": people,
    "projects": projects,
    "nonconformities": nonconformities,
}


@pytest.fixture
def files(home, database_url):
    """The four files in a home whose rows lie in that database."""
    engine.bind(database_url)
    for kind, text in FILES.items():
        (home / f"{kind}.csv").write_text(text, "utf-8")
    return home


def take(files, kind):
    report = TAKERS[kind].take(files / f"{kind}.csv", at=AT, actor="operator:test")
    return report.new, report.changed, report.unchanged


def test_everything_is_taken_once_and_listed(files):
    for kind, text in FILES.items():
        rows = text.count("\n") - 1
        assert take(files, kind) == (rows, 0, 0), kind
        assert take(files, kind) == (0, 0, rows), kind
    for name, register in registers.REGISTERS.items():
        assert (
            register.read(Filters(), at=AT).total == register.read(Filters(), at=AT, limit=1).total
        ), name
    assert [row.code for row in registers.people(Filters(kind="quality"), at=AT).rows] == ["wang"]
    assert history.of_nonconformity("N1", at=AT).told[0].person.code == "wang"  # stands in for Li
    assert history.of_person("li", at=AT).chain_ends == "gap"
    with reading() as session:
        assert trail.verify(session) is None


def test_a_change_is_written_column_by_column(files):
    take(files, "units")
    take(files, "people")
    (files / "people.csv").write_text("code,roles,manager\nli,auditor,\n", "utf-8")
    assert take(files, "people") == (0, 1, 0)
    row = registers.people(Filters(person="li"), at=AT).rows[0]
    assert (row.roles, row.manager, row.delegate, row.unit) == (["auditor"], None, "wang", "OPS")


def test_two_people_who_import_the_same_file_at_once_take_it_once(files):
    take(files, "units")
    with ThreadPoolExecutor(2) as hands:
        done = list(hands.map(lambda _: take(files, "people"), range(2)))
    assert sorted(done) == [(0, 0, 2), (2, 0, 0)]
