"""A day off or a make-up day that was entered later (日历变更): open duties move with it.

The next step of each open duty is counted anew by the calendar of today. A due date that falls
on a day off now moves to the same time of the next working day, and its owner gets one letter
that says so. Each duty that moves leaves one row in the trail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models import people, trail
from models.base import columns
from models.duty import Duty
from models.engine import reading, transaction
from models.extension import Extension
from models.record import Trail
from models.site_calendar import SiteCalendar
from processes import plug
from processes.duty.climbing import ACTIONS
from processes.mail.lines import line, promise
from rules import escalation, stepping
from rules.calendar import Calendar
from rules.escalation import Told
from rules.stepping import Ladder
from rules.words import DutyState, LetterKind


def follow(at: datetime) -> int:
    """Bring open duties into line with calendars that have changed; return how many moved."""
    calendars = _calendars()
    with reading() as session:
        known = dict(session.exec(select(SiteCalendar.name, SiteCalendar.mark)).all())
    changed = [one for one in calendars if known.get(one.name) != one.mark]
    return _follow([one.name for one in changed], at) if changed else 0


@transaction
def _follow(session: Session, names: Sequence[str], at: datetime) -> int:
    moved = 0
    for calendar in _calendars():
        if calendar.name not in names:
            continue
        row = session.get(SiteCalendar, calendar.name)
        if row is None:
            row = SiteCalendar(name=calendar.name, mark=calendar.mark, since=at)
        elif row.mark != calendar.mark:
            moved += sum(_moved(session, duty, calendar, at) for duty in _open(session, calendar))
            row.mark, row.since = calendar.mark, at
        session.add(row)
    return moved


def _calendars() -> list[Calendar]:
    now = current()
    return [now.calendar, *now.sites.values()]


def _open(session: Session, calendar: Calendar) -> Sequence[Duty]:
    now, duty = current(), columns(Duty)
    named = duty.calendar == calendar.name
    if calendar is now.calendar:  # also those of a site that is no longer named
        named = duty.calendar.not_in(list(now.sites))
    query = select(Duty).where(col(Duty.state) == DutyState.OPEN, named)
    return session.exec(query.order_by(col(Duty.id)).with_for_update()).all()


@dataclass(frozen=True, slots=True)
class _Taken:
    """What a duty's trail says of its last step, and of an acknowledgement after it."""

    last: datetime | None = None
    put_off: bool = False


def _moved(session: Session, duty: Duty, calendar: Calendar, at: datetime) -> bool:
    before = {"due_at": duty.due_at, "next_at": duty.next_at}
    was_due = duty.due_at
    if was_due > at and not calendar.is_working(calendar.day(was_due)):
        duty.due_at = calendar.add(was_due, 1)
    if duty.next_at > at and duty.late_since is None:
        duty.next_at = max(_next(session, duty, calendar), calendar.opening(at))
    after = {"due_at": duty.due_at, "next_at": duty.next_at}
    if after == before:
        return False
    duty.rev += 1
    session.add(duty)
    session.flush()
    if duty.due_at != was_due:
        _tell(session, duty, was_due, calendar, at)
    trail.record(
        session,
        at=at,
        actor="clock",
        action="duty.calendar_changed",
        subject=f"duty:{duty.id}",
        before={key: value.isoformat() for key, value in before.items()},
        after={key: value.isoformat() for key, value in after.items()},
    )
    return True


def _next(session: Session, duty: Duty, calendar: Calendar) -> datetime:
    """Return when the next step is due by the calendar of today."""
    ladder, taken = Ladder.from_json(duty.ladder), _taken(session, duty)
    if duty.nth == 0 and duty.episode == 1:
        return stepping.first_instant(
            ladder, issued=duty.entered_at or duty.issued_at, due=duty.due_at, calendar=calendar
        )
    last = taken.last or duty.issued_at
    if duty.nth == 0:
        last = max(last, _granted(session, duty) or last)
    found = stepping.following(
        ladder, nth=duty.nth, due=duty.due_at, taken_at=last, calendar=calendar
    )
    return stepping.acknowledged(found, calendar) if taken.put_off else found


def _taken(session: Session, duty: Duty) -> _Taken:
    rows = session.exec(
        select(Trail)
        .where(
            col(Trail.subject) == f"duty:{duty.id}",
            col(Trail.action).in_([*ACTIONS.values(), "duty.acknowledged"]),
        )
        .order_by(col(Trail.seq))
    )
    last: datetime | None = None
    put_off = False
    for row in rows:
        if row.action == "duty.acknowledged":
            put_off |= _instant(row.before) != _instant(row.after)
        else:
            last, put_off = row.at, False
    return _Taken(last, put_off)


def _instant(kept: dict[str, Any] | None) -> str:
    return str((kept or {}).get("next_at", ""))


def _granted(session: Session, duty: Duty) -> datetime | None:
    return session.exec(
        select(sa.func.max(Extension.decided_at)).where(
            col(Extension.duty_id) == duty.id, col(Extension.granted).is_(sa.true())
        )
    ).one()


def _tell(
    session: Session, duty: Duty, was_due: datetime, calendar: Calendar, at: datetime
) -> None:
    """Let the owner hear that the due date has moved, and move what else hangs on it."""
    organisation = people.organisation(session)
    found = escalation.reach(
        organisation, duty.owner_id, calendar.day(at), barred=frozenset({duty.owner_id})
    )
    if isinstance(found, Told):
        told = line(
            duty,
            LetterKind.ASSIGNMENT,
            found.receiver,
            at=at,
            on_behalf_of=found.stands_for,
            facts={"was_due_at": was_due.isoformat(), "calendar_changed": True},
            occasion=duty.rev,
        )
        opens = calendar.opening(at)
        promise(session, [{**told, "set_aside_until": opens if opens > at else None}])
    plug.tell(f"extended:{duty.subject_kind}", session, duty, at)
