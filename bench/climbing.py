"""Climbing: 10,000 due of 100,000 open, into finished mails, beside two raw floors.

The lower floor renders the very same letters and inserts the very same bytes with the database's
own driver, 100 a commit, on the same disk with `synchronous=FULL`: what no design can go below.
The other renders them too and writes the very same rows (lines, steps of duties, trail, mails)
into our own tables with their indexes: what this design costs without our code.
"""

import argparse
import gc
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench import ground
from notifications import render as rendering
from notifications.letters import Letter
from processes.duty import climbing
from processes.duty import issued as duties
from processes.mail import outbox

RUNS: Final = 3
SCHEMA: Final = """
CREATE TABLE notice (id INTEGER PRIMARY KEY, key TEXT UNIQUE, address TEXT, message_id TEXT UNIQUE,
                     subject TEXT, mime BLOB, created_at TEXT, state TEXT)
"""


def engine_run() -> int:
    """Climb what is due and gather it, as the `act` flow does; return the mails made."""
    taken = 0
    while ids := duties.due(ground.NOW):
        taken += climbing.climb(ids, at=ground.NOW).taken
    mails = 0
    while (made := outbox.gather(ground.NOW)).people:
        mails += made.mails
    return mails


class Remembered:
    """Renders as the product does, and remembers what was asked."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def __call__(self, letter: Letter) -> Any:
        self.letters.append(letter)
        return rendering.render(letter)


def floor_run(letters: Sequence[Letter], folder: Path) -> None:
    """Render the same letters and insert their bytes raw, 100 a commit."""
    path = folder / "floor.sqlite"
    path.unlink(missing_ok=True)
    base = sqlite3.connect(path, isolation_level=None)
    base.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + SCHEMA)
    for start in range(0, len(letters), 100):
        base.execute("BEGIN IMMEDIATE")
        rows = []
        for letter in letters[start : start + 100]:
            made = rendering.render(letter)
            rows.append(
                (
                    letter.key,
                    letter.to_address,
                    made.message_id,
                    made.subject,
                    made.mime,
                    "",
                    "pending",
                )
            )
        base.executemany(
            "INSERT INTO notice (key, address, message_id, subject, mime, created_at, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        base.execute("COMMIT")
    base.close()


Rows = dict[str, list[tuple[Any, ...]]]
MOVED: Final = "UPDATE duty SET level=?, nth=?, next_at=?, rev=? WHERE id=?"
TOLD: Final = "UPDATE line SET notice_id=? WHERE id=?"


def rows_of(path: Path) -> Rows:
    """Return what a run of the engine wrote, as its tables hold it."""
    base = sqlite3.connect(path)
    found = {
        name: base.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall()
        for name in ("line", "trail", "notice", "notice_bytes")
    }
    found["moved"] = base.execute(
        "SELECT level, nth, next_at, rev, id FROM duty WHERE rev > 0 ORDER BY id"
    ).fetchall()
    heads = [column[1] for column in base.execute("PRAGMA table_info(line)")]
    at = heads.index("notice_id")
    found["told"] = [(row[at], row[0]) for row in found["line"]]
    found["line"] = [(*row[:at], None, *row[at + 1 :]) for row in found["line"]]
    base.close()
    return found


def rows_run(letters: Sequence[Letter], rows: Rows, path: Path) -> None:
    """Render the same letters and write the same rows into the same tables, 100 a commit."""
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("PRAGMA synchronous=FULL")
    for start in range(0, len(rows["line"]), 100):
        base.execute("BEGIN IMMEDIATE")
        for name in ("line", "trail"):
            _insert(base, name, rows[name][start : start + 100])
        base.executemany(MOVED, rows["moved"][start : start + 100])
        base.execute("COMMIT")
    per_mail = max(1, len(rows["line"]) // len(letters))
    for start in range(0, len(letters), 100):
        base.execute("BEGIN IMMEDIATE")
        for letter in letters[start : start + 100]:
            rendering.render(letter)
        for name in ("notice", "notice_bytes"):
            _insert(base, name, rows[name][start : start + 100])
        base.executemany(TOLD, rows["told"][start * per_mail : (start + 100) * per_mail])
        base.execute("COMMIT")
    base.close()


def _insert(base: sqlite3.Connection, name: str, rows: Sequence[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" * len(rows[0]))
    base.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)


def prepared(*, receivers: int, due: int, open_: int) -> None:
    """Put a company where `due` steps wait among `open_` duties, each about to tell level 1."""
    ground.people(due, managers=receivers)
    ground.duties(open_, owners=due, first_owner=receivers + 1, due=due, nth=2)


def made_of(**company: int) -> tuple[list[Letter], Rows]:
    """Return the letters and rows that the engine makes there, from a run that is not measured."""
    remembered = Remembered()
    with ground.home() as folder:
        prepared(**company)
        vars(outbox)["render"] = remembered
        engine_run()
        vars(outbox)["render"] = rendering.render
        return remembered.letters, rows_of(folder / "pdca.sqlite")


def measure(title: str, **company: int) -> None:
    """Run engine and floors in turn, each on a ground of its own; print the medians."""
    letters, rows = made_of(**company)
    gc.freeze()  # the letters are the floors': they must not slow the engine's collector
    ours, floors, raws = [], [], []
    for _ in range(RUNS):
        with ground.home() as folder:
            floors.append(ground.timed(lambda folder=folder: floor_run(letters, folder)))
            prepared(**company)
            ours.append(ground.timed(engine_run))
        with ground.home() as folder:
            prepared(**company)
            path = folder / "pdca.sqlite"
            raws.append(ground.timed(lambda path=path: rows_run(letters, rows, path)))
    gc.unfreeze()
    _tell(title, company["due"], len(letters), ours, floors, raws)


def _tell(
    title: str, due: int, mails: int, ours: list[float], floors: list[float], raws: list[float]
) -> None:
    engine = median(ours)
    rate = median(under / over for under, over in zip(floors, ours, strict=True))
    times = median(over / under for under, over in zip(raws, ours, strict=True))
    head = f"{title}: {due:,} steps, {mails:,} mails"
    ground.say(head, f"{due / engine:,.0f} steps/s", f"{engine:.2f} s")
    ground.say("  floor: the same bytes rendered and inserted raw", f"{median(floors):.2f} s")
    goal = "must be at least 0.50" if mails == due else "(its steps are not in this floor)"
    ground.say("  rate beside the floor (median of pairs)", f"{rate:.2f}", goal)
    ground.say("  floor: the same bytes and the same rows, raw", f"{median(raws):.2f} s")
    ground.say("  beside that floor (median of pairs)", f"{times:.2f} x", "must stay under 3 x")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--due", type=int, default=10_000)
    options.add_argument("--open", type=int, default=100_000)
    chosen = options.parse_args()
    measure("climb, a mail each", receivers=chosen.due, due=chosen.due, open_=chosen.open)
    measure("climb, as tables to 200", receivers=200, due=chosen.due, open_=chosen.open)


if __name__ == "__main__":
    main()
