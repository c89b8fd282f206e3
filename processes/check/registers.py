"""The register of project quality checks (检查台账)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from models.base import table_of
from models.check import Check
from models.organisation import Person, Unit
from processes.register.query import Filters, Page, columns, named, page, same
from processes.register.registers import Found, Register, words
from rules.check import CheckKind, CheckState


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """A check. `project` and `inspector` are codes; `findings` counts its nonconformities."""

    code: str
    project: str
    kind: str
    state: str
    planned_on: date
    performed_on: date | None
    inspector: str | None
    score: Decimal | None
    conclusion: str | None
    findings: int
    brought_in: dict[str, Any] | None = None


def checks(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[CheckRow]:
    """Return the checks, the latest planned first; `person` checks."""
    check, inspector = table_of(Check), table_of(Person)
    query = (
        sa.select(*columns(check, CheckRow), inspector.c.code.label("inspector"))
        .outerjoin(inspector, inspector.c.id == check.c.inspector_id)
        .order_by(check.c.planned_on.desc(), check.c.code.desc())
    )
    query = same(query, check, filters, "state", "project", "kind")
    query = _whose(query, check, inspector, filters)
    query = named(query, filters, check.c.code, check.c.project)
    if filters.subject:
        query = query.where(check.c.code == filters.subject)
    if filters.unit:
        query = query.where(check.c.unit.in_(unit_and_below(filters.unit)))
    if filters.overdue:
        query = query.where(check.c.state == CheckState.OPEN, check.c.due_at < at)
    if filters.since:
        query = query.where(check.c.created_at >= filters.since)
    return page(query, _row, limit, offset)


def unit_and_below(code: str) -> Any:
    """Return the codes of a unit and all below it, as a subquery."""
    unit = table_of(Unit)
    found = sa.select(unit.c.id, unit.c.code).where(unit.c.code == code).cte(recursive=True)
    below = sa.select(unit.c.id, unit.c.code).join(found, unit.c.parent_id == found.c.id)
    return sa.select(found.union(below).c.code)


def _whose(query: Any, check: sa.Table, inspector: sa.FromClause, filters: Filters) -> Any:
    """Keep the checks of one checker, and those that a page may show: done by or about these."""
    if filters.people is not None:
        mine = check.c.inspector_id.in_(filters.people) | check.c.manager_id.in_(filters.people)
        query = query.where(mine)
    return query.where(inspector.c.code == filters.person) if filters.person else query


def _row(row: dict[str, Any]) -> CheckRow:
    return CheckRow(**{**row, "kind": str(row["kind"]), "state": str(row["state"])})


REGISTERS: Final = {
    "checks": Register(
        read=checks,
        found=Found(called="Checks", title="project", page="/checks/{}"),
        filters=("state", "project", "person", "kind", "subject", "unit", "overdue", "since"),
        states=words(CheckState),
        kinds=words(CheckKind),
        heads=(
            ("code", "Code"),
            ("project", "Project"),
            ("kind", "Kind of check"),
            ("state", "State"),
            ("planned_on", "Planned on"),
            ("performed_on", "Checked on"),
            ("inspector", "Checker"),
            ("score", "Score"),
            ("conclusion", "Conclusion"),
            ("findings", "Findings"),
        ),
        labels={"kind": "check_kind", "state": "check_state", "conclusion": "check_conclusion"},
    ),
}
