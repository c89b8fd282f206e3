"""Many duties at once (批量开出待办): a month's thousand checks as rows, not a thousand acts.

The same rows, letters and trail as `duties.issue` leaves one by one, in a few statements.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from config.current import current
from models import alarms, people, trail
from models.base import table_of
from models.duty import Duty
from notifications.keys import line_key
from processes.lines import promise
from rules import escalation
from rules.escalation import Told
from rules.words import DutyState, LetterKind, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One thing to be owed, on the ladder of a minor one."""

    kind: str
    subject_kind: str
    subject: str
    title: str
    owner_id: int
    due_at: datetime
    project: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)  # of the letter


def issue_many(
    session: Session, owed: Sequence[Owed], *, at: datetime, actor: str = "clock"
) -> list[int]:
    """Owe all of it: rows, a letter to each owner, and the trail; return the duties' numbers."""
    if not owed:
        return []
    duty = table_of(Duty)
    statement = sa.insert(duty).returning(duty.c.id, sort_by_parameter_order=True)
    numbers = list(session.scalars(statement, [_row(one, at) for one in owed]))
    pairs = list(zip(numbers, owed, strict=True))
    promise(session, [row for pair in pairs if (row := _line(session, *pair, at))])
    trail.record_many(session, [_entry(*pair, at, actor) for pair in pairs])
    return numbers


def _row(one: Owed, at: datetime) -> dict[str, Any]:
    now = current()
    ladder = escalation.fitted(
        now.policy.ladder(one.kind, Severity.MINOR),
        issued=at,
        due=one.due_at,
        calendar=now.calendar,
    )
    return {
        "kind": one.kind,
        "subject_kind": one.subject_kind,
        "subject": one.subject,
        "title": one.title,
        "project": one.project,
        "round": 1,
        "owner_id": one.owner_id,
        "issued_at": at,
        "due_at": one.due_at,
        "first_due_at": one.due_at,
        "severity": Severity.MINOR,
        "state": DutyState.OPEN,
        "ladder": ladder.to_json(),
        "calendar": now.calendar.name,
        "episode": 1,
        "level": 0,
        "nth": 0,
        "acknowledged_level": -1,
        "extensions": 0,
        "next_at": escalation.instant_of(ladder, nth=0, due=one.due_at, calendar=now.calendar),
        "rev": 0,
    }


def _line(session: Session, number: int, one: Owed, at: datetime) -> dict[str, Any] | None:
    """Return the letter to the owner or who stands in; an alarm where nobody can be reached."""
    found = escalation.reach(
        people.organisation(session),
        one.owner_id,
        current().calendar.day(at),
        barred=frozenset({one.owner_id}),
    )
    if not isinstance(found, Told):
        message = f"duty {number} about {one.subject}: its owner is {found.reason}"
        ref = f"person:{one.owner_id}"
        alarms.raise_alarm(session, kind="owner_unreachable", ref=ref, message=message, at=at)
        return None
    return {
        "key": line_key(number, 1, 0, LetterKind.ASSIGNMENT, found.receiver, round_=None),
        "duty_id": number,
        "episode": 1,
        "nth": 0,
        "letter": LetterKind.ASSIGNMENT,
        "level": None,
        "person_id": found.receiver,
        "on_behalf_of_id": found.stands_for,
        "facts": one.facts,
        "created_at": at,
    }


def _entry(number: int, one: Owed, at: datetime, actor: str) -> trail.Entry:
    return trail.Entry(
        at=at,
        actor=actor,
        action="duty.issued",
        subject=f"duty:{number}",
        after={
            "kind": one.kind,
            "about": f"{one.subject_kind}:{one.subject}",
            "owner": one.owner_id,
            "due_at": one.due_at.isoformat(),
            "severity": Severity.MINOR.value,
            "level": 0,
        },
    )
