"""A plan as people read it (计划阅读): text, lines, signatures, readers, changes and progress.

One reading serves the page, Word, Excel and the terminal, so that all four say the same.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from config.language import label
from models import people
from models.approval import Approval, Reading
from models.base import table_of
from models.engine import reading
from models.plan import Activity, ActivityState, Plan, PlanItem, PlanState
from processes.approval import course as approval
from processes.approval.course import ApprovalState
from processes.improvement import proposals as improvements
from processes.plan import recurrence, rows
from processes.plan.rows import KIND
from rules.organisation import Organisation

MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far activities are. `due` are those whose day is over or which are done."""

    planned: int = 0
    due: int = 0
    done: int = 0
    late: int = 0
    cancelled: int = 0
    caught_up: int = 0

    def __add__(self, other: "Progress") -> "Progress":
        names = self.__dataclass_fields__
        return Progress(**{n: getattr(self, n) + getattr(other, n) for n in names})

    @property
    def rate(self) -> int | None:
        """Return the share of what was due that is done, in per cent; None if nothing was."""
        return round(100 * self.done / self.due) if self.due else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRead:
    """One line in words, with its progress and the days of each month."""

    number: str
    kind: str
    title: str
    detail: str
    object: str
    frequency: str
    owner: str
    checker: str
    output: str
    source: str
    progress: Progress
    months: dict[int, Progress]
    days: dict[int, tuple[date, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRead:
    """One version with all that belongs to it; names, no ids."""

    plan: Plan
    lines: tuple[LineRead, ...]
    progress: Progress
    signatures: tuple[dict[str, str], ...]
    received: tuple[dict[str, str], ...]
    versions: tuple[dict[str, str], ...]
    improvements: tuple[dict[str, str], ...]
    readers: tuple[str, ...]


def of_plan(
    code: str, *, at: datetime, language: str, version: int | None = None, drafts: bool = True
) -> PlanRead:
    """Return a version of a plan, the newest unless one is named; or refuse by code.

    Without `drafts` a version still being written is not there, nor in the list of versions.
    """
    with reading() as session:
        plan = rows.by_code(session, code, version, drafts=drafts)
        organisation = people.organisation(session)
        far = progress_by_line(session, plan, at)
        lines = tuple(
            _line(one, plan, far, organisation, language) for one in rows.items(session, plan)
        )
        return PlanRead(
            plan=plan,
            lines=lines,
            progress=sum((line.progress for line in lines), Progress()),
            signatures=_signatures(session, plan, organisation, language),
            received=_received(session, plan, organisation, language),
            versions=_versions(session, plan, organisation, drafts=drafts),
            improvements=_improvements(session, plan, language),
            readers=tuple(who(language, word, organisation) for word in plan.readers),
        )


def present(at: datetime, *, language: str) -> PlanRead | None:
    """Return this year's plan in force with its progress; None if there is none."""
    code = str(current().calendar.day(at).year)
    with reading() as session:
        plan = rows.in_force(session, code)
    if plan is None:
        return None
    return of_plan(code, at=at, language=language, version=plan.version)


def who(language: str, word: str, organisation: Organisation) -> str:
    """Return what people call a role, or the name of a person by code."""
    if word == "unit_head":
        return label(language, word, "plan_owner")
    called = label(language, word, "role")
    if called != word:
        return called
    return next((p.name for p in organisation.posts.values() if p.code == word), word)


Far = dict[str, dict[int, Progress]]


def progress_by_line(session: Session, plan: Plan, at: datetime) -> Far:
    """Return progress by line and month of the planned day."""
    today, own = current().calendar.day(at), table_of(Activity).c
    found: Far = {}
    query = sa.select(own.item, own.planned_on, own.state, own.caught_up, sa.func.count()).where(
        own.plan == plan.code
    )
    for item, on, state, caught_up, count in session.execute(
        query.group_by(own.item, own.planned_on, own.state, own.caught_up)
    ):
        line = found.setdefault(item, {})
        one = _counted(state, on < today, count, caught_up=caught_up)
        line[on.month] = line.get(on.month, Progress()) + one
    return found


def _counted(state: Any, over: bool, n: int, *, caught_up: bool) -> Progress:  # noqa: FBT001
    if state == ActivityState.CANCELLED:
        return Progress(cancelled=n)
    done = state == ActivityState.DONE
    return Progress(
        planned=n,
        due=n if done or over else 0,
        done=n if done else 0,
        late=n if over and not done else 0,
        caught_up=n if caught_up else 0,
    )


def _line(
    item: PlanItem, plan: Plan, far: Far, organisation: Organisation, language: str
) -> LineRead:
    calendar = current().calendar
    days: dict[int, tuple[date, ...]] = {}
    for _, on in recurrence.days(item.rule, item.working_day, plan.year, calendar):
        days[on.month] = (*days.get(on.month, ()), on)
    months = far.get(item.number, {})
    return LineRead(
        number=item.number,
        kind=label(language, item.kind, "activity_kind"),
        title=item.title,
        detail=item.detail,
        object=item.object or label(language, item.object_kind, "object_kind"),
        frequency=recurrence.described(language, item.rule, item.working_day),
        owner=who(language, item.owner, organisation),
        checker=who(language, item.checker, organisation) if item.checker else "",
        output=item.output,
        source=item.source,
        progress=sum(months.values(), Progress()),
        months=months,
        days=days,
    )


def _signatures(
    session: Session, plan: Plan, organisation: Organisation, language: str
) -> tuple[dict[str, str], ...]:
    """Return author, reviewer and approver with their dates, as a cover block has them."""
    found = approval.state(session, KIND, plan.code, plan.version)
    steps: Sequence[tuple[str, int | None, datetime | None, str]] = (
        ("drawn_up", found.author_id if found else plan.author_id, _submitted(found), ""),
        ("reviewed", *_reviewed(found)),
        ("approved", *_approved(found)),
    )
    return tuple(
        {
            "step": label(language, step, "signature"),
            "name": _name(organisation, person) if at else "",
            "at": _day(at),
            "note": note,
        }
        for step, person, at, note in steps
    )


def _submitted(found: ApprovalState | None) -> datetime | None:
    return found.submitted_at if found else None


def _reviewed(found: ApprovalState | None) -> tuple[int | None, datetime | None, str]:
    return (
        (found.reviewed_by_id, found.reviewed_at, found.review_note) if found else (None, None, "")
    )


def _approved(found: ApprovalState | None) -> tuple[int | None, datetime | None, str]:
    if found is None:
        return None, None, ""
    return found.approved_by_id, found.approved_at, found.approval_note


def _received(
    session: Session, plan: Plan, organisation: Organisation, language: str
) -> tuple[dict[str, str], ...]:
    query = (
        select(Reading)
        .join(Approval, col(Approval.id) == Reading.approval_id)
        .where(
            col(Approval.kind) == KIND,
            col(Approval.code) == plan.code,
            col(Approval.version) == plan.version,
        )
        .order_by(col(Reading.id))
    )
    not_yet = label(language, "not_yet", "signature")
    return tuple(
        {
            "name": _name(organisation, one.person_id),
            "unit": organisation.posts[one.person_id].unit_name,
            "read_at": _day(one.read_at) or not_yet,
        }
        for one in session.exec(query)
    )


def _versions(
    session: Session, plan: Plan, organisation: Organisation, *, drafts: bool
) -> tuple[dict[str, str], ...]:
    found = []
    for one in rows.versions(session, plan.code):
        if one.state is PlanState.DRAFT and not drafts:
            continue
        signed = approval.state(session, KIND, one.code, one.version)
        found.append(
            {
                "version": str(one.version),
                "state": str(one.state),
                "reason": one.change_reason or "–",
                "author": _signed(organisation, one.author_id, _submitted(signed)),
                "reviewer": _signed(organisation, *_reviewed(signed)[:2]),
                "approver": _signed(organisation, *_approved(signed)[:2]),
            }
        )
    return tuple(found)


def _improvements(session: Session, plan: Plan, language: str) -> tuple[dict[str, str], ...]:
    return tuple(
        {
            "source": f"{label(language, one.source, 'source')} {one.ref}",
            "text": one.text,
            "item": one.taken_item or "",
        }
        for one in improvements.taken(session, plan.code)
    )


def _signed(organisation: Organisation, person: int | None, at: datetime | None) -> str:
    return f"{_name(organisation, person)} {_day(at)}" if at else ""


def _name(organisation: Organisation, person: int | None) -> str:
    post = organisation.posts.get(person or 0)
    return post.name if post else ""


def _day(at: datetime | None) -> str:
    return current().calendar.day(at).isoformat() if at else ""


def times(line: LineRead) -> Counter[int]:
    """Return how often a line is meant in each month."""
    return Counter({month: len(line.days.get(month, ())) for month in MONTHS})
