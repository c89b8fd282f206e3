"""Asking a database (数据库采集): one SELECT on a connection that cannot write, bounded in time.

SQLite is opened `mode=ro`, and every statement but reading is denied by its authoriser;
PostgreSQL runs it in a read-only transaction through a cursor, which nothing but a query can
be. Give the source a database user who may only read: that no client can promise.
"""

import hashlib
import re
import sqlite3
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from config.kpi_source import Sql, secret
from processes.kpi.fetch import Row, days
from processes.kpi.sources import SourceFailed, Wanted

COLUMNS: Final = ("value", "numerator", "denominator", "scope")
READS: Final = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
EVERY: Final = 10_000  # steps of SQLite's machine between two looks at the clock
NAMED: Final = re.compile(r"(?<!:):(first|last|after|period)\b")


def rows(source: Sql, wanted: Wanted) -> tuple[list[Row], dict[str, Any]]:
    """Return what the query found, and how to ask again."""
    url = _url(source)
    backend = url.get_backend_name()
    asked = {"sqlite": _sqlite, "postgresql": _postgres}.get(backend)
    if asked is None:
        told = "databases of the kind {kind} cannot be asked: use SQLite or PostgreSQL"
        raise SourceFailed(told, permanent=True, kind=backend)
    names, found = asked(source, url, days(wanted))
    _refuse_columns(names)
    if len(found) > source.rows:
        raise SourceFailed("the query gives more than {most} rows", most=source.rows)
    digest = hashlib.sha256(repr(found).encode()).hexdigest()
    evidence = {"query": source.query, **days(wanted), "rows": len(found), "sha256": digest}
    return [dict(zip(names, row, strict=True)) for row in found], evidence


def _url(source: Sql) -> URL:
    written = secret(source.url_env) if source.url_env else source.url
    try:
        return make_url(written)
    except ArgumentError as wrong:
        raise SourceFailed("the source's address cannot be read", permanent=True) from wrong


def _refuse_columns(names: list[str]) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise SourceFailed(
            "the query's column {column} is none of {known}",
            permanent=True,
            column=unknown[0][:60],
            known=", ".join(COLUMNS),
        )


def _sqlite(
    source: Sql, url: URL, facts: Mapping[str, str]
) -> tuple[list[str], list[tuple[Any, ...]]]:
    deadline = time.monotonic() + source.seconds
    path = f"file:{quote(url.database or '')}?mode=ro"
    try:
        connection = sqlite3.connect(path, uri=True, timeout=min(5, source.seconds))
        try:
            connection.execute("PRAGMA query_only=ON")
            connection.set_progress_handler(lambda: time.monotonic() > deadline, EVERY)
            connection.set_authorizer(_only_reading)
            cursor = connection.execute(source.query, facts)
            found = cursor.fetchmany(source.rows + 1)
            return [column[0] for column in cursor.description or ()], found
        finally:
            connection.close()
    except (sqlite3.Error, ValueError) as broken:
        raise _failed(broken, late=time.monotonic() > deadline, seconds=source.seconds) from broken


def _only_reading(action: int, *_about: str | None) -> int:
    return sqlite3.SQLITE_OK if action in READS else sqlite3.SQLITE_DENY


def _postgres(
    source: Sql, url: URL, facts: Mapping[str, str]
) -> tuple[list[str], list[tuple[Any, ...]]]:
    try:
        import psycopg
    except ImportError as absent:
        told = "this installation cannot ask PostgreSQL: install it with its extra “postgres”"
        raise SourceFailed(told, permanent=True) from absent
    milliseconds = int(source.seconds * 1000)
    limits = f"-c default_transaction_read_only=on -c statement_timeout={milliseconds}"
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    query = NAMED.sub(r"%(\1)s", source.query.replace("%", "%%"))
    try:
        with psycopg.connect(
            plain, options=limits, connect_timeout=max(2, int(source.seconds))
        ) as connection:
            connection.read_only = True
            with connection.cursor(name="pdca_source") as cursor:
                cursor.execute(query.encode(), facts)
                found = cursor.fetchmany(source.rows + 1)
                return [column.name for column in cursor.description or ()], found
    except psycopg.errors.QueryCanceled as late:
        raise _failed(late, late=True, seconds=source.seconds) from late
    except psycopg.Error as broken:
        raise _failed(broken, late=False, seconds=source.seconds) from broken


def _failed(broken: Exception, *, late: bool, seconds: float) -> SourceFailed:
    if late:
        return SourceFailed("the source did not answer within {seconds} s", seconds=f"{seconds:g}")
    why = str(broken).partition("\n")[0][:200]
    return SourceFailed("the database said no: {why}", why=why)
