"""Areas (受审核领域): every unit and every process of the procedure, kept in step with both.

A unit answers through its head, or through the nearest head above; a process through the person
named in the procedure, or the first holder of the role. What nobody answers for is an area all
the same, and the programme says so.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from config.current import current
from models import people, trail
from models.audit import AuditArea
from models.engine import transaction
from models.organisation import Unit
from processes.audit_ground import policy
from rules.organisation import Organisation


@transaction
def sync(session: Session, *, at: datetime, actor: str = "clock") -> int:
    """Bring the areas in step with units and procedure; return how many changed."""
    return sync_in(session, at=at, actor=actor)


def sync_in(session: Session, *, at: datetime, actor: str) -> int:
    """Do what `sync` does inside the transaction of another process."""
    known = {area.code: area for area in session.exec(select(AuditArea)).all()}
    wanted = {**dict(_units(session)), **dict(_processes(session))}
    changed = [_settle(session, known.get(code), code, own) for code, own in wanted.items()]
    for code, area in known.items():
        if code not in wanted and area.active:
            area.active = False
            session.add(area)
            changed.append(code)
    found = [code for code in changed if code is not None]
    session.flush()
    if found:
        trail.record(
            session,
            at=at,
            actor=actor,
            action="audit.areas_synchronised",
            subject="audit_areas",
            after={"areas": found},
        )
    return len(found)


def areas(session: Session) -> list[AuditArea]:
    """Return what has to be audited, units first, by code."""
    rows = session.exec(select(AuditArea).where(col(AuditArea.active))).all()
    return sorted(rows, key=lambda area: (area.kind != "unit", area.code))


def _settle(session: Session, area: AuditArea | None, code: str, own: dict[str, Any]) -> str | None:
    """Write what differs; importance and status are the organisation's once the area is there."""
    importance = own.pop("importance")
    if area is None:
        session.add(AuditArea(code=code, importance=importance, status="steady", **own))
        return code
    differs = {name: value for name, value in own.items() if getattr(area, name) != value}
    if not differs:
        return None
    for name, value in differs.items():
        setattr(area, name, value)
    session.add(area)
    return code


def _units(session: Session) -> Iterable[tuple[str, dict[str, Any]]]:
    chosen = policy().unit
    units = {unit.id: unit for unit in session.exec(select(Unit)).all()}
    codes = {post.code: post.id for post in people.organisation(session).posts.values()}
    for number, unit in units.items():
        yield (
            unit.code,
            {
                "kind": "unit",
                "name": unit.name,
                "unit_id": number,
                "owner_id": _head(unit, units, codes),
                "importance": chosen.importance,
                "clauses": list(chosen.clauses),
                "active": True,
            },
        )


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


def _processes(session: Session) -> Iterable[tuple[str, dict[str, Any]]]:
    organisation = people.organisation(session)
    units = {unit.code: unit.id for unit in session.exec(select(Unit)).all()}
    language = current().settings.language
    for code, process in policy().processes.items():
        owner = _owner(organisation, process)
        own_unit = organisation.posts[owner].unit_id if owner is not None else None
        yield (
            code,
            {
                "kind": "process",
                "name": process.zh if language == "zh" else process.en,
                "unit_id": units.get(process.unit or "", own_unit),
                "owner_id": owner,
                "importance": process.importance,
                "clauses": list(process.clauses),
                "active": True,
            },
        )


def _owner(organisation: Organisation, process: Any) -> int | None:
    if process.owner is not None:
        named = (p.id for p in organisation.posts.values() if p.code == process.owner and p.active)
        return next(named, None)
    holders = organisation.holders(process.role) if process.role is not None else ()
    return holders[0] if holders else None
