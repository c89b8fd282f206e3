"""Tickets from a log (导入工单): all of it or nothing, and what is the same changes nothing.

The log is read first and outside any transaction: a source may be large and slow, and a
database that waits for a file answers nobody. Tickets that an export no longer names stay, and
what an older export says of a ticket never overwrites what is known by a newer one.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from config.ticket_mapping import Mapping, load_mapping
from models import trail
from models.base import table_of
from models.engine import transaction
from models.ticket import Ticket, TicketLog
from processes import plug
from processes.imports.problems import ImportRefused, Problem, Problems
from processes.imports.report import Report
from processes.imports.table import Importable
from processes.tickets.folded import FIELDS, UPDATED, Folded, fold

BATCH: Final = 2000
# Columns that make a change: how many rows told of it does not.
TELLING: Final = FIELDS[:-1]
TOLD: Final = (0, 1, 2, UPDATED)  # instants that show how far the log goes
LEFT: Final = 20  # columns that are named, of those that are left


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A log that was read whole: from where, by which mapping, by whom."""

    path: Path
    mapping_file: Path
    mapping: Mapping
    folded: Folded
    at: datetime
    actor: str

    def columns(self) -> dict[str, Any]:
        """Return what is kept of the file itself, so that its figures can be looked at again."""
        unknown = next((word for word in self.mapping.written.missing if word), "-")
        return {
            "file": self.path.name[:200],
            "sha256": _sha256(self.path),
            "mapping_sha256": _sha256(self.mapping_file),
            "events": self.folded.events,
            "unknown": unknown[:16],
            "terms": self.terms(),
            "imported_at": self.at,
            "actor": self.actor[:64],
        }

    def terms(self) -> dict[str, Any]:
        """Return what the mapping says of figures, as it is kept with the log."""
        columns, clock = self.mapping.columns, self.mapping.clock
        return {
            "resolved": columns.resolved is not None,
            "due": columns.due is not None,
            "service_time": list(clock.service_time),
            "holidays": clock.holidays,
            "target_hours": {name: str(hours) for name, hours in clock.target_hours.items()},
        }


def take(path: Path, *, mapping: str, at: datetime, actor: str, dry_run: bool = False) -> Report:
    """Take a log over under its mapping's source, or refuse it whole."""
    settings = current().settings
    chosen, file = load_mapping(mapping, settings.home)
    folded = _folded(path, chosen, settings.zone)
    source = Source(path=path, mapping_file=file, mapping=chosen, folded=folded, at=at, actor=actor)
    return _take(source, dry_run=dry_run)


def _folded(path: Path, mapping: Mapping, zone: ZoneInfo) -> Folded:
    problems = Problems(path.name)
    folded = fold(path, mapping, zone, problems)
    if not folded.events and not problems.found:
        problems.say("holds no rows")
    problems.refuse_if_any()
    return folded


def note_refusal(mapping: str, no: ImportRefused, *, at: datetime, actor: str) -> None:
    """Keep that somebody's file was refused; the import itself has written nothing."""
    chosen, _ = load_mapping(mapping, current().settings.home)
    _note_refusal(chosen.source, no, at=at, actor=actor)


@transaction
def _note_refusal(
    session: Session, source: str, no: ImportRefused, *, at: datetime, actor: str
) -> None:
    trail.record(
        session,
        at=at,
        actor=actor,
        action="tickets.refused",
        subject=f"tickets:{source}",
        after={"file": str(no.facts["file"])[:200], "refused": no.rows},
    )


@transaction
def _take(session: Session, source: Source, *, dry_run: bool) -> Report:
    wanted, folded = source.mapping.source, source.folded
    log = session.exec(select(TicketLog).where(col(TicketLog.source) == wanted)).first()
    known = _known(session, log.id) if log is not None and log.id is not None else {}
    new, changed, older = _differences(known, folded)
    said = log is not None and log.terms != source.terms()
    if (new or changed or said) and not dry_run:
        kept = log or TicketLog(source=wanted, **source.columns())
        _keep(session, kept, source, new, changed)
    return Report(
        kind="tickets",
        file=source.path.name,
        new=len(new),
        changed=len(changed),
        unchanged=len(folded.tickets) - len(new) - len(changed),
        notes=tuple(_notes(source.path, folded, older)),
        codes=tuple(new) if len(new) <= BATCH else (),
        dry_run=dry_run,
    )


