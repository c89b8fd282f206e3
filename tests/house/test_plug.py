"""What a process declares is there, once, and what nobody declares is an error that names it."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from processes import plug
from processes.plug import ClaimedTwice, Part, Process

ROOT = Path(__file__).parents[2]
DECLARED = [
    (process.name, table, piece)
    for process in plug.processes()
    for table in plug.TABLES
    for piece in getattr(process, table)
]


def test_every_package_with_a_process_is_found_by_itself():
    found = {path.parent.name for path in (ROOT / "processes").glob("*/process.py")}
    assert {one.name for one in plug.processes()} == found


@pytest.mark.parametrize(
    ("process", "table", "piece"), DECLARED, ids=lambda one: getattr(one, "module", one)
)
def test_a_declared_table_has_its_keys(process, table, piece):
    entries = getattr(import_module(piece.module), table.upper())
    assert set(piece.keys) <= {str(key) for key in entries}
    assert piece.module.startswith(f"processes.{process}."), "a process declares what is its own"


def test_what_a_table_has_is_declared():
    declared = {(table, piece.module, key) for _, table, piece in DECLARED for key in piece.keys}
    modules = {(table, piece.module) for _, table, piece in DECLARED}
    there = {
        (table, module, str(key))
        for table, module in modules
        for key in getattr(import_module(module), table.upper())
    }
    assert there == declared


def test_no_table_lies_where_nobody_declares_it():
    names = {table.upper() for table in plug.TABLES}
    declared = {(table.upper(), piece.module) for _, table, piece in DECLARED}
    found = set()
    for path in (ROOT / "processes").glob("*/*.py"):
        module = f"processes.{path.parent.name}.{path.stem}"
        lines = path.read_text("utf-8").splitlines()
        found |= {
            (name, module) for name in names for one in lines if one.startswith(f"{name}: Final")
        }
    other = {  # a word of its own
        ("KINDS", "processes.audit.beside"),
        ("KINDS", "processes.watch.other_path"),
        ("SHEETS", "processes.imports.workbook"),
    }
    assert found - declared - other == set()


def test_a_key_that_two_processes_claim_is_an_error(monkeypatch):
    part = (Part("processes.key.lent", ("respond",)),)
    known = plug.processes()
    monkeypatch.setattr(plug, "processes", lambda: (*known, Process(name="key", kinds=part)))
    with pytest.raises(ClaimedTwice, match="respond is claimed by nonconformity and by key"):
        plug._claims.__wrapped__("kinds")


@pytest.mark.parametrize("table", [one for one in plug.TABLES if one not in plug.SHARED])
def test_a_key_that_nobody_claims_is_refused_by_name(table):
    with pytest.raises(plug.Unknown, match="no-such-key"):
        plug.one(table, "no-such-key")
    assert plug.each(table, "no-such-key") == ()


def test_a_command_that_lists_people_loads_no_audits():
    code = (
        "import sys; from processes.register import registers; registers.register('people');"
        "sys.exit(any(one.startswith('processes.audit.') and one != 'processes.audit.process'"
        " for one in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0


def test_a_new_lead_owes_the_audit_whatever_was_imported_before():
    code = (
        "from processes import plug; from processes.audit import staffing;"
        "assert [one.__module__ for one in plug.each('on', 'audit.lead_changed')]"
        " == ['processes.audit.opening']"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0
