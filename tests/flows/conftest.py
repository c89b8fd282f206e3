"""A Prefect server of the tests' own: seconds once, and only for tests that ask for it."""

import gc
import os
import shutil
import sqlite3
import warnings
from contextlib import closing
from pathlib import Path

import pytest

# What no promise of ours rests on: each wakes every few seconds, for as long as tests run.
UNUSED = (
    "CANCELLATION_CLEANUP",
    "CLEANUP_RECONCILER",
    "FOREMAN",
    "LATE_RUNS",
    "PAUSE_EXPIRATIONS",
    "REPOSSESSOR",
    "SCHEDULER",
    "TRIGGERS",
)


@pytest.fixture(scope="session")
def prefect_server(pytestconfig, tmp_path_factory):
    os.environ["PREFECT_LOGGING_LEVEL"] = "WARNING"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.environ |= {
            "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
            "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "2",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            **{f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in UNUSED},
        }
        import prefect
        from prefect.testing import utilities

        folder = tmp_path_factory.mktemp("prefect")
        cache = getattr(pytestconfig, "cache", None)  # none with -p no:cacheprovider
        place = cache.mkdir(f"prefect-{prefect.__version__}") if cache else folder
        kept = place / "migrated.db"
        database = folder / "prefect-test.db"
        if kept.exists():
            shutil.copy(kept, database)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(utilities, "mkdtemp", lambda: str(folder))
            with utilities.prefect_test_harness(server_startup_timeout=90):
                if not kept.exists():
                    _keep(database, kept)
                yield


def _keep(database: Path, kept: Path) -> None:
    """Keep the database of a server that has just begun: its migrations are five seconds."""
    half = kept.with_suffix(".half")
    with closing(sqlite3.connect(database)) as live, closing(sqlite3.connect(half)) as copy:
        live.backup(copy)
    half.replace(kept)


@pytest.fixture(autouse=True)
def _prefect_leaves_sockets_to_the_collector(request):
    """Its client closes some only when it is collected: here, and in nobody else's test."""
    yield
    if "prefect_server" in request.fixturenames:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gc.collect()
