"""Nonconformities from a table (导入不符合项): raised at their own dates, in the order of time.

Codes are natural keys: a row that is known is compared, and what has a history of its own by
then (owner, severity, dates) stays as the register has it.
"""

from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from config.current import current
from config.register_mapping import RegisterMapping
from models.engine import transaction
from processes.imports import cells, tabular, upsert
from processes.imports.cells import Column
from processes.imports.mapped import mapped
from processes.imports.numbers import count
from processes.imports.problems import Problem, Problems, Wrong
from processes.imports.report import Report
from processes.imports.table import Importable, names
from processes.nonconformity.brought_in import problems as past_problems
from processes.nonconformity.entry import MOST, Known, New, problems
from processes.nonconformity.taken_over import Raised, raise_many
from rules.brought import MOST_ROUNDS, History, state_of
from rules.nonconformity import Method, State
from rules.words import Risk, Severity

MORNING: Final = time(9)  # a date without a time
EVENING: Final = time(18)  # one on which something ended
OURS: Final = {"owner": "owner_code"}  # columns that a row calls otherwise


def columns(zone: ZoneInfo) -> tuple[Column, ...]:
    """Return the columns of the file; instants without a zone are the site's."""
    return (
        Column("code", cells.code(MOST["code"]), needed=True),
        Column("title", cells.line(MOST["title"]), needed=True),
        Column("description", cells.prose(MOST["description"]), default=""),
        Column("source", cells.line(MOST["source"]), default="daily"),
        Column("source_record", cells.line(MOST["source_record"])),
        Column("potential", cells.truth, default=False),
        Column("project", cells.code()),
        Column("unit", cells.code(160)),
        Column("clause", cells.line(MOST["clause"])),
        Column("severity", cells.one_of(Severity)),
        Column("risk", cells.one_of(Risk)),
        Column("owner", cells.code(), needed=True),
        Column("raised_by", cells.code()),
        Column("raised_at", cells.instant(zone, of_day=MORNING)),
        Column("due", cells.day),
        *past_columns(zone),
    )


def past_columns(zone: ZoneInfo) -> tuple[Column, ...]:
    """Return the columns that only a register from before has: one of them makes it one."""
    words = MOST["description"]
    return (
        Column("state", cells.one_of(State)),
        Column("closed_at", cells.instant(zone, of_day=EVENING)),
        Column("verified_by", cells.code()),
        Column("verified_at", cells.instant(zone, of_day=EVENING)),
        Column("rounds", _number, default=1),
        Column("level", _number, default=0),
        Column("method", cells.one_of(Method)),
        *(Column(name, cells.prose(words), default="") for name in PROSE),
    )


PROSE: Final = (
    "cause",
    "correction",
    "corrective_action",
    "preventive_action",
    "look_elsewhere",
    "done",
    "verification_note",
)
PAST: Final = frozenset(
    {"state", "closed_at", "verified_by", "verified_at", "rounds", "level", "method", *PROSE}
)


def _number(cell: str) -> int:
    found = count(cell)
    if found != int(found) or found > MOST_ROUNDS:
        raise Wrong("{cell} is no number of rounds or levels: write it like 2", cell=cell)
    return int(found)


def take(
    path: Path,
    *,
    at: datetime,
    actor: str,
    dry_run: bool = False,
    mapping: RegisterMapping | None = None,
) -> Report:
    """Take a file of nonconformities over, or refuse it whole."""
    found = Problems(path.name)
    known = columns(current().settings.zone)
    table = _table(path, found, mapping, [column.name for column in known])
    rows = upsert.by_code(cells.parse(table.records, known, found), found)
    news = [
        (number, _new(values, at, path.name)) for number, values in rows.values() if _whole(values)
    ]
    return raise_rows(news, found, table.notes, at=at, actor=actor, dry_run=dry_run)


