"""Climbing: 10,000 due of 100,000 open, into finished mails, beside a raw floor.

The floor renders the very same letters and inserts the very same bytes with the database's own
driver, 100 a commit, on the same disk with `synchronous=FULL`: what no design can go below.
"""

import argparse
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import ground
from notifications import render as rendering
from notifications.letters import Letter
from processes import climbing, duties, outbox

SCHEMA = """
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


def measure(title: str, *, receivers: int, due: int, open_: int) -> None:
    with ground.home() as folder:
        ground.people(due, managers=receivers)
        ground.duties(open_, owners=due, first_owner=receivers + 1, due=due, nth=2)
        remembered = Remembered()
        vars(outbox)["render"] = remembered
        mails = 0

        def run() -> None:
            nonlocal mails
            mails = engine_run()

        ours = ground.timed(run)
        vars(outbox)["render"] = rendering.render
        floors = [ground.timed(lambda: floor_run(remembered.letters, folder)) for _ in range(3)]
        floor = sorted(floors)[1]
    ground.say(
        f"{title}: {due:,} steps, {mails:,} mails", f"{due / ours:,.0f} steps/s", f"{ours:.2f} s"
    )
    ground.say(
        "  floor: the same bytes rendered and inserted raw",
        f"{due / floor:,.0f} /s",
        f"{floor:.2f} s",
    )
    ground.say("  rate beside the floor", f"{floor / ours:.2f}", "must be at least 0.50")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--due", type=int, default=10_000)
    options.add_argument("--open", type=int, default=100_000)
    chosen = options.parse_args()
    measure("climb, a mail each", receivers=chosen.due, due=chosen.due, open_=chosen.open)
    measure("climb, as tables to 200", receivers=200, due=chosen.due, open_=chosen.open)


if __name__ == "__main__":
    main()
