"""Who verifies what an audit found (审核发现的验证): an auditor of that audit, if one still may.

An auditor who has since come into a conflict with the area does not verify there; where nobody
of the team is left, the quality department verifies, as with any other nonconformity.
"""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from config.current import current
from models import people
from models.audit import Audit
from models.nonconformity import Nonconformity
from processes.audit import team as audit_team
from processes.audit.ground import Ground
from rules import audit as rule
from rules import escalation
from rules.audit import Reason

SOURCE: Final = "internal_audit"
# To verify is what he must, so it is no tie; all others are.
NO_TIE: Final = frozenset({Reason.MUST_VERIFY})


def verifier(
    session: Session, nonconformity: Nonconformity, *, barred: frozenset[int], at: datetime
) -> int | None:
    """Return the auditor who verifies; None if the nonconformity is from no audit of ours."""
    audit = _audit(session, nonconformity)
    if audit is None:
        return None
    ground, organisation = Ground(session, at), people.organisation(session)
    day = current().calendar.day(at)
    for member in audit_team.team_of(session, audit):
        person = member.person_id
        if person in barred or tied(session, audit, person, at=at, ground=ground):
            continue
        if isinstance(escalation.reach(organisation, person, day, barred=barred), escalation.Told):
            return person
    return None


def refuse_tied(
    session: Session, nonconformity: Nonconformity, hands: frozenset[int], at: datetime
) -> None:
    """Refuse a verification of an audit's finding by anybody with a tie to the area."""
    audit = _audit(session, nonconformity)
    if audit is None:
        return
    ground = Ground(session, at)
    for person in sorted(hands):
        found = tied(session, audit, person, at=at, ground=ground)
        if found:
            area = audit_team.area_of(session, audit)
            name = people.organisation(session).posts[person].name
            raise rule.NotIndependent(person=name, area=area.name, found=found)


def tied(
    session: Session, audit: Audit, person: int, *, at: datetime, ground: Ground
) -> tuple[rule.Conflict, ...]:
    """Return what ties somebody to the audited area today, exceptions of the audit aside."""
    area = audit_team.area_of(session, audit)
    asked = ground.asked(area, person, on=current().calendar.day(at), audit=audit.code)
    found = [one for one in rule.conflicts(asked) if one.reason not in NO_TIE]
    return audit_team.open_conflicts(session, audit, person, found)


def _audit(session: Session, nonconformity: Nonconformity) -> Audit | None:
    if nonconformity.source != SOURCE or nonconformity.source_record is None:
        return None
    return session.exec(
        select(Audit).where(col(Audit.code) == nonconformity.source_record)
    ).one_or_none()
