"""The PDCA cycle as one thing (PDCA 全程): from the line of a plan to the next plan.

Plan line, activity, check, finding, nonconformity, action, verification, improvement, next
plan: what a year, quarter or month produced is followed along the codes that each thing keeps
of the one before it. Whoever produces records of activities registers a walker.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from models.engine import reading
from models.nonconformity import Nonconformity, Round
from models.plan import Activity, Improvement, Plan
from models.record import Cycle
from processes.cycle.cycles import periods
from processes.plan import reading as plan_reading
from processes.plan import rows
from processes.plan.reading import Progress
from rules.refusal import NotFound

CODE: Final = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?")
MOST: Final = 400  # steps and nonconformities that a page walks; the registers have the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A record that an activity led to: a check, an audit, a measured indicator."""

    kind: str  # check, audit, measurement: a word of the labels' sort "step"
    code: str
    title: str
    on: date
    activity: str | None = None
    outcome: str = ""  # a score, a judgement, a conclusion
    nonconformities: tuple[str, ...] = ()


# What each process found in the days from first to last, both included.
Walker = Callable[[Session, date, date], Iterable[Step]]
WALKERS: Final[list[Walker]] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A nonconformity on its way: what was planned against it, done, and found."""

    code: str
    title: str
    severity: str
    state: str
    source: str
    source_record: str | None
    raised_at: datetime
    action: str
    planned_on: date | None
    done_at: datetime | None
    verified_at: datetime | None
    effective: bool | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineWalked:
    """A line of the plan with what came of it in this period."""

    number: str
    title: str
    progress: Progress
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """An improvement, and the plan that took it up."""

    source: str
    ref: str
    text: str
    taken_into: str | None
    taken_item: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """One cycle from its plan to the next."""

    code: str
    kind: str
    starts_on: date
    ends_on: date
    opened_at: datetime | None
    closed_at: datetime | None
    plan: str | None
    plan_version: int | None
    plan_state: str | None
    progress: Progress
    lines: tuple[LineWalked, ...]
    others: tuple[Step, ...]  # records that no line of the plan asked for
    nonconformities: tuple[Followed, ...]
    improvements: tuple[Proposed, ...]
    next_plan: str | None
    next_state: str | None
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def stages(self) -> tuple[tuple[str, int], ...]:
        """Return how many things stand at each stage, in their order."""
        own = self.nonconformities
        steps = [*self.others, *(step for line in self.lines for step in line.steps)]
        return (
            ("line", len(self.lines)),
            ("activity", self.progress.planned),
            ("record", len(steps)),
            ("finding", sum(len(step.nonconformities) for step in steps)),
            ("nonconformity", len(own)),
            ("action", sum(one.done_at is not None for one in own)),
            ("verification", sum(one.verified_at is not None for one in own)),
            ("closed", sum(one.closed_at is not None for one in own)),
            ("improvement", len(self.improvements)),
            ("taken", sum(one.taken_into is not None for one in self.improvements)),
        )


def is_cycle(code: str) -> bool:
    """Whether a code names a cycle that has begun, or a year that has a plan."""
    found = CODE.fullmatch(code)
    if found is None:
        return False
    with reading() as session:
        known = session.exec(select(Cycle.id).where(col(Cycle.code) == code)).first()
        return known is not None or rows.latest(session, found[1]) is not None


def walk(code: str, *, at: datetime) -> Walk:
    """Return a cycle from its plan to the next one; or refuse by code."""
    found = CODE.fullmatch(code)
    if found is None or not is_cycle(code):
        raise NotFound(what="cycle", code=code)
    first, last, kind = _days(code)
    with reading() as session:
        cycle = session.exec(select(Cycle).where(col(Cycle.code) == code)).one_or_none()
        plan = rows.in_force(session, found[1]) or rows.latest(session, found[1])
        following = rows.latest(session, str(int(found[1]) + 1))
        steps = _steps(session, first, last)
        lines, others = _lines(session, plan, steps, first, last, at)
        return Walk(
            code=code,
            kind=kind,
            starts_on=first,
            ends_on=last,
            opened_at=cycle.opened_at if cycle else None,
            closed_at=cycle.closed_at if cycle else None,
            plan=plan.code if plan else None,
            plan_version=plan.version if plan else None,
            plan_state=plan.state.value if plan else None,
            progress=sum((line.progress for line in lines), Progress()),
            lines=lines,
            others=others,
            nonconformities=_followed(session, first, last),
            improvements=_proposed(session, found[1], first, last),
            next_plan=following.code if following else None,
            next_state=following.state.value if following else None,
            figures=dict(cycle.facts) if cycle else {},
        )


def _days(code: str) -> tuple[date, date, str]:
    year, quarter, month = CODE.fullmatch(code).groups()  # type: ignore[union-attr]
    inside = date(int(year), int(month) if month else 3 * int(quarter or 1), 1)
    return next(
        (first, last, kind) for known, kind, first, last in periods(inside) if known == code
    )


def _steps(session: Session, first: date, last: date) -> list[Step]:
    found = [step for walker in WALKERS for step in walker(session, first, last)]
    return sorted(found, key=lambda step: (step.on, step.code))[-MOST:]


def _lines(
    session: Session,
    plan: Plan | None,
    steps: Sequence[Step],
    first: date,
    last: date,
    at: datetime,
) -> tuple[tuple[LineWalked, ...], tuple[Step, ...]]:
    if plan is None:
        return (), tuple(steps)
    by_line = _line_of(session, [step.activity for step in steps if step.activity])
    months = range(first.month, last.month + 1)
    far = plan_reading.progress_by_line(session, plan, at)
    lines = tuple(
        LineWalked(
            number=item.number,
            title=item.title,
            progress=sum(
                (far.get(item.number, {}).get(month, Progress()) for month in months), Progress()
            ),
            steps=tuple(s for s in steps if s.activity and by_line.get(s.activity) == item.number),
        )
        for item in rows.items(session, plan)
    )
    numbers = {line.number for line in lines}
    others = (s for s in steps if not s.activity or by_line.get(s.activity) not in numbers)
    return tuple(line for line in lines if line.progress.planned or line.steps), tuple(others)


def _line_of(session: Session, activities: Sequence[str]) -> dict[str, str]:
    query = select(Activity.code, Activity.item).where(col(Activity.code).in_(activities))
    return dict(session.exec(query).all())


def _followed(session: Session, first: date, last: date) -> tuple[Followed, ...]:
    begins, ends = _instants(first, last)
    query = (
        select(Nonconformity, Round)
        .join(Round, col(Round.nonconformity_id) == Nonconformity.id)
        .where(
            col(Round.number) == col(Nonconformity.rounds),
            col(Nonconformity.raised_at) >= begins,
            col(Nonconformity.raised_at) < ends,
        )
        .order_by(col(Nonconformity.raised_at), col(Nonconformity.id))
        .limit(MOST)
    )
    return tuple(
        Followed(
            code=one.code,
            title=one.title,
            severity=one.severity.value,
            state=str(one.state),
            source=one.source,
            source_record=one.source_record,
            raised_at=one.raised_at,
            action=round_.corrective_action or "",
            planned_on=round_.planned_on,
            done_at=round_.done_at,
            verified_at=round_.verified_at,
            effective=round_.effective,
            closed_at=one.closed_at,
        )
        for one, round_ in session.exec(query)
    )


def _proposed(session: Session, year: str, first: date, last: date) -> tuple[Proposed, ...]:
    begins, ends = _instants(first, last)
    query = select(Improvement).where(col(Improvement.cycle) == year)
    if (first.month, last.month) != (1, 12):
        at = col(Improvement.proposed_at)
        query = query.where(at >= begins, at < ends)
    return tuple(
        Proposed(
            source=one.source,
            ref=one.ref,
            text=one.text,
            taken_into=one.taken_into,
            taken_item=one.taken_item,
        )
        for one in session.exec(query.order_by(col(Improvement.id)))
    )


def _instants(first: date, last: date) -> tuple[datetime, datetime]:
    zone = current().settings.zone
    begins = datetime(first.year, first.month, first.day, tzinfo=zone)
    over = last + timedelta(days=1)
    return begins, datetime(over.year, over.month, over.day, tzinfo=zone)
