"""What a world stands on: one engine for all of them, watched, and delivery without a thread."""

import random
import re
import sqlite3
from contextlib import suppress

import sqlalchemy as sa

from models import engine, people, stamps


class Desk:
    """The settling thread, without a thread: it works at once, or when it is asked."""

    rng = random.Random(0)

    def __init__(self, *_):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def submit(self, work, *args):
        later = _Later(work, args)
        if self.rng.random() < 0.5:
            later.run()
        return later


class _Later:
    def __init__(self, work, args):
        self.work, self.args, self.done, self.failed = work, args, None, None
        self.ran = False

    def run(self):
        self.ran = True
        try:
            self.done = self.work(*self.args)
        except Exception as failed:  # noqa: BLE001 - raised where the result is asked for
            self.failed = failed

    def result(self):
        if not self.ran:
            self.run()
        if self.failed:
            raise self.failed
        return self.done


living: list = []  # the one world whose statements are being watched


def bound(path):
    url = f"sqlite:///{path}"
    with suppress(engine.NoDatabase):
        if str(engine.database().url) == url:
            return engine.database()
    database = engine.bind(url)
    sa.event.listen(database.writer, "before_cursor_execute", _watched)
    sa.event.listen(database.writer, "begin", _begun)
    sa.event.listen(database.writer, "handle_error", _failed)
    for one in (database.writer, database.reader):
        sa.event.listen(one, "connect", _quick)
    return database


def drop_key(path):
    """Make the table of lines anew without its unique key; SQLite cannot drop one."""
    connection = sqlite3.connect(path)
    made = connection.execute(
        "SELECT sql FROM sqlite_master WHERE tbl_name='line' AND sql IS NOT NULL ORDER BY type DESC"
    ).fetchall()
    connection.execute("DROP TABLE line")
    for (sql,) in made:
        connection.execute(re.sub(r",\s*CONSTRAINT uq_line_key UNIQUE \(\"?key\"?\)", "", sql))
    connection.commit()
    connection.close()


def forget():
    """What a process remembers of its database, a new world must read anew."""
    people._known = None
    stamps._installations.clear()


def _watched(*statement):
    for world in living:
        world._on_statement(*statement)


def _begun(connection):
    for world in living:
        world.disk.begun(connection)


def _failed(context):
    for world in living:
        world.disk.failed(context.original_exception)


def _quick(connection, _record):
    """The files of these worlds outlive no power cut, so they need not wait for a disk.

    Nor for a lock: whoever holds it cannot go on while another one waits.
    """
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA busy_timeout=0")
