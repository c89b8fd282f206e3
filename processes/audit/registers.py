"""Audits and auditors as registers (审核台账、内审员台账)."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import col, select

from models.audit import Audit, AuditArea, Auditor, AuditProgramme, AuditProof, AuditTeam
from models.base import table_of
from models.engine import reading
from models.organisation import Person, Unit
from processes.audit.team import LEAD
from processes.register.query import Filters, Page, columns, named, page, same, whose
from processes.register.registers import Found, Register

STATES: Final = (
    *("planned", "opened", "announced", "conducted"),
    *("reported", "closed", "cancelled"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """An audit. `conflicts` are those of the team that an exception covers: else there are none."""

    id: int
    code: str
    area: str
    area_name: str
    area_kind: str
    programme: str
    planned_on: date
    month: int
    opens_at: datetime | None
    state: str
    owner: str | None
    owner_name: str | None
    lead: str | None = None
    lead_name: str | None = None
    auditors: tuple[str, ...] = ()
    auditor_names: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    unstaffed: bool = False
    conducted_at: datetime | None = None
    closed_at: datetime | None = None
    brought_in: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditorRow:
    """Somebody who may audit, and how many half-days fall to him in programmes in force."""

    code: str
    name: str
    unit: str | None
    lead: bool
    competence: tuple[str, ...]
    trained_on: date | None
    valid_until: date | None
    site: str | None
    audits: int
    active: bool


def audits(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[AuditRow]:
    """Return the audits by the day they are planned on; `person` manages the area."""
    del at
    audit, area, programme = table_of(Audit), table_of(AuditArea), table_of(AuditProgramme)
    owner = table_of(Person)
    query = (
        sa.select(
            *columns(audit, AuditRow, but=["unstaffed"]),
            sa.cast(audit.c.unstaffed, sa.Text).label("unstaffed"),
            area.c.code.label("area"),
            area.c.name.label("area_name"),
            area.c.kind.label("area_kind"),
            programme.c.code.label("programme"),
            owner.c.code.label("owner"),
            owner.c.name.label("owner_name"),
        )
        .join(area, area.c.id == audit.c.area_id)
        .join(programme, programme.c.id == audit.c.programme_id)
        .outerjoin(owner, owner.c.id == area.c.owner_id)
        .order_by(audit.c.planned_on, audit.c.id)
    )
    query = same(query, audit, filters, "state")
    query = whose(query, owner, filters)
    query = named(query, filters, audit.c.code, area.c.name)
    if filters.unit:
        query = query.where(area.c.code == filters.unit)
    if filters.kind:
        query = query.where(area.c.kind == filters.kind)
    if filters.subject:
        query = query.where(audit.c.code == filters.subject)
    if filters.since:
        query = query.where(audit.c.planned_on >= filters.since.date())
    found = page(query, _row, limit, offset)
    return Page(_with_teams(found.rows), found.total)


def _row(row: dict[str, Any]) -> AuditRow:
    return AuditRow(**{**row, "unstaffed": row["unstaffed"] not in {"[]", "null", None}})


def _with_teams(rows: Any) -> list[AuditRow]:
    """Add the teams of these audits, in one question."""
    with reading() as session:
        members = session.exec(
            select(AuditTeam, Person.code, Person.name, AuditProof.facts)
            .join(Person, col(Person.id) == AuditTeam.person_id)
            .join(
                AuditProof,
                sa.and_(
                    col(AuditProof.audit_id) == AuditTeam.audit_id,
                    col(AuditProof.person_id) == AuditTeam.person_id,
                    col(AuditProof.hash) == AuditTeam.proof,
                ),
            )
            .where(col(AuditTeam.audit_id).in_([row.id for row in rows]))
            .order_by(col(AuditTeam.id))
        ).all()
    teams: dict[int, list[Any]] = defaultdict(list)
    for member in members:
        teams[member[0].audit_id].append(member)
    return [_with_team(row, teams[row.id]) for row in rows]


def _with_team(row: AuditRow, team: list[Any]) -> AuditRow:
    lead = next(((code, name) for m, code, name, _ in team if m.role == LEAD), (None, None))
    others = [(code, name) for m, code, name, _ in team if m.role != LEAD]
    return replace(
        row,
        lead=lead[0],
        lead_name=lead[1],
        auditors=tuple(code for code, _ in others),
        auditor_names=tuple(name for _, name in others),
        conflicts=tuple(
            f"{code}: {reason}" for _, code, _, facts in team for reason, _ in facts["conflicts"]
        ),
    )


def auditors(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[AuditorRow]:
    """Return who may audit, by code."""
    del at
    auditor, person, unit = table_of(Auditor), table_of(Person), table_of(Unit)
    team = table_of(AuditTeam)
    load = sa.select(sa.func.count()).where(team.c.person_id == person.c.id).scalar_subquery()
    query = (
        sa.select(
            *columns(auditor, AuditorRow, but=["code", "name", "unit", "audits", "active"]),
            person.c.code,
            person.c.name,
            person.c.active,
            unit.c.code.label("unit"),
            load.label("audits"),
        )
        .join(person, person.c.id == auditor.c.person_id)
        .outerjoin(unit, unit.c.id == person.c.unit_id)
        .order_by(person.c.code)
    )
    query = whose(query, person, filters)
    if filters.unit:
        query = query.where(unit.c.code == filters.unit)
    return page(
        query,
        lambda row: AuditorRow(**{**row, "competence": tuple(row["competence"] or ())}),
        limit,
        offset,
    )


REGISTERS: Final = {
    "audits": Register(
        read=audits,
        found=Found(called="Audits", title="area_name", page="/audits/{}"),
        filters=("state", "person", "kind", "subject", "unit", "since"),
        states=STATES,
        kinds=("unit", "process"),
        heads=(
            ("code", "Code"),
            ("area_name", "Audited"),
            ("planned_on", "Planned on"),
            ("lead_name", "Lead auditor"),
            ("auditor_names", "Auditors"),
            ("state", "State"),
            ("conflicts", "Exceptions"),
        ),
        labels={"state": "audit_state"},
    ),
    "auditors": Register(
        read=auditors,
        filters=("person", "unit"),
        heads=(
            ("code", "Code"),
            ("name", "Name"),
            ("unit", "Unit"),
            ("lead", "May lead"),
            ("valid_until", "Trained until"),
            ("competence", "Clauses"),
            ("audits", "Audits"),
        ),
    ),
}
