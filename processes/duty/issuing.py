"""Many duties at once (批量开出待办): a month's thousand checks in a handful of statements.

What each duty is given is what `processes/duties.issue` gives it: the ladder copied from the
policy, the letter to its owner, one trail row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from config.current import current
from models import alarms, people, trail
from models.base import table_of
from models.duty import Duty
from notifications.keys import line_key
from processes.alarm import wording as says
from processes.duty import issued as duties
from processes.mail.lines import promise
from rules import escalation
from rules.calendar import Calendar
from rules.escalation import Passed, Told
from rules.words import DutyKind, DutyState, LetterKind, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One thing to be owed; the fields are those of `duties.issue`."""

    kind: DutyKind | str
    subject_kind: str
    subject: str
    title: str
    owner_id: int
    due_at: datetime
    severity: Severity = Severity.MINOR
    project: str | None = None
    letter: LetterKind = LetterKind.ASSIGNMENT
    facts: dict[str, Any] = field(default_factory=dict)
    round: int = 1
    issued_at: datetime | None = None  # None: at the instant of the batch
    entered_at: datetime | None = None
    calendar: Calendar | None = None  # None: that of the home


def issue_many(
    session: Session, owed: Sequence[Owed], *, at: datetime, actor: str = "clock"
) -> list[int]:
    """Issue duties; return their numbers in the order given."""
    numbers = issue_unrecorded(session, owed, at=at)
    trail.record_many(session, entries(owed, numbers, at=at, actor=actor))
    return numbers


def issue_unrecorded(session: Session, owed: Sequence[Owed], *, at: datetime) -> list[int]:
    """Issue duties whose `entries` the caller records among others of its own."""
    if not owed:
        return []
    ladders = _Ladders(at)
    rows = [_row(one, ladders, at) for one in owed]
    numbers = list(
        session.execute(
            sa.insert(table_of(Duty)).returning(col(Duty.id), sort_by_parameter_order=True), rows
        ).scalars()
    )
    _tell(session, owed, numbers, at=at)
    return numbers


def entries(
    owed: Sequence[Owed], numbers: Sequence[int], *, at: datetime, actor: str
) -> list[trail.Entry]:
    """Return what the trail says of duties that were issued."""
    return [
        trail.Entry(
            at=one.issued_at or at,
            actor=actor,
            action="duty.issued",
            subject=f"duty:{number}",
            after={
                "kind": str(one.kind),
                "about": f"{one.subject_kind}:{one.subject}",
                "owner": one.owner_id,
                "due_at": one.due_at.isoformat(),
                "severity": one.severity.value,
                "level": 0,
            },
        )
        for one, number in zip(owed, numbers, strict=True)
    ]


class _Ladders:
    """The fitted ladder and first step of each kind, severity and deadline, worked out once."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.known: dict[tuple[Any, ...], dict[str, Any]] = {}

    def of(self, one: Owed) -> dict[str, Any]:
        kind, severity, at = str(one.kind), one.severity, one.issued_at or self.at
        key = (kind, severity, one.due_at, at, one.calendar and one.calendar.name)
        if key not in self.known:
            self.known[key] = duties.steps(
                kind, severity, due_at=one.due_at, at=at, calendar=one.calendar
            )
        return self.known[key]


def _row(one: Owed, ladders: _Ladders, at: datetime) -> dict[str, Any]:
    return {
        "kind": str(one.kind),
        "subject_kind": one.subject_kind,
        "subject": one.subject,
        "title": one.title[:300],
        "project": one.project,
        "round": one.round,
        "owner_id": one.owner_id,
        "issued_at": one.issued_at or at,
        "due_at": one.due_at,
        "first_due_at": one.due_at,
        "severity": one.severity,
        "state": DutyState.OPEN,
        "episode": 1,
        "level": 0,
        "nth": 0,
        "acknowledged_level": -1,
        "extensions": 0,
        "rev": 0,
        "entered_at": one.entered_at,
        **ladders.of(one),
    }


def _tell(session: Session, owed: Sequence[Owed], numbers: Sequence[int], *, at: datetime) -> None:
    organisation, calendar = people.organisation(session), current().calendar
    found: dict[tuple[int, date], Told | Passed] = {}
    lines = []
    for one, number in zip(owed, numbers, strict=True):
        owner, day = one.owner_id, calendar.day(one.issued_at or at)
        if (owner, day) not in found:
            barred = frozenset({owner})
            found[owner, day] = escalation.reach(organisation, owner, day, barred=barred)
        told = found[owner, day]
        if isinstance(told, Told):
            lines.append(_line(one, number, told, one.issued_at or at))
        else:
            alarms.raise_alarm(
                session,
                kind="owner_unreachable",
                ref=f"person:{one.owner_id}",
                message=says.owner_unreachable(
                    number, one.subject, organisation.posts[one.owner_id].code, told.reason
                ),
                at=one.issued_at or at,
            )
    promise(session, lines)


def _line(one: Owed, number: int, told: Told, at: datetime) -> dict[str, Any]:
    return {
        "key": line_key(number, 1, 0, one.letter, told.receiver),
        "duty_id": number,
        "episode": 1,
        "nth": 0,
        "letter": one.letter,
        "level": None,
        "person_id": told.receiver,
        "on_behalf_of_id": told.stands_for,
        "facts": one.facts,
        "created_at": at,
    }
