"""Plans and their activities as registers (计划与活动台账): what was planned, done and late."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from config.current import current
from models.approval import Approval
from models.base import table_of
from models.organisation import Person, Project
from models.plan import Activity, ActivityState, Plan, PlanItem, PlanState
from processes.plan.rows import KIND
from processes.register.query import Filters, Page, columns, named, page, same

STATES: Final = tuple(state.value for state in ActivityState)
PLAN_STATES: Final = tuple(state.value for state in PlanState)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One version of a plan, with how far its activities are (of the newest version alone)."""

    code: str
    version: int
    number: str
    title: str
    state: str
    change_reason: str
    author: str | None
    reviewer: str | None
    approver: str | None
    in_force_at: datetime | None
    lines: int
    planned: int
    done: int
    late: int
    cancelled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRow:
    """One dated activity. `late` says that its planned day is over and it is not done."""

    code: str
    plan: str
    item: str
    kind: str
    title: str
    project: str | None
    unit: str | None
    state: str
    first_planned_on: date
    planned_on: date
    opens_on: date
    due_at: datetime | None
    done_on: date | None
    owner: str
    owner_name: str | None
    checker: str
    output: str
    record: str
    late: bool
    caught_up: bool
    cancel_reason: str


def plans(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[PlanRow]:
    """Return the versions of plans, the newest first."""
    plan, signed = table_of(Plan), table_of(Approval)
    author, reviewer, approver = (table_of(Person).alias(n) for n in ("author", "rev", "app"))
    item = table_of(PlanItem)
    lines = sa.select(sa.func.count()).where(item.c.plan_id == plan.c.id).scalar_subquery()
    counts = {name: _count(plan, where) for name, where in _counted(at).items()}
    query = (
        sa.select(
            *(plan.c[n] for n in ("code", "version", "number", "title", "change_reason")),
            plan.c.state,
            plan.c.in_force_at,
            author.c.code.label("author"),
            reviewer.c.code.label("reviewer"),
            approver.c.code.label("approver"),
            lines.label("lines"),
            *(count.label(name) for name, count in counts.items()),
        )
        .outerjoin(
            signed,
            sa.and_(
                signed.c.kind == KIND,
                signed.c.code == plan.c.code,
                signed.c.version == plan.c.version,
            ),
        )
        .outerjoin(author, author.c.id == plan.c.author_id)
        .outerjoin(reviewer, reviewer.c.id == signed.c.reviewed_by_id)
        .outerjoin(approver, approver.c.id == signed.c.approved_by_id)
        .order_by(plan.c.code.desc(), plan.c.version.desc())
    )
    query = same(query, plan, filters, "state")
    if filters.subject:
        query = query.where(plan.c.code == filters.subject)
    return page(query, _plan, limit, offset)


def activities(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[ActivityRow]:
    """Return the activities, the earliest planned first."""
    own, owner, project = table_of(Activity), table_of(Person), table_of(Project)
    late = _late(at)
    query = (
        sa.select(
            *columns(own, ActivityRow, but=("owner",)),
            sa.func.coalesce(owner.c.code, own.c.owner).label("owner"),
            owner.c.name.label("owner_name"),
            late.label("late"),
        )
        .outerjoin(owner, owner.c.id == own.c.owner_id)
        .outerjoin(project, project.c.code == own.c.project)
        .order_by(own.c.planned_on, own.c.code)
    )
    query = same(query, own, filters, "state", "project", "kind", "unit")
    if filters.subject:
        query = query.where(sa.or_(own.c.code == filters.subject, own.c.plan == filters.subject))
    if filters.person:
        query = query.where(owner.c.code == filters.person)
    if filters.overdue:
        query = query.where(late)
    if filters.since:
        query = query.where(own.c.planned_on >= current().calendar.day(filters.since))
    if filters.people is not None:
        query = query.where(_in_area(own, project, filters.people))
    return page(named(query, filters, own.c.code, own.c.title), _activity, limit, offset)


def _in_area(own: Any, project: Any, people: frozenset[int]) -> Any:
    """Keep what is owed by those people or about their projects, and what concerns everybody."""
    return sa.or_(
        own.c.object_kind == "organisation",
        own.c.owner_id.in_(people),
        project.c.manager_id.in_(people),
    )


def _late(at: datetime) -> sa.ColumnElement[bool]:
    own = table_of(Activity)
    still = own.c.state.in_((ActivityState.PLANNED.value, ActivityState.OPEN.value))
    return sa.and_(still, own.c.planned_on < current().calendar.day(at))


def _counted(at: datetime) -> dict[str, Any]:
    own = table_of(Activity)
    return {
        "planned": own.c.state != ActivityState.CANCELLED.value,
        "done": own.c.state == ActivityState.DONE.value,
        "late": _late(at),
        "cancelled": own.c.state == ActivityState.CANCELLED.value,
    }


def _count(plan: Any, where: Any) -> Any:
    own = table_of(Activity)
    return sa.select(sa.func.count()).where(own.c.plan == plan.c.code, where).scalar_subquery()


def _plan(row: dict[str, Any]) -> PlanRow:
    return PlanRow(**{**row, "state": str(getattr(row["state"], "value", row["state"]))})


def _activity(row: dict[str, Any]) -> ActivityRow:
    state = str(getattr(row["state"], "value", row["state"]))
    return ActivityRow(**{**row, "state": state, "late": bool(row["late"])})