def _keep(
    session: Session, log: TicketLog, source: Source, new: Sequence[str], changed: Sequence[str]
) -> None:
    before = log.tickets
    log.first_at = log.first_at or (log.imported_at if log.id is not None else None)
    for name, value in source.columns().items():
        setattr(log, name, value)
    log.tickets = before + len(new)
    log.first_at = log.first_at or source.at
    log.newest_at = _newest(log.newest_at, source.folded)
    session.add(log)
    session.flush()
    assert log.id is not None
    _write(session, log.id, source.folded, new, changed)
    trail.record(
        session,
        at=source.at,
        actor=source.actor,
        action="tickets.imported",
        subject=f"tickets:{log.source}",
        after={
            "file": log.file,
            "sha256": log.sha256,
            "events": log.events,
            "new": len(new),
            "changed": len(changed),
        },
    )
    plug.tell("tickets.imported", session, log.source, source.at)


def _newest(known: datetime | None, folded: Folded) -> datetime | None:
    """Return the latest instant of anything that the log holds."""
    told = (
        row[place] for row in folded.tickets.values() for place in TOLD if row[place] is not None
    )
    return max([*filter(None, [known]), *told], default=None)


def _notes(path: Path, folded: Folded, older: int) -> Iterator[Problem]:
    """Yield what somebody should know who looks at the import."""
    yield _events(path, folded)
    if folded.left:
        names = ", ".join(folded.left[:LEFT])
        facts = {"columns": names + (", …" if len(folded.left) > LEFT else "")}
        sentence = "columns that the mapping does not name are left: {columns}"
        yield Problem(file=path.name, sentence=sentence, facts=facts)
    if older:
        sentence = "{tickets} tickets are known by a newer export: what this one says is left"
        yield Problem(file=path.name, sentence=sentence, facts={"tickets": older})


def _events(path: Path, folded: Folded) -> Problem:
    return Problem(
        file=path.name,
        sentence="{events} events of {tickets} tickets were read",
        facts={"events": folded.events, "tickets": len(folded.tickets)},
    )


def _known(session: Session, log_id: int) -> dict[str, tuple[Any, ...]]:
    table = table_of(Ticket)
    columns = [table.c[name] for name in TELLING]
    rows = session.execute(
        sa.select(table.c.number, *columns).where(table.c.log_id == log_id),
        execution_options={"yield_per": BATCH},
    )
    return {row[0]: tuple(row[1:]) for row in rows}


def _differences(
    known: dict[str, tuple[Any, ...]], folded: Folded
) -> tuple[list[str], list[str], int]:
    """Return what is new, what changed, and how many are known by a newer export."""
    new, changed, older = [], [], 0
    for number, row in folded.tickets.items():
        before = known.get(number)
        if before is None:
            new.append(number)
        elif before != row[:-1]:
            if _is_older(row, before):
                older += 1
            else:
                changed.append(number)
    return new, changed, older


def _is_older(row: Sequence[Any], before: Sequence[Any]) -> bool:
    """Whether the newest row of a ticket lies before what is known of it."""
    at, known = row[UPDATED], before[UPDATED]
    return known is not None and (at is None or at < known)


def _write(
    session: Session, log_id: int, folded: Folded, new: Sequence[str], changed: Sequence[str]
) -> None:
    table, connection = table_of(Ticket), session.connection()
    for some in _batches(_rows(folded, new, log_id)):
        connection.execute(sa.insert(table), some)
    if changed:
        statement = (
            sa.update(table)
            .where(table.c.log_id == log_id, table.c.number == sa.bindparam("b_number"))
            .values({name: sa.bindparam(f"b_{name}", type_=table.c[name].type) for name in FIELDS})
        )
        for some in _batches(_rows(folded, changed, log_id)):
            connection.execute(
                statement, [{f"b_{name}": value for name, value in row.items()} for row in some]
            )


def _rows(folded: Folded, numbers: Iterable[str], log_id: int) -> Iterator[dict[str, Any]]:
    for number in numbers:
        row = dict(zip(FIELDS, folded.tickets[number], strict=True))
        yield {"log_id": log_id, "number": number, **row}


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while some := list(islice(rows, BATCH)):
        yield some


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# The template is for the mapping that ships (`--mapping uci`): its mapping says what a log has.
COLUMNS: Final = (
    *("number", "sys_updated_at", "opened_at", "resolved_at", "closed_at", "priority"),
    *("assignment_group", "reopen_count", "made_sla"),
)
IMPORTS: Final = {"tickets": Importable(take=take, columns=COLUMNS, options=frozenset({"mapping"}))}
