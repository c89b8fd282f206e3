"""What an audit programme says before anybody edits it (审核方案的计算): months and coverage.

The order and the number of audits come from the score of each area; what somebody edited stays.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlmodel import Session, col, select

from config.current import current
from config.language import listed, say
from models.audit import Audit, AuditArea, AuditLine, AuditProgramme
from processes.audit import areas as audit_areas
from processes.audit import scoring as audit_scoring
from processes.audit.ground import Ground, policy
from rules import audit_programme as rule
from rules.audit import months_before

PURPOSE: Final = (
    "To judge whether the quality system meets the requirements of IT service operation and"
    " our own, and is effectively implemented and maintained."
)
SCOPE: Final = "All units, processes and clauses of the quality system in {year}."
METHODS: Final = (
    "Documents, records, interviews and visits on site; sampling as the checklist says."
)
FREQUENCY: Final = (
    "Everything at least once in {months} months; more often by importance, status, changes and"
    " earlier results."
)

Lines = Sequence[tuple[AuditLine, AuditArea]]


def texts(language: str, year: int) -> dict[str, str]:
    """Return what a programme says of itself until its author says it better."""
    criteria = listed(language, policy().titles.values())
    period = policy().periods.coverage_months
    return {
        "purpose": say(language, PURPOSE),
        "scope": say(language, SCOPE, year=year),
        "criteria": criteria,
        "methods": say(language, METHODS),
        "frequency": say(language, FREQUENCY, months=period),
    }


def compute(session: Session, programme: AuditProgramme, lines: Lines, at: datetime) -> None:
    """Give each area its line with its months; a month that somebody chose stays."""
    ground, found = Ground(session, at), audit_areas.areas(session)
    chosen = policy()
    scored = [audit_scoring.scored(ground, area, at) for area in found]
    times = {one.area: rule.a_year(one.points, chosen.bands) for one in scored}
    placed = {one.area: one for one in rule.place(scored, times, _months(programme.year, at))}
    known = {line.area_id: line for line, _ in lines}
    for area, one in zip(found, scored, strict=True):
        assert area.id is not None
        assert programme.id is not None
        line = known.pop(area.id, None) or AuditLine(
            programme_id=programme.id, area_id=area.id, points=0, rank=0
        )
        where = placed[area.code]
        line.points, line.reasons, line.rank = one.points, rule.as_json(one), where.rank
        line.computed_months = list(where.months)
        if line.edited_at is None:
            line.months = list(where.months)
        session.add(line)
    for gone in known.values():
        session.delete(gone)
    session.flush()


def coverage(
    session: Session, programme: AuditProgramme, lines: Lines
) -> tuple[dict[str, list[str]], dict[str, list[str]], list[str]]:
    """Return the clauses to cover and those planned, by area, and the areas audited lately."""
    must = {area.code: area.clauses for area in audit_areas.areas(session)}
    gone = _called_off(session, programme)
    planned = {a.code: a.clauses for line, a in lines if len(line.months) > gone[line.id]}
    since = months_before(date(programme.year, 12, 31), policy().periods.coverage_months)
    kept = [
        area.code
        for area in audit_areas.areas(session)
        if (last := audit_scoring.last_audit(session, area)) is not None and last >= since
    ]
    return must, planned, kept


def _months(year: int, at: datetime) -> range:
    """Return the months that are left to be prepared for."""
    prepared = current().calendar.add(at, policy().periods.prepare_working_days)
    day = current().calendar.day(prepared)
    return range(min(day.month, 12), 13) if day.year == year else range(1, 13)


def _called_off(session: Session, programme: AuditProgramme) -> Counter[int | None]:
    """Return, by line, how many of its audits were cancelled: they cover nothing."""
    rows = session.exec(
        select(Audit.line_id).where(
            col(Audit.programme_id) == programme.id, col(Audit.state) == "cancelled"
        )
    )
    return Counter[int | None](rows)
