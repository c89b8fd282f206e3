"""Fixtures that every test may ask for: a home of its own, with a real database in it."""

import gc
import itertools
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import current as configuration
from config.settings import Settings
from models import engine, migrate
from processes.watch import switches

TESTS = Path(__file__).parent
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)  # before all that the tests tell
COUNT = itertools.count(1)
LONG = 60
YOUNG = 20_000  # objects before the collector looks: the default of 700 costs an eighth of all time

MEMORY = Path("/dev/shm")  # a file system in memory, where there is one
ROOM = 2 << 30  # bytes that it must have free, or the disk serves

if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))  # pytest's --basetemp lies below

gc.disable()  # until everything is imported: nothing of that is garbage

pytest_plugins = ["tests.support.postgres"]  # database_url, empty_url: both databases


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what needs a Prefect server in one worker: each server costs ten seconds."""
    for item in items:
        if item.get_closest_marker("prefect"):
            item.add_marker(pytest.mark.xdist_group("prefect"))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Let the collector forget what lives as long as the run: modules, tables, the tests."""
    gc.freeze()
    gc.set_threshold(YOUNG)
    gc.enable()


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name long bytes by their length: an archive has its date in it, and workers must agree."""
    return f"{len(val)}-bytes" if isinstance(val, bytes) and len(val) > LONG else None


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> None:
    """A developer's own `PDCA_…` variables change no test."""
    for variable in [name for name in os.environ if name.startswith(("PDCA_", "PREFECT_"))]:
        del os.environ[variable]


@pytest.fixture(scope="session")
def _empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One migrated SQLite file, copied for each test that wants a database: a home that begins."""
    path = tmp_path_factory.mktemp("template") / "pdca.sqlite"
    engine.bind(f"sqlite:///{path}")
    migrate.upgrade()
    switches.begin(BEGAN)
    engine.database().dispose()
    return path


@pytest.fixture(scope="session")
def _home_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all homes: SQL compiled for one test's database serves the next."""
    return tmp_path_factory.mktemp("homes") / "home"


BOTH = ("processes", "stories")  # folders whose promises hold on either database


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tell what needs a home on SQLite always, and on PostgreSQL where that is asked for."""
    folders = metafunc.definition.path.relative_to(TESTS).parts
    alone = getattr(metafunc.module, "ON_SQLITE_ALONE", "")  # says why
    if "home_database" in metafunc.fixturenames and folders[0] in BOTH and not alone:
        server = pytest.param("postgres", marks=pytest.mark.postgres)
        metafunc.parametrize("home_database", ["sqlite", server], indirect=True)


@pytest.fixture
def home_database(request: pytest.FixtureRequest) -> str:
    """The URL of a home's database; empty for the SQLite file in it."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return ""
    return str(request.getfixturevalue("postgres_cluster").home())


@pytest.fixture
def home(_home_folder: Path, _empty_database: Path, home_database: str) -> Iterator[Path]:
    """An empty home: settings in use, database migrated and bound, secrets fixed."""
    if _home_folder.exists():  # moved, not deleted: a disk that others sync is slow to delete
        _home_folder.rename(_home_folder.with_name(f"home-{next(COUNT)}"))
    _home_folder.mkdir()
    shutil.copy(_empty_database, _home_folder / "pdca.sqlite")
    settings = Settings(
        home=_home_folder,
        organisation="示例运维公司",
        operator="operator@company.example",
        secret_key="a-secret-for-tests-only-0123456789",
        database_url=home_database,
    )
    configuration.use(settings)
    engine.bind(settings.url)
    yield _home_folder
    engine.database().dispose()
