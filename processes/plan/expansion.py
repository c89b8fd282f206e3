"""From a plan in force to dated activities (计划展开): the same ones however often it is done.

An activity is the same as long as year, line, object and the rule's own day are the same. A new
version adds what is new from its day on, drops what is neither open nor done any more, and
leaves the past as it was. Projects that come later are taken in with the next turn.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zlib import crc32

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models import trail
from models.base import table_of
from models.engine import transaction
from models.organisation import Project, Unit
from models.plan import Activity, ActivityState, Plan, PlanItem, PlanState
from models.upsert import insert_new
from processes.plan import recurrence, rows
from processes.plan import says as says_plan
from processes.plan.activities import KIND
from rules import plan as rule

PART: Final = 2000  # rows to a statement
CODE_MOST: Final = 64
FOLLOWS: Final = ("kind", "title", "detail", "owner", "checker", "output", "version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """What an expansion came to."""

    new: int = 0
    changed: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """What an activity is about, and from when until when it exists."""

    kind: str
    code: str = ""
    name: str = ""
    first: date | None = None
    last: date | None = None

    def there(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@transaction
def keep_up(session: Session, at: datetime) -> int:
    """Take in what the register has gained or lost since; return how many activities are new."""
    plans = session.exec(
        select(Plan).where(
            col(Plan.state) == PlanState.IN_FORCE,
            col(Plan.year) >= current().calendar.day(at).year,
        )
    ).all()
    return sum(expand(session, plan, at=at, actor="clock").new for plan in plans)


def expand(session: Session, plan: Plan, *, at: datetime, actor: str) -> Expanded:
    """Make the activities of a version be there; twice is harmless."""
    today = current().calendar.day(at)
    wanted = {row["code"]: row for row in _wanted(session, plan)}
    revived = _revive(session, plan, wanted, today)
    known = {
        code: (state, on, dict(zip(FOLLOWS, rest, strict=True)))
        for code, state, on, *rest in session.execute(_known(plan))
    }
    new = [row for code, row in wanted.items() if code not in known and row["planned_on"] >= today]
    for start in range(0, len(new), PART):
        insert_new(session, Activity, new[start : start + PART])
    changed = _follow(session, wanted, known)
    dropped = [
        code
        for code, (state, _, _) in known.items()
        if code not in wanted and state == ActivityState.PLANNED
    ]
    _drop(session, dropped, at=at, actor=actor)
    if new or dropped:
        trail.record(
            session,
            at=at,
            actor=actor,
            action="plan.expanded",
            subject=f"{rows.KIND}:{plan.code}",
            after={"version": plan.version, "new": len(new), "dropped": len(dropped)},
        )
    return Expanded(new=len(new) + revived, changed=changed, dropped=len(dropped))


def _wanted(session: Session, plan: Plan) -> Iterator[dict[str, Any]]:
    calendar = current().calendar
    objects = _Objects(session)
    for item in rows.items(session, plan):
        dates = recurrence.days(item.rule, item.working_day, plan.year, calendar)
        opened = {
            on: rule.opens_on(on, lead_days=item.lead_days, calendar=calendar) for _, on in dates
        }
        for about in objects.of(item):
            for nominal, on in dates:
                if about.there(on):
                    yield _row(plan, item, about, nominal, on, opened[on])


def _row(
    plan: Plan, item: PlanItem, about: Object, nominal: date, on: date, opens: date
) -> dict[str, Any]:
    return {
        "code": code_of(plan.code, item.number, about.code, nominal),
        "plan": plan.code,
        "item": item.number,
        "version": plan.version,
        "kind": item.kind,
        "title": f"{item.title} · {about.name}"[:300] if about.name else item.title,
        "detail": item.detail,
        "object_kind": about.kind,
        "object": about.code,
        "project": about.code if about.kind == "project" else None,
        "unit": about.code if about.kind == "unit" else None,
        "nominal_on": nominal,
        "first_planned_on": on,
        "planned_on": on,
        "opens_on": opens,
        "owner": item.owner,
        "checker": item.checker,
        "output": item.output,
        "state": ActivityState.PLANNED,
        "caught_up": False,
        "done_hands": [],
        "result": "",
        "record": "",
        "cancel_reason": "",
    }


def code_of(plan: str, number: str, about: str, nominal: date) -> str:
    """Return the code of an activity: 2026-01-0320-P1; a long object is shortened by its sum."""
    code = f"{plan}-{number}-{nominal:%m%d}" + (f"-{about}" if about else "")
    if len(code) <= CODE_MOST:
        return code
    return f"{code[: CODE_MOST - 9]}~{crc32(code.encode()):08x}"


class _Objects:
    """What lines may be about, read once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.projects = [
            Object(kind="project", code=one.code, name=one.name, first=one.start, last=one.end)
            for one in session.exec(select(Project).order_by(col(Project.code)))
        ]
        self.units = [
            Object(kind="unit", code=code, name=name)
            for code, name in session.exec(select(Unit.code, Unit.name).order_by(col(Unit.code)))
        ]

    def of(self, item: PlanItem) -> Sequence[Object]:
        if item.object_kind in {"projects", "project"}:
            return self._of(self.projects, item)
        if item.object_kind in {"units", "unit"}:
            return self._of(self.units, item)
        return [Object(kind="organisation")]

    def _of(self, known: Sequence[Object], item: PlanItem) -> Sequence[Object]:
        if item.object_kind.endswith("s"):
            return known
        return [one for one in known if one.code == item.object]


