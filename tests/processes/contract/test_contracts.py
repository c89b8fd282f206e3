"""Contracts as they come: what is wrong is named by row and column, what lacks is listed."""

import pytest
from sqlmodel import select

from models.contract import Contract, ContractProject
from models.engine import reading, writing
from models.organisation import Project
from processes.contract import doctor, upkeep
from processes.contract import registers as contract_registers
from processes.imports.problems import ImportRefused
from processes.register.query import Filters
from tests.support.cast import at, hire
from tests.support.promises import CONTACTS, CONTRACTS, MORNING, Desk, said


@pytest.fixture
def desk(home, tmp_path):
    hire()
    return Desk(tmp_path)


def rows(**filters):
    return {
        one.code: one for one in contract_registers.contracts(Filters(**filters), at=MORNING).rows
    }


def test_a_contract_has_its_customer_services_and_projects(desk):
    desk.sign()
    one = rows()["HY-1"]
    assert (one.customer, one.manager, one.services, one.projects) == (
        "ZWY", "sun", ("CLOUD",), ("P1",),
    )  # fmt: skip
    assert (one.state, one.lacks) == ("in_force", ("sla",))


def test_the_same_files_again_change_nothing(desk):
    desk.sign()
    report = desk.take("contracts", CONTRACTS)
    assert (report.new, report.changed, report.unchanged) == (0, 0, 1)
    report = desk.take("contacts", CONTACTS)
    assert (report.new, report.changed, report.unchanged) == (0, 0, 1)


def test_a_contract_without_service_time_is_taken_and_named(desk):
    report = desk.take("contracts", "code,name\nHY-2,无服务时间的合同")
    assert [(note.row, note.column) for note in report.notes] == [(2, "service_time")]
    assert "service_time" in rows()["HY-2"].lacks


@pytest.mark.parametrize(
    ("kind", "text", "where"),
    [
        ("contracts", "code,name,service_time\nA,a,工作时间", (2, "service_time")),
        ("contracts", "code,name,zone\nA,a,Asia/Peking", (2, "zone")),
        ("contracts", "code,name,holidays\nA,a,2026-13-01", (2, "holidays")),
        ("contracts", "code,name,notice_hours\nA,a,1.5", (2, "notice_hours")),
        ("contracts", "code,name,start,end\nA,a,2026-05-01,2026-04-30", (2, "end")),
        ("contracts", "code,name,customer\nA,a,NOBODY", (2, "customer")),
        ("contracts", "code,name,start\nA,a,3026-01-01\nB,b,9126-01-01", (3, "start")),
        ("contracts", "code,name,projects\nA,a,P1\nB,b,P1", (3, "projects")),
        ("contacts", "code,name,contracts\nK,k,NONE", (2, "contracts")),
        ("contacts", "code,name,basis\nK,k,whim", (2, "basis")),
        ("services", "code,name,contracts\nS,s,NONE", (2, "contracts")),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column_and_nothing_is_taken(desk, kind, text, where):
    with pytest.raises(ImportRefused) as refused:
        desk.take(kind, text)
    assert where in [(row, column) for row, column, _ in said(refused)]
    assert rows() == {}


def test_a_contact_of_two_contracts_and_an_address_of_two_contacts_are_named(desk):
    desk.sign()
    desk.take("contracts", "code,name,service_time\nHY-2,第二份,24x7")
    report = desk.take(
        "contacts",
        "code,name,contracts,email\nK-2,林芳,HY-1;HY-2,lin@zwy.example\n"
        "K-3,郭涛,HY-2,GUO@zwy.example",
    )
    told = [(note.row, note.column) for note in report.notes]
    assert told == [(2, "contracts"), (3, "email")]


def test_a_project_text_becomes_a_draft_that_doctor_lists(desk):
    with writing() as session:
        session.add(Project(code="P2", name="网络运维", contract="运维合同 2026/07"))
        session.add(Project(code="P3", name="网络运维二", contract="运维合同 2026/07"))
    first, again = upkeep.keep_up(MORNING), upkeep.keep_up(at("2026-09-15"))
    assert (first.drafts, again.drafts) == (1, 0)
    one = rows()["运维合同-2026-07"]
    assert (one.state, one.projects) == ("draft", ("P2", "P3"))
    with reading() as session:
        (found,) = doctor.look(session, MORNING)
    assert found[1]["contract"] == one.code
    desk.take("contracts", f"code,name,service_time\n{one.code},网络运维合同,24x7")
    assert rows()[one.code].state == "in_force"
    assert rows()[one.code].projects == ("P2", "P3")


def test_a_project_that_names_a_known_contract_belongs_to_it(desk):
    desk.sign()
    with writing() as session:
        session.add(Project(code="P2", name="备份", contract="HY-1"))
    assert upkeep.keep_up(MORNING).drafts == 0
    with reading() as session:
        assert len(session.exec(select(ContractProject)).all()) == 2
        assert len(session.exec(select(Contract)).all()) == 1
