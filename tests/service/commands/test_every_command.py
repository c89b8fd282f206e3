"""Every command, typed in a process of its own in a home that is in use.

One process for all tests hides an import that a command forgets; here each begins with nothing
of ours loaded. The home is the one that release 0.1.0 left behind (`tests/releases/`).
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime

import httpx
import pytest
import typer

from config.choices import PACKAGED
from models import engine, migrate
from processes import plug
from processes.check import planned as checks
from processes.imports.table import MAPPED
from processes.watch import switches
from service import main
from tests.support import upgrades
from tests.support.fresh import Fresh

pytestmark = pytest.mark.xdist_group("commands")  # one home, one parent of all processes

KINDS = [key for key in plug.keys("imports") if not key.endswith(MAPPED)]
ON = ("--at", "2026-09-30T10:00")
DEMO = PACKAGED / "demo"
FILES = {  # what is imported, beside what the demo brings
    "measurements": "kpi,period,scope,value\nANSWERED,2026-09,organisation,97\n",
    "nonconformities": "code,title,owner\nNC-2026-0900,巡检记录不全,wang_lei\n",
    "plan": "year,number,kind,title,rule,owner\n"
    "2027,01,other,年度服务回顾,FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31,quality\n",
    "areas": "code,importance,status\nNET,5,changed\n",
    "audits": "code,lead,auditors\nIA-2026-13-10,zhu_lin,jin_li\n",
    "customers": "code,name\nC-9,江城银行\n",
    "contracts": "code,name,service_time\nHT-9,运维合同,24x7\n",
    "services": "code,name,contracts\nSVC-9,备份,HT-9\n",
    "contacts": "code,name,contracts\nK-9,林芳,HT-9\n",
    "slas": "code,contract,indicator,target,minimum_n\nHT-9.1,HT-9,可用性,99.9,1\n",
    "requirements": "code,title,owner,raised_on,due\n"
    "XQ-9,每日报送,wang_lei,2026-09-01,2026-10-30\n",
    "problems": "code,title,owner,raised_on,due\nWT-9,磁盘告警,wang_lei,2026-09-01,2026-10-30\n",
    "outages": "code,contract,starts_at,ends_at\nTJ-9,HT-9,2026-09-01 10:00,2026-09-01 11:00\n",
    "exclusions": "code,contract,kind,starts_at,ends_at,agreed_by\n"
    "LW-9,HT-9,customer,2026-09-01 10:00,2026-09-01 11:00,林芳\n",
    "tickets": "number,sys_updated_at,opened_at,resolved_at,closed_at,priority,assignment_group,"
    "reopen_count,made_sla\n"
    "INC1,1/9/2026 10:00,1/9/2026 09:00,1/9/2026 09:40,1/9/2026 10:00,1 - Critical,G1,0,true\n",
}
SHEET = "checks"  # is written by `sheet` and then brought back
OF_DEMO = {"units", "people", "projects", "kpis", "auditors", "work"}
CHECK = ("check", "--project", "P01", "--on", "2026-10-20", *ON)
CONTRACTS = ("import", "contracts", "contracts.csv")
OF_CONTRACT = ("services", "contacts", "slas", "outages", "exclusions")  # want a contract first
OPEN, PLANNED = "QC-2026-0017", "QC-2026-0018"  # a check that is owed; the one planned here

# What is typed; what was typed before; a word of what it prints.
COMMANDS = {
    "init": ((("init", "new"),), "escalation.toml"),
    "doctor": ((("doctor", "--json"),), "database"),
    "process": ((("process", "off", "audit"), ("process",)), "audit"),
    "resend": ((("resend", "--dead"),), ""),
    "import checks": ((("sheet", OPEN, "sheet.xlsx"), ("import", SHEET, "sheet.xlsx")), ""),
    "attainment": ((("attainment", "--period", "2026-08"),), "2026-08"),
    "correct": (
        (("correct", "ANSWERED", "2026-08", "--numerator", "800", "--denominator", "820",
          "--reason", "miscounted", *ON),),
        "ANSWERED",
    ),
    "turn": ((("turn", "--at", "2026-10-08T09:00", "--json"),), "act"),
    "deliver": ((("deliver", *ON, "--json"),), "sent"),
    "raise": ((("raise", "--title", "no UPS check", "--owner", "wang_lei", *ON),), "NC-2026-0037"),
    "answer": ((("answer", "277", "--as", "zheng_hao", *ON),), ""),
    "list": ((("list", "duties", "--json", *ON),), "NC-2026-0012"),
    "show": ((("show", "NC-2026-0012", *ON),), "escalat"),
    "search": ((("search", "NC-2026-0012", "--json"),), "NC-2026-0012"),
    "verify-trail": ((("verify-trail",),), ""),
    "suppressions": ((("suppressions", "--json"),), "["),
    "held": ((("held", *ON),), ""),
    "hold": ((("hold", "pdca-act"),), ""),
    "release": ((("hold", "pdca-act"), ("release", "pdca-act")), ""),
    "check": ((CHECK,), PLANNED),
    "cancel-check": ((CHECK, ("cancel-check", PLANNED, "--reason", "project ended", *ON)), ""),
    "except-checker": (
        (("except-checker", OPEN, "--checker", "wang_lei", "--as", "zhou_min",
          "--reason", "nobody else", *ON),),
        "",
    ),
    "sheet": ((("sheet", OPEN, "sheet.xlsx"),), ""),
    "sheet audit": ((("sheet", "IA-2026-03-10", "sheet.xlsx"),), ""),
    "sheet report": ((("sheet", "QC-2026-0001", "report.docx"),), ""),
    "export": ((("export", "audit-records", "IA-2026-12-09", "--to", "records", *ON),), "files"),
    "export procedure": ((("export", "audit-procedure", "--to", "procedure.pdf"),), "procedure"),
    "export plan": ((("export", "plan", "2026", "--word", "p.docx", "--excel", "p.xlsx"),), ""),
    "advice": ((("advice", "kpis", *ON),), ""),
    "audit programme": ((("audit", "programme", "2027", *ON),), "2027"),
    "audit staff": ((("audit", "staff", *ON),), ""),
    "audit why": ((("audit", "why", "IA-2026-13-10", *ON),), "independent"),
    "audit team": (
        (("audit", "team", "IA-2026-13-10", "--lead", "zhu_lin", "--auditor", "jin_li", *ON),),
        "",
    ),
    "audit cancel": ((("audit", "cancel", "IA-2026-13-10", "--reason", "merged", *ON),), ""),
    "audit resume": (
        (("audit", "cancel", "IA-2026-13-10", "--reason", "merged", *ON),
         ("audit", "resume", "IA-2026-13-10", "--on", "2026-11-12", "--reason", "needed", *ON)),
        "",
    ),
    "activity postpone": (
        (("activity", "postpone", "2026-02-1001", "--until", "2026-10-30", "--reason", "absent",
          "--as", "zhou_min", *ON),),
        "",
    ),
    "activity cancel": (
        (("activity", "cancel", "2026-02-1001", "--reason", "done twice", "--as", "zhou_min",
          *ON),),
        "",
    ),
    **{
        f"import {kind}": ((("import", kind, f"{kind}.csv"),), kind)
        for kind in sorted(set(KINDS) - {SHEET, "tickets"})
    },
    **{
        f"import {kind}": ((CONTRACTS, ("import", kind, f"{kind}.csv")), kind)
        for kind in OF_CONTRACT
    },
    "availability": (
        (CONTRACTS, ("availability", "HT-9", "--period", "2026-08", "--json", *ON)),
        '"agreed_minutes": "44640"',
    ),
    "show contract": ((CONTRACTS, ("show", "HT-9", "--json", *ON)), '"service_time": "24x7"'),
    "contact": (
        (CONTRACTS, ("import", "contacts", "contacts.csv"),
         ("contact", "export", "K-9", *ON)),
        "K-9",
    ),
    "import tickets": ((("import", "tickets", "tickets.csv", "--mapping", "uci"),), "tickets"),
}  # fmt: skip
# What a home in use refuses: the command runs, asks its rule and says no.
REFUSED = {
    "bounces": (("bounces", *ON), "mail.bounces", 3),
    "lift": (("lift", "nobody@huayun.example"), "nobody@huayun.example", 1),
    "audit exception": (
        ("audit", "exception", "IA-2026-13-10", "--auditor", "wu_jing", "--as", "li_na",
         "--reason", "nobody else", *ON),
        "",
        1,
    ),
}  # fmt: skip
STAY = {"up", "pages"}  # do not end by themselves
ELSEWHERE = {"demo"}  # in a home of its own


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """A home in use, of which each test gets a copy."""
    home = tmp_path_factory.mktemp("used") / "home"
    upgrades.put_back("0.1.0", home)
    migrate.upgrade()
    at = datetime.fromisoformat("2026-09-30T10:00+08:00")
    for later in ("contract", "availability"):
        switches.switch(later, on=True, by="operator:test", at=at)
    checks.plan(project="P01", on=at.date(), at=at, actor="operator:test")
    engine.database().dispose()
    for kind, text in FILES.items():
        (home / f"{kind}.csv").write_text(text, "utf-8")
    for kind in OF_DEMO:
        shutil.copy(DEMO / f"{kind}.csv", home / f"{kind}.csv")
    return home


@pytest.fixture(scope="module")
def fresh():
    made = Fresh()
    yield made
    made.close()


@pytest.fixture
def type_(used, fresh, tmp_path):
    home = shutil.copytree(used, tmp_path / "home")
    return lambda *words: fresh.type(home, *words)


def names(command, before=""):
    """Return the name of every command of the program."""
    for name, below in getattr(command, "commands", {}).items():
        if getattr(below, "commands", None):
            yield from names(below, f"{name} ")
        else:
            yield before + name


def test_no_command_is_forgotten_here():
    known = set(names(typer.main.get_command(main.app)))
    typed = {words[: len(name.split())] for name in known for words in _typed()}
    assert {name for name in known if tuple(name.split()) not in typed} == STAY | ELSEWHERE
    assert {words[1] for words in _typed() if words[0] == "import"} == set(KINDS)


def _typed():
    return [words[-1] for words, _ in COMMANDS.values()] + [words for words, *_ in REFUSED.values()]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_works_in_a_process_of_its_own(name, type_):
    typed, printed = COMMANDS[name]
    for words in typed:
        said = type_(*words)
        assert said.code == 0, (words, said)
        assert "Traceback" not in said.err
    assert printed in said.out


@pytest.mark.parametrize("name", REFUSED)
def test_a_command_says_no_in_a_process_of_its_own(name, type_):
    words, named, code = REFUSED[name]
    said = type_(*words)
    assert said.code == code, said
    assert said.err.strip()
    assert "Traceback" not in said.err
    assert named in said.err


def test_the_demo_is_loaded_in_a_process_of_its_own(fresh, tmp_path):
    home = tmp_path / "empty" / "home"
    home.mkdir(parents=True)
    said = fresh.type(home, "demo", "--setup-only")
    assert (said.code, said.err) == (0, "")
    assert "30 people" in said.out


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def started(home, port, *words):
    settings = home / "pdca.toml"
    settings.write_text(settings.read_text("utf-8") + f"\n[pages]\nport = {port}\n", "utf-8")
    return subprocess.Popen(
        [sys.executable, "-m", "service.main", *words],
        env={**os.environ, "PDCA_HOME": str(home), "PDCA_LANGUAGE": "en"},
        stderr=subprocess.PIPE,
        text=True,
    )


def test_pages_are_served_by_a_process_of_their_own(used, tmp_path):
    home, port = shutil.copytree(used, tmp_path / "home"), free_port()
    with started(home, port, "pages", *ON) as served:
        try:
            assert answered(f"http://127.0.0.1:{port}/health") in {200, 503}
        finally:
            served.send_signal(signal.SIGTERM)


def answered(address):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            return httpx.get(address).status_code
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"{address} did not answer")


def test_up_says_what_is_in_its_way_in_a_process_of_its_own(used, tmp_path):
    """What it keeps running when nothing is, `test_up.py` says."""
    home = shutil.copytree(used, tmp_path / "home")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with started(home, port, "up") as refused:
            assert refused.wait(timeout=60) == 3
            assert f"port {port}" in refused.stderr.read()
