"""One step up (升级一步): read what is due, ask the ladder, tell one person, move on.

A batch is one transaction: lines, duties, trail and alarms are written together or not at
all. A duty that cannot be read or judged is set aside with an alarm, and the rest goes on.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col

from config.current import current
from models import alarms, crash, people, trail
from models.base import columns
from models.duty import Duty, Line
from models.engine import transaction
from models.upsert import insert_new
from notifications.keys import line_key
from processes.alarm import wording as says
from processes.duty.telling import Episode, heard, passed_over
from rules import escalation
from rules.escalation import Ladder, Passed, Told
from rules.organisation import Organisation
from rules.words import DutyState, LetterKind

_DUTY = columns(Duty)
COLUMNS: Final = (
    _DUTY.id,
    _DUTY.kind,
    _DUTY.subject_kind,
    _DUTY.subject,
    _DUTY.owner_id,
    _DUTY.due_at,
    _DUTY.severity,
    sa.cast(_DUTY.ladder, sa.Text).label("ladder"),
    _DUTY.episode,
    _DUTY.level,
    _DUTY.nth,
    _DUTY.next_at,
    _DUTY.rev,
)
ACTIONS: Final = {
    LetterKind.REMINDER: "duty.reminded",
    LetterKind.OVERDUE: "duty.overdue",
    LetterKind.ESCALATION: "duty.escalated",
}
UNREADABLE: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)


class ClaimLost(RuntimeError):
    """Another sweep moved one of these duties between our reading and our writing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Climbed:
    """What one batch did; `escalated` are (duty, subject, level) told above the owner."""

    taken: int = 0
    reminded: int = 0
    overdue: int = 0
    escalated: tuple[tuple[int, str, int], ...] = ()
    set_aside: tuple[int, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Taken:
    """One step, decided and not yet written."""

    letter: LetterKind
    line: dict[str, Any] | None
    move: dict[str, Any]
    entry: trail.Entry
    alarm: dict[str, str] | None = None


@dataclass(slots=True)
class _Batch:
    steps: list[_Taken] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)


@transaction
def climb(session: Session, ids: Sequence[int], *, at: datetime) -> Climbed:
    """Take the next step of each of these duties that is still open and due; twice is harmless."""
    rows, broken = _read(session, ids, at)
    organisation = people.organisation(session)
    told = heard(session, [row.id for row in rows])
    batch = _Batch(broken=broken)
    for row in rows:
        try:
            batch.steps.append(_take(row, told.get(row.id) or Episode(), organisation, at))
        except UNREADABLE as why:
            batch.broken.append((row.id, f"{type(why).__name__}: {why}"))
    _write(session, batch.steps, at)
    for number, reason in batch.broken:
        _set_aside(session, number, reason, at)
    return _sum(batch)


def _read(
    session: Session, ids: Sequence[int], at: datetime
) -> tuple[list[Any], list[tuple[int, str]]]:
    query = sa.select(*COLUMNS).where(col(Duty.state) == DutyState.OPEN, col(Duty.next_at) <= at)
    query = query.order_by(col(Duty.next_at), col(Duty.id)).with_for_update(skip_locked=True)
    try:
        return list(session.execute(query.where(col(Duty.id).in_(ids)))), []
    except UNREADABLE:  # one row that was edited by hand must not stop the other ninety-nine
        return _read_singly(session, query, ids)


def _read_singly(
    session: Session, query: Any, ids: Sequence[int]
) -> tuple[list[Any], list[tuple[int, str]]]:
    rows: list[Any] = []
    broken: list[tuple[int, str]] = []
    for number in ids:
        try:
            rows += session.execute(query.where(col(Duty.id) == number))
        except UNREADABLE as why:
            broken.append((number, f"{type(why).__name__}: {why}"))
    return rows, broken


def _take(row: Any, told: Episode, organisation: Organisation, at: datetime) -> _Taken:
    ladder = _ladder(row.ladder)
    step = escalation.step(ladder, nth=row.nth)
    day = current().calendar.day(at)
    if step.stage is None or step.stage == 0:
        letter = LetterKind.REMINDER if step.stage is None else LetterKind.OVERDUE
        found = escalation.reach(organisation, row.owner_id, day, barred=frozenset({row.owner_id}))
        level, line_level, facts = row.level, None, {}
    else:
        letter = LetterKind.ESCALATION
        found = escalation.whom(organisation, owner=row.owner_id, heard=told.heard(), day=day)
        level = line_level = row.level if found.again else row.level + 1
        facts = _facts(found, told, organisation, row.owner_id, day)
    next_at = escalation.following(
        ladder, nth=row.nth + 1, due=row.due_at, taken_at=at, calendar=current().calendar
    )
    return _Taken(
        letter=letter,
        line=_line(row, letter, found, at=at, level=line_level, facts=facts),
        move={"b_id": row.id, "b_rev": row.rev, "b_level": level, "b_next": next_at},
        entry=_entry(row, letter, found, at=at, level=level, next_at=next_at),
        alarm=_alarm(row, found, organisation),
    )


@lru_cache(maxsize=256)
def _ladder(kept: str) -> Ladder:
    """Thousands of duties keep the same few ladders."""
    return Ladder.from_json(json.loads(kept))