def _table(
    path: Path, found: Problems, mapping: RegisterMapping | None, known: list[str]
) -> tabular.Table:
    if mapping is None:
        return tabular.read(path, found, known=known, needed=["code", "title", "owner"])
    table = mapped(tabular.read(path, found, known=None, needed=[]), mapping, MOST, found)
    tabular.check_header(table.columns, known, ["code", "title", "owner"], found)
    return table


def _whole(values: dict[str, Any]) -> bool:
    return {"code", "title", "owner"} <= values.keys()


def _new(values: dict[str, Any], at: datetime, file: str) -> New:
    given = {OURS.get(name, name): value for name, value in values.items() if name not in PAST}
    for name, words in (("severity", Severity), ("risk", Risk)):
        if given.get(name) is not None:
            given[name] = words(given[name])
    given["raised_at"] = given.get("raised_at") or at
    return New(**given, given=frozenset(values), history=_history(values, file))


def _history(values: dict[str, Any], file: str) -> History | None:
    """Return what the row says of its past; None for one that is raised here and now."""
    past = {name: value for name, value in values.items() if name in PAST}
    if not past:
        return None
    state = state_of(past.pop("state", None), past.get("closed_at"))
    return History(file=file, state=state, **past)


def raise_rows(
    news: Sequence[tuple[int, New]],
    found: Problems,
    notes: Sequence[Problem],
    *,
    at: datetime,
    actor: str,
    dry_run: bool,
) -> Report:
    """Raise what is new and compare the rest, in one transaction and in the order of time."""
    try:
        done = _raise(news, found, at, actor, dry_run)
    except _OnlyTried as tried:
        done = tried.done
    counts = {
        what: sum(one.what == what for one in done) for what in ("new", "changed", "unchanged")
    }
    return Report(
        kind="nonconformities",
        file=found.file,
        **counts,
        notes=(*notes, *_kept(found.file, done), *_unknown(found.file, done)),
        codes=tuple(one.code for one in done if one.what == "new"),
        dry_run=dry_run,
    )


class _OnlyTried(Exception):
    """A dry run ends by taking everything back; it carries what would have been done."""

    def __init__(self, done: list[Raised]) -> None:
        super().__init__()
        self.done = done


@transaction
def _raise(
    session: Session,
    news: Sequence[tuple[int, New]],
    found: Problems,
    at: datetime,
    actor: str,
    dry_run: bool,  # noqa: FBT001 - passed on by the transaction, which takes it by place
) -> list[Raised]:
    known = Known(session)
    for number, new in news:
        wrong = [*problems(known, new.cleaned()), *past_problems(known, new, at=at)]
        for column, refused in wrong:
            found.add(Wrong(refused.sentence, **refused.facts), row=number, column=column)
    found.refuse_if_any()
    ordered = sorted((new for _, new in news), key=lambda new: (new.raised_at, new.code or ""))
    done = raise_many(session, ordered, at=at, actor=actor)
    if dry_run:
        raise _OnlyTried(done)
    return done


def _kept(file: str, done: Sequence[Raised]) -> list[Problem]:
    return [
        Problem(
            file=file,
            sentence="{code}: {fields} differ in the file; the register stays as it is",
            facts={"code": one.code, "fields": ", ".join(one.kept)},
        )
        for one in done
        if one.kept
    ]


def _unknown(file: str, done: Sequence[Raised]) -> list[Problem]:
    """Say once for each field how many of those brought in do not say it."""
    news = [one for one in done if one.what == "new"]
    names = dict.fromkeys(name for one in news for name in one.unknown)
    counts = {name: sum(name in one.unknown for one in news) for name in names}
    return [
        Problem(
            file=file,
            sentence="{field} is unknown for {count} that were closed elsewhere: kept as unknown",
            facts={"field": name, "count": count},
        )
        for name, count in counts.items()
    ]


IMPORTS: Final = {
    "nonconformities": Importable(
        take=take, columns=names(columns(ZoneInfo("UTC"))), options=frozenset({"register"})
    )
}
