"""Indicators from a file (导入指标体系): csv, Excel, or the starter catalogue as TOML.

Owner and checker are a person's code, or a role: then whoever holds it, first by code. What
changes a formula or a target makes a version of it; the periods that are over keep theirs.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from config.reading import Misconfigured, read_toml
from models import people, trail
from models.base import table_of
from models.kpi import Kpi, Measurement
from models.organisation import Person
from processes.imports import cells, numbers, tabular, upsert
from processes.imports.cells import Column
from processes.imports.problems import ImportRefused, Problem, Problems, Wrong
from processes.imports.tabular import Record, Table
from processes.imports.taking import Import, Incoming
from processes.imports.upsert import Difference, Values
from processes.kpi import catalogue
from processes.kpi import sources as kpi_sources
from processes.kpi import targets as kpi_targets
from rules.kpi import Direction, Element, Level
from rules.period import Frequency
from rules.words import Role

WIDE: Final = str.maketrans({"≥": ">=", "≤": "<=", "＞": ">", "＜": "<", "＝": "="})
LATIN: Final = {"half_year": "half-year", "halfyear": "half-year", "monthly": "month"}


def _direction(cell: str) -> str:
    return cells.one_of(Direction)(cell.translate(WIDE).replace(" ", ""))  # type: ignore[no-any-return]


def _frequency(cell: str) -> str:
    return cells.one_of(Frequency)(LATIN.get(cell.lower(), cell))  # type: ignore[no-any-return]


def _source(cell: str) -> str:
    text = cells.line(160)(cell)
    try:
        kpi_sources.kind_of(text)
    except kpi_sources.SourceUnknown as unknown:
        raise Wrong(unknown.sentence, **unknown.facts) from unknown
    return str(text)


COLUMNS: Final = (
    Column("code", cells.code(48), needed=True),
    Column("name", cells.line(200), needed=True),
    Column("name_en", cells.line(200), default=""),
    Column("element", cells.one_of(Element), default=Element.PROCESS.value),
    Column("definition", cells.prose(2000), default=""),
    Column("numerator", cells.line(300), default=""),
    Column("denominator", cells.line(300), default=""),
    Column("unit", cells.line(32), default="%"),
    Column("direction", _direction, default=Direction.AT_LEAST.value),
    Column("target", numbers.decimal),
    Column("target_from", cells.day),
    Column("frequency", _frequency, default=Frequency.MONTH.value),
    Column("scope", cells.one_of(Level), default=Level.ORGANISATION.value),
    Column("owner", cells.code(), needed=True),
    Column("checker", cells.code()),
    Column("source", _source, default=kpi_sources.REPORT),
    Column("active", cells.truth, default=True),
)
KNOWN: Final = [column.name for column in COLUMNS]
DEFAULTS: Final[Values] = {column.name: column.default for column in COLUMNS}
NEEDED_NEW: Final = frozenset({"name", "owner"})
# What the row itself keeps; the target has a table of its own.
KEPT: Final = tuple(
    n for n in KNOWN if n not in {"code", "target", "target_from", "owner", "checker"}
)
WORDS: Final = {
    "element": Element,
    "direction": Direction,
    "frequency": Frequency,
    "scope": Level,
}


def _read(path: Path, problems: Problems) -> Table:
    if path.suffix.lower() != ".toml":
        return tabular.read(path, problems, known=KNOWN, needed=["code"])
    try:
        entries = read_toml(path).get("kpi")
    except Misconfigured as wrong:
        raise ImportRefused(
            path.name, [Problem(file=path.name, sentence="{why}", facts={"why": str(wrong)})]
        ) from wrong
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        problems.say("holds no [[kpi]] tables")
        entries = []
    for number, entry in enumerate(entries, start=1):
        for name in entry:
            if name not in KNOWN:
                problems.say(
                    "there is no such column here: known are {known}",
                    row=number,
                    column=name,
                    known=", ".join(KNOWN),
                )
    columns = tuple(dict.fromkeys(name for entry in entries for name in entry))
    records = [
        Record(number, {name: str(value) for name, value in entry.items()})
        for number, entry in enumerate(entries, start=1)
    ]
    return Table(path.name, columns, records)


def _judge(session: Session, file: Incoming) -> Difference:
    known, ids = _known(session), upsert.codes(session, Person)
    _owners(session, file, ids)
    file.refuse_bare(known, NEEDED_NEW)
    file.refuse_unknown("owner", ids, "person")
    file.refuse_unknown("checker", ids, "person")
    _versions(session, file, known)
    return upsert.compare(file.rows, known, DEFAULTS)


def _known(session: Session) -> dict[str, Values]:
    kpi, owner, target = table_of(Kpi), table_of(Person), kpi_targets.newest()
    checker = owner.alias("checker")
    query = (
        sa.select(
            kpi,
            owner.c.code.label("owner"),
            checker.c.code.label("checker"),
            target.c.value.label("target"),
            target.c.valid_from.label("target_from"),
        )
        .join(owner, owner.c.id == kpi.c.owner_id)
        .outerjoin(checker, checker.c.id == kpi.c.checker_id)
        .outerjoin(target, target.c.kpi_id == kpi.c.id)
    )
    return {
        row.code: {name: _word(getattr(row, name)) for name in KNOWN}
        for row in session.execute(query)
    }


def _word(value: Any) -> Any:
    return str(value.value) if hasattr(value, "value") else value


def _owners(session: Session, file: Incoming, ids: Mapping[str, int]) -> None:
    """Put a person for each role that a cell names; a role that nobody holds is refused."""
    roles = {role.value: role for role in Role}
    posts = people.organisation(session).posts
    for number, values in file.rows.values():
        for column in ("owner", "checker"):
            word = values.get(column)
            if word in ids or word not in roles:
                continue
            holders = people.holders(session, roles[word])
            if holders:
                values[column] = posts[holders[0]].code
            else:
                values.pop(column)
                file.problems.say(
                    "nobody has the role {role}", row=number, column=column, role=word
                )


def _versions(session: Session, file: Incoming, known: Mapping[str, Values]) -> None:
    """Refuse what would rewrite the past: another kind of period, a target of days gone by."""
    measured = set(
        session.scalars(
            sa.select(table_of(Kpi).c.code).where(
                table_of(Kpi).c.id.in_(sa.select(table_of(Measurement).c.kpi_id))
            )
        )
    )
    for code, (number, values) in file.rows.items():
        before = known.get(code)
        if before is None:
            continue
        for column in ("target", "target_from"):
            if values.get(column) is None:  # an empty cell takes no target back
                values.pop(column, None)
        if values.get("frequency", before["frequency"]) != before["frequency"] and code in measured:
            file.problems.say(
                "it has values by the {frequency}: other periods would overlap, give it a new code",
                row=number,
                column="frequency",
                frequency=before["frequency"],
            )
        begins, begun = values.get("target_from"), before["target_from"]
        if begins and values.get("target", before["target"]) == before["target"]:
            values.pop("target_from")  # in force already, or no target at all: the same file again
        elif begins and begun and begins < begun:
            file.problems.say(
                "a target is in force from {begun}: a new one begins later",
                row=number,
                column="target_from",
                begun=begun,
            )


def _write(session: Session, file: Incoming, found: Difference) -> None:
    ids = upsert.codes(session, Person)
    for code, values in found.new.items():
        _add(session, code, values, ids, at=file.at, actor=file.actor)
    for code, (before, after) in found.changed.items():
        _change(session, code, before, after, ids, at=file.at, actor=file.actor)


def _row(values: Values, ids: dict[str, int]) -> dict[str, Any]:
    kept: dict[str, Any] = {
        name: WORDS[name](values[name]) if name in WORDS else values[name] for name in KEPT
    }
    return {**kept, "owner_id": ids[values["owner"]], "checker_id": ids.get(values["checker"])}


def _add(
    session: Session, code: str, values: Values, ids: dict[str, int], *, at: datetime, actor: str
) -> None:
    since = catalogue.tracked_since(at, Frequency(values["frequency"]))
    kpi = Kpi(code=code, since=since, **_row(values, ids))
    session.add(kpi)
    session.flush()
    catalogue.note_formula(session, kpi, at=at, actor=actor)
    _target(session, kpi, values, at=at, actor=actor)
    _tell(session, kpi, "kpi.imported", None, values, at=at, actor=actor)


def _change(
    session: Session,
    code: str,
    before: Values,
    after: Values,
    ids: dict[str, int],
    *,
    at: datetime,
    actor: str,
) -> None:
    kpi = catalogue.by_code(session, code)
    formula = {name: before[name] for name in catalogue.FORMULA}
    for name, value in _row(after, ids).items():
        setattr(kpi, name, value)
    if formula != {name: after[name] for name in catalogue.FORMULA}:
        kpi.formula_version += 1
        catalogue.note_formula(session, kpi, at=at, actor=actor)
    kpi.rev += 1
    session.add(kpi)
    session.flush()
    _target(session, kpi, after, at=at, actor=actor, before=before)
    _tell(session, kpi, "kpi.changed", before, after, at=at, actor=actor)


def _target(
    session: Session,
    kpi: Kpi,
    values: Values,
    *,
    at: datetime,
    actor: str,
    before: Values | None = None,
) -> None:
    if values["target"] is None:
        return
    begins = values["target_from"]
    if before is not None and begins == before["target_from"]:
        begins = None  # the day of the version before: the new one begins today
    catalogue.set_target(
        session, kpi, values["target"], kpi.direction, valid_from=begins, at=at, actor=actor
    )


def _tell(
    session: Session,
    kpi: Kpi,
    action: str,
    before: Values | None,
    after: Values,
    *,
    at: datetime,
    actor: str,
) -> None:
    names = [name for name in KNOWN if before is None or before[name] != after[name]]
    trail.record(
        session,
        at=at,
        actor=actor,
        action=action,
        subject=f"kpi:{kpi.code}",
        before={name: _plain(before[name]) for name in names} if before else None,
        after={
            **{name: _plain(after[name]) for name in names},
            "formula_version": kpi.formula_version,
        },
    )


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | bool | None) else str(value)


take: Final = Import(
    kind="kpis", columns=COLUMNS, model=Kpi, read=_read, judge=_judge, write=_write
).take
