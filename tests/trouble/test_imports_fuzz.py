"""Whatever a file holds: taken whole, or refused by name with not a row changed.

The kinds are those that `pdca import` knows, and their columns are what an import itself says
that it reads: a new kind is tried without a word here.
"""

import contextlib
import csv
import gzip
import io
import itertools
import os
import sqlite3
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from processes import plug
from processes.imports.problems import ImportRefused
from processes.imports.table import MAPPED as MAPPED_KEY
from service.commands import importing
from tests.support.cast import hire
from tests.support.rows import everything

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
"""
SOME_COLUMNS = ("code", "name", "result")
LOG_COLUMNS = ("no", "at", "reopened", "prio", "sla")
# Read by a mapping, as a stream: the kind of the command, and its options.
MAPPED = {
    "a ticket log": ("nonconformities", {"owners": "li"}),
    "tickets": ("tickets", {}),
}
KINDS = tuple(
    dict.fromkeys((*(key for key in plug.keys("imports") if not key.endswith(MAPPED_KEY)), *MAPPED))
)
ALONE = {"units", "people", "projects", "nonconformities", "kpis"}  # need nothing but the cast
ENCODINGS = (
    *("utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"),
    *("utf-32", "big5", "latin-1", "utf-7"),
)
LARGE = "x" * 20_001
PLAIN = (
    "li", "wang", "chen", "P1", "OPS", "N-1", "一部", "李明", "yes", "否", "0", "1", "2", "-1",
    "3.5", "true", "2026-09-28", "2026/9/28", "2026年9月28日", "2026-09", "2026-09-28 14:30",
    "28/9/2026 10:00", "li@company.example", "quality;auditor", "major", "high", "daily", "zh",
    "monthly", "P1M", "%", "at_least", "up", "manual",
)  # fmt: skip
NASTY = (
    "=1+1", '=HYPERLINK("http://evil")', "@SUM(A1)", "+1", "\t=1", "'", '"', '""', "a\nb",
    "a\r\nb", "\0", "a\0b", "\x1b[31m", "\u202eabc", "\u2028", "\ufeff", "\ufffd", "é" * 300,
    LARGE, "𠮷" * 50, "<script>alert(1)</script>", "{0}", "{code}", "{", "}", "%s", "${x}",
    "{{7*7}}", "\\", "../../x", "9999-12-31", "0026-09-28", "2026-02-30", "2026-13-01",
    "2026-06-30 23:59:60", "2026-W53-1", "2026-09-28T24:00", "0001-01-01T00:00+23:59",
    "9000-12-31T23:59-23:59",
    "1969-12-31T23:59", "9" * 400, "-" * 400, "1e999", "NaN", "Infinity", "-0", "٣", "１２", "½",
    "0x10", "1_000", "x@@y", "a@localhost", "a@" + "b" * 300, "李@公司.cn", "a@xn--", "a@..", "@",
    "A" * 65, "a:b;c,d",
)  # fmt: skip
COUNT = itertools.count()
SHAPES: dict = {}  # of each kind, learnt once


@pytest.fixture
def place(home):
    """A home with people in it, and an eye that sees whether anything was committed."""
    hire()
    (home / "desk.toml").write_text(MAPPING, "utf-8")
    eye = sqlite3.connect(home / "pdca.sqlite")
    yield home, eye
    eye.close()


def columns_of(kind: str, home: Path) -> tuple[str, ...]:
    """Return the columns that an import says it knows, when asked with one it does not."""
    if kind in MAPPED:
        return LOG_COLUMNS
    path = home / "asked.csv"
    path.write_text("no such column\nx\n", "utf-8")
    with pytest.raises(ImportRefused) as no:
        take(kind, path, home)
    known = [p.facts["known"] for p in no.value.problems if "known" in p.facts]
    if not known:
        return SOME_COLUMNS  # a sheet that is brought back, and no table of columns
    return tuple(known[0].split(", "))


def take(kind: str, path: Path, home: Path, *, dry_run: bool = False):
    """Import as the command does; options of a kind of its own stay empty."""
    given = {"dry_run": dry_run}
    if kind in MAPPED:
        kind, options = MAPPED[kind]
        given |= options | {"mapping": str(home / "desk.toml")}
    chosen = {name: given.pop(name, None) for name in ("mapping", "owners", "reason")}
    table = importing._table(kind, {name: value for name, value in chosen.items() if value})
    return importing._take(kind, table, path, dry_run=given.pop("dry_run", None), given=chosen)


def version(eye: sqlite3.Connection) -> int:
    """Return a number that is another one after any commit that changed a page."""
    return eye.execute("PRAGMA data_version").fetchone()[0]


def judge(kind: str, path: Path, place) -> str:
    """Take the file: all of it, and twice the same; or a refusal that names the place."""
    home, eye = place
    before = version(eye)
    try:
        report = take(kind, path, home)
    except ImportRefused as refused:
        no = refused
    else:
        no = None
    if no is not None:
        assert version(eye) == before, "refused, and something was written"
        assert no.problems
        for problem, language in itertools.product(no.problems, ("zh", "en")):
            says_where(problem, problem.said(language), path.name)
        return "refused"
    assert report.refused == 0
    after = everything()
    again = take(kind, path, home)
    assert (again.new, again.changed) == (0, 0)
    assert everything() == after, "the same file twice, and something was changed"
    return "taken"


def says_where(problem, said: str, file: str) -> None:
    assert file in said
    assert problem.row is None or str(problem.row) in said
    assert problem.column is None or problem.column in said
    assert len(said) < 2 * len(LARGE) + 1000


def file_name(ending: str) -> str:
    return f"f{next(COUNT)}{ending}"


# --- what is tried ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """The columns of a kind, and for each what an import of it has nothing against."""

    columns: tuple[str, ...]
    good: dict[str, list[str]]


def shape_of(kind: str, home: Path) -> Shape:
    """Learn what may stand in which column by asking the import itself."""
    columns = columns_of(kind, home)
    good = {column: [] for column in columns}
    for first in range(0, len(PLAIN), 8):
        tried = PLAIN[first : first + 8]
        refused = refusals(kind, home, [columns, *([cell] * len(columns) for cell in tried)])
        for row, cell in enumerate(tried, start=2):
            for column in columns:
                if (row, column) not in refused:
                    good[column].append(cell)
    full = [(good[column] or [""])[0] for column in columns]
    lacking = [[*full[:place], "", *full[place + 1 :]] for place in range(len(columns))]
    refused = refusals(kind, home, [columns, *lacking])
    for row, column in enumerate(columns, start=2):
        if not good[column] or (row, column) not in refused:
            good[column] += [""] * (1 + len(good[column]))  # columns that contradict are rarer
    return Shape(columns, good)


def refusals(kind: str, home: Path, rows) -> set[tuple[int | None, str | None]]:
    """Return the places that a dry run finds wrong."""
    path = home / "asked.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    try:
        take(kind, path, home, dry_run=True)
    except ImportRefused as no:
        return {(p.row, p.column) for p in no.problems}
    return set()


@st.composite
def tables(draw, shape):
    """Rows as the kind wants them; in every other table something is not."""
    head = list(draw(st.permutations(shape.columns)))
    if draw(st.integers(0, 9)) == 0:
        head = head[: draw(st.integers(1, len(head)))]
    good = [st.sampled_from(shape.good[column]) for column in head]
    rows = [list(row) for row in draw(st.lists(st.tuples(*good), min_size=1, max_size=2))]
    for number, row in enumerate(rows):
        for place, column in enumerate(head):
            if column in {"code", "no"}:
                row[place] = f"F{number}"
            elif column in {"name", "title"}:
                row[place] = row[place] or "名称"
    for _ in range(draw(st.sampled_from([0, 0, 0, 0, 1, 2])) if rows else 0):
        row = draw(st.sampled_from(rows))
        row[draw(st.integers(0, len(head) - 1))] = draw(strange)
    if draw(st.integers(0, 11)) == 0:
        head.append(draw(st.sampled_from([*shape.columns, "shoe", "", " Code ", "\0", "编号"])))
    if draw(st.integers(0, 11)) == 0 and rows:
        rows[-1] = rows[-1][: draw(st.integers(0, len(head)))] + draw(st.lists(strange, max_size=2))
    return [head, *rows]


strange = st.one_of(st.sampled_from(NASTY), st.sampled_from(PLAIN), st.text(max_size=12))


@st.composite
def csv_files(draw, shape):
    """A csv in one of many encodings, sometimes broken, sometimes packed: (ending, bytes)."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=draw(st.sampled_from(",,,;\t")))
    for row in draw(tables(shape)):
        writer.writerow(row)
    encoding = draw(st.sampled_from(ENCODINGS))
    raw = text.getvalue().encode(encoding, draw(st.sampled_from(["ignore", "replace"])))
    raw = draw(broken(raw)) if draw(st.integers(0, 5)) == 0 else raw
    ending = draw(st.sampled_from([*[".csv"] * 5, ".txt", ".tsv", ".csv.gz", ".CSV", ".xlsx"]))
    if ending.endswith("gz"):
        raw = gzip.compress(raw, mtime=0)
        raw = draw(broken(raw)) if draw(st.integers(0, 3)) == 0 else raw
    return ending, raw


