"""A decision whose owner left or moved goes to the next holder of the office (继任).

Only what was given to an office is moved by itself: what the owner of a nonconformity owes climbs
above him, and is handed over by whoever leads the team now. What somebody handed over by name stays
there until that person leaves. Where the office is empty the alarm that says so stands.
"""

from datetime import datetime
from typing import cast

from sqlmodel import Session, col, select

from config.current import current
from models import people, trail
from models.duty import Answer, Duty
from models.engine import transaction
from processes import plug
from processes.duty import announcing, passing_on
from processes.duty.office import Office, Seat
from processes.mail.lines import line
from rules import escalation
from rules.escalation import Told
from rules.refusal import Refused
from rules.words import DutyState, LetterKind


class NotTheirOffice(Refused):
    """Somebody without the office, or in whose own hands the matter was."""

    sentence = "{person} may not decide this: it takes the office, and no hand in the matter"


@transaction
def succeed(session: Session, at: datetime) -> int:
    """Give every decision whose owner left or moved to the next holder; return how many went."""
    query = select(Duty).where(
        col(Duty.state) == DutyState.OPEN,
        col(Duty.kind).in_(plug.keys("offices")),
    )
    return sum(_succeed(session, duty, at) for duty in session.exec(query.order_by(col(Duty.id))))


def left_or_moved(session: Session, duty: Duty, at: datetime) -> bool:
    """Whether the owner of this duty is gone, or no longer holds the office that it belongs to."""
    if not people.organisation(session).posts[duty.owner_id].active:
        return True
    office = _office(session, duty, at)
    return office is not None and not office.held


def refuse_stranger(session: Session, duty: Duty, receiver: int) -> None:
    """Refuse to give a decision to somebody who may not give it."""
    if not _may(session, duty, receiver):
        raise NotTheirOffice(person=people.organisation(session).posts[receiver].name)


def _succeed(session: Session, duty: Duty, at: datetime) -> bool:
    office = _office(session, duty, at)
    if office is None or office.held or office.successor in {None, duty.owner_id}:
        return False
    left = not people.organisation(session).posts[duty.owner_id].active
    if not left and _handed_over(session, duty):
        return False
    assert office.successor is not None
    _move(session, duty, office.successor, at)
    return True


def _handed_over(session: Session, duty: Duty) -> bool:
    given = select(Answer.id).where(col(Answer.duty_id) == duty.id, col(Answer.act) == "hand_over")
    return session.exec(given.limit(1)).first() is not None


def _may(session: Session, duty: Duty, person: int) -> bool:
    """Whether the office of this duty lets the person give it; True if it belongs to none."""
    seat = _seat(duty.kind)
    return seat is None or seat.may(session, duty, person)


def _office(session: Session, duty: Duty, at: datetime) -> Office | None:
    """Return how the office of this duty stands; None if it belongs to none known here."""
    seat = _seat(duty.kind)
    return None if seat is None else seat.of(session, duty, at)


def _seat(kind: str) -> Seat | None:
    return cast("Seat", plug.one("offices", kind)) if plug.has("offices", kind) else None


def _move(session: Session, duty: Duty, receiver: int, at: datetime) -> None:
    organisation, before = people.organisation(session), duty.owner_id
    letter, facts = announcing.announced(session, duty.id or 0, duty.kind)
    passing_on.change_owner(session, duty, receiver, at=at)
    rows = []
    found = escalation.reach(
        organisation, receiver, current().calendar.day(at), barred=frozenset({receiver})
    )
    if isinstance(found, Told):  # else `missed.py` tells it as soon as it can be told
        told = {**facts, "succeeds": before}
        new = line(
            duty,
            letter,
            found.receiver,
            at=at,
            on_behalf_of=found.stands_for,
            facts=told,
            occasion=duty.rev,
        )
        rows.append(new)
    if organisation.posts[before].active:
        gone = {"outcome": "passed_on", "handed_to": receiver}
        rows.append(line(duty, LetterKind.OVER, before, at=at, facts=gone, occasion=duty.rev))
    passing_on.tell(session, rows)
    trail.record(
        session,
        at=at,
        actor="clock",
        action="duty.succeeded",
        subject=f"duty:{duty.id}",
        before={"owner": before},
        after={"owner": receiver},
    )
