"""Internal audits on the walk through a cycle (周期中的内部审核): programme, audits, findings."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from config.current import current
from config.language import label
from models.audit import Audit, AuditArea, AuditProgramme, AuditReport, Finding
from processes.audit import activities as audit_activities
from processes.cycle.walk import Step


def programmes(session: Session, first: date, last: date) -> Iterator[Step]:
    """Programmes in force: on the day of their approval, or of the year they were made for."""
    rows = session.exec(
        select(AuditProgramme).where(
            col(AuditProgramme.approved_at).is_not(None),
            col(AuditProgramme.year) == first.year,
        )
    )
    for one in rows:
        assert one.approved_at is not None
        on = max(current().calendar.day(one.approved_at), date(one.year, 1, 1))
        if first <= on <= last:
            yield Step(
                kind="audit_programme",
                code=one.code,
                title=one.scope,
                on=on,
                activity=_activity(session, one),
            )


def audits(session: Session, first: date, last: date) -> Iterator[Step]:
    """Audits that were conducted, each with its conclusion and the nonconformities it raised."""
    begins, ends = _instants(first, last)
    own = col(Audit.conducted_at)
    rows = session.exec(
        select(Audit, AuditArea.name)
        .join(AuditArea, col(AuditArea.id) == Audit.area_id)
        .where(own >= begins, own < ends)
        .order_by(own, col(Audit.id))
    ).all()
    held = [audit for audit, _ in rows]
    activities = audit_activities.covering(session, held)
    raised, said = _raised(session, held), _conclusions(session, held)
    for audit, area in rows:
        assert audit.id is not None
        assert audit.conducted_at is not None
        yield Step(
            kind="audit",
            code=audit.code,
            title=area,
            on=current().calendar.day(audit.conducted_at),
            activity=activities.get(audit.id),
            outcome=said.get(audit.id, ""),
            nonconformities=tuple(raised.get(audit.id, ())),
        )


WALKERS: Final = (programmes, audits)


def _activity(session: Session, programme: AuditProgramme) -> str | None:
    """Return the activity that the programme's last audit belongs to."""
    rows = session.exec(
        select(Audit)
        .where(col(Audit.programme_id) == programme.id)
        .order_by(col(Audit.planned_on).desc())
    ).all()
    found = audit_activities.covering(session, rows)
    return next((found[audit.id] for audit in rows if audit.id in found), None)


def _raised(session: Session, held: list[Audit]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = select(Finding.audit_id, Finding.nonconformity).where(
        col(Finding.audit_id).in_([audit.id for audit in held]),
        col(Finding.nonconformity).is_not(None),
    )
    for number, code in session.exec(rows.order_by(col(Finding.id))):
        found[number].append(code or "")
    return found


def _conclusions(session: Session, held: list[Audit]) -> dict[int, str]:
    language = current().settings.language
    rows = session.exec(
        select(AuditReport)
        .where(
            col(AuditReport.audit_id).in_([audit.id for audit in held]),
            col(AuditReport.state) == "approved",
        )
        .order_by(col(AuditReport.version))
    )
    return {one.audit_id: label(language, one.content["conclusion"], "conclusion") for one in rows}


def _instants(first: date, last: date) -> tuple[datetime, datetime]:
    zone, over = current().settings.zone, last + timedelta(days=1)
    return (
        datetime(first.year, first.month, first.day, tzinfo=zone),
        datetime(over.year, over.month, over.day, tzinfo=zone),
    )
