"""Climbing: 10,000 due of 100,000 open, into finished mails, beside a raw floor.

The floor renders the very same letters and inserts the very same bytes with the database's own
driver, 100 a commit, on the same disk with `synchronous=FULL`: what no design can go below.
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
from processes import climbing, duties, outbox

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


def prepared(*, receivers: int, due: int, open_: int) -> None:
    """Put a company where `due` steps wait among `open_` duties, each about to tell level 1."""
    ground.people(due, managers=receivers)
    ground.duties(open_, owners=due, first_owner=receivers + 1, due=due, nth=2)


def letters_of(**company: int) -> list[Letter]:
    """Return the letters that the engine makes there, from a run that is not measured."""
    remembered = Remembered()
    with ground.home():
        prepared(**company)
        vars(outbox)["render"] = remembered
        engine_run()
        vars(outbox)["render"] = rendering.render
    return remembered.letters


def measure(title: str, **company: int) -> None:
    """Run engine and floor in turn, each on a ground of its own; print the medians."""
    letters = letters_of(**company)
    gc.freeze()  # the letters are the floor's: they must not slow the engine's collector
    ours, floors = [], []
    for _ in range(RUNS):
        with ground.home() as folder:
            floors.append(ground.timed(lambda folder=folder: floor_run(letters, folder)))
            prepared(**company)
            ours.append(ground.timed(engine_run))
    gc.unfreeze()
    due, mails = company["due"], len(letters)
    engine, floor = median(ours), median(floors)
    ratio = median(under / over for under, over in zip(floors, ours, strict=True))
    ground.say(
        f"{title}: {due:,} steps, {mails:,} mails",
        f"{due / engine:,.0f} steps/s",
        f"{engine:.2f} s",
    )
    ground.say("  floor: the same bytes rendered and inserted raw", f"{floor:.2f} s")
    ground.say("  rate beside the floor (median of pairs)", f"{ratio:.2f}", "must be at least 0.50")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--due", type=int, default=10_000)
    options.add_argument("--open", type=int, default=100_000)
    chosen = options.parse_args()
    measure("climb, a mail each", receivers=chosen.due, due=chosen.due, open_=chosen.open)
    measure("climb, as tables to 200", receivers=200, due=chosen.due, open_=chosen.open)


if __name__ == "__main__":
    main()
