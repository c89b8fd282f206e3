"""The stranger's test: a process that nobody has heard of joins, and runs end to end.

A copy of the tree gets a package with one kind of duty, one register, one letter, one page, one
import and one command. Three lines are added to old files: the word of the duty, the word of the
letter and what is true of that letter. Everything else is found by itself.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEW = Path(__file__).parent / "stranger"  # the new files, as they lie in the tree
FOLDERS = (
    "rules", "models", "notifications", "config", "processes", "tasks", "flows", "web", "service",
)  # fmt: skip
# What is changed in files that were there before: the line after which another one comes.
CHANGED = (
    (
        "rules/words.py",
        'DECIDE_CHANGE = "decide_change"  # 审批活动变更\n',
        '    RETURN_KEY = "return_key"  # 归还钥匙\n',
    ),
    (
        "rules/words.py",
        'MEETING = "meeting"  # 会议邀请\n',
        '    KEY_BACK = "key_back"  # 钥匙已归还\n',
    ),
    (
        "rules/letters.py",
        "LetterKind.MEETING: Traits(private=True, true_after_end=True),\n",
        "    LetterKind.KEY_BACK: Traits(true_after_end=True),\n",
    ),
)
MOST = 3  # lines of old files, by the house's own promise


def newest_script():
    """The number of the newest migration: the next one follows it."""
    folder = ROOT / "models" / "migrations" / "versions"
    return max(path.name for path in folder.glob("[0-9]*.py"))[:4]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """The tree with the new process in it, and how many old lines that took."""
    to = tmp_path_factory.mktemp("tree")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, to / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", to)
    for path in sorted(NEW.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            place = to / path.relative_to(NEW).with_suffix(
                path.suffix if path.suffix != ".planted" else ".py"
            )
            assert not place.exists(), f"{place} is an old file"
            place.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text("utf-8").replace("{last}", newest_script())
            place.write_text(text, "utf-8")
    for name, after, line in CHANGED:
        text = (to / name).read_text("utf-8")
        assert after in text
        (to / name).write_text(text.replace(after, after + line), "utf-8")
    return to


@pytest.fixture
def run(tree, tmp_path):
    """Run Python in the tree, in a new home: what it printed."""

    def python(*words, stdin=None):
        done = subprocess.run(
            [sys.executable, *words],
            cwd=tree,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(tree),
                "PDCA_HOME": str(tmp_path / "home"),
                "PDCA_LANGUAGE": "en",
            },
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return python


def test_it_takes_three_lines_of_old_files():
    assert len(CHANGED) <= MOST


def test_a_new_process_runs_end_to_end(run, tmp_path):
    def pdca(*words):
        return run("-m", "service.main", *words)

    people = tmp_path / "people.csv"
    people.write_text(
        "code,name,email,manager,roles\n"
        "boss,Boss,boss@site.example,,top_management;quality_head\n"
        "li,Li,li@site.example,boss,\n"
    )
    keys = tmp_path / "keys.csv"
    keys.write_text("code,holder,due\nK-7,li,2026-09-18\n")
    assert "keys" in pdca("init", str(tmp_path / "home"))
    pdca("import", "people", str(people))
    assert "1 new" in pdca("import", "keys", str(keys))
    assert "1 unchanged" in pdca("import", "keys", str(keys))
    (row,) = json.loads(pdca("list", "keys", "--json"))
    assert (row["code"], row["holder"], row["returned_at"]) == ("K-7", "li", None)
    (duty,) = json.loads(pdca("list", "duties", "--json"))
    assert (duty["kind"], duty["subject"], duty["owner"]) == ("return_key", "K-7", "li")
    pdca("turn", "--at", "2026-09-22T10:00", "--phase", "act")
    assert "K-7 is out" in pdca("keys-out")
    pdca("answer", str(duty["id"]), "--as", "li", "--set", "place=board 2")
    (row,) = json.loads(pdca("list", "keys", "--json"))
    assert row["returned_at"]
    letters = [one["letter"] for one in json.loads(pdca("list", "notices", "--json"))]
    assert "key_back" in letters
    seen = json.loads(run("-c", (Path(__file__).parent / "stranger_page.txt").read_text("utf-8")))
    assert seen["status"] == 200
    assert "K-7" in seen["page"]
    assert "Keys" in seen["bar"]
    assert "Key K-7" in seen["letter"]
    assert "hangs where it belongs" in seen["letter"]
