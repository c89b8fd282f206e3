"""Lines of annual plans (年度计划条目): into a draft, or as a change of what is in force.

A year without a plan gets a draft, which its author owes; a draft takes the lines; a plan in
force is followed by its next version, for which the file has to say a reason. Lines that the
file does not have stay as they are.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlmodel import Session

from config.plan import plan_policy
from models.base import table_of
from models.engine import transaction
from models.organisation import Person, Project, Unit
from models.plan import Plan, PlanState
from processes.imports import cells, tabular
from processes.imports.cells import Column
from processes.imports.problems import Problems, Wrong
from processes.imports.report import Report
from processes.plan import drafting as plan_drafting
from processes.plan import plans, rows
from processes.plan.activity_people import UNIT_HEAD
from rules import recurrence
from rules.calendar import refuse_year
from rules.refusal import Refused
from rules.words import Role

OBJECT_KINDS: Final = ("organisation", "projects", "project", "units", "unit")
MOST_LEAD: Final = 250
A = TypeVar("A")
R = TypeVar("R")


def _year(cell: str) -> int:
    if not (cell.isascii() and cell.isdecimal()):
        raise Wrong("{cell} is no year: write it like 2027", cell=cell)
    year = int(cell)
    _asked(refuse_year, year)
    return year


def _rule(cell: str) -> str:
    return _asked(recurrence.read, cell).text


def _whole(cell: str) -> int:
    try:
        return int(cell)
    except ValueError:
        raise Wrong("{cell} is no whole number", cell=cell) from None


def _working_day(cell: str) -> int:
    return _asked(recurrence.working_day, _whole(cell))


def _lead(cell: str) -> int:
    found = _whole(cell)
    if not 0 <= found <= MOST_LEAD:
        raise Wrong("{cell} working days are too many or too few", cell=cell)
    return found


def _object_kind(cell: str) -> str:
    if cell.lower() not in OBJECT_KINDS:
        known = ", ".join(OBJECT_KINDS)
        raise Wrong("{cell} is not known here: use one of {known}", cell=cell, known=known)
    return cell.lower()


def _asked(rule: Callable[[A], R], value: A) -> R:
    """Ask a rule; what it refuses is wrong in this cell."""
    try:
        return rule(value)
    except Refused as refused:
        raise Wrong(refused.sentence, **refused.facts) from None


COLUMNS: Final = (
    Column("year", _year, needed=True),
    Column("number", cells.code(8), needed=True),
    Column("kind", cells.code(32), default="other"),
    Column("title", cells.line(300), needed=True),
    Column("detail", cells.prose(2000), default=""),
    Column("object_kind", _object_kind, default="organisation"),
    Column("object", cells.code(160), default=""),
    Column("rule", _rule, needed=True),
    Column("working_day", _working_day, default=1),
    Column("lead_days", _lead, default=0),
    Column("owner", cells.code(), needed=True),
    Column("checker", cells.code(), default=""),
    Column("output", cells.line(300), default=""),
    Column("source", cells.line(300), default=""),
    Column("reason", cells.line(300), default=""),
)
DEFAULTS: Final = {column.name: column.default for column in COLUMNS if column.name in rows.LINE}
NEEDED: Final = ("title", "rule", "owner")


@dataclass(slots=True)
class _Wanted:
    """What a file says of one year."""

    row: int
    reason: str = ""
    lines: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)


def take(path: Path, *, at: datetime, actor: str, dry_run: bool = False) -> Report:
    """Take lines of plans over, or refuse the file whole."""
    problems = Problems(path.name)
    table = tabular.read(path, problems, known=[c.name for c in COLUMNS], needed=["year", "number"])
    wanted = _by_year(cells.parse(table.records, COLUMNS, problems), problems)
    missing = set(NEEDED) - set(table.columns)
    return _take(wanted, missing, problems, at=at, actor=actor, dry_run=dry_run)


def _by_year(parsed: list[tuple[int, dict[str, Any]]], problems: Problems) -> dict[int, _Wanted]:
    found: dict[int, _Wanted] = {}
    for number, values in parsed:
        if "year" not in values or "number" not in values:
            continue
        year = found.setdefault(values.pop("year"), _Wanted(row=number))
        year.reason = year.reason or values.pop("reason", "")
        values.pop("reason", None)
        first = year.lines.get(values["number"])
        if first is not None:
            problems.twice(values["number"], first=first[0], row=number, column="number")
        year.lines[values["number"]] = (number, values)
    return found


@transaction
def _take(
    session: Session,
    wanted: Mapping[int, _Wanted],
    missing: set[str],
    problems: Problems,
    *,
    at: datetime,
    actor: str,
    dry_run: bool,
) -> Report:
    _judge(session, wanted, problems)
    counts: dict[str, int] = defaultdict(int)
    writes = []
    for year, said in sorted(wanted.items()):
        plan = rows.latest(session, str(year))
        before = {one["number"]: one for one in rows.lines(session, plan)} if plan else {}
        merged = {**before, **_merged(before, said, missing, problems)}
        for number in said.lines:
            kind = "new" if number not in before else "unchanged"
            changed = number in before and before[number] != merged[number]
            counts["changed" if changed else kind] += 1
        if merged != before:
            _refuse_unreasoned(plan, said, problems)
            writes.append((year, plan, list(merged.values()), said.reason))
    problems.refuse_if_any()
    if not dry_run:
        for year, plan, lines, reason in writes:
            _write(session, year, plan, lines, reason, at=at, actor=actor)
    return Report(
        kind="plan",
        file=problems.file,
        new=counts["new"],
        changed=counts["changed"],
        unchanged=counts["unchanged"],
        codes=tuple(str(year) for year in sorted(wanted)),
        dry_run=dry_run,
    )


def _merged(
    before: Mapping[str, Mapping[str, Any]],
    said: _Wanted,
    missing: set[str],
    problems: Problems,
) -> dict[str, dict[str, Any]]:
    found = {}
    for number, (row, values) in said.lines.items():
        if number not in before:
            for column in missing:
                problems.say("a new row needs it", row=row, column=column)
        found[number] = {**DEFAULTS, **before.get(number, {}), **values}
    return found


def _refuse_unreasoned(plan: Plan | None, said: _Wanted, problems: Problems) -> None:
    if plan is None or plan.state is PlanState.DRAFT:
        return
    if plan.state is PlanState.SUBMITTED:
        problems.say(
            "plan {code} is being approved: wait until it is decided", row=said.row, code=plan.code
        )
    elif not said.reason:
        problems.say(
            "plan {code} is in force: a change needs its reason in the column reason",
            row=said.row,
            column="reason",
            code=plan.code,
        )


def _write(
    session: Session,
    year: int,
    plan: Plan | None,
    lines: list[dict[str, Any]],
    reason: str,
    *,
    at: datetime,
    actor: str,
) -> None:
    if plan is None or plan.state is not PlanState.DRAFT:
        plan = plan_drafting.new_version(session, year, at=at, reason=reason)
        authors = rows.holders(session, plan_policy().plan.authors)
        plan.author_id = plan.author_id or (authors[0] if authors else None)
        session.add(plan)
        if plan.author_id is not None:
            plan_drafting.owe_drawing_up(session, plan, at=at, actor=actor)
    plans.write(session, plan, text={}, lines=lines, at=at, actor=actor)


def _judge(session: Session, wanted: Mapping[int, _Wanted], problems: Problems) -> None:
    """Refuse people and objects that nobody knows."""
    people = {*(role.value for role in Role), UNIT_HEAD, *_codes(session, Person)}
    objects = {"project": _codes(session, Project), "unit": _codes(session, Unit)}
    for said in wanted.values():
        for row, values in said.lines.values():
            for column in ("owner", "checker"):
                if values.get(column) and values[column] not in people:
                    problems.say(
                        "{code} is neither a role nor a person's code",
                        row=row,
                        column=column,
                        code=values[column],
                    )
            known = objects.get(values.get("object_kind", ""))
            if known is not None and values.get("object") not in known:
                code = values.get("object") or "–"
                problems.unknown(values["object_kind"], code, row=row, column="object")


def _codes(session: Session, model: Any) -> set[str]:
    return set(session.execute(sa.select(table_of(model).c.code)).scalars())
