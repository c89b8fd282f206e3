"""Whether the database is still the one that the service began with (数据库是否仍在).

A file that is moved away lives on in whoever has opened it, and what is written there is lost to
everybody else; one that is put in its place knows nothing of this service. So somebody looks every
other second, and a database that is another one than before ends everything with a sentence.
"""

import os
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from config.language import say
from models import migrate, stamps
from models.engine import database, reading

log = structlog.get_logger("up")

LOOK: Final = 2.0  # seconds between two looks
BUSY: Final = ("locked", "busy")
ENDED: Final = 3  # exit code: the environment

GONE: Final = "the database {name} is gone: everything stops, nothing is made in its place"
ANOTHER: Final = "the database {name} was replaced by another one: everything stops"
OLDER: Final = "the database {name} was replaced by an older copy: everything stops"
NEWER: Final = "the database {name} was upgraded by a newer program: this one stops"
BROKEN: Final = "the database {name} cannot be read any more ({why}): everything stops"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What tells one database from another: its file, its identity row, its shape, its trail."""

    file: tuple[int, int] | None
    identity: str
    version: str
    acts: int = 0


@dataclass(frozen=True, slots=True)
class Changed:
    """The database is not what it was; the sentence says how."""

    sentence: str
    name: str
    why: str = ""

    def said(self, language: str) -> str:
        """Return the sentence in a language."""
        return say(language, self.sentence, name=self.name, why=self.why)


class Steady:
    """Compares the bound database with what it was at the first look."""

    def __init__(self) -> None:
        self.path = database().path
        self.name = str(self.path or database().url.render_as_string(hide_password=True))
        self._known: Known | None = None

    def look(self) -> Changed | None:
        """Say in what it is another one than before; None if it is the same, or busy."""
        now = self._file(self.path) if self.path is not None else self._server()
        if not isinstance(now, Known):
            return now
        before, self._known = self._known, now
        if now.version > migrate.head():
            return self._changed(NEWER)
        if before is None:
            return None
        if (now.file, now.identity) != (before.file, before.identity):
            return self._changed(ANOTHER)
        if now.acts < before.acts or now.version < before.version:
            return self._changed(OLDER)
        return None

    def _changed(self, sentence: str, why: str = "") -> Changed:
        return Changed(sentence, self.name, why)

    def _file(self, path: Path) -> Known | Changed | None:
        try:
            there = path.stat()
        except FileNotFoundError:
            return self._changed(GONE)
        file = (there.st_dev, there.st_ino)
        if self._known is not None and file != self._known.file:
            return self._changed(ANOTHER)
        address = f"{path.absolute().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(address, uri=True)) as rows:
                return _read(rows, file)
        except (sqlite3.Error, TypeError) as failed:  # no table, or no row where one always is
            if any(word in str(failed).lower() for word in BUSY):
                return None
            return self._changed(BROKEN, str(failed))

    def _server(self) -> Known | None:
        try:
            version = migrate.current()
            with reading() as session:
                mark = stamps.installation(session)
        except SQLAlchemyError:
            return None  # a server that does not answer is told by others
        return Known(file=None, identity=mark, version=version or "")


class Guard(threading.Thread):
    """Looks while a process runs that no supervisor keeps; ends it with a sentence."""

    def __init__(self, language: str) -> None:
        super().__init__(name="steady", daemon=True)
        self.steady, self.language = Steady(), language

    def run(self) -> None:
        while True:
            changed = self.steady.look()
            if changed is not None:
                log.error(changed.said(self.language))
                os._exit(ENDED)
            time.sleep(LOOK)


def _read(rows: sqlite3.Connection, file: tuple[int, int]) -> Known:
    (version,) = rows.execute("SELECT version_num FROM pdca_version").fetchone()
    (mark,) = rows.execute("SELECT mark FROM stamp WHERE name = 'installation'").fetchone()
    acts = rows.execute("SELECT seq FROM trail_head WHERE id = 1").fetchone()
    return Known(file=file, identity=mark, version=version, acts=acts[0] if acts else 0)
