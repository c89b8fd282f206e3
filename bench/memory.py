"""Memory: 50,000 duties come due at once, beside 5,000: the peak of climbing and gathering.

Each is done by a process of its own, in the product's own batches, and its peak of resident
memory is what the kernel counted. The floor is the same process with nothing due.
"""

import argparse
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlmodel import col

from bench import ground
from config import current as configuration
from config.settings import Settings
from models import engine
from models.notice import Notice
from models.people import organisation
from processes.duty import climbing
from processes.duty import issued as duties
from processes.mail import outbox

OWNERS: Final = 2_000
MANAGERS: Final = 200
MOST: Final = 11  # mails to one person in one sweep: a digest, and ten level notices or a table


def work(home: Path) -> None:
    """Climb and gather everything that is due there, and print the peak in MB."""
    settings = Settings(home=home, operator="o@company.example", secret_key="x" * 32)
    configuration.use(settings)
    engine.bind(settings.url)
    while ids := duties.due(ground.NOW):
        climbing.climb(ids, at=ground.NOW)
    while outbox.gather(ground.NOW).people:
        pass
    with engine.reading() as session:
        organisation(session)
        count = sa.func.count()
        each = sa.select(count).select_from(Notice).group_by(col(Notice.person_id))
        most = max(session.execute(each).scalars(), default=0)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, most)


def measured(due: int) -> tuple[int, int]:
    """Return the peak in MB, and the most mails that one person gets."""
    with ground.home() as folder:
        ground.people(OWNERS, managers=MANAGERS)
        ground.duties(50_000, owners=OWNERS, first_owner=MANAGERS + 1, due=due, nth=2)
        engine.database().dispose()
        said = subprocess.run(
            [sys.executable, "-m", "bench.memory", "--home", str(folder)],
            env={**os.environ, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        )
    peak, most = said.stdout.split()
    return int(peak), int(most)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--home", type=Path)
    options.add_argument("--due", type=int, default=50_000)
    chosen = options.parse_args()
    if chosen.home:
        work(chosen.home)
        return
    floor, _ = measured(0)
    few, _ = measured(chosen.due // 10)
    many, most = measured(chosen.due)
    ground.say("peak with nothing due (floor)", f"{floor} MB")
    ground.say(f"peak with {chosen.due // 10:,} due at once", f"{few} MB")
    beside = f"{many / few:.2f} of that, must be within 0.80 and 1.20"
    ground.say(f"peak with {chosen.due:,} due at once", f"{many} MB", beside)
    ground.say("mails that one person gets of it, at most", f"{most}", f"must be at most {MOST}")


if __name__ == "__main__":
    main()
