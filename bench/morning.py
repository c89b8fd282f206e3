"""One morning of 40,000 escalations, from due to finished mails, beside a morning of a quarter.

It is done once with 200 leaders to tell and once with one, in a process of its own each time: what
is measured is the time, and the peak of resident memory as the kernel counted it. The floor of
the memory is the same process with nothing due.
"""

import argparse
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Final

from bench import ground
from config import current as configuration
from config.settings import Settings
from models import engine
from processes.duty import climbing
from processes.duty import issued as duties
from processes.mail import outbox

OWNERS: Final = 2_000
MOST_SECONDS: Final = 60
MOST_MB: Final = 200  # above the floor


def work(home: Path) -> None:
    """Climb and gather everything that is due there; print seconds and the peak in MB."""
    settings = Settings(home=home, operator="o@company.example", secret_key="x" * 32)
    configuration.use(settings)
    engine.bind(settings.url)
    print(f"{ground.timed(_morning):.2f}", _peak())


def _morning() -> None:
    while ids := duties.due(ground.NOW):
        climbing.climb(ids, at=ground.NOW)
    while outbox.gather(ground.NOW).people:
        pass


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measured(due: int, leaders: int) -> tuple[float, int]:
    """Return the seconds of such a morning, and its peak in MB."""
    with ground.home() as folder:
        ground.people(OWNERS, managers=leaders)
        ground.duties(max(due, 1), owners=OWNERS, first_owner=leaders + 1, due=due, nth=2)
        engine.database().dispose()
        said = subprocess.run(
            [sys.executable, "-m", "bench.morning", "--home", str(folder)],
            env={**os.environ, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        )
    seconds, peak = said.stdout.split()
    return float(seconds), int(peak)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--home", type=Path)
    options.add_argument("--due", type=int, default=40_000)
    chosen = options.parse_args()
    if chosen.home:
        work(chosen.home)
        return
    _, floor = measured(0, 1)
    ground.say("peak with nothing due (floor)", f"{floor} MB")
    for leaders in (200, 1):
        few, _ = measured(chosen.due // 4, leaders)
        seconds, peak = measured(chosen.due, leaders)
        who = "to one leader" if leaders == 1 else f"to {leaders} leaders"
        goal = f"must be under {MOST_SECONDS} s"
        ground.say(f"{chosen.due:,} escalations {who}", f"{seconds:.1f} s", goal)
        times = f"{seconds / few:.1f} times as long, must be at most 5"
        ground.say("  beside a quarter of them", f"{few:.1f} s", times)
        ground.say("  peak above the floor", f"{peak - floor} MB", f"must be under {MOST_MB} MB")


if __name__ == "__main__":
    main()
