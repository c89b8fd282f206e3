"""Contracts in tests, imported as an operator would: short files, one call each."""

from processes import plug
from tests.support.cast import at

CUSTOMERS = "code,name\nZWY,市大数据管理局"
CONTRACTS = (
    "code,name,customer,start,end,manager,projects,zone,service_time,notice_hours\n"
    "HY-1,政务云运维合同,ZWY,2026-01-01,2026-12-31,sun,P1,Asia/Shanghai,24x7,48"
)
SERVICES = "code,name,contracts\nCLOUD,云平台,HY-1"
CONTACTS = "code,name,customer,contracts,email\nK-1,郭涛,ZWY,HY-1,guo@zwy.example"
SLAS = (
    "code,contract,service,indicator,target,minimum_n\n"
    "HY-1.1,HY-1,CLOUD,云平台可用性,99.9,1\n"
    "HY-1.2,HY-1,,P1及时解决率,95,5"
)
MORNING = at("2026-09-14")


class Desk:
    """Takes tables over; the files lie in a folder of the test."""

    def __init__(self, folder):
        self.folder = folder

    def take(self, kind, text, when=MORNING, *, dry_run=False):
        """Import a table of text."""
        path = self.folder / f"{kind}.csv"
        path.write_text(text + "\n", "utf-8")
        take = plug.one("imports", kind).take
        return take(path, at=when, actor="operator:root", dry_run=dry_run)

    def sign(self):
        """Import a contract with everything it needs."""
        self.take("customers", CUSTOMERS)
        self.take("contracts", CONTRACTS)
        self.take("services", SERVICES)
        self.take("contacts", CONTACTS)


def said(refused):
    """Return where a file is wrong: row, column, sentence."""
    return [(one.row, one.column, one.said("en")) for one in refused.value.problems]
