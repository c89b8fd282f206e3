"""Teams for the audits of a programme (审核组安排): proposed by the solver, let in by the gate.

Read, solve, write: the solver works outside any transaction on what was read, and every seat it
proposes goes through `audit_team.put`, which asks independence anew. So what changed in between
is refused and not believed. The same function plans anew when an auditor has left or has come
into a conflict, however far ahead the audit lies: it changes as few seats as it can, and the
head of quality hears all of it in one letter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from models import people, trail
from models.audit import Audit, AuditProgramme, AuditTeam
from models.engine import reading, transaction
from models.organisation import Person
from processes import plug
from processes.audit import areas as audit_areas
from processes.audit import changes as audit_changes
from processes.audit import team as audit_team
from processes.audit.assignment import Proposal, propose
from processes.audit.changes import Change
from processes.audit.ground import Ground
from processes.audit.puzzle import against, open_audits, read_puzzle, soon
from processes.audit.team import LEAD
from rules import audit as rule
from rules.refusal import NotFound, Refused

MONDAY: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffed:
    """What staffing came to: seats filled and given up, audits that cannot be staffed."""

    joined: int = 0
    left: int = 0
    unstaffed: tuple[str, ...] = ()
    spread: int = 0
    bound: int = 0
    seconds: float = 0.0


def staff_due(at: datetime) -> Staffed | None:
    """Staff what lacks a team, or has one that may not audit any more; None if nothing does."""
    audit_areas.sync_known(at=at)
    with reading() as session:
        ground, waiting = Ground(session, at), open_audits(session)
        teams = audit_team.teams_of(session, waiting)
        wanting = any(_wants(session, ground, one, teams[one.id or 0], at) for one in waiting)
    return staff(at=at, actor="clock") if wanting else None


def staff(*, at: datetime, actor: str) -> Staffed:
    """Propose teams for every open audit of the programmes in force, and seat them."""
    puzzle = read_puzzle(at)
    if not puzzle.jobs:
        return Staffed()
    return seat(propose(puzzle), at=at, actor=actor)


@transaction
def seat(session: Session, proposal: Proposal, *, at: datetime, actor: str) -> Staffed:
    """Give the proposed seats through the gate; what it refuses is left for the next time."""
    ground = Ground(session, at)
    changes = [
        _reseat(session, ground, audit, proposal, at=at, actor=actor)
        for audit in open_audits(session)
    ]
    audit_changes.tell(session, changes, at=at)
    audit_changes.alarm(session, at=at)
    _keep(session, proposal)
    return Staffed(
        joined=sum(len(one.came) for one in changes),
        left=sum(len(one.gone) for one in changes),
        unstaffed=tuple(audit.code for audit in open_audits(session) if audit.unstaffed),
        spread=proposal.spread,
        bound=proposal.bound,
        seconds=proposal.seconds,
    )


@transaction
def set_team(
    session: Session, code: str, *, lead: str, auditors: Sequence[str], at: datetime, actor: str
) -> None:
    """Name a team by codes, as a planner decides it; every seat goes through the gate."""
    set_team_in(session, code, lead=lead, auditors=auditors, at=at, actor=actor)


def set_team_in(
    session: Session, code: str, *, lead: str, auditors: Sequence[str], at: datetime, actor: str
) -> None:
    """Do what `set_team` does inside the transaction of an import."""
    audit = audit_team.by_code(session, code)
    wanted = {_person(session, one): "auditor" for one in auditors}
    wanted[_person(session, lead)] = LEAD
    for member in audit_team.team_of(session, audit):
        if wanted.get(member.person_id) != member.role:
            audit_team.out(session, audit, member.person_id, at=at, actor=actor)
    ground = Ground(session, at)
    for person, role in sorted(wanted.items(), key=lambda one: one[1] != LEAD):
        audit_team.put(session, audit, person, role, at=at, actor=actor, ground=ground)
    if _whole(session, audit):
        audit.unstaffed = []
        session.add(audit)
        audit_changes.alarm(session, at=at)
    plug.tell("audit.lead_changed", session, audit, at)


def _wants(
    session: Session, ground: Ground, audit: Audit, team: Sequence[AuditTeam], at: datetime
) -> bool:
    if _fills(audit, team):
        return any(against(session, ground, audit, member, at) for member in team)
    # What could not be staffed is tried again weekly, and daily when it comes up.
    monday = current().calendar.day(at).isoweekday() == MONDAY
    return not audit.unstaffed or soon(audit, at) or monday


def _reseat(
    session: Session,
    ground: Ground,
    audit: Audit,
    proposal: Proposal,
    *,
    at: datetime,
    actor: str,
) -> Change:
    """Give one audit its proposed seats; where there is no team, nobody stays who may not."""
    before = audit_team.team_of(session, audit)
    why = {m.person_id: against(session, ground, audit, m, at) for m in before}
    crew = proposal.crews.get(audit.code)
    if crew is None:
        wanted = {m.person_id: m.role for m in before if not why[m.person_id]}
    else:
        wanted = {one: LEAD if one == crew.lead else "auditor" for one in crew.members}
    _seat(session, ground, audit, wanted, at=at, actor=actor)
    after = {m.person_id for m in audit_team.team_of(session, audit)}
    whole = _whole(session, audit)
    fresh = not whole and not audit.unstaffed
    reason = None if whole else proposal.unstaffed.get(audit.code, "no_capacity")
    _mark(session, ground, audit, reason, at)
    return Change(
        audit=audit.code,
        area=audit_team.area_of(session, audit).name,
        gone=tuple((one, why[one]) for one in why if one not in after),
        came=tuple(sorted(after - set(why))),
        empty=reason if fresh else None,
    )


def _seat(
    session: Session,
    ground: Ground,
    audit: Audit,
    wanted: Mapping[int, str],
    *,
    at: datetime,
    actor: str,
) -> None:
    changed = False
    for member in audit_team.team_of(session, audit):
        if wanted.get(member.person_id) != member.role:
            changed |= audit_team.out(session, audit, member.person_id, at=at, actor=actor)
    seated = {m.person_id for m in audit_team.team_of(session, audit)}
    for person, role in sorted(wanted.items(), key=lambda one: (one[1] != LEAD, one[0])):
        if person in seated:
            continue
        try:
            audit_team.put(session, audit, person, role, at=at, actor=actor, ground=ground)
            changed = True
        except Refused:  # somebody moved, left or acted since the puzzle was read
            continue
    if changed:
        plug.tell("audit.lead_changed", session, audit, at)


def _whole(session: Session, audit: Audit) -> bool:
    return _fills(audit, audit_team.team_of(session, audit))


def _fills(audit: Audit, team: Sequence[AuditTeam]) -> bool:
    return len(team) >= audit.needs and any(m.role == LEAD for m in team)


def _mark(session: Session, ground: Ground, audit: Audit, why: str | None, at: datetime) -> None:
    """Keep why an audit has no team, and of every auditor what is against him; or that it has."""
    told = []
    for person in sorted(ground.auditors) if why else ():
        asked = audit_team.ask(session, audit, person, at=at, ground=ground)
        found = (*rule.conflicts(asked), *rule.unfit(asked, lead=False))
        told.append([person, [one.to_json() for one in found]])
    marked = [[why, told]] if why else []
    if marked != audit.unstaffed:
        audit.unstaffed = marked
        session.add(audit)


def _keep(session: Session, proposal: Proposal) -> None:
    """Keep with the programmes how good the solution is, for the print of the plan."""
    told: Mapping[str, Any] = {
        "spread": proposal.spread,
        "bound": proposal.bound,
        "loads": {str(person): load for person, load in proposal.loads.items()},
        "changes": proposal.changes,
    }
    numbers = {audit.programme_id for audit in open_audits(session)}
    for programme in session.exec(
        select(AuditProgramme).where(col(AuditProgramme.id).in_(numbers))
    ).all():
        programme.solution = dict(told)
        session.add(programme)


def _person(session: Session, code: str) -> int:
    number = people.by_code(session, code).id
    if number is None:
        raise NotFound(what="person", code=code)
    return number


def names(session: Session, persons: Iterable[int]) -> list[str]:
    """Return the codes of people."""
    rows = session.exec(select(Person.id, Person.code).where(col(Person.id).in_([*persons])))
    known = dict(rows.all())
    return [known[p] for p in persons]


def record(
    session: Session, audit: Audit, action: str, *, at: datetime, actor: str, **after: Any
) -> None:
    """Write an act on an audit into the trail."""
    audit.rev += 1
    session.add(audit)
    trail.record(
        session,
        at=at,
        actor=actor,
        action=f"audit.{action}",
        subject=f"audit:{audit.code}",
        after=after,
    )
