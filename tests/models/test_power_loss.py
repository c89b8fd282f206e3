"""Power fails: what was committed is there, and what was half written is as if it never was.

SQLite writes a commit to its log and syncs the log before it says that it is done. A copy of the
files with the log cut at any byte is what a disk may hold afterwards.
"""

import random
import shutil
import sqlite3

import pytest

from models import engine, migrate, trail
from models.engine import reading, writing
from tests.models.test_trail import AT


def record(number):
    with writing() as session:
        entry = trail.Entry(
            at=AT, actor="clock", action="duty.reminded", subject=f"duty:{number}", after={}
        )
        trail.record_many(session, [entry])


def restored(folder, log: bytes):
    """Return how many rows a copy with this log holds; its trail verifies, its pages are whole."""
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    shutil.copy(folder / "pdca.sqlite", copy / "pdca.sqlite")
    (copy / "pdca.sqlite-wal").write_bytes(log)
    with sqlite3.connect(copy / "pdca.sqlite") as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (count,) = raw.execute("SELECT count(*) FROM trail").fetchone()
    raw.close()
    return count, copy / "pdca.sqlite"


@pytest.fixture
def folder(home):
    return home


def test_the_log_holds_what_was_committed_the_moment_it_was_committed(folder):
    for number in range(1, 8):
        record(number)
        count, _ = restored(folder, (folder / "pdca.sqlite-wal").read_bytes())
        assert count == number


def test_a_log_that_is_cut_anywhere_is_an_earlier_commit_and_never_a_half(folder):
    sizes = [0]
    for number in range(1, 8):
        record(number)
        sizes.append((folder / "pdca.sqlite-wal").stat().st_size)
    log = (folder / "pdca.sqlite-wal").read_bytes()
    cuts = sorted({*sizes, *random.Random(7).sample(range(len(log)), 40)})
    seen = set()
    for cut in cuts:
        count, _ = restored(folder, log[:cut])
        synced = sum(1 for size in sizes[1:] if size <= cut)
        assert count >= synced  # nothing is missing that was synced when the power failed
        assert count <= synced + 1
        seen.add(count)
    assert seen >= set(range(8))


def test_a_log_whose_end_is_noise_is_read_up_to_the_last_whole_commit(folder):
    for number in range(1, 5):
        record(number)
    log = (folder / "pdca.sqlite-wal").read_bytes()
    noise = random.Random(3).randbytes(9000)
    for keep in (len(log), len(log) - 10):
        count, path = restored(folder, log[:keep] + noise)
        assert count == (4 if keep == len(log) else 3)
    engine.bind(f"sqlite:///{path}")
    migrate.upgrade()
    with reading() as session:
        assert trail.verify(session) is None