@st.composite
def broken(draw, raw: bytes):
    """The bytes with something cut out, put in, or turned over."""
    begin = len(raw) * draw(st.integers(0, 1000)) // 1000
    end = min(len(raw), begin + draw(st.sampled_from([0, 1, 2, 9, 4000])))
    middle = draw(st.sampled_from([b"", b"\0", b"\xff", b'"', b"\xd8\x00", b"\r", b"PK\x03\x04"]))
    return raw[:begin] + middle + raw[end:]


@st.composite
def workbooks(draw, shape):
    """An xlsx of such rows, with formulas and links, its bytes sometimes broken."""
    file = io.BytesIO()
    formulas = draw(st.booleans())
    with xlsxwriter.Workbook(
        file, {"strings_to_formulas": formulas, "strings_to_urls": formulas, "in_memory": True}
    ) as book:
        book.set_properties({"created": datetime(2026, 9, 28, tzinfo=UTC)})
        sheet = book.add_worksheet()
        for number, row in enumerate(draw(tables(shape))):
            for place, cell in enumerate(row):
                typed = cell if cell.isprintable() else ascii(cell)
                with contextlib.suppress(Exception):
                    sheet.write(number, place, typed)
        if draw(st.booleans()):
            book.add_worksheet("更多")
    raw = file.getvalue()
    raw = draw(broken(raw)) if draw(st.integers(0, 2)) == 0 else raw
    return draw(st.sampled_from([*[".xlsx"] * 6, ".xlsm", ".xls", ".csv"])), raw


def fuzz(kind: str, place, files, examples: int) -> None:
    shape = SHAPES.get(kind) or SHAPES.setdefault(kind, shape_of(kind, place[0]))
    came = Counter()

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples < 50,
        phases=[Phase.generate] if examples < 50 else [Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(files(shape))
    def each(file):
        ending, raw = file
        path = place[0] / file_name(ending)
        path.write_bytes(raw)
        came[judge(kind, path, place)] += 1
        path.unlink()

    each()
    assert came["refused"] or examples < 15
    assert came["taken"] or kind not in ALONE or examples < 15, (
        "no file was good enough to be taken"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_any_csv_is_taken_whole_or_refused_by_name(kind, place):
    fuzz(kind, place, csv_files, 12)


@pytest.mark.parametrize("kind", ["people", "kpis"])
def test_any_workbook_is_taken_whole_or_refused_by_name(kind, place):
    fuzz(kind, place, workbooks, 12)


@pytest.mark.slow
@pytest.mark.parametrize("files", [csv_files, workbooks])
@pytest.mark.parametrize("kind", KINDS)
def test_hundreds_of_files_are_taken_whole_or_refused_by_name(kind, files, place):
    fuzz(kind, place, files, int(os.environ.get("EXAMPLES", "25")))
