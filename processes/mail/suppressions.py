"""Addresses to which nothing more is sent (禁发名单): seen, and lifted once they are mended.

Lifting is an operator's act and stands in the trail; letters that died meanwhile stay dead, and
the next step of each duty reaches the person again.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models import outbox as rows
from models import people, trail
from models.engine import reading, transaction
from models.notice import Suppression
from rules.refusal import Refused


class NotSuppressed(Refused):
    """Nothing is held back from this address."""

    sentence = "{address} is not on the list: mail to it is sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """One address, why, since when, and whose it is (codes)."""

    address: str
    people: tuple[str, ...]
    reason: str
    since: datetime


def listed() -> list[Suppressed]:
    """Return every suppressed address, the newest first."""
    with reading() as session:
        query = select(Suppression).order_by(
            col(Suppression.since).desc(), col(Suppression.address)
        )
        return [
            Suppressed(
                address=one.address,
                people=tuple(person.code for person in people.by_address(session, one.address)),
                reason=one.reason,
                since=one.since,
            )
            for one in session.exec(query)
        ]


@transaction
def lift(session: Session, address: str, *, by: str, at: datetime) -> tuple[str, ...]:
    """Send to this address again; return the codes of those who are reached by it."""
    wanted = address.strip()
    for known in dict.fromkeys((wanted, wanted.lower())):
        if rows.lift(session, known, at=at):
            break
    else:
        raise NotSuppressed(address=wanted)
    whose = people.by_address(session, wanted)
    # The trail holds no address: people by number, anybody else by a hash.
    digest = hashlib.sha256(wanted.lower().encode()).hexdigest()[:16]
    subjects = [f"person:{one.id}" for one in whose] or [f"address:{digest}"]
    for subject in subjects:
        trail.record(
            session, at=at, actor=f"operator:{by}"[:64], action="address.lifted", subject=subject
        )
    return tuple(one.code for one in whose)
