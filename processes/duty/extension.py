"""Extensions (延期): asked by the owner, decided higher up, and the ladder runs on meanwhile.

A granted one begins a new episode: a later due date, level 0, and the letters begin again.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models import alarms, people, trail
from models.duty import Answer, Duty, Line
from models.extension import Extension
from models.record import Trail
from processes.alarm import wording as says
from processes.duty import climbing, telling
from processes.duty import issued as duties
from processes.mail.lines import line, promise
from rules import escalation
from rules import extension as rule
from rules.escalation import Ladder
from rules.refusal import NotFound
from rules.words import DutyKind, LetterKind, Role

MOST_AHEAD: Final = timedelta(days=7)  # of a clock that was set back

# What else moves when a duty about this kind of subject is extended.
ON_GRANTED: Final[dict[str, Callable[[Session, Duty, datetime], None]]] = {}


def ask(
    session: Session, duty: Duty, *, by_id: int, until: date, reason: str, at: datetime, via: str
) -> Extension:
    """Ask for a later date; issues the duty to decide. Raises a `Refused` of `rules/extension`."""
    now = current()
    _refuse_second(session, duty)
    rule.check(
        until=until,
        due_on=now.calendar.day(duty.due_at),
        today=now.calendar.day(at),
        granted=duty.extensions,
        most=now.policy.extensions.most,
        days_ahead=now.policy.extensions.days_ahead[duty.severity],
        reason=reason,
    )
    assert duty.id is not None
    asked = Extension(
        duty_id=duty.id,
        episode=duty.episode,
        asked_by_id=by_id,
        asked_at=at,
        until=until,
        reason=reason.strip(),
    )
    said = {"until": until.isoformat(), "reason": reason.strip()}
    answer = Answer(
        duty_id=duty.id, act="ask_extension", person_id=by_id, via=via[:300], data=said, at=at
    )
    session.add_all([asked, answer])
    session.flush()
    _ask_decider(session, duty, asked, at=at)
    trail.record(
        session,
        at=at,
        actor=f"person:{by_id}",
        action="extension.asked",
        subject=f"duty:{duty.id}",
        after={"until": until.isoformat(), "decide_duty": asked.decide_duty_id},
    )
    return asked


def decide(
    session: Session, decision: Duty, *, by_id: int, granted: bool, note: str, at: datetime
) -> None:
    """Grant or refuse what this decision is about; the caller discharges the decision itself."""
    asked = asked_by_decision(session, decision)
    duty = duties.open_for_update(session, asked.duty_id)
    asked.decided_by_id, asked.decided_at = by_id, at
    asked.granted, asked.note = granted, note.strip()
    session.add(asked)
    _tell(session, duty, asked, at=at)
    before = {"due_at": duty.due_at.isoformat(), "episode": duty.episode}
    if granted:
        _begin_episode(session, duty, asked, at=at)
    trail.record(
        session,
        at=at,
        actor=f"person:{by_id}",
        action="extension.granted" if granted else "extension.refused",
        subject=f"duty:{duty.id}",
        before=before,
        after={"due_at": duty.due_at.isoformat(), "episode": duty.episode},
    )


def asked_by_decision(session: Session, decision: Duty) -> Extension:
    """Return what this duty to decide is about."""
    asked = session.exec(
        select(Extension).where(col(Extension.decide_duty_id) == decision.id)
    ).one_or_none()
    if asked is None:
        raise NotFound(what="extension", code=decision.id)
    return asked


def asked_of(session: Session, duty_id: int) -> list[Extension]:
    """Return every extension asked of a duty, oldest first."""
    return list(
        session.exec(
            select(Extension).where(col(Extension.duty_id) == duty_id).order_by(col(Extension.id))
        )
    )


def _refuse_second(session: Session, duty: Duty) -> None:
    if duty.kind == DutyKind.DECIDE_EXTENSION:
        raise rule.NotExtendable
    for asked in asked_of(session, duty.id or 0):
        if asked.granted is None:
            raise rule.ExtensionAlreadyAsked(until=asked.until)


def _ask_decider(session: Session, duty: Duty, asked: Extension, *, at: datetime) -> None:
    now = current()
    organisation = people.organisation(session)
    assert duty.id is not None
    told = telling.heard(session, [duty.id]).get(duty.id)
    who = rule.decider(
        organisation,
        owner=duty.owner_id,
        asker=asked.asked_by_id,
        told=told.receivers if told else [],
        last_resorts=(
            *organisation.holders(Role.QUALITY_HEAD),
            *organisation.holders(Role.TOP_MANAGEMENT),
        ),
        day=now.calendar.day(at),
    )
    if who is None:
        alarms.raise_alarm(
            session,
            kind="nobody_to_decide",
            ref=f"duty:{duty.id}",
            message=says.nobody_decides(duty.id),
            at=at,
        )
        return
    decision = duties.issue(
        session,
        kind=DutyKind.DECIDE_EXTENSION,
        subject_kind=duty.subject_kind,
        subject=duty.subject,
        title=duty.title,
        project=duty.project,
        owner_id=who,
        due_at=now.calendar.working_days(at, now.policy.deadlines.extension_working_days),
        at=at,
        letter=LetterKind.EXTENSION_ASKED,
        facts=_facts(asked, duty),
        actor=f"person:{asked.asked_by_id}",
    )
    asked.decide_duty_id = decision.id
    session.add(asked)
    session.flush()


def _tell(session: Session, duty: Duty, asked: Extension, *, at: datetime) -> None:
    """The asker hears either way; a granted one is told to quality and to everyone told."""
    hear: list[int | None] = [asked.asked_by_id]
    if asked.granted:
        organisation = people.organisation(session)
        quality = organisation.holders(Role.QUALITY_HEAD) or organisation.holders(Role.QUALITY)
        told = session.exec(
            select(Line.person_id).where(
                col(Line.duty_id) == duty.id,
                col(Line.episode) == duty.episode,
                col(Line.level).is_not(None),
            )
        )
        hear += [duty.owner_id, *quality, *told]
    promise(
        session,
        [
            line(
                duty,
                LetterKind.EXTENSION_DECIDED,
                person,
                at=at,
                facts=_facts(asked, duty),
                occasion=asked.id,
            )
            for person in dict.fromkeys(hear)
        ],
    )


def _begin_episode(session: Session, duty: Duty, asked: Extension, *, at: datetime) -> None:
    now = current()
    duty.due_at = now.calendar.close_of(asked.until)
    duty.episode += 1
    duty.extensions += 1
    duty.level, duty.nth, duty.acknowledged_level = 0, 0, -1
    policy = now.policy.ladder(duty.kind, duty.severity)
    # The reminder is the policy's again: the kept ladder may have lost it to a short first period.
    kept = Ladder.from_json({**duty.ladder, "reminder": policy.reminder})
    ladder = escalation.fitted(kept, issued=at, due=duty.due_at, calendar=now.calendar)
    duty.ladder = ladder.to_json()
    # Never on the day of the decision: a day that is over when it is granted is overdue at once,
    # and the earlier episode may have taken its step of this day already; or, if the clock was
    # set back since, of a day that comes again.
    duty.next_at = escalation.following(
        ladder,
        nth=0,
        due=duty.due_at,
        taken_at=_last_step(session, duty, at),
        calendar=now.calendar,
    )
    duty.rev += 1
    session.add(duty)
    session.flush()
    moved = ON_GRANTED.get(duty.subject_kind)
    if moved is not None:
        moved(session, duty, at)


def _last_step(session: Session, duty: Duty, at: datetime) -> datetime:
    """Return when the last step was taken as far as that matters now; `at` if none was later.

    A clock that had been ahead by more than a week was wrong: it must not put a ladder to sleep.
    """
    last = session.exec(
        select(sa.func.max(Trail.at)).where(
            col(Trail.subject) == f"duty:{duty.id}",
            col(Trail.action).in_(climbing.ACTIONS.values()),
            col(Trail.at) <= at + MOST_AHEAD,
        )
    ).one()
    return max(at, last or at)


def _facts(asked: Extension, duty: Duty) -> dict[str, Any]:
    return {
        "asked_by": asked.asked_by_id,
        "asked_until": asked.until.isoformat(),
        "reason": asked.reason,
        "was_due_at": duty.due_at.isoformat(),
        "granted": asked.granted,
        "note": asked.note,
        "decided_by": asked.decided_by_id,
        "about": duty.kind,
    }
