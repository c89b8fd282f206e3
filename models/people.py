"""The organisation as rows know it (组织读取), handed on as values that rules can judge."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import stamps
from models.base import columns
from models.notice import Suppression
from models.organisation import Person, Unit
from rules.organisation import Organisation, Post
from rules.refusal import NotFound, Refused
from rules.words import Role

_known: tuple[str, str, Organisation] | None = None  # (database, mark, what was read)


class SeveralOfThatName(Refused):
    """A name that does not say who is meant."""

    sentence = "{count} people are called {name}: give the code, one of {codes}"


def organisation(session: Session) -> Organisation:
    """Return every post; asked once a transaction, and read anew only after a change.

    An address that a server refused for good counts as none: the person is passed over and
    the next above learns why.
    """
    known = session.info.get("organisation")
    if known is None:
        known = session.info["organisation"] = _remembered(session)
    return known


def forget(session: Session) -> None:
    """Read the organisation anew in this transaction: somebody has just changed."""
    session.info.pop("organisation", None)


def by_code(session: Session, code: str) -> Person:
    """Return the person with this code, or refuse by name."""
    person = session.exec(select(Person).where(col(Person.code) == code)).one_or_none()
    if person is None:
        raise NotFound(what="person", code=code)
    return person


def named(session: Session, word: str) -> Person:
    """Return the person with this code, else the only active one with this name, or refuse."""
    wanted = word.strip()
    query = select(Person).where(sa.or_(col(Person.code) == wanted, col(Person.name) == wanted))
    found = session.exec(query.order_by(col(Person.code))).all()
    exact = next((one for one in found if one.code == wanted), None)
    if exact is not None:
        return exact
    here = [one for one in found if one.active] or found
    if not here:
        raise NotFound(what="person", code=wanted)
    if len(here) > 1:
        codes = ", ".join(one.code for one in here)
        raise SeveralOfThatName(count=len(here), name=wanted, codes=codes)
    return here[0]


def by_address(session: Session, address: str) -> Sequence[Person]:
    """Return the active people with this address, whatever its letters' case."""
    return session.exec(
        select(Person).where(
            sa.func.lower(col(Person.email)) == address.strip().lower(), col(Person.active)
        )
    ).all()


def holders(session: Session, role: Role) -> tuple[int, ...]:
    """Return the active people with this role, in the order of their codes."""
    return organisation(session).holders(role)


def unit_head(session: Session, unit_id: int | None) -> int | None:
    """Return the active person who leads this unit; None if nobody known does."""
    if unit_id is None:
        return None
    return session.exec(
        select(Person.id)
        .join(Unit, col(Unit.head_code) == Person.code)
        .where(col(Unit.id) == unit_id, col(Person.active))
    ).first()


def _remembered(session: Session) -> Organisation:
    """Return what this process read before, if no row of it has changed since."""
    global _known
    where = str(session.get_bind().engine.url)
    # Read before the posts: if they change in between, the next transaction sees another mark.
    mark = stamps.organisation(session)
    if _known is None or _known[:2] != (where, mark):
        _known = (where, mark, _read(session))
    return _known[2]


def _read(session: Session) -> Organisation:
    dead = set(session.exec(select(Suppression.address)))
    units = dict(session.exec(select(Unit.id, Unit.name)).all())
    who = columns(Person)
    rows = session.execute(
        sa.select(
            who.id,
            who.code,
            who.name,
            who.manager_id,
            who.manager_code,
            who.active,
            who.email,
            who.absent_from,
            who.absent_until,
            who.delegate_id,
            who.roles,
            who.unit_id,
            who.language,
        )
    )
    posts = {
        row.id: Post(
            id=row.id,
            code=row.code,
            name=row.name,
            manager_id=row.manager_id,
            manager_code=row.manager_code,
            active=row.active,
            address=row.email if row.email and row.email.lower() not in dead else None,
            absent_from=row.absent_from,
            absent_until=row.absent_until,
            delegate_id=row.delegate_id,
            roles=frozenset(row.roles or ()),
            unit_id=row.unit_id,
            unit_name=units.get(row.unit_id, ""),
            language=row.language,
        )
        for row in rows
    }
    return Organisation(posts)