def _facts(
    found: Told, told: Episode, organisation: Organisation, owner: int, day: Any
) -> dict[str, Any]:
    facts: dict[str, Any] = {"why": found.why}
    passed = passed_over(found.passed)
    unreachable = escalation.reach(organisation, owner, day, barred=frozenset({owner}))
    if isinstance(unreachable, Passed):  # nobody told the owner: the one above must know
        passed = passed_over([unreachable]) + passed
    if passed:
        facts["passed"] = passed
    if unread := [[one, "no_address"] for one in told.people if _refused(organisation, one)]:
        facts["unread"] = unread  # told before, and their address is refused since
    if found.again:
        facts["again"] = told.times(found)
    if found.gap:
        facts["gap"] = found.gap
    return facts


def _refused(organisation: Organisation, person: int) -> bool:
    post = organisation.posts.get(person)
    return post is not None and post.address is None


def _line(
    row: Any,
    letter: LetterKind,
    found: Told | Passed,
    *,
    at: datetime,
    level: int | None,
    facts: dict[str, Any],
) -> dict[str, Any] | None:
    if isinstance(found, Passed):
        return None
    return {
        "key": line_key(row.id, row.episode, row.nth, letter, found.receiver),
        "duty_id": row.id,
        "episode": row.episode,
        "nth": row.nth,
        "letter": letter,
        "level": level,
        "person_id": found.receiver,
        "on_behalf_of_id": found.stands_for,
        "facts": facts,
        "created_at": at,
    }


def _entry(
    row: Any,
    letter: LetterKind,
    found: Told | Passed,
    *,
    at: datetime,
    level: int,
    next_at: datetime,
) -> trail.Entry:
    after: dict[str, Any] = {
        "episode": row.episode,
        "nth": row.nth,
        "level": level,
        "next_at": next_at.isoformat(),
    }
    if isinstance(found, Told):
        after["told"] = found.receiver
        if found.stands_for is not None:
            after["stands_for"] = found.stands_for
        if found.passed:
            after["passed"] = passed_over(found.passed)
    else:
        after["unreachable"] = found.reason
    return trail.Entry(
        at=at,
        actor="clock",
        action=ACTIONS[letter],
        subject=f"duty:{row.id}",
        before={"level": row.level, "next_at": row.next_at.isoformat()},
        after=after,
    )


def _alarm(row: Any, found: Told | Passed, organisation: Organisation) -> dict[str, str] | None:
    owner = organisation.posts[row.owner_id]
    if isinstance(found, Passed):
        message = says.owner_unreachable(row.id, row.subject, owner.code, found.reason)
        return {"kind": "owner_unreachable", "ref": f"person:{row.owner_id}", "message": message}
    if found.receiver is None:
        message = says.nobody_to_tell(row.id, owner.code)
        return {"kind": "nobody_to_tell", "ref": f"person:{row.owner_id}", "message": message}
    if found.gap is None or (found.gap == "top" and not found.passed):
        return None
    kind = "chain_circle" if found.gap == "circle" else "chain_gap"
    message = says.chain_ends(owner.code, found.why, circle=found.gap == "circle")
    return {"kind": kind, "ref": f"person:{row.owner_id}", "message": message}


_MOVE = (
    sa.update(Duty.__table__)  # type: ignore[attr-defined]
    .where(
        col(Duty.id) == sa.bindparam("b_id"),
        col(Duty.rev) == sa.bindparam("b_rev"),
        col(Duty.state) == DutyState.OPEN,
    )
    .values(
        level=sa.bindparam("b_level"),
        next_at=sa.bindparam("b_next"),
        nth=col(Duty.nth) + 1,
        rev=col(Duty.rev) + 1,
    )
)


def _write(session: Session, steps: Sequence[_Taken], at: datetime) -> None:
    if not steps:
        return
    insert_new(session, Line, [taken.line for taken in steps if taken.line is not None])
    crash.point("climb: told, not moved")
    moved = session.connection().execute(_MOVE, [taken.move for taken in steps]).rowcount
    if moved != len(steps):
        raise ClaimLost(f"{len(steps) - moved} of {len(steps)} duties were moved by another sweep")
    crash.point("climb: moved, not recorded")
    trail.record_many(session, [taken.entry for taken in steps])
    for taken in steps:
        if taken.alarm is not None:
            alarms.raise_alarm(session, at=at, **taken.alarm)


def _set_aside(session: Session, number: int, why: str, at: datetime) -> None:
    """Try this duty again tomorrow, and tell the operator today."""
    session.execute(
        sa.update(Duty).where(col(Duty.id) == number).values(next_at=at + timedelta(days=1))
    )
    alarms.raise_alarm(
        session,
        kind="duty_set_aside",
        ref=f"duty:{number}",
        message=says.not_judged(number, why),
        at=at,
    )


def _sum(batch: _Batch) -> Climbed:
    letters = [taken.letter for taken in batch.steps]
    return Climbed(
        taken=len(batch.steps),
        reminded=letters.count(LetterKind.REMINDER),
        overdue=letters.count(LetterKind.OVERDUE),
        escalated=tuple(
            (taken.move["b_id"], taken.entry.subject, taken.move["b_level"])
            for taken in batch.steps
            if taken.letter is LetterKind.ESCALATION
        ),
        set_aside=tuple(number for number, _ in batch.broken),
    )
