"""What switching a process would owe and send (启用预演), tried on a copy of the home.

The copy is turned day by day through a month twice, once as it stands and once switched; what is
more or less the second time is the answer. Nothing of the home itself is changed, and nothing is
sent: a turn never sends.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from config.current import current
from rules.refusal import Refused
from service.home.opened import settled

DAYS: Final = 31
ROOT: Final = Path(__file__).parents[2]
LEFT: Final = ("*.sqlite*", "run", "inbox", "evidence", "prefect")  # of a home, not needed here
PROGRAM: Final = (sys.executable, "-m", "service.main")


OURS: Final = frozenset({"--rehearse", "--yes", "--witness"})
ALONE: Final = frozenset({"bounces", "pages"})  # what they read or serve is not in the copy


class NotRehearsed(Refused):
    """A command that works on more than the database."""

    sentence = "`pdca {command}` cannot be rehearsed: it works on more than the database"


class NoRehearsal(Refused):
    """A database that cannot be copied from here."""

    sentence = "a preview turns a copy of the database, and only a SQLite file is copied: {why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """How many duties and letters more (below 0: less) a month would bring, and to whom."""

    days: int
    duties: int
    letters: int
    kinds: Mapping[str, int] = field(default_factory=dict)
    per_person: Mapping[str, int] = field(default_factory=dict)


def rehearse(name: str, *, on: bool) -> Rehearsed:
    """Return what this switch would bring within a month; raise `NoRehearsal` on a server."""
    settings = current().settings
    if not settings.url.startswith("sqlite"):
        raise NoRehearsal(why=settings.url.partition(":")[0])
    file = Path(settings.url.removeprefix("sqlite:///"))
    with TemporaryDirectory(prefix="pdca-rehearsal-") as folder:
        as_it_is = _lived(file, settings.home, Path(folder) / "as-it-is", ())
        word = "on" if on else "off"
        switched = _lived(file, settings.home, Path(folder) / word, ("process", word, name))
    kinds, people = _more(as_it_is[0], switched[0]), _more(as_it_is[1], switched[1])
    return Rehearsed(
        days=DAYS,
        duties=sum(kinds.values()),
        letters=sum(people.values()),
        kinds=kinds,
        per_person=people,
    )


def once(arguments: Sequence[str]) -> int:
    """Run the command that was typed on a copy of the home, show what it says; its exit code.

    The copy is thrown away, and nothing of it is sent: where letters would go, they are listed.
    """
    settings = settled().settings
    if not settings.url.startswith("sqlite"):
        raise NoRehearsal(why=settings.url.partition(":")[0])
    command, *rest = [one for one in arguments if one not in OURS]
    if command in ALONE:
        raise NotRehearsed(command=command)
    # A copy is never sent from: what would go is listed instead.
    typed = ["held", *rest] if command == "deliver" else [command, *rest, "--yes"]
    with TemporaryDirectory(prefix="pdca-rehearsal-") as folder:
        copy = Path(folder) / "copy"
        database = _copied(Path(settings.url.removeprefix("sqlite:///")), settings.home, copy)
        done = subprocess.run(  # noqa: S603 - our own program
            [*PROGRAM, *typed], env=_surroundings(copy, database), check=False
        )
    return done.returncode


def _copied(file: Path, home: Path, copy: Path) -> Path:
    """Copy a home without what it does not need here; return the copy of its database."""
    shutil.copytree(home, copy, ignore=shutil.ignore_patterns(*LEFT))
    database = copy / "rehearsal.db"
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(database)) as target:
        source.backup(target)
    return database


def _lived(
    file: Path, home: Path, copy: Path, first: tuple[str, ...]
) -> tuple[Counter[str], Counter[str]]:
    """Turn a copy of the home through a month; count its new duties by kind, lines by person."""
    database = _copied(file, home, copy)
    with closing(sqlite3.connect(database)) as rows:
        before = _last(rows)
    at = datetime.now(UTC)
    if first:
        _type(copy, database, *first)
    until = (at + timedelta(days=DAYS)).isoformat()
    _type(copy, database, "turn", "--at", at.isoformat(), "--until", until, "--yes")
    with closing(sqlite3.connect(database)) as rows:
        duties = rows.execute("SELECT kind FROM duty WHERE id > ?", (before[0],))
        lines = rows.execute(
            "SELECT p.code FROM line l JOIN person p ON p.id = l.person_id WHERE l.id > ?",
            (before[1],),
        )
        return Counter(kind for (kind,) in duties), Counter(code for (code,) in lines)


def _last(rows: sqlite3.Connection) -> tuple[int, int]:
    (duty,) = rows.execute("SELECT coalesce(max(id), 0) FROM duty").fetchone()
    (line,) = rows.execute("SELECT coalesce(max(id), 0) FROM line").fetchone()
    return duty, line


def _surroundings(copy: Path, database: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PDCA_HOME": str(copy),
        "PDCA_DATABASE_URL": f"sqlite:///{database}",
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }


def _type(copy: Path, database: Path, *words: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        [*PROGRAM, *words],
        env=_surroundings(copy, database),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NoRehearsal(why=done.stderr.strip()[-300:])


def _more(before: Counter[str], after: Counter[str]) -> dict[str, int]:
    found = {key: after[key] - before[key] for key in {*before, *after}}
    return {key: count for key, count in sorted(found.items()) if count}