def _known(plan: Plan) -> sa.Select[Any]:
    own = table_of(Activity).c
    return sa.select(own.code, own.state, own.planned_on, *(own[name] for name in FOLLOWS)).where(
        own.plan == plan.code,
        own.item != "",  # what no line planned, a review decided: no expansion drops it
    )


def _follow(session: Session, wanted: dict[str, dict[str, Any]], known: dict[str, Any]) -> int:
    """Let what is still to come say what the plan says now; its dates are its own."""
    changed = [
        {"b_code": code, **{f"b_{name}": wanted[code][name] for name in FOLLOWS}}
        for code, (state, _, before) in known.items()
        if state == ActivityState.PLANNED
        and code in wanted
        and before != {name: wanted[code][name] for name in FOLLOWS}
    ]
    if changed:
        own = table_of(Activity)
        session.connection().execute(
            sa.update(own)
            .where(own.c.code == sa.bindparam("b_code"))
            .values({name: sa.bindparam(f"b_{name}") for name in FOLLOWS}),
            changed,
        )
    return len(changed)


def _revive(session: Session, plan: Plan, codes: Iterable[str], today: date) -> int:
    """Plan again what only an earlier version or a project's end had dropped."""
    revived = 0
    dropped = session.exec(
        select(Activity.code).where(
            col(Activity.plan) == plan.code,
            col(Activity.state) == ActivityState.CANCELLED,
            col(Activity.cancel_reason) == says_plan.NOT_IN_PLAN,
            col(Activity.planned_on) >= today,
        )
    ).all()
    for code in set(dropped) & set(codes):
        session.execute(
            sa.update(Activity)
            .where(col(Activity.code) == code)
            .values(state=ActivityState.PLANNED, cancelled_at=None, cancel_reason="")
        )
        revived += 1
    return revived


def _drop(session: Session, codes: Sequence[str], *, at: datetime, actor: str) -> None:
    for start in range(0, len(codes), PART):
        session.execute(
            sa.update(Activity)
            .where(col(Activity.code).in_(codes[start : start + PART]))
            .values(
                state=ActivityState.CANCELLED, cancelled_at=at, cancel_reason=says_plan.NOT_IN_PLAN
            )
        )
    trail.record_many(
        session,
        [
            trail.Entry(
                at=at,
                actor=actor,
                action="activity.cancelled",
                subject=f"{KIND}:{code}",
                after={"why": says_plan.NOT_IN_PLAN},
            )
            for code in codes
        ],
    )
