"""After a restore (恢复后): sending is on hold, and what it would send is said before it goes.

A backup of yesterday does not know what was sent since. Nothing of it is lost and nothing is
sent by itself: an operator looks at the list, and releases it.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import alarms, trail
from models.duty import Duty, Line
from models.engine import reading, transaction, writing
from models.notice import Notice, NoticeState
from models.organisation import Person
from models.record import Hold
from processes.alarm import wording as says
from processes.watch.waking import DELIVER
from rules.refusal import Refused
from rules.words import DutyState

KIND: Final = "restored"  # of the alarm, told by the other path
BY: Final = "restore"
UNSENT: Final = (NoticeState.PENDING, NoticeState.LEASED)


class OnHold(Refused):
    """Sending is on hold: somebody is to look first."""

    sentence = (
        "sending is on hold since {since} by {by}: `pdca held` says what would be sent,"
        " `pdca release` lets it go"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldSend:
    """What a release would send: mails by letter and by person, and what is still to come.

    `lines` are told in letters not written yet; `steps` are due and would be taken next.
    """

    mails: int
    first_at: datetime | None
    letters: dict[str, int]
    people: list[tuple[str, str, int]]  # code, name, mails
    lines: int
    steps: int


def hold_sending(why: str, *, at: datetime) -> None:
    """Put sending on hold because the database was restored; twice is harmless."""
    with writing() as session:
        if session.get(Hold, DELIVER) is None:
            session.add(Hold(flow=DELIVER, since=at, by=BY))
            told = {"actor": "service", "action": "flow.held", "subject": f"flow:{DELIVER}"}
            trail.record(session, at=at, after={"why": why}, **told)
        message = says.restored(why)
        alarms.raise_alarm(session, kind=KIND, ref="database", message=message, at=at)


def holding() -> Hold | None:
    """Return the hold on sending; None if there is none."""
    with reading() as session:
        return session.get(Hold, DELIVER)


def refuse_on_hold() -> None:
    """Refuse to send by hand what somebody is to look at first."""
    found = holding()
    if found is not None:
        raise OnHold(since=f"{found.since:%Y-%m-%d %H:%M}Z", by=found.by)


def would_send(at: datetime) -> WouldSend:
    """Return what would be sent if sending were released now."""
    unsent = col(Notice.state).in_(UNSENT)
    with reading() as session:
        by_letter = session.execute(
            sa.select(col(Notice.letter), sa.func.count(), sa.func.min(col(Notice.created_at)))
            .where(unsent)
            .group_by(col(Notice.letter))
        ).all()
        by_person = session.execute(
            sa.select(col(Notice.person_id), sa.func.count())
            .where(unsent)
            .group_by(col(Notice.person_id))
        ).all()
        waiting = (col(Line.notice_id).is_(None), col(Line.dropped_at).is_(None))
        lines = session.exec(select(sa.func.count()).select_from(Line).where(*waiting)).one()
        due = (col(Duty.state) == DutyState.OPEN, col(Duty.next_at) <= at)
        steps = session.exec(select(sa.func.count()).select_from(Duty).where(*due)).one()
        named = _named(session, [person for person, _ in by_person if person is not None])
    people = [(*named.get(person, ("", "")), count) for person, count in by_person]
    return WouldSend(
        mails=sum(count for _, count, _ in by_letter),
        first_at=min((first for _, _, first in by_letter), default=None),
        letters=dict(Counter({letter: count for letter, count, _ in by_letter}).most_common()),
        people=sorted(people, key=lambda one: (-one[2], one[0])),
        lines=lines,
        steps=steps,
    )


@transaction
def release(session: Session, flow: str, *, by: str, at: datetime) -> bool:
    """Let a flow go on, whoever has put it on hold; False if it was not."""
    found = session.get(Hold, flow)
    if found is None:
        return False
    session.delete(found)
    trail.record(
        session,
        at=at,
        actor=f"operator:{by}"[:64],
        action="flow.released",
        subject=f"flow:{flow}",
        before={"by": found.by},
    )
    if flow == DELIVER:
        alarms.clear_alarm(session, kind=KIND, ref="database", at=at)
    return True


def _named(session: Session, numbers: list[int]) -> dict[int | None, tuple[str, str]]:
    query = sa.select(col(Person.id), col(Person.code), col(Person.name))
    rows = session.execute(query.where(col(Person.id).in_(numbers)))
    return {number: (code, name) for number, code, name in rows}
