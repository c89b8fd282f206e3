"""Who audits (审核组组成): the one door through which anybody comes into a team.

Whatever the way in (proposal, page, command line, import, Prefect's form), `put` asks the rule
anew on the rows of this transaction, keeps question and answer as a proof, and only then writes
the row. The database refuses a team row without its proof, and a proof with conflicts without
an exception that a second person granted. What changes later is caught by `still`: it is asked
again when the audit is announced, conducted, reported and verified.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import people, trail
from models.audit import Audit, AuditArea, AuditException, AuditProof, AuditTeam
from processes.audit.ground import Ground, day_of
from rules import audit as rule
from rules.audit import Asked, Conflict
from rules.refusal import NotFound, Refused

LEAD: Final = "lead"
ROLES: Final = (LEAD, "auditor")
KIND: Final = "audit"  # `subject_kind` of its duties


class TeamIsFixed(Refused):
    """The audit has been conducted: who did it is history."""

    sentence = "the team of {audit} cannot be changed any more: the audit was conducted"


class LeadTaken(Refused):
    """A team has one lead auditor."""

    sentence = "{audit} has a lead auditor already: {person}"


def by_code(session: Session, code: str) -> Audit:
    """Return an audit, locked until this transaction ends, or refuse by name."""
    found = session.exec(
        select(Audit)
        .where(col(Audit.code) == code)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound(what="audit", code=code)
    return found


def area_of(session: Session, audit: Audit) -> AuditArea:
    """Return what an audit is about."""
    return session.get_one(AuditArea, audit.area_id)


def team_of(session: Session, audit: Audit) -> Sequence[AuditTeam]:
    """Return the team, the lead auditor first."""
    rows = session.exec(select(AuditTeam).where(col(AuditTeam.audit_id) == audit.id)).all()
    return sorted(rows, key=lambda row: (row.role != LEAD, row.id or 0))


def teams_of(session: Session, audits: Sequence[Audit]) -> dict[int, list[AuditTeam]]:
    """Return the teams of these audits by their number, each with the lead auditor first."""
    numbers = [audit.id for audit in audits if audit.id is not None]
    found: dict[int, list[AuditTeam]] = {number: [] for number in numbers}
    for row in session.exec(select(AuditTeam).where(col(AuditTeam.audit_id).in_(numbers))).all():
        found[row.audit_id].append(row)
    for team in found.values():
        team.sort(key=lambda row: (row.role != LEAD, row.id or 0))
    return found


def lead_of(session: Session, audit: Audit) -> int | None:
    """Return the lead auditor, if there is one."""
    return next((m.person_id for m in team_of(session, audit) if m.role == LEAD), None)


def put(
    session: Session,
    audit: Audit,
    person_id: int,
    role: str,
    *,
    at: datetime,
    actor: str,
    ground: Ground | None = None,
) -> AuditTeam:
    """Put somebody into the team, or refuse with every reason. Twice is harmless."""
    known = next((m for m in team_of(session, audit) if m.person_id == person_id), None)
    if known is not None and known.role == role:
        return known
    _refuse_late(session, audit, person_id, role)
    if known is not None:
        out(session, audit, person_id, at=at, actor=actor)
    asked = ask(session, audit, person_id, at=at, ground=ground)
    _refuse_unfit(audit, asked, lead=role == LEAD)
    proof = _prove(session, audit, asked, at)
    assert audit.id is not None
    row = AuditTeam(audit_id=audit.id, person_id=person_id, role=role, proof=proof.hash, at=at)
    session.add(row)
    session.flush()
    _record(session, audit, "audit.team_joined", at, actor, person=person_id, role=role)
    return row


def out(session: Session, audit: Audit, person_id: int, *, at: datetime, actor: str) -> bool:
    """Take somebody out of a team that has not yet conducted its audit; False if he was not in."""
    if audit.conducted_at is not None:
        raise TeamIsFixed(audit=audit.code)
    gone = session.execute(
        sa.delete(AuditTeam).where(
            col(AuditTeam.audit_id) == audit.id, col(AuditTeam.person_id) == person_id
        )
    )
    if not gone.rowcount:  # type: ignore[attr-defined]
        return False
    _record(session, audit, "audit.team_left", at, actor, person=person_id)
    return True


def ask(
    session: Session,
    audit: Audit,
    person_id: int,
    *,
    at: datetime,
    ground: Ground | None = None,
    on: date | None = None,
) -> Asked:
    """Return the question whether somebody may audit this on its day, or on another."""
    ground = ground or Ground(session, at)
    return ground.asked(
        ground.areas[audit.area_id],
        person_id,
        on=on or day_of(audit),
        audit=audit.code,
        clauses=audit.clauses,
    )


def still(
    session: Session,
    audit: Audit,
    persons: Iterable[int],
    *,
    at: datetime,
    on: date | None = None,
) -> None:
    """Refuse whoever would not be let in today: he may not go on.

    `on` is the day it is moved to. After the audit nobody's training is asked for any more:
    whoever conducted it also reports it.
    """
    ground, members = Ground(session, at), {m.person_id: m for m in team_of(session, audit)}
    for person in persons:
        asked = ask(session, audit, person, at=at, ground=ground, on=on)
        found = open_conflicts(session, audit, person, rule.conflicts(asked))
        if found:
            raise _not_independent(asked, found)
        if person not in members:
            _refuse_unfit(audit, asked, lead=False)
        elif audit.conducted_at is None:
            _refuse_unfit(audit, asked, lead=members[person].role == LEAD)


def open_conflicts(
    session: Session, audit: Audit, person_id: int, found: Sequence[Conflict]
) -> tuple[Conflict, ...]:
    """Return the conflicts that no granted exception of this audit covers."""
    if not found:
        return ()
    granted = _granted(session, audit, person_id)
    covered = {tuple(one) for one in granted.conflicts} if granted else set()
    return tuple(one for one in found if (one.reason, one.what) not in covered)


def proofs(session: Session, audit: Audit) -> list[tuple[AuditTeam, AuditProof]]:
    """Return each member with the proof that let him in, the lead auditor first."""
    return [
        (
            member,
            session.exec(
                select(AuditProof).where(
                    col(AuditProof.audit_id) == audit.id,
                    col(AuditProof.person_id) == member.person_id,
                    col(AuditProof.hash) == member.proof,
                )
            ).one(),
        )
        for member in team_of(session, audit)
    ]


def proof_hash(audit: str, proof: AuditProof) -> str:
    """Return the hash of a proof's content: what was asked, of whom, about what, and answered."""
    told = [audit, proof.person_id, proof.facts, proof.conflicts, proof.exception_id]
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _prove(session: Session, audit: Audit, asked: Asked, at: datetime) -> AuditProof:
    found = rule.conflicts(asked)
    left = open_conflicts(session, audit, asked.candidate.person, found)
    if left:
        raise _not_independent(asked, left)
    granted = _granted(session, audit, asked.candidate.person) if found else None
    assert audit.id is not None
    proof = AuditProof(
        audit_id=audit.id,
        person_id=asked.candidate.person,
        at=at,
        facts=_facts(asked, found),
        conflicts=len(found),
        exception_id=granted.id if granted else None,
        hash="",
    )
    proof.hash = proof_hash(audit.code, proof)
    same = session.exec(
        select(AuditProof).where(
            col(AuditProof.audit_id) == audit.id,
            col(AuditProof.person_id) == proof.person_id,
            col(AuditProof.hash) == proof.hash,
        )
    ).one_or_none()
    if same is not None:
        return same
    session.add(proof)
    session.flush()
    return proof


