"""What audits give to the management review (管理评审输入: 审核结果).

Of a period: the audits and their conclusions, what was found, what is still open, and what could
not be audited. Values alone, for whoever puts the review's input together.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from config.current import current
from models.audit import Audit, AuditArea, AuditReport, Finding
from models.engine import reading
from processes.audit import closing as audit_closing


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One audit: its three answers and worst of them, findings by grade, what is still open."""

    code: str
    area: str
    held_on: date | None
    state: str
    service: str
    own: str
    effective: str
    conclusion: str
    grades: dict[str, int]
    still_open: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewInput:
    """The audits of a period, and those that should have been held and were not."""

    results: tuple[Result, ...]
    not_held: tuple[str, ...]
    unstaffed: tuple[str, ...]


def review_input(since: date, until: date, *, at: datetime) -> ReviewInput:
    """Return what the audits planned in these days came to; both ends are included."""
    today = current().calendar.day(at)
    with reading() as session:
        rows = session.exec(
            select(Audit, AuditArea.name)
            .join(AuditArea, col(AuditArea.id) == Audit.area_id)
            .where(col(Audit.planned_on) >= since, col(Audit.planned_on) <= until)
            .order_by(col(Audit.planned_on), col(Audit.id))
        ).all()
        held = [(audit, name) for audit, name in rows if audit.conducted_at is not None]
        missed = [a for a, _ in rows if a.conducted_at is None and a.planned_on < today]
        results = []
        for audit, name in held:
            found = session.exec(select(Finding).where(col(Finding.audit_id) == audit.id)).all()
            report = session.exec(
                select(AuditReport).where(col(AuditReport.audit_id) == audit.id)
            ).first()
            still = [f.nonconformity or f.code for f in audit_closing.still_open(session, audit)]
            results.append(_result(audit, name, found, report, still))
        return ReviewInput(
            results=tuple(results),
            not_held=tuple(audit.code for audit in missed),
            unstaffed=tuple(audit.code for audit, _ in rows if audit.unstaffed),
        )


def _result(
    audit: Audit,
    area: str,
    findings: Sequence[Finding],
    report: AuditReport | None,
    still: list[str],
) -> Result:
    told = report.content if report else {}
    words = told.get("words", {})
    return Result(
        code=audit.code,
        area=area,
        held_on=current().calendar.day(audit.conducted_at) if audit.conducted_at else None,
        state=audit.state,
        service=words.get("service", ""),
        own=words.get("own", ""),
        effective=words.get("effective", ""),
        conclusion=told.get("conclusion", ""),
        grades=dict(Counter(f.grade for f in findings if f.state != "merged")),
        still_open=tuple(still),
    )
