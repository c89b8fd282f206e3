"""Teams for the audits of a programme (审核组安排): proposed by the solver, let in by the gate.

Read, solve, write: the solver works outside any transaction on what was read, and every seat it
proposes goes through `audit_team.put`, which asks independence anew. So what changed in between
is refused and not believed. The same function plans anew when an auditor has left or has come
into a conflict: it changes as few seats as it can.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from models import alarms, people, trail
from models.audit import Audit, AuditArea, AuditProgramme, AuditTeam
from models.engine import reading, transaction
from models.organisation import Person
from processes import audit_team
from processes.audit_assignment import Crew, Job, Proposal, Puzzle, propose
from processes.audit_ground import Ground, policy
from processes.audit_team import LEAD
from rules import audit as rule
from rules.refusal import NotFound, Refused

ALARM: Final = "audit_unstaffed"
MONDAY: Final = 1
OPEN: Final = ("planned", "opened", "announced")
WHY: Final = {
    "too_few": "too few auditors are independent of it and qualified",
    "no_lead": "nobody who may lead an audit is independent of it",
    "no_competence": "nobody independent of it is competent for some clause",
    "no_capacity": "the auditors have no audits left that they may do, or no team fits together",
}


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
    with reading() as session:
        ground = Ground(session, at)
        wanting = [audit for audit in open_audits(session) if _wants(session, ground, audit, at)]
    return staff(at=at, actor="clock") if wanting else None


def staff(*, at: datetime, actor: str) -> Staffed:
    """Propose teams for every open audit of the programmes in force, and seat them."""
    puzzle = read_puzzle(at)
    if not puzzle.jobs:
        return Staffed()
    return seat(propose(puzzle), at=at, actor=actor)


def read_puzzle(at: datetime) -> Puzzle:
    """Return the problem as it stands: whoever has a conflict is no choice."""
    with reading() as session:
        ground = Ground(session, at)
        found = open_audits(session)
        jobs = tuple(_job(session, ground, audit, at) for audit in found)
        auditors = tuple(sorted(ground.auditors))
        return Puzzle(
            jobs=jobs,
            auditors=auditors,
            carried=_carried(session, found),
            most={
                person: row.most_audits
                for person, row in ground.auditors.items()
                if row.most_audits is not None
            },
        )


@transaction
def seat(session: Session, proposal: Proposal, *, at: datetime, actor: str) -> Staffed:
    """Give the proposed seats through the gate; what it refuses is left for the next time."""
    ground, joined, left, empty = Ground(session, at), 0, 0, []
    for audit in open_audits(session):
        crew = proposal.crews.get(audit.code)
        if crew is not None:
            came, went = _seat(session, ground, audit, crew, at=at, actor=actor)
            joined, left = joined + came, left + went
        if crew is None or not _whole(session, audit):
            empty.append(audit.code)
            why = proposal.unstaffed.get(audit.code, "no_capacity")
            _unstaffed(session, ground, audit, why, at)
        elif audit.unstaffed:
            audit.unstaffed = []
            session.add(audit)
            alarms.clear_alarm(session, kind=ALARM, ref=f"audit:{audit.code}", at=at)
    _keep(session, proposal)
    return Staffed(
        joined=joined,
        left=left,
        unstaffed=tuple(empty),
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
        alarms.clear_alarm(session, kind=ALARM, ref=f"audit:{audit.code}", at=at)
    LEAD_CHANGED(session, audit, at)


def open_audits(session: Session) -> Sequence[Audit]:
    """Return the audits of programmes in force that have not been conducted, the first first."""
    return session.exec(
        select(Audit)
        .join(AuditProgramme, col(AuditProgramme.id) == Audit.programme_id)
        .where(col(AuditProgramme.state) == "approved", col(Audit.state).in_(OPEN))
        .order_by(col(Audit.planned_on), col(Audit.id))
    ).all()


def _lead_changed(session: Session, audit: Audit, at: datetime) -> None:
    """Hand what the lead auditor owes to the present one; replaced by `audit_opening`."""
    del session, audit, at


LEAD_CHANGED: Any = _lead_changed


def _wants(session: Session, ground: Ground, audit: Audit, at: datetime) -> bool:
    members, posts = audit_team.team_of(session, audit), ground.organisation.posts
    whole = len(members) >= audit.needs and any(m.role == LEAD for m in members)
    soon = _soon(audit, at)
    if not whole:  # what could not be staffed is tried again weekly, and daily when it comes up
        return not audit.unstaffed or soon or current().calendar.day(at).isoweekday() == MONDAY
    if any(not posts[m.person_id].active for m in members):
        return True
    return soon and any(not _may(session, ground, audit, m, at) for m in members)


def _soon(audit: Audit, at: datetime) -> bool:
    """Whether an audit is being prepared: its team is judged anew every day."""
    calendar = current().calendar
    horizon = calendar.add(at, policy().periods.prepare_working_days + 5)
    return audit.planned_on <= calendar.day(horizon)


def _may(session: Session, ground: Ground, audit: Audit, member: AuditTeam, at: datetime) -> bool:
    asked = audit_team.ask(session, audit, member.person_id, at=at, ground=ground)
    conflicts = rule.conflicts(asked)
    left = audit_team.open_conflicts(session, audit, member.person_id, conflicts)
    return not left and not rule.unfit(asked, lead=member.role == LEAD)


def _job(session: Session, ground: Ground, audit: Audit, at: datetime) -> Job:
    area = audit_team.area_of(session, audit)
    asked = {
        person: audit_team.ask(session, audit, person, at=at, ground=ground)
        for person in ground.auditors
    }
    can = {
        person
        for person, one in asked.items()
        if not rule.unfit(one, lead=False)
        and not audit_team.open_conflicts(session, audit, person, rule.conflicts(one))
    }
    team = audit_team.team_of(session, audit)
    return Job(
        code=audit.code,
        needs=audit.needs,
        weight=audit.weight,
        can=frozenset(can),
        leads=frozenset(p for p in can if ground.auditors[p].lead),
        groups=tuple(
            frozenset(p for p in can if rule.competent(ground.auditors[p].competence, clause))
            for clause in audit.clauses
        ),
        far=frozenset(p for p in can if _far(area, ground.auditors[p].site)),
        present=frozenset(m.person_id for m in team),
        present_lead=next((m.person_id for m in team if m.role == LEAD), None),
    )


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


def _seat(
    session: Session, ground: Ground, audit: Audit, crew: Crew, *, at: datetime, actor: str
) -> tuple[int, int]:
    wanted = {person: LEAD if person == crew.lead else "auditor" for person in crew.members}
    came = went = 0
    for member in audit_team.team_of(session, audit):
        if wanted.get(member.person_id) != member.role:
            went += audit_team.out(session, audit, member.person_id, at=at, actor=actor)
    seated = {m.person_id for m in audit_team.team_of(session, audit)}
    for person, role in sorted(wanted.items(), key=lambda one: (one[1] != LEAD, one[0])):
        if person in seated:
            continue
        try:
            audit_team.put(session, audit, person, role, at=at, actor=actor, ground=ground)
            came += 1
        except Refused:  # somebody moved, left or acted since the puzzle was read
            continue
    if came or went:
        LEAD_CHANGED(session, audit, at)
    return came, went


def _whole(session: Session, audit: Audit) -> bool:
    team = audit_team.team_of(session, audit)
    return len(team) >= audit.needs and any(m.role == LEAD for m in team)


def _unstaffed(session: Session, ground: Ground, audit: Audit, why: str, at: datetime) -> None:
    """Say which audit has no team, and of every auditor why he may not do it."""
    told = []
    for person in sorted(ground.auditors):
        asked = audit_team.ask(session, audit, person, at=at, ground=ground)
        found = (*rule.conflicts(asked), *rule.unfit(asked, lead=False))
        told.append([person, [one.to_json() for one in found]])
    audit.unstaffed = [[why, told]]
    session.add(audit)
    area = audit_team.area_of(session, audit)
    alarms.raise_alarm(
        session,
        kind=ALARM,
        ref=f"audit:{audit.code}",
        message=f"{audit.code} ({area.name}) has no team: {WHY[why]}",
        at=at,
    )


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
