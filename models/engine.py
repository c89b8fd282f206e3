"""The database, and the only two ways to it: `@transaction` writes, `reading()` reads.

SQLite: one writer at a time, taken at BEGIN (IMMEDIATE), because a transaction that reads
first and writes later loses updates; WAL with `synchronous=FULL`, so that what is committed
survives a power cut. PostgreSQL: a transaction that lost a race (40001, 40P01), or its connection
before the commit, is run again.
"""

import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool
from sqlmodel import Session

from models import crash

P = ParamSpec("P")
R = TypeVar("R")

BUSY_TIMEOUT_MS: Final = 30_000
RACE_LOST: Final = frozenset({"40001", "40P01"})
LOCK_HELD: Final = "55P03"  # PostgreSQL: `lock_timeout` ran out
TRIES: Final = 6
PRIVATE: Final = 0o600  # mails, links and codes; SQLite gives its two other files the same
REMEMBERED: Final = 3  # databases whose compiled statements are kept


class NoDatabase(RuntimeError):
    """Nothing is bound: `bind(url)` comes first."""


class Database:
    """A writing engine and a reading engine on one URL."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.may_create = False  # a file that is gone is never made anew, but by an upgrade
        self.writer = self._sqlite_engine(immediate=True) if self.sqlite else self._server_engine()
        self.reader = self._sqlite_engine(immediate=False) if self.sqlite else self.writer

    @property
    def path(self) -> Path | None:
        """The SQLite file; None on a server."""
        return Path(self.url.database) if self.sqlite and self.url.database else None

    def dispose(self) -> None:
        self.writer.dispose()
        self.reader.dispose()

    def _open(self) -> sqlite3.Connection:
        """Open the file; one that is not there is not made."""
        file = Path(self.url.database or "").absolute()
        if self.may_create:
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT, PRIVATE))
        return sqlite3.connect(
            f"{file.as_uri()}?mode=rw",
            uri=True,
            timeout=BUSY_TIMEOUT_MS / 1000,
            check_same_thread=False,
        )

    def _server_engine(self) -> sa.Engine:
        engine = sa.create_engine(self.url, pool_pre_ping=True, pool_size=8, max_overflow=8)

        @sa.event.listens_for(engine, "connect")
        def _set_up(connection: Any, _record: Any) -> None:
            """Wait for another's lock as long as on SQLite, unless the URL says otherwise."""
            connection.autocommit = True
            connection.execute(
                "SELECT set_config('lock_timeout', %s, false)"
                " WHERE current_setting('lock_timeout') = '0'",
                (f"{BUSY_TIMEOUT_MS}ms",),
            )
            connection.autocommit = False

        return engine

    def _sqlite_engine(self, *, immediate: bool) -> sa.Engine:
        engine = sa.create_engine(
            self.url, creator=self._open, poolclass=QueuePool, pool_size=4, max_overflow=12
        )

        @sa.event.listens_for(engine, "connect")
        def _set_up(connection: Any, _record: Any) -> None:
            connection.isolation_level = None  # we say BEGIN ourselves
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("PRAGMA foreign_keys=ON")
            if not immediate:
                cursor.execute("PRAGMA query_only=ON")
            cursor.close()

        @sa.event.listens_for(engine, "begin")
        def _begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

        return engine


_bound: Database | None = None
_used: dict[sa.URL, Database] = {}  # the last few, the present one last
if hasattr(os, "register_at_fork"):  # the parent's connections are the parent's
    os.register_at_fork(after_in_child=_used.clear)


def held_too_long(error: BaseException) -> bool:
    """Whether the database was kept waiting by another writer for longer than it may be."""
    origin = getattr(error, "orig", None)
    if getattr(origin, "sqlstate", None) == LOCK_HELD:
        return True
    return isinstance(origin, sqlite3.OperationalError) and "is locked" in str(origin)


def _race_lost(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in RACE_LOST


def _gone(error: DBAPIError) -> bool:
    """Whether the server ended the connection, and with it the transaction."""
    return bool(error.connection_invalidated)


def bind(url: str) -> Database:
    """Use this database from now on in this process; the one before is let go."""
    global _bound
    if _bound is not None:
        _bound.dispose()
    wanted = make_url(url)
    # One that was used before: its statements need not be compiled anew.
    _bound = _used.pop(wanted, None) or Database(url)
    _used[wanted] = _bound
    if len(_used) > REMEMBERED:
        _used.pop(next(iter(_used)))
    return _bound


def database() -> Database:
    """Return the bound database."""
    if _bound is None:
        raise NoDatabase("no database is bound: call models.engine.bind(url) first")
    return _bound


@contextmanager
def reading() -> Iterator[Session]:
    """A session that cannot write, on a snapshot of its own."""
    with Session(database().reader, expire_on_commit=False, autoflush=False) as session:
        yield session


@contextmanager
def writing() -> Iterator[Session]:
    """One transaction: commits at the end, rolls back on any exception, is not retried."""
    with Session(database().writer, expire_on_commit=False) as session, session.begin():
        yield session
        _end(session)


Work = Callable[[Session], None]
_at_end: list[Work] = []


def at_end(work: Work) -> Work:
    """Do this before each commit, in its transaction: what is written once and not each time."""
    _at_end.append(work)
    return work


def _end(session: Session) -> None:
    for work in _at_end:
        work(session)


Fence = Callable[[Session], None]
_fence: Fence | None = None


class Fenced(RuntimeError):
    """This process may write no more: another one has taken over."""


def fence(judge: Fence | None) -> None:
    """Ask this before every commit of a `@transaction` in this process; it raises `Fenced`."""
    global _fence
    _fence = judge


def transaction(work: Callable[Concatenate[Session, P], R]) -> Callable[P, R]:
    """Give the function a session and commit what it did; run it again if it lost a race.

    The function may therefore run more than once: it must do nothing but read and write rows.
    """
    before, written, committed = crash.around(work)

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, TRIES + 1):
            try:
                crash.point(before)
                ended = False
                with writing() as session:
                    done = work(session, *args, **kwargs)
                    session.flush()
                    _end(session)
                    crash.point(written)
                    if _fence is not None:
                        _fence(session)
                    session.flush()
                    ended = True  # what goes wrong from here on may have been committed
                crash.point(committed)
                return done
            except DBAPIError as lost:
                if attempt == TRIES or not (_race_lost(lost) or (_gone(lost) and not ended)):
                    raise
                time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - spreading, not secrecy
        raise AssertionError("unreachable")

    return run
