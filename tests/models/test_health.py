"""A file that cannot be trusted is refused before anything is written to it."""

import os
import sqlite3
from pathlib import Path

import pytest

from models import health
from models.health import Unhealthy, check


@pytest.fixture
def file(sqlite_url):
    return Path(sqlite_url.removeprefix("sqlite:///"))


@pytest.mark.parametrize("thorough", [False, True])
def test_a_sound_file_is_nobodys_worry(file, thorough):
    assert check(file, thorough=thorough) == ()


def test_a_file_not_made_yet_is_judged_by_its_folder(tmp_path):
    assert check(tmp_path / "new" / "home" / "pdca.sqlite") == ()


def test_refuses_a_folder_it_may_not_write_to(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, _mode: path != tmp_path)
    with pytest.raises(Unhealthy, match=f"{tmp_path}: this user may not write here"):
        check(tmp_path / "pdca.sqlite")


def test_names_a_file_it_may_not_write_to(file, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, _mode: path != file)
    with pytest.raises(Unhealthy, match=r"pdca\.sqlite: this user may not write to it"):
        check(file)


def test_refuses_a_folder_in_the_files_place(tmp_path):
    with pytest.raises(Unhealthy, match="is a folder"):
        check(tmp_path)


def test_refuses_a_damaged_page_and_says_how_to_restore(file):
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    with file.open("r+b") as raw:
        for page in range(2, pages):
            raw.seek(page * size)
            raw.write(b"\xff" * 512)
    with pytest.raises(Unhealthy, match=r"is damaged .* newest backup"):
        check(file)


def test_refuses_what_is_no_database(tmp_path):
    file = tmp_path / "pdca.sqlite"
    file.write_text("a list of duties, kept by hand\n" * 100)
    with pytest.raises(Unhealthy, match="file is not a database"):
        check(file)


def test_names_a_row_that_refers_to_nothing(file):
    with sqlite3.connect(file) as connection:
        connection.execute("INSERT INTO unit (code, name, parent_id) VALUES ('U1', 'one', 77)")
    connection.close()
    assert check(file) == ()
    with pytest.raises(Unhealthy, match="row 1 of unit refers to no row of unit"):
        check(file, thorough=True)


def test_a_writer_at_work_is_no_damage(file, monkeypatch):
    monkeypatch.setattr(health, "WAIT_SECONDS", 0.05)
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        assert check(file) == ()
    finally:
        writer.close()


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_warns_of_a_network_file_system(file, monkeypatch, kind):
    monkeypatch.setattr(health, "file_system", lambda _path: kind)
    (told,) = check(file)
    assert f"({kind})" in told
