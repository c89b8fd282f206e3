"""What is known of an area before it is planned (审核领域评分): its points, and its last audit."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from config.current import current
from models.audit import Audit, AuditArea
from models.organisation import Project
from processes.audit.ground import Ground, Matter, policy
from rules import audit_programme as rule
from rules.audit import months_before
from rules.audit_programme import Facts, Scored


def scored(ground: Ground, area: AuditArea, at: datetime) -> Scored:
    """Return the points of an area and where they come from."""
    today = current().calendar.day(at)
    since = months_before(today, policy().periods.coverage_months)
    matters = [m for m in ground.matters_of(area) if m.raised >= since or m.is_open]
    last = last_audit(ground.session, area)
    facts = Facts(
        area=area.code,
        importance=area.importance,
        status=area.status,
        changes=_begun(ground, area, since),
        majors=sum(m.is_open and m.severity == "major" for m in matters),
        open=sum(m.is_open and m.severity != "major" for m in matters),
        repeated=sum(m.recurs for m in matters),
        kpi_misses=_from(matters, "kpi_miss"),
        complaints=_from(matters, "complaint"),
        months_since=None if last is None else max(0, (today - last).days // 30),
    )
    return rule.score(facts, policy().weights)


def _from(matters: list[Matter], source: str) -> int:
    return sum(m.source == source for m in matters)


def _begun(ground: Ground, area: AuditArea, since: date) -> int:
    """Return how many projects of the area's units began in the period."""
    units = ground.below(area.unit_id) if area.kind == "unit" else frozenset()
    projects: Sequence[Project] = ground.projects
    return sum(p.unit_id in units and p.start is not None and p.start >= since for p in projects)


def last_audit(session: Session, area: AuditArea) -> date | None:
    """Return the day of the area's last conducted audit."""
    found = session.exec(
        select(Audit.conducted_at)
        .where(col(Audit.area_id) == area.id, col(Audit.conducted_at).is_not(None))
        .order_by(col(Audit.conducted_at).desc())
    ).first()
    return current().calendar.day(found) if found is not None else None
