"""Homes of earlier releases, put back as they were, on SQLite and on PostgreSQL."""

import shutil
import sqlite3
from datetime import UTC
from pathlib import Path

import sqlalchemy as sa

from config import current as configuration
from config.secret import PRIVATE, with_key
from config.settings import load
from models import engine, migrate
from tests.support.released import KEPT, SQL

RELEASES = sorted(path.name for path in KEPT.iterdir() if (path / SQL).exists())


def put_back(release, home, url=""):
    """Make a release's home anew in this folder; on a server if there is an empty database."""
    shutil.copytree(KEPT / release, home, ignore=shutil.ignore_patterns(SQL), dirs_exist_ok=True)
    (home / "secret.key").chmod(PRIVATE)
    file = home / "pdca.sqlite"
    with sqlite3.connect(file) as kept:
        kept.executescript((KEPT / release / SQL).read_text("utf-8"))
        (version,) = kept.execute(f"SELECT version_num FROM {migrate.VERSION_TABLE}").fetchone()
    if url:
        _move_to_server(file, url, version)
        file.unlink()
    settings = with_key(load(home), make=False)
    settings.database_url = url
    configuration.use(settings)
    engine.bind(settings.url)


def _move_to_server(file, url, version):
    """Write the same rows to a server whose tables are those of that version."""
    from alembic import command

    bound = engine.bind(url)
    with bound.writer.begin() as to:
        command.upgrade(migrate.config(to), version)
    ours, theirs = sa.MetaData(), sa.MetaData()
    with sa.create_engine(f"sqlite:///{file}").connect() as from_, bound.writer.begin() as to:
        ours.reflect(from_)
        theirs.reflect(to)
        to.exec_driver_sql("SET session_replication_role = replica")  # circles of references
        for name, table in theirs.tables.items():
            to.execute(table.delete())
            rows = [
                {key: _aware(value) for key, value in row.items()}
                for row in from_.execute(ours.tables[name].select()).mappings()
            ]
            if rows:
                to.execute(table.insert(), rows)
            _go_on_counting(to, table)
        to.exec_driver_sql("SET session_replication_role = DEFAULT")


def _aware(value):
    """Return an instant with its zone, which SQLite does not keep."""
    return value.replace(tzinfo=UTC) if hasattr(value, "tzinfo") else value


def _go_on_counting(to, table):
    key = table.primary_key.columns
    if [column.name for column in key] != ["id"] or not isinstance(key["id"].type, sa.Integer):
        return
    number = to.scalar(sa.select(sa.func.max(key["id"])))
    sequence = to.scalar(sa.select(sa.func.pg_get_serial_sequence(table.name, "id")))
    if sequence and number:
        to.execute(sa.select(sa.func.setval(sequence, number)))


CLAIMED = "database.claimed"  # what an upgrade itself writes down: whose the database is


def everything():
    """Return every row of the bound database by table, as plain values, but for the claim's."""
    known = sa.MetaData()
    with engine.database().reader.connect() as connection:
        known.reflect(connection)
        return {
            name: [
                dict(row)
                for row in connection.execute(table.select()).mappings()
                if row.get("action") != CLAIMED
            ]
            for name, table in known.tables.items()
        }


def triggers():
    """Return the names of the bound database's triggers."""
    listed = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if engine.database().sqlite
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with engine.database().reader.connect() as connection:
        return set(connection.exec_driver_sql(listed).scalars())


def with_one_more_script(folder: Path) -> Path:
    """Copy the scripts and add one that no release has: a column, and tables made anew."""
    shutil.copytree(migrate.SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    last = migrate.head()
    number = f"{int(last) + 1:04}"
    (folder / "versions" / f"{number}_thrown_away.py").write_text(
        ONE_MORE.format(number=number, last=last), "utf-8"
    )
    return folder


ONE_MORE = """
import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = "{last}"


def upgrade():
    op.create_table("thrown_away", sa.Column("id", sa.Integer(), primary_key=True))
    for table in ("duty", "notice", "line"):
        with op.batch_alter_table(table, recreate="auto" if server() else "always") as made_anew:
            made_anew.add_column(
                sa.Column("colour", sa.String(length=8), nullable=False, server_default="white")
            )
    op.execute("UPDATE duty SET colour = 'red' WHERE level > 0")


def server():
    return op.get_bind().dialect.name != "sqlite"
"""
