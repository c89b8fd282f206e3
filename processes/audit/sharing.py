"""Who of a team looks at which clauses (条款分工): competent for them, and evenly.

Where somebody comes for another, only what the other had is given out anew: timetable and
checklist name nobody who is no longer in the team.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time

from sqlmodel import Session, col, select

from config.current import current
from models.audit import Audit, AuditAgenda, Auditor, ChecklistLine
from processes.audit import team as audit_team
from processes.audit.ground import Ground
from rules import audit as rule


def share(session: Session, audit: Audit) -> list[tuple[int, list[str]]]:
    """Return which member looks at which clauses."""
    members = [member.person_id for member in audit_team.team_of(session, audit)]
    shares: dict[int, list[str]] = {person: [] for person in members}
    known = _auditors(session, audit)
    for clause in audit.clauses:
        chosen = min(_able(known, members, clause), key=lambda person: len(shares[person]))
        shares[chosen].append(clause)
    return list(shares.items())


def share_anew(session: Session, audit: Audit) -> bool:
    """Give what somebody had who has left the team to those who are there; False if nothing."""
    members = [member.person_id for member in audit_team.team_of(session, audit)]
    lines = session.exec(
        select(ChecklistLine)
        .where(col(ChecklistLine.audit_id) == audit.id)
        .order_by(col(ChecklistLine.number))
    ).all()
    left = [line for line in lines if line.person_id not in members]
    if not left or not members:
        return False
    known, load = _auditors(session, audit), dict.fromkeys(members, 0)
    for line in lines:
        if line.person_id in load:
            load[line.person_id] += 1
    heirs: dict[int | None, int] = {}
    for line in left:
        able = _able(known, members, line.clause)
        heir = heirs.get(line.person_id)
        if heir not in able:
            heir = min(able, key=lambda person: load[person])
        heirs.setdefault(line.person_id, heir)
        load[heir] += 1
        line.person_id = heir
        session.add(line)
    _slots(session, audit, members, heirs)
    return True


def _slots(
    session: Session, audit: Audit, members: list[int], heirs: Mapping[int | None, int]
) -> None:
    rows = session.exec(
        select(AuditAgenda).where(
            col(AuditAgenda.audit_id) == audit.id, col(AuditAgenda.person_id).is_not(None)
        )
    ).all()
    for slot in rows:
        if slot.person_id not in members:
            slot.person_id = heirs.get(slot.person_id, members[0])
            session.add(slot)
    session.flush()


def _able(known: Mapping[int, Auditor], members: Iterable[int], clause: str) -> list[int]:
    """Return the members competent for a clause; all of them if nobody is."""
    everybody = list(members)
    able = [p for p in everybody if p in known and rule.competent(known[p].competence, clause)]
    return able or everybody


def _auditors(session: Session, audit: Audit) -> Mapping[int, Auditor]:
    return Ground(session, audit.notified_at or _noon(audit)).auditors


def _noon(audit: Audit) -> datetime:
    zone = current().settings.zone
    return datetime.combine(audit.planned_on, time(12), zone).astimezone(UTC)
