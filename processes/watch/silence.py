"""Silence (停摆告警): what should have moved and did not, seen by whoever is still awake.

Lateness alone is no silence: after a night off everything is late and moves. So a look is
compared with the one before: only what stands still, unchanged, for the policy's minutes is an
alarm. The alarm is cleared when it moves again and kept for the next management review.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from config.schedule import Schedule
from models import alarms
from models import relay as relays
from models.duty import Duty, Line
from models.engine import reading, writing
from models.notice import Notice, NoticeState
from models.record import Alarm, Beat, Hold, Lease
from models.upsert import insert_new
from processes.alarm import wording as says
from processes.mail import relaying
from processes.watch.health import CLOCK
from processes.watch.waking import ACT, DELIVER, WHEEL
from rules.words import DutyState

KIND: Final = "silence"  # kind of alarm; its ref is the part
LOOKED: Final = "silence"  # the beat that remembers the last look
LATE: Final = timedelta(seconds=60)
APART: Final = timedelta(minutes=20)  # looks farther apart are no watch: begin anew

Still = Mapping[str, tuple[str, str]]  # part: (what it stands at, the sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """One part that stands still, and since when it was seen to."""

    part: str
    since: datetime
    message: str


def look(at: datetime, schedule: Schedule) -> list[Silence]:
    """Compare with the look before, raise and clear the alarms; return what is silent."""
    patience = timedelta(minutes=schedule.silence_minutes)
    still = _still(at, schedule)
    with writing() as session:
        before = _remembered(session, at)
        seen = {part: _since(before.get(part), mark, at) for part, (mark, _) in still.items()}
        silent = [
            Silence(part=part, since=since, message=still[part][1])
            for part, since in seen.items()
            if at - since >= patience
        ]
        _keep(session, {part: (still[part][0], since) for part, since in seen.items()}, at)
        _alarm(session, silent, at)
    return silent


def between(first: datetime, last: datetime) -> list[Alarm]:
    """Return the silences that fell into a period, for the management review of it."""
    with reading() as session:
        query = select(Alarm).where(
            col(Alarm.kind) == KIND,
            col(Alarm.first_at) < last,
            sa.or_(col(Alarm.cleared_at).is_(None), col(Alarm.cleared_at) >= first),
        )
        return list(session.exec(query.order_by(col(Alarm.first_at))))


def _still(at: datetime, schedule: Schedule) -> Still:
    """Return what is late now and not on hold, with what would differ if it moved."""
    wanted = relaying.next_at(at)
    with reading() as session:
        held = set(session.exec(select(Hold.flow)))
        found = dict(_clock(session, at))
        if ACT not in held:
            found |= dict(_steps(session, at))
        if DELIVER not in held:
            found |= dict(_outbox(session, at, wanted))
        if WHEEL not in held:
            found |= dict(_wheel(session, at, schedule))
    return found


def _clock(session: Session, at: datetime) -> Iterator[tuple[str, tuple[str, str]]]:
    lease = session.get(Lease, CLOCK)
    if lease is None or lease.token == 0:
        yield "clock", ("never", says.clock_silent(None))
    elif lease.until < at - LATE:
        yield "clock", (lease.until.isoformat(), says.clock_silent(lease.until))


def _steps(session: Session, at: datetime) -> Iterator[tuple[str, tuple[str, str]]]:
    query = select(Duty.next_at, Duty.id).where(col(Duty.state) == DutyState.OPEN)
    first = session.exec(query.order_by(col(Duty.next_at), col(Duty.id)).limit(1)).first()
    if first is not None and first[0] < at - LATE:
        said = says.step_silent(first[1], first[0])
        yield "steps", (f"{first[0].isoformat()}:{first[1]}", said)
        return
    waiting = select(Line.id, Line.created_at).where(
        col(Line.notice_id).is_(None),
        col(Line.dropped_at).is_(None),
        col(Line.set_aside_until).is_(None),
        col(Line.created_at) < at - LATE,
    )
    line = session.exec(waiting.order_by(col(Line.id)).limit(1)).first()
    if line is not None:
        yield "steps", (f"line:{line[0]}", says.line_silent(line[1]))


def _outbox(
    session: Session, at: datetime, wanted: datetime | None
) -> Iterator[tuple[str, tuple[str, str]]]:
    if wanted is None:
        return
    standing = relays.any_standing(session)
    patience = timedelta(minutes=current().policy.mail.alarm_minutes)
    if standing.since is not None and standing.since < at - patience:
        yield "outbox", (standing.since.isoformat(), says.relay_silent(standing.since))
    elif wanted < at - LATE:
        query = select(sa.func.count()).where(col(Notice.state) == NoticeState.PENDING)
        waiting = session.exec(query).one()
        said = says.sender_silent(waiting, wanted)
        yield "outbox", (f"{wanted.isoformat()}:{waiting}", said)


def _wheel(
    session: Session, at: datetime, schedule: Schedule
) -> Iterator[tuple[str, tuple[str, str]]]:
    """The clock makes a turn that did not come within the grace; after twice that it did not."""
    grace = 2 * schedule.wheel_grace_minutes
    expected = schedule.last_turn(at, current().settings.zone, grace_minutes=grace)
    turned = session.exec(select(Beat.at).where(col(Beat.name) == WHEEL)).first()
    if turned is None or turned < expected - timedelta(minutes=1):
        yield "wheel", (expected.isoformat(), says.wheel_silent(expected, made=False))


def _since(before: Mapping[str, str] | None, mark: str, at: datetime) -> datetime:
    """Return since when it was seen to stand where it stands now."""
    if before is None or before["mark"] != mark:
        return at
    return datetime.fromisoformat(before["since"])


def _remembered(session: Session, at: datetime) -> Mapping[str, Mapping[str, str]]:
    insert_new(session, Beat, [{"name": LOOKED, "at": at, "facts": {}}])
    query = select(Beat).where(col(Beat.name) == LOOKED).with_for_update()
    row = session.exec(query.execution_options(populate_existing=True)).one()
    apart = at - row.at
    return row.facts if timedelta(0) <= apart <= APART else {}


def _keep(session: Session, seen: Mapping[str, tuple[str, datetime]], at: datetime) -> None:
    facts: dict[str, Any] = {
        part: {"mark": mark, "since": since.isoformat()} for part, (mark, since) in seen.items()
    }
    session.execute(sa.update(Beat).where(col(Beat.name) == LOOKED).values(at=at, facts=facts))


def _alarm(session: Session, silent: list[Silence], at: datetime) -> None:
    for one in silent:
        alarms.raise_alarm(session, kind=KIND, ref=one.part, message=one.message, at=at)
    parts = {one.part for one in silent}
    for alarm in alarms.open_alarms(session):
        if alarm.kind == KIND and alarm.ref not in parts:
            alarms.clear_alarm(session, kind=KIND, ref=alarm.ref, at=at)
