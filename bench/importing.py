"""Bringing 20,000 nonconformities in from a file, beside the same rows inserted raw.

The floor reads the same file with the standard library and writes, with the database's own
driver and in one transaction, the very rows that the import left in our own tables: what this
design costs without our code.
"""

import argparse
import csv
import gc
import sqlite3
from pathlib import Path
from typing import Any, Final

from bench import ground
from processes.nonconformity import import_nonconformities

OWNERS: Final = 500
TABLES: Final = ("nonconformity", "round", "duty", "line", "trail")
MOST_SECONDS: Final = 12


def written(folder: Path, count: int) -> Path:
    """Write a file of so many nonconformities; return where it lies."""
    path = folder / "nonconformities.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("code", "title", "source", "severity", "owner", "raised_at"))
        for n in range(count):
            title = f"巡检记录缺失 {n}"
            rows.writerow((f"N{n:06}", title, "daily", "minor", f"O{n % OWNERS + 1}", "2026-09-21"))
    return path


def copied(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of every table that the import wrote, as they stand there."""
    base = sqlite3.connect(path)
    rows = {name: base.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in TABLES}
    base.close()
    return rows


def floor_run(source: Path, rows: dict[str, list[tuple[Any, ...]]], path: Path) -> None:
    """Read the file and write the same rows, raw."""
    with source.open(newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == len(rows["nonconformity"])
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("PRAGMA synchronous=FULL")
    base.execute("BEGIN IMMEDIATE")
    for name, theirs in rows.items():
        if theirs:
            marks = ", ".join("?" * len(theirs[0]))
            base.executemany(f"INSERT INTO {name} VALUES ({marks})", theirs)
    base.execute("COMMIT")
    base.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=20_000)
    chosen = options.parse_args()
    with ground.home() as folder:
        ground.people(OWNERS, managers=20)
        source = written(folder, chosen.rows)
        seconds = ground.timed(
            lambda: import_nonconformities.take(source, at=ground.NOW, actor="bench")
        )
        rows = copied(folder / "pdca.sqlite")
        gc.freeze()
        with ground.home() as empty:
            ground.people(OWNERS, managers=20)
            path = empty / "pdca.sqlite"
            floor = ground.timed(lambda: floor_run(source, rows, path))
        gc.unfreeze()
    goal = f"must be at most {MOST_SECONDS} s"
    ground.say(f"import of {chosen.rows:,} nonconformities", f"{seconds:.1f} s", goal)
    ground.say("  floor: the same file read, the same rows, raw", f"{floor:.1f} s")


if __name__ == "__main__":
    main()
