"""The house keeps its order: each planted violation turns `make check` red.

What import contracts cannot say is read from the source here: where the clock is read, how long
a function may grow, and that the quick commands load no Prefect.
"""

import ast
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (
    "rules", "models", "notifications", "config", "processes", "tasks", "flows", "web", "service",
)  # fmt: skip
SOURCES = [
    path
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "migrations" not in path.parts
]
CLOCKS = {"now", "utcnow", "today"}
# Where an instant comes into being: the rest is given one.
CLOCK_READERS = ("service", "web", "flows")


@cache
def parsed(path):
    return ast.parse(path.read_text())


def lint_imports(folder):
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={"PATH": "", "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def copied(to):
    """The house without its furniture, to plant something in."""
    code = shutil.ignore_patterns("__pycache__", "static", "templates", "locale", "documents")
    for folder in (*FOLDERS, "tests/support"):
        shutil.copytree(ROOT / folder, to / folder, ignore=code)
    shutil.copy(ROOT / "pyproject.toml", to)
    return to


def test_the_house_is_in_order(tmp_path):
    done = lint_imports(copied(tmp_path))
    assert done.returncode == 0, done.stdout


PLANTED = [
    ("rules", "import pydantic", "which Python does not ship with"),
    ("rules", "import models.duty", "rules is not allowed to import models"),
    ("config", "import models.duty", "config is not allowed to import models"),
    ("models", "import notifications", "models is not allowed to import notifications"),
    ("notifications", "import models.duty", "notifications is not allowed to import models"),
    ("processes", "import web", "processes is not allowed to import web"),
    ("processes", "import prefect", "processes is not allowed to import prefect"),
    ("tasks", "import web", "tasks is not allowed to import web"),
    ("web", "import prefect", "web is not allowed to import prefect"),
    ("web", "import tasks", "web is not allowed to import tasks"),
    ("flows", "import service", "flows is not allowed to import service"),
    ("service", "import apscheduler", "service is not allowed to import apscheduler"),
    (
        "service/commands/looking.py",
        "import prefect",
        "looking is not allowed to import prefect",
    ),
    ("processes", "import yagmail", "processes is not allowed to import yagmail"),
    ("notifications", "import smtplib", "notifications is not allowed to import smtplib"),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What is said of a house with all of them in it, each in a module of its own."""
    house = copied(tmp_path_factory.mktemp("house"))
    for number, (room, planted, _) in enumerate(PLANTED):
        with (house / place(room, number)).open("a") as file:
            file.write(f"{planted}\n")
    done = lint_imports(house)
    assert done.returncode == 1
    return " ".join(done.stdout.split())


def place(room, number):
    return room if room.endswith(".py") else f"{room}/planted{number}.py"


@pytest.mark.parametrize("number", range(len(PLANTED)))
def test_a_planted_violation_is_named(told, number):
    room, planted, said = PLANTED[number]
    module = place(room, number).removesuffix(".py").replace("/", ".")
    what = planted.removeprefix("import ")
    assert said in told
    assert f"{module} -> {what} (l." in told or f"{module} imports {what}," in told


def calls(tree, names):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = getattr(node.func.value, "attr", getattr(node.func.value, "id", ""))
            if node.func.attr in names and owner in {"datetime", "date"}:
                yield node.lineno


def test_only_the_edges_read_the_clock():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in SOURCES
        if path.relative_to(ROOT).parts[0] not in CLOCK_READERS
        for line in calls(parsed(path), CLOCKS)
    ]
    assert found == [], "take `at` as an argument instead"


def lines_of_work(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines without its signature and docstring: a command has many options."""
    first = function.body[1] if ast.get_docstring(function) and function.body[1:] else function
    return function.end_lineno - first.lineno + 1


def test_functions_stay_short():
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and lines_of_work(node) > 45
    ]
    assert found == []


def test_modules_stay_short():
    found = [
        f"{path.relative_to(ROOT)}: {lines} lines"
        for path in SOURCES
        if (lines := path.read_text().count("\n")) > 400
    ]
    assert found == []


def test_tables_are_read_at_run_time_so_annotations_stay_evaluated():
    found = [p.name for p in (ROOT / "models").glob("*.py") if "from __future__" in p.read_text()]
    assert found == [], "SQLModel cannot read annotations that are strings"


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_folder_says_its_sentence_in_both_languages(folder):
    said = ast.get_docstring(ast.parse((ROOT / folder / "__init__.py").read_text())) or ""
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said)
    assert any(letter.isascii() and letter.isalpha() for letter in said)


@pytest.mark.parametrize("module", ["web.frame.app", "service.main"])
def test_pages_and_quick_commands_load_no_prefect(module):
    """`import prefect` takes more than a second and 80 MB, and a server that may be down."""
    script = f"import sys, {module}; sys.exit('prefect' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


def test_the_command_line_loads_nothing_before_it_knows_what_is_wanted():
    """Every command, and the help, waits for what all of them import."""
    script = "import sys, service.main; print(*{one.partition('.')[0] for one in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
    )
    loaded = set(done.stdout.split())
    assert "typer" in loaded
    assert not loaded & {"processes", "models", "notifications", "sqlalchemy", "jinja2"}


def test_the_locks_name_no_index():
    for lock in ("requirements.lock", "requirements-test.lock"):
        text = (ROOT / lock).read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text
        assert "--index" not in text


def test_the_test_lock_adds_and_changes_nothing():
    def pins(lock):
        lines = (ROOT / lock).read_text().splitlines()
        return {line.removesuffix(" \\") for line in lines if "==" in line}

    assert pins("requirements.lock") <= pins("requirements-test.lock")


PLACE = re.compile(
    rf"`((?:{'|'.join(FOLDERS)}|tests|docs|bench)/[\w/.-]*(?:/|\.py|\.toml|\.md|\.po))`"
)


@pytest.mark.parametrize(
    "page",
    [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_every_place_that_a_page_names_is_there(page):
    named = set(PLACE.findall(page.read_text()))
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", page.read_text())
    missing = [n for n in named if not (ROOT / n).exists()]
    missing += [link for link in links if not (page.parent / link).exists()]
    assert missing == []
