"""Exceptions from independence (独立性例外): only where the procedure allows them, by two people.

One asks with a reason, another signs. The exception names the conflicts it was granted for; a
conflict that comes later is not covered. Neither of the two is the auditor.
"""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from models import people, trail
from models.audit import Audit, AuditException
from models.engine import transaction
from processes.audit import says as says_audit
from processes.audit import team as audit_team
from processes.audit.ground import policy
from processes.audit.opening import issue
from processes.audit.team import KIND
from processes.duty import issued as duties
from processes.duty.deed import Deed
from processes.nonconformity.duties import somebody
from rules import audit as rule
from rules import gates
from rules.refusal import NotFound, Refused
from rules.words import DutyKind, Role

DAYS: Final = 3
MAY_ASK: Final = frozenset({Role.QUALITY, Role.QUALITY_HEAD})


class NoExceptions(Refused):
    """The procedure knows no exception."""

    sentence = "the procedure allows no exception from independence"


class MayNotAsk(Refused):
    """Only whoever plans audits asks for an exception, and never for himself."""

    sentence = "only the quality department asks for an exception, and nobody for himself"


class NothingToExcept(Refused):
    """There is no conflict."""

    sentence = "{person} has no conflict with {audit}: no exception is needed"


class NobodyGrants(Refused):
    """There is no second person."""

    sentence = "there is nobody else who may grant the exception"


class OnePerson(Refused):
    """The second person is the first, the auditor or the auditee."""

    sentence = "{person} asked for the exception or is concerned by it, and may not grant it"


class AskedAlready(Refused):
    """One at a time."""

    sentence = "an exception for {audit} is waiting to be decided already"


@transaction
def ask(
    session: Session,
    code: str,
    auditor: str,
    *,
    reason: str,
    person_id: int,
    at: datetime,
    via: str,
) -> int:
    """Ask for an exception; return the number of the duty to decide it."""
    if not policy().procedure.exception_allowed:
        raise NoExceptions
    audit = audit_team.by_code(session, code)
    row = _asked(session, audit, auditor, reason=reason, person_id=person_id, at=at)
    decider = somebody(session, _roles(), barred=_concerned(session, audit, row), at=at)
    if decider is None:
        raise NobodyGrants
    trail.record(
        session,
        at=at,
        actor=f"person:{person_id}",
        action="audit.exception_asked",
        subject=f"audit:{code}",
        after={"person": row.person_id, "conflicts": row.conflicts, "via": via[:300]},
    )
    duty = issue(session, audit, DutyKind.DECIDE_AUDITOR_EXCEPTION, decider, days=DAYS, at=at)
    assert duty.id is not None
    return duty.id


def _asked(
    session: Session, audit: Audit, auditor: str, *, reason: str, person_id: int, at: datetime
) -> AuditException:
    """Keep what is asked; refuse what nobody may ask, needs no exception, or is asked already."""
    posts = people.organisation(session).posts
    person = people.by_code(session, auditor).id
    assert person is not None
    if person == person_id or not posts[person_id].roles & MAY_ASK:
        raise MayNotAsk
    found = rule.conflicts(audit_team.ask(session, audit, person, at=at))
    if not found:
        raise NothingToExcept(person=posts[person].name, audit=audit.code)
    waiting = duties.open_duties_about(session, KIND, audit.code)
    if any(one.kind == DutyKind.DECIDE_AUDITOR_EXCEPTION for one in waiting):
        raise AskedAlready(audit=audit.code)
    assert audit.id is not None
    row = AuditException(
        audit_id=audit.id,
        person_id=person,
        conflicts=[one.to_json() for one in found],
        reason=gates.reason(reason),
        asked_by_id=person_id,
        asked_at=at,
    )
    session.add(row)
    session.flush()
    return row


def check(deed: Deed, reason: str) -> None:
    """Refuse a grant by whoever asked, is the auditor or the auditee; or without a reason."""
    if not policy().procedure.exception_allowed:
        raise NoExceptions
    audit, row = asked_by(deed)
    if deed.hands & _concerned(deed.session, audit, row):
        raise OnePerson(person=deed.person.name)
    gates.reason(reason)


def decide(deed: Deed, *, granted: bool, reason: str) -> str:
    """Grant the exception or refuse it; it is kept either way."""
    check(deed, reason)
    audit, row = asked_by(deed)
    row.granted, row.note = granted, gates.reason(reason)
    row.decided_by_id, row.decided_at = deed.person_id, deed.at
    deed.session.add(row)
    deed.record(
        "audit.exception_granted" if granted else "audit.exception_refused",
        f"audit:{audit.code}",
        after={"person": row.person_id, "conflicts": row.conflicts},
    )
    deed.discharge()
    return says_audit.GRANTED if granted else says_audit.NOT_GRANTED


def asked_by(deed: Deed) -> tuple[Audit, AuditException]:
    """Return what this duty decides."""
    audit = audit_team.by_code(deed.session, deed.duty.subject)
    row = deed.session.exec(
        select(AuditException).where(
            col(AuditException.audit_id) == audit.id, col(AuditException.granted).is_(None)
        )
    ).first()
    if row is None:
        raise NotFound(what="audit", code=audit.code)
    return audit, row


def _roles() -> tuple[Role, ...]:
    return tuple(dict.fromkeys((policy().procedure.grants_exception, Role.TOP_MANAGEMENT)))


def _concerned(session: Session, audit: Audit, row: AuditException) -> frozenset[int]:
    owner = audit_team.area_of(session, audit).owner_id
    found = {row.asked_by_id, row.person_id}
    return frozenset(found | ({owner} if owner is not None else set()))
