"""A database that is not the one of before ends the service, and no empty one is made."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.reading import Misconfigured
from models import engine, migrate, trail
from models.engine import writing
from service.home import seen, steady
from service.home.opened import SEEN, upgrade
from service.home.steady import ANOTHER, BROKEN, GONE, NEWER, OLDER, Steady

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)


@pytest.fixture
def file(home):
    act()
    seen.note(home)
    return home / "pdca.sqlite"


def act():
    with writing() as session:
        trail.record(session, at=NOW, actor="person:1", action="begun", subject="duty:1")


def copied(file, to):
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
    return to


def put(file, other):
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    other.replace(file)


def typed(file, *words):
    with closing(sqlite3.connect(file, isolation_level=None)) as rows:
        for one in words:
            rows.execute(one)


def says(watch):
    found = watch.look()
    return found and found.sentence


@pytest.fixture
def watch(file):
    assert file.exists()
    made = Steady()
    assert made.look() is None
    return made


def test_a_database_that_is_worked_on_is_the_same(watch):
    for _ in range(3):
        act()
        assert says(watch) is None


def test_a_file_that_is_removed_or_moved_is_noticed(watch, file):
    file.rename(file.with_name("aside"))
    assert says(watch) == GONE


def test_another_file_in_its_place_is_noticed(watch, file, tmp_path):
    put(file, copied(file, tmp_path / "copy"))
    assert says(watch) == ANOTHER


def test_an_older_copy_written_over_it_is_noticed(watch, file, tmp_path):
    older = copied(file, tmp_path / "older")
    act()
    assert says(watch) is None
    engine.database().dispose()
    with file.open("r+b") as into:
        into.write(older.read_bytes())
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    assert says(watch) == OLDER


def test_the_database_of_another_home_is_noticed_by_its_identity(watch, file):
    typed(file, "UPDATE stamp SET mark = 'other' WHERE name = 'installation'")
    assert says(watch) == ANOTHER


def test_old_code_on_a_newer_shape_is_noticed(watch, file):
    typed(file, "UPDATE pdca_version SET version_num = '9999'")
    assert says(watch) == NEWER


def test_what_is_no_database_any_more_is_noticed(watch, file):
    engine.database().dispose()
    file.write_bytes(b"not a database, and long enough to be looked at" * 100)
    assert says(watch) == BROKEN


def test_one_that_is_locked_is_left_alone(watch, file):
    engine.database().dispose()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        assert says(watch) is None


def test_no_connection_makes_a_file(tmp_path):
    bound = engine.bind(f"sqlite:///{tmp_path / 'none.sqlite'}")
    for opened in (bound.reader, bound.writer):
        with pytest.raises(Exception, match="unable to open database file"):
            opened.connect()
    assert list(tmp_path.iterdir()) == []


def test_a_home_whose_database_is_gone_gets_no_empty_one(file, home):
    engine.database().dispose()
    file.unlink()
    with pytest.raises(Misconfigured, match="was here and is gone"):
        upgrade(home)
    assert not file.exists()
    (home / SEEN).unlink()  # what the sentence says: begin anew
    upgrade(home)
    assert not migrate.pending()


def test_another_database_that_the_settings_name_is_new(file, home, tmp_path):
    assert file.exists()
    engine.bind(f"sqlite:///{tmp_path / 'other.sqlite'}")
    upgrade(home)
    assert not migrate.pending()


def run(home, *words):
    surroundings = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PDCA_")},
        "PDCA_HOME": str(home),
        "PDCA_LANGUAGE": "en",
        "PYTHONPATH": str(ROOT),
        **words[-1],
    }
    return subprocess.Popen(
        [sys.executable, "-m", "service.main", *words[:-1]],
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("words", [("list", "duties"), ("turn",), ("up",)])
def test_the_command_line_makes_none_either(file, home, words):
    engine.database().dispose()
    file.unlink()
    ports = {"PDCA_PAGES__PORT": str(free()), "PDCA_MAIL__INBOX_PORT": str(free())}
    done = run(home, *words, {**ports, "PDCA_PREFECT__UNWITNESSED": "true"})
    said, _ = done.communicate(timeout=60)
    assert done.returncode == 3, said
    assert "was here and is gone" in said
    assert not file.exists()


def free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("happens", ["removed", "replaced"])
def test_a_running_service_stops_with_a_sentence_within_seconds(file, home, tmp_path, happens):
    older = copied(file, tmp_path / "older")
    ports = {"PDCA_PAGES__PORT": str(free()), "PDCA_MAIL__INBOX_PORT": str(free())}
    service = run(home, "up", {**ports, "PDCA_PREFECT__UNWITNESSED": "true"})
    try:
        for line in service.stdout:
            if "ready after" in line:
                break
        if happens == "removed":
            shutil.move(file, tmp_path / "moved")
        else:
            put(file, older)
        began = time.monotonic()
        said, _ = service.communicate(timeout=30)
        assert time.monotonic() - began < 20
        assert service.returncode == steady.ENDED
        assert "everything stops" in said
        assert file.exists() is (happens == "replaced")
    finally:
        if service.poll() is None:
            service.send_signal(signal.SIGKILL)
