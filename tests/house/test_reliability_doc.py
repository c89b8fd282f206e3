"""`docs/reliability.md` is true of the tests that it names, and leaves no fault unanswered."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reliability.md"
FAULTS = range(1, 73)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
DECISION = re.compile(r"\]\(decisions/(\d{4}-[\w-]+\.md)\)")


def text() -> str:
    return PAGE.read_text("utf-8")


def rows() -> dict[int, str]:
    """Return the row of each fault by its number."""
    found = re.findall(r"^\| (\d+) \|.*$", text(), re.MULTILINE)
    assert len(found) == len(set(found)), "a number stands there twice"
    lines = re.findall(r"^\| \d+ \|.*$", text(), re.MULTILINE)
    return {int(number): line for number, line in zip(found, lines, strict=True)}


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return frozenset(one.name for one in ast.walk(tree) if isinstance(one, kinds))


def test_every_fault_has_its_row():
    assert sorted(rows()) == list(FAULTS)


@pytest.mark.parametrize("number", FAULTS)
def test_every_fault_is_answered_by_a_test_or_a_decision(number):
    row = rows()[number]
    assert NAMED.search(row) or DECISION.search(row), row


def test_every_promise_is_seen_by_a_test():
    table = text().partition("## Promises")[2].partition("\n## ")[0]
    promises = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(promises) > 15
    for line in promises:
        assert NAMED.search(line), line


def test_every_test_that_is_named_is_there():
    named = set(NAMED.findall(text()))
    assert len(named) > 150
    missing = [f"{path}::{name}" for path, name in sorted(named) if not _there(path, name)]
    assert missing == []


def _there(path: str, name: str) -> bool:
    return (ROOT / path).exists() and name.startswith("test_") and name in names_in(path)


def test_every_decision_that_is_named_is_there():
    for name in DECISION.findall(text()):
        assert (ROOT / "docs" / "decisions" / name).exists(), name


def test_no_mention_of_a_test_is_written_in_another_way():
    """`::` always stands in a name that is looked up above."""
    assert text().count("::") == len(NAMED.findall(text())) + text().count("`path::name`")
