"""Duties (待办): issued, acknowledged, discharged, withdrawn; climbing is in `climbing.py`.

Every function here but `due` takes the session of the process that calls it: issuing the next
duty belongs to the same transaction as the answer that made it necessary.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models import alarms, people, trail
from models.duty import Answer, Duty, Line
from models.engine import reading
from models.extension import Extension
from models.nonconformity import Evidence
from processes.alarm import wording as says
from processes.duty import site
from processes.duty.telling import Episode, heard, passed_over, told_at
from processes.mail.lines import line, promise
from rules import escalation, stepping
from rules.calendar import Calendar
from rules.escalation import Told
from rules.letters import letters_that
from rules.refusal import AlreadyAnswered, NotFound, Withdrawn
from rules.words import DutyKind, DutyState, LetterKind, Severity

BATCH: Final = 100


def due(at: datetime, limit: int = BATCH, after: tuple[datetime, int] | None = None) -> list[int]:
    """Return the open duties whose next step is due at `at`, the longest waiting first.

    `after` (next_at, id) goes on behind a row that could not be taken.
    """
    with reading() as session:
        query = (
            select(Duty.id)
            .where(col(Duty.state) == DutyState.OPEN, col(Duty.next_at) <= at)
            .order_by(col(Duty.next_at), col(Duty.id))
            .limit(limit)
        )
        if after is not None:
            query = query.where(sa.tuple_(col(Duty.next_at), col(Duty.id)) > after)
        return [number for number in session.exec(query) if number is not None]


def issue(
    session: Session,
    *,
    kind: DutyKind | str,
    subject_kind: str,
    subject: str,
    title: str,
    owner_id: int,
    due_at: datetime,
    at: datetime,
    severity: Severity = Severity.MINOR,
    project: str | None = None,
    round: int = 1,  # noqa: A002 - the field's word for one turn of answering
    letter: LetterKind = LetterKind.ASSIGNMENT,
    facts: dict[str, Any] | None = None,
    entry: int = 0,
    entered_at: datetime | None = None,
    actor: str = "clock",
    announced: bool = True,
) -> Duty:
    """Owe something: one row, the letter to its owner, one trail row.

    `due_at` is an instant of the working calendar. `entry` levels are told at once, so that
    the first step of the ladder already tells the one above them (a second ineffective
    verification). An owner who cannot be reached is no error: the ladder says so above him.
    `entered_at` is when it was written down, if that is later than `at`: what is past due by
    then gives its owner three working days before the first step.
    What is brought in from a register is not `announced`: its owner knows it from there.
    """
    due_at = site.working(site.calendar_of(session, owner_id), due_at)
    duty = Duty(
        kind=str(kind),
        subject_kind=subject_kind,
        subject=subject,
        title=title,
        project=project,
        round=round,
        owner_id=owner_id,
        issued_at=at,
        due_at=due_at,
        first_due_at=due_at,
        severity=severity,
        entered_at=entered_at if entered_at and due_at <= entered_at else None,
        **steps(
            str(kind), severity, due_at=due_at, at=at, calendar=site.calendar_of(session, owner_id)
        ),
    )
    session.add(duty)
    session.flush()
    if announced:
        _tell_owner(session, duty, letter, at=at, facts=facts)
    for _ in range(entry):
        _enter_one_level(session, duty, letter, at=at, facts=facts)
    _record_issue(session, duty, at=at, actor=actor)
    return duty


def steps(
    kind: str,
    severity: Severity,
    *,
    due_at: datetime,
    at: datetime,
    calendar: Calendar | None = None,
) -> dict[str, Any]:
    """Return the ladder of a new duty, copied from the policy of the day, and its first step."""
    days = calendar or current().calendar
    ladder = stepping.fitted(
        current().policy.ladder(kind, severity), issued=at, due=due_at, calendar=days
    )
    first = stepping.first_instant(ladder, issued=at, due=due_at, calendar=days)
    return {"ladder": ladder.to_json(), "calendar": days.name, "next_at": first}


def discharge(
    session: Session, duty: Duty, *, by_id: int | None, at: datetime, actor: str | None = None
) -> None:
    """End a duty because it was answered; everyone who was told hears that it is over."""
    _end(session, duty, DutyState.DISCHARGED, by_id=by_id, at=at, actor=actor, why=None)


def withdraw(
    session: Session,
    duty: Duty,
    *,
    at: datetime,
    why: str,
    note: str | None = None,
    actor: str = "clock",
) -> None:
    """End a duty because nothing is owed any more; its owner hears it too.

    `why` is one of our sentences, `note` what somebody wrote about it.
    """
    _end(session, duty, DutyState.WITHDRAWN, by_id=None, at=at, actor=actor, why=why, note=note)


def open_for_update(session: Session, number: int) -> Duty:
    """Return the duty, locked until this transaction ends, or refuse politely if it is over."""
    duty = session.exec(
        select(Duty)
        .where(col(Duty.id) == number)
        .with_for_update()
        .execution_options(populate_existing=True)  # it may have been read before the lock
    ).one_or_none()
    if duty is None:
        raise NotFound(what="duty", code=number)
    if duty.state is DutyState.WITHDRAWN:
        raise Withdrawn(at=_local(duty.ended_at), instant=duty.ended_at)
    if duty.state is DutyState.DISCHARGED:
        by = people.organisation(session).posts.get(duty.ended_by_id or 0)
        raise AlreadyAnswered(
            person=by.name if by else "-", at=_local(duty.ended_at), instant=duty.ended_at
        )
    return duty


def open_duties_about(session: Session, subject_kind: str, subject: str) -> Sequence[Duty]:
    """Return what is still owed about one thing."""
    return session.exec(
        select(Duty)
        .where(
            col(Duty.subject_kind) == subject_kind,
            col(Duty.subject) == subject,
            col(Duty.state) == DutyState.OPEN,
        )
        .order_by(col(Duty.id))
    ).all()


def acknowledge(session: Session, duty: Duty, *, by_id: int, at: datetime, via: str) -> bool:
    """Record 已知悉; True if it moved the next step by one working day.

    Each level moves one step once, and only the step that follows it. It stops nothing.
    """
    moves = duty.acknowledged_level < duty.level and told_at(session, duty, duty.level, by_id)
    before = duty.next_at
    if moves:
        calendar = current().calendar_named(duty.calendar)
        duty.next_at = stepping.acknowledged(duty.next_at, calendar)
        duty.acknowledged_level = duty.level
        duty.rev += 1
        session.add(duty)
    assert duty.id is not None
    session.add(Answer(duty_id=duty.id, act="acknowledge", person_id=by_id, via=via[:300], at=at))
    trail.record(
        session,
        at=at,
        actor=f"person:{by_id}",
        action="duty.acknowledged",
        subject=f"duty:{duty.id}",
        before={"next_at": before.isoformat()},
        after={"next_at": duty.next_at.isoformat(), "level": duty.level},
    )
    return moves


def files(session: Session, duty_id: int) -> int:
    """Return how many files of evidence are attached to it and have not been deleted."""
    return session.exec(
        select(sa.func.count())
        .select_from(Evidence)
        .where(col(Evidence.duty_id) == duty_id, col(Evidence.deleted_at).is_(None))
    ).one()


def _record_issue(session: Session, duty: Duty, *, at: datetime, actor: str) -> None:
    trail.record(
        session,
        at=at,
        actor=actor,
        action="duty.issued",
        subject=f"duty:{duty.id}",
        after={
            "kind": duty.kind,
            "about": f"{duty.subject_kind}:{duty.subject}",
            "owner": duty.owner_id,
            "due_at": duty.due_at.isoformat(),
            "severity": duty.severity.value,
            "level": duty.level,
        },
    )


def _tell_owner(
    session: Session,
    duty: Duty,
    letter: LetterKind,
    *,
    at: datetime,
    facts: dict[str, Any] | None,
) -> None:
    organisation = people.organisation(session)
    found = escalation.reach(
        organisation,
        duty.owner_id,
        current().calendar.day(at),
        barred=frozenset({duty.owner_id}),
    )
    if isinstance(found, Told):
        promise(
            session,
            [
                line(
                    duty,
                    letter,
                    found.receiver,
                    at=at,
                    on_behalf_of=found.stands_for,
                    facts=facts,
                )
            ],
        )
        return
    alarms.raise_alarm(
        session,
        kind="owner_unreachable",
        ref=f"person:{duty.owner_id}",
        message=says.owner_unreachable(
            duty.id, duty.subject, organisation.posts[duty.owner_id].code, found.reason
        ),
        at=at,
    )


def _enter_one_level(
    session: Session,
    duty: Duty,
    letter: LetterKind,
    *,
    at: datetime,
    facts: dict[str, Any] | None,
) -> None:
    assert duty.id is not None
    known = heard(session, [duty.id]).get(duty.id, Episode())
    told = escalation.whom(
        people.organisation(session),
        owner=duty.owner_id,
        heard=known.heard(),
        day=current().calendar.day(at),
    )
    if told.again:
        return
    duty.level += 1
    promise(
        session,
        [
            line(
                duty,
                letter,
                told.receiver,
                at=at,
                level=duty.level,
                on_behalf_of=told.stands_for,
                facts={**(facts or {}), "passed": passed_over(told.passed)},
            )
        ],
    )
    session.add(duty)
    session.flush()


def _end(
    session: Session,
    duty: Duty,
    state: DutyState,
    *,
    by_id: int | None,
    at: datetime,
    actor: str | None,
    why: str | None,
    note: str | None = None,
) -> None:
    duty.state = state
    duty.ended_at = at
    duty.ended_by_id = by_id
    duty.rev += 1
    session.add(duty)
    session.flush()
    reasons = {name: text for name, text in (("why", why), ("note", note)) if text}
    outcome = {"outcome": state.value, "by": by_id, **reasons}
    promise(
        session,
        [
            line(duty, LetterKind.OVER, person, at=at, facts=outcome)
            for person in _who_hears_the_end(session, duty)
        ],
    )
    trail.record(
        session,
        at=at,
        actor=actor or (f"person:{by_id}" if by_id else "clock"),
        action=f"duty.{state.value}",
        subject=f"duty:{duty.id}",
        before={"state": DutyState.OPEN.value, "level": duty.level, "episode": duty.episode},
        after={"state": state.value, **({"why": why} if why else {})},
    )
    for decision in _undecided(session, duty):
        withdraw(session, decision, at=at, why="the duty it was about has ended")


def _undecided(session: Session, duty: Duty) -> Sequence[Duty]:
    """Return the open decisions on extensions of this duty: there is nothing left to extend."""
    return session.exec(
        select(Duty)
        .join(Extension, col(Extension.decide_duty_id) == Duty.id)
        .where(
            col(Extension.duty_id) == duty.id,
            col(Extension.granted).is_(None),
            col(Duty.state) == DutyState.OPEN,
        )
    ).all()


def _who_hears_the_end(session: Session, duty: Duty) -> list[int | None]:
    """Everyone told at a level in any episode; the owner too, if it was not he who ended it."""
    told = list(
        session.exec(
            select(Line.person_id)
            .where(
                col(Line.duty_id) == duty.id,
                col(Line.level).is_not(None),
                col(Line.letter).in_(letters_that(lambda traits: traits.tells_above)),
            )
            .order_by(col(Line.id))
        )
    )
    if duty.ended_by_id != duty.owner_id:
        told.append(duty.owner_id)
    return list(dict.fromkeys(told))


def _local(instant: datetime | None) -> str:
    if instant is None:
        return "-"
    zone = current().settings.zone
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"
