"""Taking a file over (导入一个文件): read it, judge it, write it; all of it or nothing.

What each import says is its own: its columns, what its rows are judged by against what is
known, and how the difference is written. Every wrong place is named before anything is.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, SQLModel

from models.engine import transaction
from processes.imports import cells, tabular, upsert
from processes.imports.cells import Column
from processes.imports.problems import Problems
from processes.imports.report import Report
from processes.imports.tabular import Table
from processes.imports.upsert import Difference, Rows, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A file that was read: its rows by code, what is wrong so far, and who brings it when."""

    table: Table
    rows: Rows
    problems: Problems
    at: datetime
    actor: str
    complete: bool = False  # declared to hold everybody there is
    sure: bool = False  # a refusal for safety's sake was answered

    def refuse_unknown(self, column: str, codes: Collection[str], what: str) -> None:
        """Refuse each cell of a column that names a code nobody has, alone or among several."""
        for number, values in self.rows.values():
            named = values.get(column)
            for code in named if isinstance(named, list) else [named]:
                if code is not None and code not in codes:
                    self.problems.unknown(what, code, row=number, column=column)

    def refuse_lookalikes(self, columns: Collection[str], known: Collection[str]) -> None:
        """Refuse a code that differs from one we know, or another of the file, by zeros alone.

        A spreadsheet that takes 00012 for a number keeps 12, and would make a second one of it.
        """
        there = {*known, *self.rows}
        by_number: dict[str, set[str]] = {}
        for code in there:
            if code.isdecimal():
                by_number.setdefault(code.lstrip("0"), set()).add(code)
        for number, values in self.rows.values():
            for column in columns:
                named = values.get(column)
                if named is None or named in known or not named.isdecimal():
                    continue
                others = by_number.get(named.lstrip("0"), set()) - {named}
                if others:
                    self.problems.say(
                        "{code} is {other} without its zeros: write it as it is known",
                        row=number,
                        column=column,
                        code=named,
                        other=min(others),
                    )

    def refuse_bare(self, known: Mapping[str, Values], needed: Collection[str]) -> None:
        """Refuse new rows if the file lacks a column that only a known row can do without."""
        for column in sorted(set(needed) - set(self.table.columns)):
            for code, (number, _) in self.rows.items():
                if code not in known:
                    self.problems.say("a new row needs it", row=number, column=column)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One kind of file.

    `judge` says what is new and what changed, and notes what is wrong; `write` is asked only if
    nothing is, and there is something to write. `model` is the table that no other import may
    write meanwhile; `needed` are the columns without which it is another kind of file.
    """

    kind: str
    columns: tuple[Column, ...]
    judge: Callable[[Session, Incoming], Difference]
    write: Callable[[Session, Incoming, Difference], None]
    model: type[SQLModel] | None = None
    needed: Sequence[str] = ("code",)
    read: Callable[[Path, Problems], Table] | None = None

    def take(
        self,
        path: Path,
        *,
        at: datetime,
        actor: str,
        dry_run: bool = False,
        complete: bool = False,
        sure: bool = False,
    ) -> Report:
        """Take a file over, or refuse it whole; `complete` if what it lacks is there no more."""
        problems = Problems(path.name)
        table = self._table(path, problems)
        rows = upsert.by_code(cells.parse(table.records, self.columns, problems), problems)
        file = Incoming(
            table=table,
            rows=rows,
            problems=problems,
            at=at,
            actor=actor,
            complete=complete,
            sure=sure,
        )
        return _take(self, file, dry_run=dry_run)

    def _table(self, path: Path, problems: Problems) -> Table:
        if self.read is not None:
            return self.read(path, problems)
        known = [column.name for column in self.columns]
        codes = {column.name for column in self.columns if isinstance(column.read, cells.Code)}
        return tabular.read(path, problems, known=known, needed=self.needed, codes=codes)


@transaction
def _take(session: Session, kind: Import, file: Incoming, *, dry_run: bool) -> Report:
    if kind.model is not None:
        upsert.alone(session, kind.model)
    found = kind.judge(session, file)
    file.problems.refuse_if_any()
    if not dry_run and (found.new or found.changed):
        kind.write(session, file, found)
    return Report(
        kind=kind.kind,
        file=file.table.file,
        new=len(found.new),
        changed=len(found.changed),
        unchanged=found.unchanged,
        notes=(*file.table.notes, *found.notes),
        codes=tuple(found.new),
        dry_run=dry_run,
    )
