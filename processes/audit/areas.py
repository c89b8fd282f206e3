"""Areas (受审核领域): every unit and every process of the procedure, kept in step with both.

Who manages an area is asked of `audit_owners`; who managed it before stays in the trail. What
nobody answers for is an area all the same, and the programme says so.
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
from processes.audit import past as audit_past
from processes.audit.ground import policy
from processes.audit.owners import owners


@transaction
def sync(session: Session, *, at: datetime, actor: str = "clock") -> int:
    """Bring the areas in step with units and procedure; return how many changed."""
    return sync_in(session, at=at, actor=actor)


@transaction
def sync_known(session: Session, *, at: datetime) -> int:
    """Bring the areas in step where there are any: a new head answers from tomorrow on."""
    if session.exec(select(AuditArea.id).limit(1)).first() is None:
        return 0
    return sync_in(session, at=at, actor="clock")


def sync_in(session: Session, *, at: datetime, actor: str) -> int:
    """Do what `sync` does inside the transaction of another process."""
    known = {area.code: area for area in session.exec(select(AuditArea)).all()}
    heads = owners(session)
    wanted = {**dict(_units(session, heads)), **dict(_processes(session, heads))}
    before = {code: area.owner_id for code, area in known.items() if area.owner_id is not None}
    changed = [_settle(session, known.get(code), code, own) for code, own in wanted.items()]
    for code, area in known.items():
        if code not in wanted and area.active:
            area.active = False
            session.add(area)
            changed.append(code)
    found = [code for code in changed if code is not None]
    session.flush()
    if found:
        other = {c: who for c, who in before.items() if c in found and known[c].owner_id != who}
        trail.record(
            session,
            at=at,
            actor=actor,
            action=audit_past.AREAS,
            subject="audit_areas",
            before={"owners": other},
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


def _units(session: Session, heads: dict[str, int | None]) -> Iterable[tuple[str, dict[str, Any]]]:
    chosen = policy().unit
    for unit in session.exec(select(Unit)).all():
        yield (
            unit.code,
            {
                "kind": "unit",
                "name": unit.name,
                "unit_id": unit.id,
                "owner_id": heads[unit.code],
                "importance": chosen.importance,
                "clauses": list(chosen.clauses),
                "active": True,
            },
        )


def _processes(
    session: Session, heads: dict[str, int | None]
) -> Iterable[tuple[str, dict[str, Any]]]:
    organisation = people.organisation(session)
    units = {unit.code: unit.id for unit in session.exec(select(Unit)).all()}
    language = current().settings.language
    for code, process in policy().processes.items():
        owner = heads[code]
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
