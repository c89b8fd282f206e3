"""The problem of seating auditors (审核员安排问题), read from rows: a conflict is no choice.

Also who may stay where he sits. An audit that is being prepared is judged by every reason; one
that is months away by every reason that will not be over by itself, so that teams are changed
for what lasts and not for a verification that ends next week.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from models.audit import Audit, AuditArea, AuditProgramme, AuditTeam
from models.engine import reading
from processes.audit import team as audit_team
from processes.audit.assignment import Job, Puzzle
from processes.audit.ground import Ground, prepared_until
from processes.audit.team import LEAD
from rules import audit as rule
from rules.audit import Conflict

OPEN = ("planned", "opened", "announced")


def read_puzzle(at: datetime) -> Puzzle:
    """Return the problem as it stands."""
    with reading() as session:
        ground = Ground(session, at)
        found = open_audits(session)
        jobs = tuple(_job(session, ground, audit, at) for audit in found)
        return Puzzle(
            jobs=jobs,
            auditors=tuple(sorted(ground.auditors)),
            carried=_carried(session, found),
            most={
                person: row.most_audits
                for person, row in ground.auditors.items()
                if row.most_audits is not None
            },
        )


def open_audits(session: Session) -> Sequence[Audit]:
    """Return the audits of programmes in force that have not been conducted, the first first."""
    return session.exec(
        select(Audit)
        .join(AuditProgramme, col(AuditProgramme.id) == Audit.programme_id)
        .where(col(AuditProgramme.state) == "approved", col(Audit.state).in_(OPEN))
        .order_by(col(Audit.planned_on), col(Audit.id))
    ).all()


def soon(audit: Audit, at: datetime) -> bool:
    """Whether an audit is being prepared."""
    return audit.planned_on <= prepared_until(at)


def against(
    session: Session, ground: Ground, audit: Audit, member: AuditTeam, at: datetime
) -> tuple[Conflict, ...]:
    """Return why somebody cannot stay in a team; nothing if he can."""
    asked = audit_team.ask(session, audit, member.person_id, at=at, ground=ground)
    found = rule.conflicts(asked)
    left = audit_team.open_conflicts(session, audit, member.person_id, found)
    if audit.planned_on > ground.prepared_until:
        left = tuple(one for one in left if one.reason not in rule.PASSING)
    return (*left, *rule.unfit(asked, lead=member.role == LEAD))


def _job(session: Session, ground: Ground, audit: Audit, at: datetime) -> Job:
    area, known = audit_team.area_of(session, audit), ground.auditors
    team = audit_team.team_of(session, audit)
    stay = {m.person_id for m in team if not against(session, ground, audit, m, at)}
    can = stay | {p for p in known if _free(session, ground, audit, p, at)}
    lead = next((m.person_id for m in team if m.role == LEAD), None)
    return Job(
        code=audit.code,
        needs=audit.needs,
        weight=audit.weight,
        can=frozenset(can),
        leads=frozenset(p for p in can if known[p].lead),
        groups=tuple(
            frozenset(p for p in can if rule.competent(known[p].competence, clause))
            for clause in audit.clauses
        ),
        far=frozenset(p for p in can if _far(area, known[p].site)),
        present=frozenset(m.person_id for m in team),
        present_lead=lead,
    )


def _free(session: Session, ground: Ground, audit: Audit, person: int, at: datetime) -> bool:
    asked = audit_team.ask(session, audit, person, at=at, ground=ground)
    if rule.unfit(asked, lead=False):
        return False
    return not audit_team.open_conflicts(session, audit, person, rule.conflicts(asked))


def _far(area: AuditArea, site: str | None) -> bool:
    """Distance counts only where both have a site."""
    return area.site is not None and site is not None and area.site != site


def _carried(session: Session, waiting: Sequence[Audit]) -> dict[int, int]:
    """Return the half-days of the same years that the auditors have already worked."""
    programmes = {audit.programme_id for audit in waiting}
    rows = session.exec(
        select(AuditTeam.person_id, Audit.weight)
        .join(Audit, col(Audit.id) == AuditTeam.audit_id)
        .where(col(Audit.programme_id).in_(programmes), col(Audit.conducted_at).is_not(None))
    )
    found: dict[int, int] = {}
    for person, weight in rows:
        found[person] = found.get(person, 0) + weight
    return found
