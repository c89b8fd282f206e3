"""Signing in to the pages (登录): a link by mail, used once, for people who are here now.

Whether an address is known is never said: the same page answers all. That a session has begun
and ended stands in the trail under its nonce, and so a link works once and a sign-out is final.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from config.current import current
from models import people, trail
from models.engine import reading, transaction
from models.organisation import Person
from models.record import Trail
from notifications import links
from processes.mail import lines
from rules.refusal import Refused
from rules.words import LetterKind

LINK_LIFE: Final = timedelta(minutes=15)
BEGUN: Final = "session.begun"
ENDED: Final = "session.ended"


class LinkUsed(Refused):
    """A sign-in link works once."""

    sentence = "this sign-in link has been used: ask for a new one"


class PersonGone(Refused):
    """Whoever has left is not signed in."""

    sentence = "this link is not valid any more: ask your quality department"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A person who may read the pages now."""

    id: int
    code: str
    name: str
    roles: frozenset[str]
    language: str | None


@transaction
def ask(session: Session, who: str, *, at: datetime, back: str = "/") -> int:
    """Mail a link to each active person with this address or code; return to how many."""
    found = [person for person in _named(session, who) if person.email]
    for person in found:
        nonce = secrets.token_urlsafe(12)
        lines.post(
            session,
            letter=LetterKind.SIGN_IN,
            ref=nonce,
            person_id=person.id,
            at=at,
            facts={
                "link": _link(person, nonce, back, at),
                "minutes": int(LINK_LIFE.total_seconds() // 60),
            },
        )
    return len(found)


@transaction
def enter(session: Session, person_id: int, *, nonce: str, via: str, at: datetime) -> Known:
    """Begin the session of a link, once; raises `LinkUsed` or `PersonGone`."""
    person = session.get(Person, person_id)
    if person is None or not person.active:
        raise PersonGone
    # The trail's head is locked by the first writer: two tabs are one after the other here.
    trail.record(
        session,
        at=at,
        actor=f"person:{person_id}",
        action=BEGUN,
        subject=_subject(nonce),
        after={"via": via},
    )
    if len(_acts(session, nonce)) > 1:
        raise LinkUsed
    return _known(person)


@transaction
def leave(session: Session, person_id: int, *, nonce: str, at: datetime) -> None:
    """End a session for good; twice is once."""
    if ENDED in _acts(session, nonce):
        return
    trail.record(session, at=at, actor=f"person:{person_id}", action=ENDED, subject=_subject(nonce))


def used(nonce: str) -> bool:
    """Whether a link has been used already; asked by a page that only shows."""
    with reading() as session:
        return bool(_acts(session, nonce))


def person(person_id: int) -> Known | None:
    """Return the person, unless he has left."""
    with reading() as session:
        found = session.get(Person, person_id)
        return _known(found) if found is not None and found.active else None


def whose(person_id: int, *, nonce: str) -> Known | None:
    """Return whose session this is; None when it has been ended or the person has left."""
    with reading() as session:
        if _acts(session, nonce) != [BEGUN]:
            return None
        found = session.get(Person, person_id)
        return _known(found) if found is not None and found.active else None


def _link(person: Person, nonce: str, back: str, at: datetime) -> str:
    settings = current().settings
    if settings.secret_key is None:
        raise RuntimeError("no secret key: set PDCA_SECRET_KEY, or start with `pdca up`")
    key = settings.secret_key.get_secret_value()
    token = links.sign(key, links.Purpose.SIGN_IN, (person.id, nonce, back), at)
    return links.sign_in_link(settings.base_url, token)


def _named(session: Session, who: str) -> list[Person]:
    sought = who.strip()
    if not sought:
        return []
    if "@" in sought:
        return list(people.by_address(session, sought))
    return list(
        session.exec(select(Person).where(col(Person.code) == sought, col(Person.active))).all()
    )


def _acts(session: Session, nonce: str) -> list[str]:
    return list(
        session.exec(
            select(Trail.action)
            .where(col(Trail.subject) == _subject(nonce))
            .order_by(col(Trail.seq))
        )
    )


def _subject(nonce: str) -> str:
    return f"session:{nonce}"


def _known(person: Person) -> Known:
    assert person.id is not None
    return Known(
        id=person.id,
        code=person.code,
        name=person.name,
        roles=frozenset(person.roles or ()),
        language=person.language,
    )
