"""Measured values from a file (导入测量值): all of it or nothing, each value once.

A value that differs from what is recorded is a correction and needs a reason: the row's note,
or the one given for the whole file. The same value again changes nothing.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, select

from config.current import current
from models import trail
from models.base import columns, table_of
from models.engine import transaction
from models.kpi import Kpi, Measurement
from models.organisation import Project
from processes.imports import cells, numbers, tabular, upsert
from processes.imports.cells import Column
from processes.imports.problems import Problem, Problems, Wrong
from processes.imports.report import Report
from processes.imports.upsert import Values
from processes.kpi import measurements
from processes.kpi import owed as kpi_owed
from processes.kpi import targets as kpi_targets
from processes.kpi.measurements import Given
from rules import kpi as rule
from rules import period as periods
from rules.kpi import ORGANISATION, Level, Observation
from rules.period import Period
from rules.refusal import Refused


def _period(cell: str) -> Period:
    try:
        return periods.parse(cell.upper())
    except Refused as refused:
        raise Wrong(refused.sentence, **refused.facts) from refused


COLUMNS: Final = (
    Column("kpi", cells.code(48), needed=True),
    Column("period", _period, needed=True),
    Column("scope", cells.line(160), default=ORGANISATION),
    Column("value", numbers.count),
    Column("numerator", numbers.count),
    Column("denominator", numbers.count),
    Column("note", cells.prose(2000), default=""),
)
INSERTED: Final = 2000  # rows to a statement


@dataclass(frozen=True, slots=True)
class Taken:
    """One row of the file that can be taken: whose value, and what was measured."""

    number: int
    kpi: Any
    period: Period
    observation: Observation
    note: str

    @property
    def key(self) -> tuple[int, str, str]:
        """What is unique: indicator, period and scope."""
        return self.kpi.id, self.period.code, self.observation.scope


@dataclass(slots=True)
class Sorted:
    """What a file comes to: rows that are new, corrections, and those already recorded so."""

    new: list[Taken] = field(default_factory=list)
    changed: list[Taken] = field(default_factory=list)
    unchanged: list[Taken] = field(default_factory=list)


def take(
    path: Path, *, at: datetime, actor: str, dry_run: bool = False, reason: str = ""
) -> Report:
    """Take a file of measured values over, or refuse it whole. `reason` is of corrections."""
    problems = Problems(path.name)
    table = tabular.read(path, problems, known=[c.name for c in COLUMNS], needed=["kpi", "period"])
    rows = cells.parse(table.records, COLUMNS, problems)
    return _take(path, table, rows, problems, at=at, actor=actor, dry_run=dry_run, reason=reason)


@transaction
def _take(
    session: Session,
    path: Path,
    table: tabular.Table,
    rows: list[tuple[int, Values]],
    problems: Problems,
    *,
    at: datetime,
    actor: str,
    dry_run: bool,
    reason: str,
) -> Report:
    upsert.alone(session, Measurement)
    taken = _judged(session, rows, problems)
    found = _sorted(session, taken, reason, problems)
    problems.refuse_if_any()
    if not dry_run:
        _write(session, path, found, at=at, actor=actor, reason=reason)
    return Report(
        kind="measurements",
        file=table.file,
        new=len(found.new),
        changed=len(found.changed),
        unchanged=len(found.unchanged),
        notes=(*table.notes, *_early(table, found.new, current().calendar.day(at))),
        dry_run=dry_run,
    )


def _early(table: tabular.Table, new: Sequence[Taken], today: date) -> list[Problem]:
    """Name the values of periods that are not over: they are taken, and judged when they are."""
    return [
        Problem(
            file=table.file,
            row=one.number,
            column="period",
            sentence="{period} is not over yet",
            facts={"period": one.period.code},
        )
        for one in new
        if one.period.last >= today
    ][:20]


def _judged(
    session: Session, rows: Sequence[tuple[int, Values]], problems: Problems
) -> list[Taken]:
    """Return the rows that can be taken; what is wrong is noted by row and column."""
    known = _kpis(session)
    projects = frozenset(session.exec(select(Project.code)))
    found, first = [], dict[tuple[int, str, str], int]()
    for number, values in rows:
        kpi = known.get(values.get("kpi", ""))
        if kpi is None:
            if "kpi" in values:
                problems.unknown("kpi", values["kpi"], row=number, column="kpi")
            continue
        one = _one(number, kpi, values, projects, problems)
        if one is None:
            continue
        if one.key in first:
            code = f"{kpi.code} {one.period.code} {one.observation.scope}"
            problems.twice(code, first=first[one.key], row=number, column="kpi")
        first.setdefault(one.key, number)
        found.append(one)
    return found


def _one(
    number: int, kpi: Any, values: Values, projects: frozenset[str], problems: Problems
) -> Taken | None:
    period = values.get("period")
    if period is None:
        return None
    if period.frequency is not kpi.frequency:
        no = periods.PeriodOverlaps(code=period.code, given=period.frequency, wanted=kpi.frequency)
        problems.say(no.sentence, row=number, column="period", **no.facts)
        return None
    scope = values.get("scope") or ORGANISATION
    if scope in projects:  # a bare project code says it all
        scope = f"{Level.PROJECT.value}={scope}"
    if wrong := _scope_wrong(scope, projects):
        problems.add(wrong, row=number, column="scope")
    if number in problems.rows:
        return None
    observation = Observation(
        period=period.code,
        scope=scope,
        value=values.get("value"),
        numerator=values.get("numerator"),
        denominator=values.get("denominator"),
    )
    for column, refused in rule.problems(observation, unit=kpi.unit):
        problems.say(refused.sentence, row=number, column=column, **refused.facts)
    return Taken(number, kpi, period, observation, values.get("note") or "")


def _scope_wrong(scope: str, projects: frozenset[str]) -> Wrong | None:
    if scope in set(Level):
        return None
    name, sign, code = scope.partition("=")
    if not sign or not code:
        return Wrong(
            "{scope} is no scope: write organisation, project=CODE or the like", scope=scope
        )
    if name in {Level.PROJECT, Level.DELIVERY} and code not in projects:
        return Wrong(
            "there is no {what} {code}: import it first, or correct the code",
            what="project",
            code=code,
        )
    return None


def _kpis(session: Session) -> dict[str, Any]:
    """Return what judging needs of each indicator, as rows: a file names hundreds."""
    kpi = columns(Kpi)
    query = sa.select(
        kpi.id, kpi.code, kpi.unit, kpi.direction, kpi.frequency, kpi.formula_version, kpi.scope
    )
    return {row.code: row for row in session.execute(query)}


def _sorted(session: Session, taken: Sequence[Taken], reason: str, problems: Problems) -> Sorted:
    found, known = Sorted(), _recorded(session, {one.kpi.id for one in taken})
    for one in taken:
        before = known.get(one.key)
        if before is None:
            found.new.append(one)
        elif measurements.same(before, one.observation):
            found.unchanged.append(one)
        else:
            found.changed.append(one)
            if not (reason.strip() or one.note.strip()):
                problems.say(
                    "{recorded} is recorded: give the reason of the correction as its note,"
                    " or with --reason",
                    row=one.number,
                    column="note",
                    recorded=measurements.said(before),
                )
    return found


def _recorded(session: Session, ids: set[int]) -> dict[tuple[int, str, str], Any]:
    kept = columns(Measurement)
    query = sa.select(
        kept.id,
        kept.kpi_id,
        kept.period,
        kept.scope,
        kept.value,
        kept.numerator,
        kept.denominator,
    ).where(kept.kpi_id.in_(sorted(ids)))
    return {(row.kpi_id, row.period, row.scope): row for row in session.execute(query)}


def _write(
    session: Session, path: Path, found: Sorted, *, at: datetime, actor: str, reason: str
) -> None:
    source = f"file:{path.name}"
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    targets = kpi_targets.by_kpi(session, {one.kpi.id for one in found.new})
    rows = [
        measurements.row(
            one.kpi,
            _given(one, source, sha256),
            targets.get(one.kpi.id, []),
            one.period,
            at=at,
            actor=actor,
        )
        for one in found.new
    ]
    for start in range(0, len(rows), INSERTED):
        session.connection().execute(
            sa.insert(table_of(Measurement)), rows[start : start + INSERTED]
        )
    for one in found.changed:
        _correct(session, one, source, sha256, reason, at=at, actor=actor)
    ended = [*found.new, *found.changed, *found.unchanged]
    kpi_owed.settle_many(
        session,
        ((kpi_owed.subject_of(o.kpi.code, o.period.code), o.observation.scope) for o in ended),
        at=at,
        actor=actor,
    )
    if found.new or found.changed:
        trail.record(
            session,
            at=at,
            actor=actor,
            action="measurements.imported",
            subject=f"file:{path.name}"[:120],
            after={"sha256": sha256, "new": len(found.new), "changed": len(found.changed)},
        )


def _given(one: Taken, source: str, sha256: str, reason: str = "") -> Given:
    return Given(
        observation=one.observation,
        source=source,
        note=one.note,
        evidence={"sha256": sha256, "row": one.number},
        reason=reason,
    )


def _correct(
    session: Session,
    one: Taken,
    source: str,
    sha256: str,
    reason: str,
    *,
    at: datetime,
    actor: str,
) -> None:
    kpi = session.get_one(Kpi, one.kpi.id)
    why = one.note.strip() or reason.strip()
    measurements.record(session, kpi, _given(one, source, sha256, why), at=at, actor=actor)
