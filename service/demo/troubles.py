"""What goes wrong in the sample company's year (示例年度中的意外), and is borne without a loss.

The mail server refuses everything for a morning, a day off is published late, an engineer leaves
with duties open, and somebody starts a copy of the home's folder. Each comes by the door by which
it would come to an operator: a reply of the server, a file, an import, a process of its own.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from config.current import current, use
from models.base import columns
from models.engine import reading
from models.notice import Notice, NoticeState
from models.people import organisation
from processes.duty import handing_over
from processes.duty import registers as duty_registers
from processes.organisation import import_people as people
from processes.register.query import Filters
from rules.refusal import Refused
from service.demo.company import ACTOR
from service.demo.people import VIA, Mailbox

COPY: Final = "copy"
LEFT_BEHIND: Final = ("inbox", "prefect", COPY)  # a copy is as dangerous without them
COPY_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """On which day of the year each trouble comes; each waits for a working day."""

    refused: int = 151
    published: int = 176
    day_off: int = 180
    leaves: int = 216
    copied: int = 265


@dataclass(slots=True, kw_only=True)
class Borne:
    """What came of the troubles: letters that waited, duties handed over, letters of the copy."""

    refused: int = 0
    handed_over: int = 0
    copied: int = 0


LEAVER: Final = "kong_xiang"
MANAGER: Final = "zhu_lin"
SUCCESSORS: Final = ("zhu_lin", "cao_yu", "yan_bo")  # the first who may take a duty over does


class Troubles:
    """The troubles of one year, each on its day."""

    def __init__(self, begin: date, home: Path, reason: str, when: When | None = None) -> None:
        self.home, self.reason, self.borne = home, reason, Borne()
        when, working = when or When(), current().calendar.is_working
        self._refused = _from(begin, when.refused, working)
        self._published = begin + timedelta(days=when.published)
        self._off = _from(begin, when.day_off, working)
        self._leaves = _from(begin, when.leaves, working)
        self._handed = _from(self._leaves, 1, working)
        self._copied = begin + timedelta(days=when.copied)

    def happen(self, day: date, at: datetime) -> None:
        """Let happen what this morning brings, before the wheel is turned."""
        if day == self._published:
            self._publish_day_off()
        if day == self._leaves:
            self._leave(at)

    def send(self, mailbox: Mailbox, day: date, at: datetime) -> None:
        """Send the morning's letters, which a copy tries first on one day, and a relay refuses."""
        if day == self._copied:
            self._start_a_copy(at)
        mailbox.refuses = day >= self._refused and not self.borne.refused
        mailbox.send(at)
        if mailbox.refuses:  # a morning without a letter is none to speak of: then the next
            self.borne.refused = waiting()
            mailbox.refuses = False

    def hand_over(self, day: date, at: datetime) -> None:
        """The day after somebody left, the manager gives the open duties to others."""
        if day != self._handed:
            return
        for duty in duty_registers.duties(Filters(state="open"), at=at).rows:
            if duty.owner == LEAVER:
                self.borne.handed_over += self._handed_over(duty.id, at)

    def _handed_over(self, duty: int, at: datetime) -> bool:
        with reading() as session:
            manager = next(
                number
                for number, post in organisation(session).posts.items()
                if post.code == MANAGER
            )
        for person in SUCCESSORS:
            try:
                handing_over.hand_over(
                    duty, person_id=manager, to=person, reason=self.reason, at=at, via=VIA
                )
            except Refused:
                continue  # who verifies may not be who did it
            return True
        return False

    def _publish_day_off(self) -> None:
        path = self.home / "config" / "calendar.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"holidays = [{self._off}]\n", "utf-8")
        use(current().settings)

    def _leave(self, at: datetime) -> None:
        path = self.home / "run" / "leaver.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"code,active\n{LEAVER},no\n", "utf-8")
        people.take(path, at=at, actor=ACTOR)

    def _start_a_copy(self, at: datetime) -> None:
        """Copy the folder as a backup does, and let a process of its own send from there."""
        copy = self.home / COPY
        shutil.copytree(self.home, copy, ignore=_not_copied)
        original, aside = (place / "pdca.sqlite" for place in (self.home, copy))
        with closing(sqlite3.connect(original)) as db, closing(sqlite3.connect(aside)) as to:
            db.backup(to)
        command = [sys.executable, "-m", "service.main", "deliver", "--json"]
        command += ["--at", at.isoformat()]
        root = Path(__file__).parents[2]
        done = subprocess.run(  # noqa: S603 - our own program
            command,
            env={**os.environ, "PDCA_HOME": str(copy), "PYTHONPATH": str(root)},
            capture_output=True,
            check=False,
            timeout=COPY_SECONDS,
        )
        self.borne.copied = json.loads(done.stdout)["sent"] if done.returncode == 0 else 0
        shutil.rmtree(copy)


def waiting() -> int:
    """Return how many letters are written and not yet taken by a mail server."""
    own = columns(Notice)
    query = sa.select(sa.func.count()).where(own.state == NoticeState.PENDING.value)
    with reading() as session:
        return int(session.execute(query).scalar_one())


def _not_copied(folder: str, names: list[str]) -> list[str]:  # noqa: ARG001 - shutil calls it so
    return [name for name in names if name in LEFT_BEHIND or name.startswith("pdca.sqlite")]


def _from(begin: date, days: int, working: Callable[[date], bool]) -> date:
    day = begin + timedelta(days=days)
    while not working(day):
        day += timedelta(days=1)
    return day
