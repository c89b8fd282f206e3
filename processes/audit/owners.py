"""Who manages what is audited (受审核领域的负责人), asked of units and procedure as they are now.

A unit answers through its head, or through the nearest head above; a process through the person
named in the procedure, or the first holder of the role. Areas keep this answer from the last
time they were brought in step; the gate of independence asks for it anew, because a head who
was named yesterday is an auditee today.
"""

from typing import Any

from sqlmodel import Session, select

from config.audit import audit_policy
from config.current import current
from models import people
from models.organisation import Unit
from rules.organisation import Organisation


def owners(session: Session) -> dict[str, int | None]:
    """Return who manages each unit and each process, by its code."""
    organisation = people.organisation(session)
    units: dict[int | None, Unit] = {u.id: u for u in session.exec(select(Unit)).all()}
    codes = {post.code: post.id for post in organisation.posts.values() if post.active}
    found = {unit.code: _head(unit, units, codes) for unit in units.values()}
    processes = audit_policy(current().settings.home).processes
    return {**found, **{code: _owner(organisation, one) for code, one in processes.items()}}


def _head(unit: Unit, units: dict[int | None, Unit], codes: dict[str, int]) -> int | None:
    """Return who leads the unit, or the nearest one above that somebody leads."""
    seen: set[int | None] = set()
    at: Unit | None = unit
    while at is not None and at.id not in seen:
        if at.head_code in codes:
            return codes[at.head_code]
        seen.add(at.id)
        at = units.get(at.parent_id)
    return None


def _owner(organisation: Organisation, process: Any) -> int | None:
    if process.owner is not None:
        named = (p.id for p in organisation.posts.values() if p.code == process.owner and p.active)
        return next(named, None)
    holders = organisation.holders(process.role) if process.role is not None else ()
    return holders[0] if holders else None