def _granted(session: Session, audit: Audit, person_id: int) -> AuditException | None:
    return session.exec(
        select(AuditException)
        .where(
            col(AuditException.audit_id) == audit.id,
            col(AuditException.person_id) == person_id,
            col(AuditException.granted).is_(True),
        )
        .order_by(col(AuditException.id).desc())
    ).first()


def _refuse_late(session: Session, audit: Audit, person_id: int, role: str) -> None:
    if role not in ROLES:
        raise NotFound(what="role", code=role)
    if audit.conducted_at is not None:
        raise TeamIsFixed(audit=audit.code)
    lead = lead_of(session, audit)
    if role == LEAD and lead not in {None, person_id}:
        assert lead is not None
        raise LeadTaken(audit=audit.code, person=people.organisation(session).posts[lead].name)


def _refuse_unfit(audit: Audit, asked: Asked, *, lead: bool) -> None:
    found = rule.unfit(asked, lead=lead)
    if found:
        name = asked.organisation.posts[asked.candidate.person].name
        raise rule.NotQualified(person=name, audit=audit.code, found=found)


def _not_independent(asked: Asked, found: Iterable[Conflict]) -> rule.NotIndependent:
    name = asked.organisation.posts[asked.candidate.person].name
    return rule.NotIndependent(person=name, area=asked.scope.name, found=found)


def _facts(asked: Asked, found: Sequence[Conflict]) -> dict[str, Any]:
    """Return what the rule was given, as a proof keeps it: ids and codes, no names."""
    scope, who = asked.scope, asked.candidate
    post = asked.organisation.posts[who.person]
    return {
        "area": scope.area,
        "units": sorted(scope.units),
        "auditees": sorted(scope.auditees),
        "projects": sorted(scope.projects),
        "own_unit": post.unit_id,
        "above": list(asked.organisation.chain(who.person).people),
        "stays": [[s.unit, str(s.begins or ""), str(s.ends or "")] for s in who.stays],
        "works": [d.what for d in who.did],
        "actions": sorted({code for code, _ in scope.actions}),
        "valid_until": str(who.valid_until or ""),
        "competence": list(who.competence),
        "on": str(asked.on),
        "since": str(asked.since),
        "conflicts": [one.to_json() for one in found],
    }


def _record(
    session: Session, audit: Audit, action: str, at: datetime, actor: str, **after: Any
) -> None:
    trail.record(
        session, at=at, actor=actor, action=action, subject=f"audit:{audit.code}", after=after
    )
