"""Worlds one after the other, on as many cores as there are, and what they came to."""

import gc
import json
import multiprocessing
import os
import tempfile
import time
from collections import Counter
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from config import current as configuration
from config.settings import Settings
from models import engine, migrate
from tests.faults import coverage
from tests.faults.mutants import MUTANTS
from tests.faults.world import World

MEMORY = Path("/dev/shm")  # files that need to outlive nothing are quickest in memory
CHUNK = 10
CAUGHT = Path(__file__).with_name("caught.json")
MOST_SEEDS = 250  # in which a mutant must be caught
SCENARIOS = (1, 2, 3, 5, 8, 13)  # calm worlds in which each point is a crash once


@dataclass
class Came:
    """What a number of worlds came to."""

    worlds: int = 0
    violations: list = field(default_factory=list)  # (seed, crash_at, calm, promise, what)
    crashes: int = 0
    mails: int = 0
    steps: int = 0
    counts: Counter = field(default_factory=Counter)  # what happened how often: coverage.py
    passed: dict = field(default_factory=dict)  # point -> (seed, n): a world that passes it

    def add(self, world):
        self.worlds += 1
        lived = (world.seed, world.crash_at, world.calm)
        self.violations += [(*lived, *wrong) for wrong in world.wrong[:3]]
        self.crashes += world.crashed.total()
        self.mails += len(world.server.taken)
        self.steps += len(world.oracle.steps)
        self.counts.update(coverage.of(world))
        if world.crash_at is None and not world.calm:
            for n, name in enumerate(world.points):
                self.passed.setdefault(name, (world.seed, n))
        return self

    def __iadd__(self, other):
        self.worlds += other.worlds
        self.violations += other.violations
        self.crashes += other.crashes
        self.mails, self.steps = self.mails + other.mails, self.steps + other.steps
        self.counts.update(other.counts)
        self.passed = {**other.passed, **self.passed}
        return self


_place: tuple[Path, Path] | None = None


def prepare(folder: Path) -> Path:
    """Set this process up once; return the empty migrated database that each world copies."""
    global _place
    for variable in [name for name in os.environ if name.startswith("PDCA_")]:
        del os.environ[variable]
    template = folder / "empty.sqlite"
    engine.bind(f"sqlite:///{template}")
    migrate.upgrade()
    with engine.database().writer.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.database().dispose()
    configuration.use(
        Settings(
            home=folder,
            organisation="示例运维公司",
            operator="operator@site.example",
            secret_key="a-secret-for-tests-only-0123456789",
        )
    )
    _place = folder, template
    return template


def scratch():
    """Return a folder that is gone afterwards."""
    return tempfile.TemporaryDirectory(
        prefix="pdca-faults-", dir=MEMORY if MEMORY.is_dir() else None
    )


def live(seed, *, mutant=None, **how) -> World:
    """Live one world, right or with one wrong design switched in."""
    assert _place is not None, "prepare() comes first"
    with MUTANTS[mutant]() if mutant else nullcontext():
        world = World(seed, *_place, **how)
        world.live()
    return world


def seeds(numbers) -> Came:
    """Live these worlds."""
    came = Came()
    for seed in numbers:
        came.add(live(seed))
    gc.collect()
    return came


def catch(name_and_seed) -> tuple[str, int | None, str]:
    """Return a seed whose world catches the mutant, and by which promise; try that one first."""
    name, known = name_and_seed
    for seed in [*([] if known is None else [known]), *range(MOST_SEEDS)]:
        wrong = live(seed, mutant=name).wrong
        if wrong:
            return name, seed, wrong[0][0]
    return name, None, ""


def known() -> dict[str, int]:
    """Return which seeds caught the mutants in the last campaign whose figures were kept."""
    found: dict[str, int] = json.loads(CAUGHT.read_text())
    return found


def every_point(seed, most=3) -> Came:
    """End a process at each named point of a calm world: first, last and one in between."""
    calm = live(seed, calm=True)
    came = Came().add(calm)
    for name in sorted(set(calm.points)):
        passed = [n for n, point in enumerate(calm.points) if point == name]
        for place in sorted({passed[0], passed[len(passed) // 2], passed[-1]})[:most]:
            came.add(live(seed, calm=True, crash_at=place))
    return came


def one_point(where) -> Came:
    """End a process at this point of a world with all its faults."""
    seed, place = where
    return Came().add(live(seed, crash_at=place))


def told(violation) -> str:
    """Return what was violated, below the command that lives that world again."""
    seed, crash_at, calm, promise, what = violation
    at = "" if crash_at is None else f" --crash-at {crash_at}{' --calm' if calm else ''}"
    return f"python -m tests.faults replay {seed}{at}\n    {promise}: {what}"


def worlds(pool, count, *, first=0, say=print) -> Came:
    """Live so many worlds."""
    began, came = time.monotonic(), Came()
    ends = first + count
    chunks = [range(n, min(n + CHUNK, ends)) for n in range(first, ends, CHUNK)]
    for part in pool.imap_unordered(seeds, chunks):
        came += part
        for violation in part.violations:
            say(told(violation))
        if came.worlds % 200 < CHUNK:
            say(f"{came.worlds} worlds, {time.monotonic() - began:.0f} s")
    return came


def points(pool, lived: Came, scenarios=SCENARIOS) -> Came:
    """End a process at every point of every scenario, and where the `lived` worlds never did."""
    came = Came()
    for part in pool.imap_unordered(every_point, scenarios):
        came += part
    counts = lived.counts + came.counts
    never = [name for name in coverage.points() if not counts[f"crash: {name}"]]
    known = {**came.passed, **lived.passed}
    for part in pool.imap_unordered(one_point, [known[name] for name in never if name in known]):
        came += part
    return came


def mutants(pool, *, known=None, say=print) -> dict[str, int | None]:
    """Return the seed that caught each mutant; None if it survives."""
    found = {}
    asked = [(name, (known or {}).get(name)) for name in MUTANTS]
    for name, seed, promise in pool.imap_unordered(catch, asked):
        found[name] = seed
        say(f"  {name:30} {'SURVIVES' if seed is None else f'seed {seed}'}: {promise}")
    return {name: found[name] for name in MUTANTS}


@contextmanager
def processes(cores=None):
    """Give a pool of processes, each set up with a place of its own."""
    context = multiprocessing.get_context("spawn")
    with scratch() as folder:
        with_place = partial(_in_a_process, Path(folder))
        with context.Pool(cores or os.cpu_count(), initializer=with_place) as pool:
            yield pool


def _in_a_process(folder):
    own = folder / str(os.getpid())
    own.mkdir()
    gc.disable()  # a world leaves little; it is collected between worlds
    prepare(own)
