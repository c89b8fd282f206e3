"""Worlds one after the other, on one core or two, and what they came to."""

import os
import tempfile
from contextlib import nullcontext
from pathlib import Path

from config import current as configuration
from config.settings import Settings
from models import engine, migrate
from tests.faults.world import World

# Files that need to outlive nothing are quickest in memory.
MEMORY = Path("/dev/shm")


def prepare(folder: Path) -> Path:
    """Set this process up once; return the empty migrated database that each world copies."""
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
    return template


def scratch():
    """Return a folder that is gone afterwards."""
    return tempfile.TemporaryDirectory(
        prefix="pdca-faults-", dir=MEMORY if MEMORY.is_dir() else None
    )


def live(seed, folder, template, *, mutant=None, **how) -> World:
    """Live one world, right or with one wrong design switched in."""
    from tests.faults.mutants import MUTANTS

    with MUTANTS[mutant]() if mutant else nullcontext():
        world = World(seed, folder, template, **how)
        world.live()
    return world
