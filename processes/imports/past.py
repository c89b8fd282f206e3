"""Checks and audits from a register kept elsewhere (带入历史检查与审核): what has ended, as it was.

They are marked as brought in, nobody hears of them, and a second time changes nothing. Who did
them may be unknown, and is then said. What has not ended belongs into a plan of ours.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final

from sqlmodel import Session, SQLModel

from config.current import current
from config.register_mapping import RegisterMapping
from models import trail
from models.organisation import Person
from processes.imports import cells, tabular, upsert
from processes.imports.cells import Column
from processes.imports.mapped import mapped
from processes.imports.numbers import count
from processes.imports.problems import Problem, Problems, Wrong
from processes.imports.report import Report
from processes.imports.tabular import Table
from processes.imports.taking import Import, Incoming
from processes.imports.upsert import Difference, Values
from rules.brought import MOST_ROUNDS

MARKS: Final = frozenset({"state", "closed_at"})  # a column of these makes a file a register
EVENING: Final = time(18)
MOST: Final = {"code": 64, "summary": 20_000}


def word(*known: str) -> Callable[[str], str]:
    """Return a reader of one of these words, in whatever letters."""

    def read(cell: str) -> str:
        if cell.lower() not in known:
            raise Wrong(
                "{cell} is not known here: use one of {known}", cell=cell, known=", ".join(known)
            )
        return cell.lower()

    return read


def number(cell: str) -> int:
    """Read a whole number of rounds."""
    found = count(cell)
    if found != int(found) or not 1 <= found <= MOST_ROUNDS:
        raise Wrong("{cell} is no number of rounds or levels: write it like 2", cell=cell)
    return int(found)


def common(*states: str) -> tuple[Column, ...]:
    """Return the columns that every register of what has ended has."""
    instant = cells.instant(current().settings.zone, of_day=EVENING)
    return (
        Column("code", cells.code(), needed=True),
        Column("state", word(*states), needed=True),
        Column("closed_at", instant),
        Column("verified_by", cells.code()),
        Column("verified_at", instant),
        Column("rounds", number, default=1),
        Column("summary", cells.prose(MOST["summary"]), default=""),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One kind of register: its columns, what may be wrong with a row, how one is written.

    `kept` returns the rows that are there by code, as (state, closing instant).
    """

    kind: str
    model: type[SQLModel]
    columns: Callable[[], tuple[Column, ...]]
    needed: tuple[str, ...]
    kept: Callable[[Session], Mapping[str, tuple[str, datetime | None]]]
    judge: Callable[[Session, Incoming], None]
    write: Callable[[Session, str, Values, dict[str, Any], dict[str, int]], None]

    def take(
        self,
        path: Path,
        *,
        at: datetime,
        actor: str,
        dry_run: bool,
        mapping: RegisterMapping | None,
    ) -> Report:
        """Take a register over, or refuse it whole."""

        def read(file: Path, found: Problems) -> Table:
            known = [column.name for column in self.columns()]
            if mapping is None:
                return tabular.read(file, found, known=known, needed=self.needed)
            table = mapped(tabular.read(file, found, known=None, needed=[]), mapping, MOST, found)
            tabular.check_header(table.columns, known, self.needed, found)
            return table

        return Import(
            kind=self.kind,
            columns=self.columns(),
            needed=self.needed,
            judge=self._judge,
            write=self._write,
            model=self.model,
            read=read,
        ).take(path, at=at, actor=actor, dry_run=dry_run)

    def _judge(self, session: Session, file: Incoming) -> Difference:
        file.refuse_unknown("verified_by", upsert.codes(session, Person), "person")
        _refuse_dates(file)
        self.judge(session, file)
        kept, found = self.kept(session), Difference()
        for code, (row, values) in file.rows.items():
            if code not in kept:
                found.new[code] = values
                continue
            found.unchanged += 1
            was, closed_at = kept[code]
            if (was, closed_at) != (values.get("state"), values.get("closed_at") or closed_at):
                found.notes.append(_note(file, row, code))
        found.notes += _unknown(file, found)
        return found

    def _write(self, session: Session, file: Incoming, found: Difference) -> None:
        people = upsert.codes(session, Person)
        for code, values in found.new.items():
            mark = {
                "at": file.at.isoformat(),
                "file": file.table.file,
                "rounds": values.get("rounds") or 1,
                "verified_by": values.get("verified_by"),
                "verified_at": _text(values.get("verified_at")),
                "unknown": [name for name in UNKNOWN if not values.get(name)],
            }
            self.write(session, code, values, mark, people)
            trail.record(
                session,
                at=file.at,
                actor=file.actor,
                action=f"{self.kind.removesuffix('s')}.brought_in",
                subject=f"{self.kind.removesuffix('s')}:{code}"[:120],
                after={"state": values["state"], **mark},
            )


UNKNOWN: Final = ("closed_at", "verified_by", "verified_at")


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _refuse_dates(file: Incoming) -> None:
    for row, values in file.rows.values():
        for name in ("closed_at", "verified_at"):
            instant = values.get(name)
            if instant is not None and instant.date() > file.at.date():
                sentence = "lies in the future: a register from before holds what has happened"
                file.problems.say(sentence, row=row, column=name)


def _note(file: Incoming, row: int, code: str) -> Problem:
    return Problem(
        file=file.table.file,
        row=row,
        sentence="{code}: {fields} differ in the file; the register stays as it is",
        facts={"code": code, "fields": "state, closed_at"},
    )


def _unknown(file: Incoming, found: Difference) -> list[Problem]:
    """Say once for each field how many of those brought in do not say it."""
    counts = {name: sum(not values.get(name) for values in found.new.values()) for name in UNKNOWN}
    return [
        Problem(
            file=file.table.file,
            sentence="{field} is unknown for {count} that were closed elsewhere: kept as unknown",
            facts={"field": name, "count": n},
        )
        for name, n in counts.items()
        if n
    ]


def is_register(path: Path) -> bool:
    """Whether a file is a register from before: its header has a state or a closing date."""
    found = Problems(path.name)
    return bool(MARKS & set(tabular.read(path, found, known=None, needed=[]).columns))
