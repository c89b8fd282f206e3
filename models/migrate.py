"""The shape of the database over the years (数据库迁移): numbered scripts, forwards only.

An upgrade is one transaction on both databases, so it happens entirely or not at all, and two
processes that start together upgrade once. Going back is restoring the backup taken before.
Asking whether an upgrade is pending reads one row and never loads Alembic.
"""

import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import SQLModel

import models
from models.engine import Database, database

SCRIPTS: Final = Path(__file__).parent / "migrations"
VERSION_TABLE: Final = "pdca_version"  # not Alembic's own name, which Prefect uses in its database
UPGRADE_LOCK: Final = 0x50444341  # "PDCA", an advisory lock on a server


class WrongDatabase(RuntimeError):
    """The database was not made by this program, or by a later version of it."""


def head() -> str:
    """Return the number of the newest script."""
    return max(path.name[:4] for path in (SCRIPTS / "versions").glob("[0-9]*.py"))


def current() -> str | None:
    """Return the number that the bound database stands at; None if it is empty."""
    bound = database()
    if bound.path is not None and not bound.path.exists():
        return None
    with bound.reader.connect() as connection:
        return _version(connection)


def pending() -> bool:
    """Whether the bound database has to be upgraded; refuses one newer than this program."""
    version = current()
    return version is None or _known(version) < head()


def upgrade() -> None:
    """Bring the bound database to the newest shape; does nothing if it is there."""
    if not pending():
        return
    bound = database()
    if bound.path is not None:
        bound.path.parent.mkdir(parents=True, exist_ok=True)
    with _changing(bound) as connection:
        version = _version(connection)
        if version is None:
            _refuse_strangers(connection)
        if version is None or _known(version) < head():
            _run_scripts(connection)


def check() -> list[str]:
    """Say how the bound database differs from the models; empty if it does not."""
    from alembic.autogenerate import compare_metadata

    with database().reader.connect() as connection:
        return [
            str(difference) for difference in compare_metadata(_context(connection), metadata())
        ]


def metadata() -> sa.MetaData:
    """Return the tables of every module of `models`."""
    for module in pkgutil.iter_modules(models.__path__, "models."):
        if not module.ispkg:
            import_module(module.name)
    return SQLModel.metadata


def options() -> dict[str, Any]:
    """Return how Alembic is to read and write our tables, in the scripts and in comparisons."""
    return {
        "target_metadata": metadata(),
        "version_table": VERSION_TABLE,
        "render_as_batch": True,  # SQLite alters a table by making it anew
        "compare_type": True,
        "compare_server_default": True,
    }


def config(connection: sa.Connection) -> Any:
    """Return Alembic's configuration on an open connection; there is no alembic.ini."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def _run_scripts(connection: sa.Connection) -> None:
    from alembic import command

    command.upgrade(config(connection), "head")


def _context(connection: sa.Connection) -> Any:
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection, opts=options())


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    versions = sa.table(VERSION_TABLE, sa.column("version_num", sa.String))
    found: str | None = connection.scalar(sa.select(versions.c.version_num))
    return found


def _known(version: str) -> str:
    if version > head():
        raise WrongDatabase(
            f"the database {_name()} stands at {version}, this program knows up to {head()}:"
            " install the newer program again, or restore the backup taken before its upgrade"
        )
    return version


def _refuse_strangers(connection: sa.Connection) -> None:
    there = set(sa.inspect(connection).get_table_names()) & set(metadata().tables)
    if there:
        raise WrongDatabase(
            f"the database {_name()} already holds tables that this program did not make"
            f" ({', '.join(sorted(there)[:5])}): give PDCA_DATABASE_URL an empty database"
        )


def _name() -> str:
    return database().url.render_as_string(hide_password=True)


@contextmanager
def _changing(bound: Database) -> Iterator[sa.Connection]:
    """One transaction that may rebuild tables, alone among all processes."""
    bound.may_create = True
    with bound.writer.connect() as connection:
        bound.may_create = False
        if bound.sqlite:
            _foreign_keys(connection, "OFF")  # a table made anew drops the old one first
        try:
            with connection.begin():
                if not bound.sqlite:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(UPGRADE_LOCK)))
                yield connection
        finally:
            if bound.sqlite:
                _foreign_keys(connection, "ON")


def _foreign_keys(connection: sa.Connection, state: str) -> None:
    """Say it to the driver itself: inside a transaction SQLite ignores it."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys={state}")
    cursor.close()
