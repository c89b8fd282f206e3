"""A throwaway PostgreSQL cluster for the tests, and databases of their own on either kind.

`database_url` runs a test twice: on SQLite always, on PostgreSQL when `postgres` is asked for.
The cluster listens on a socket in a folder of its own, so it meets no server of this machine.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from models import engine, migrate
from processes.watch import switches

BINARIES = "/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/bin"


class Cluster:
    """A running server; `fresh()` gives a test a database of its own."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self.binaries, self.folder = binaries, folder
        self.server: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        self._template: str | None = None

    def start(self) -> None:
        self._run("initdb", "-D", "data", "-U", "pdca", "-A", "trust", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        self._serve()

    def restart(self) -> None:
        """End every connection and start the server anew, as an upgrade of it does."""
        assert self.server is not None
        self.server.send_signal(2)
        self.server.wait(timeout=30)
        self._serve()

    def _serve(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.server = subprocess.Popen(
                [self.binaries / "postgres", "-D", "data", "-k", self.folder, "-h", "",
                 "-F", "-c", "max_connections=60", "-c", "shared_buffers=32MB"],
                **self._as_owner(), stdout=log, stderr=log,
            )  # fmt: skip
        self._wait()

    def stop(self) -> None:
        if self.server is not None:
            self.server.send_signal(2)  # fast: ends what is still connected
            self.server.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill_connections(self, url: str) -> None:
        """End every connection to that database, as an administrator or a failover would."""
        name = sa.make_url(url).database
        self.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = '{name}' AND pid <> pg_backend_pid()"
        )

    def fresh(self, *, migrated: bool = True) -> str:
        """Return the URL of a new database, at the newest shape or empty."""
        name = f"test_{next(self._numbers)}"
        template = self._migrated() if migrated else "template0"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def home(self) -> str:
        """Return the URL of the one database for homes, made anew; its compiled SQL serves on."""
        template = self._migrated()
        self.sql("DROP DATABASE IF EXISTS home WITH (FORCE)")
        self.sql(f"CREATE DATABASE home TEMPLATE {template}")
        return self.url("home")

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://pdca@/{name}?host={self.folder}"

    def sql(self, statement: str) -> None:
        with psycopg.connect(host=str(self.folder), user="pdca", dbname="postgres") as made:
            made.autocommit = True
            made.execute(statement)

    def _migrated(self) -> str:
        if self._template is None:
            self.sql("CREATE DATABASE template_migrated")
            engine.bind(self.url("template_migrated"))
            migrate.upgrade()
            switches.begin(datetime(2025, 1, 1, tzinfo=UTC))
            engine.database().dispose()
            self._template = "template_migrated"
        return self._template

    def _wait(self) -> None:
        for _ in range(300):
            try:
                return self.sql("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.1)
        raise RuntimeError((self.folder / "log").read_text())

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [self.binaries / program, *words], **self._as_owner(), check=True, capture_output=True
        )

    def _as_owner(self) -> dict:
        who = {"cwd": self.folder}
        if os.getuid() == 0:  # PostgreSQL refuses to be root
            owner = unprivileged()
            who |= {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        return who


def unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return pytest.skip("PostgreSQL refuses to run as root and no other user is there")


def binaries() -> Path | None:
    found = [folder for pattern in BINARIES for folder in Path("/").glob(pattern.lstrip("/"))]
    return max((f for f in found if (f / "initdb").exists()), default=None, key=str)


@pytest.fixture(scope="session")
def postgres_cluster():
    where = binaries()
    if where is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="pdca-pg-"))
    if os.getuid() == 0:
        owner = unprivileged()
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    cluster = Cluster(where, folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def sqlite_url(_empty_database, tmp_path):
    return f"sqlite:///{shutil.copy(_empty_database, tmp_path / 'pdca.sqlite')}"


@pytest.fixture
def postgres_url(postgres_cluster):
    return postgres_cluster.fresh()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request):
    """The URL of an own database at the newest shape, on SQLite and on PostgreSQL."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request, tmp_path):
    """The URL of an own database with nothing in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'home' / 'pdca.sqlite'}"
    return request.getfixturevalue("postgres_cluster").fresh(migrated=False)


@pytest.fixture
def database(database_url):
    """The bound database, let go at the end."""
    bound = engine.bind(database_url)
    yield bound
    bound.dispose()
