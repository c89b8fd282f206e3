"""The audit programme of a year (审核方案): computed, edited with reasons, approved, then binding.

What is computed says why. Whoever plans may decide otherwise, area by area; both values and
the reason stay. Nothing may be left out for longer than the policy's period: handing the
programme in is refused by name until everything is covered.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from config.language import say
from models import people, trail
from models.audit import Audit, AuditArea, AuditLine, Auditor, AuditProgramme
from models.engine import transaction
from processes.approval import course as approval
from processes.audit import areas as audit_areas
from processes.audit import computing as audit_computing
from processes.audit.ground import policy
from processes.duty.deed import Deed
from processes.nonconformity.duties import somebody
from rules import audit_programme as rule
from rules import gates
from rules.refusal import NotFound, Refused
from rules.words import Role

KIND: Final = "audit_programme"  # of its approval and its duties
DRAFT_MONTH: Final = 11  # from November on next year's programme is drafted
LATEST_START: Final = 9  # a year that is nearly over gets no programme any more
TEXTS: Final = ("purpose", "scope", "methods", "frequency")  # what its author writes himself
TITLE: Final = "Internal audit programme {year}"


class NobodyPlans(Refused):
    """Nobody holds the role that plans audits."""

    sentence = "nobody holds the role that plans audits by the procedure: {role}"


class ProgrammeIsFixed(Refused):
    """The programme is being approved, or is in force."""

    sentence = "the programme {code} cannot be edited: it is {state}"


def due_year(session: Session, at: datetime) -> int | None:
    """Return the year whose programme should be drafted now; None if there is nothing to do.

    A home that names no auditors does not do internal audits yet.
    """
    if session.exec(select(Auditor.id)).first() is None:
        return None
    day = current().calendar.day(at)
    years = [day.year + 1] if day.month >= DRAFT_MONTH else []
    if day.month <= LATEST_START:
        years.append(day.year)
    known = set(session.exec(select(AuditProgramme.year)))
    return next((year for year in years if year not in known), None)


@transaction
def draft_due(session: Session, *, at: datetime) -> str | None:
    """Draft the programme that is due; return its code."""
    year = due_year(session, at)
    return draft_in(session, year, at=at, actor="clock") if year is not None else None


@transaction
def draft(session: Session, year: int, *, at: datetime, actor: str) -> str:
    """Compute a year's programme, or compute it anew while it is a draft; return its code."""
    return draft_in(session, year, at=at, actor=actor)


def draft_in(session: Session, year: int, *, at: datetime, actor: str) -> str:
    """Do what `draft` does inside another transaction. What somebody edited stays as edited."""
    audit_areas.sync_in(session, at=at, actor=actor)
    programme = find(session, year)
    if programme is None:
        programme = _begin(session, year, at)
        owed = True
    else:
        if programme.state != "draft":
            return programme.code
        owed = False
    audit_computing.compute(session, programme, lines_of(session, programme), at)
    _record(session, programme, "drafted", at=at, actor=actor)
    if owed:
        _owe(session, programme, at=at, actor=actor)
    return programme.code


def find(session: Session, year: int) -> AuditProgramme | None:
    """Return the programme of a year."""
    return session.exec(
        select(AuditProgramme).where(col(AuditProgramme.year) == year)
    ).one_or_none()


def by_code(session: Session, code: str) -> AuditProgramme:
    """Return a programme, or refuse by name."""
    found = session.exec(
        select(AuditProgramme).where(col(AuditProgramme.code) == code)
    ).one_or_none()
    if found is None:
        raise NotFound(what="audit programme", code=code)
    return found


def lines_of(session: Session, programme: AuditProgramme) -> list[tuple[AuditLine, AuditArea]]:
    """Return the programme's lines with their areas, by rank."""
    rows = session.exec(
        select(AuditLine, AuditArea)
        .join(AuditArea, col(AuditArea.id) == AuditLine.area_id)
        .where(col(AuditLine.programme_id) == programme.id)
        .order_by(col(AuditLine.rank))
    ).all()
    return [(line, area) for line, area in rows]


@transaction
def edit(
    session: Session,
    code: str,
    area: str,
    *,
    months: Sequence[int],
    reason: str,
    person_id: int,
    at: datetime,
    via: str = "",
) -> None:
    """Decide otherwise for an area; the computed months and the reason stay beside it."""
    programme = by_code(session, code)
    if programme.state != "draft":
        raise ProgrammeIsFixed(code=code, state=programme.state)
    found = [line for line, own in lines_of(session, programme) if own.code == area]
    if not found:
        raise NotFound(what="audit area", code=area)
    line, wanted = found[0], rule.edited(months)
    reason = gates.reason(reason)
    before = {"months": line.months}
    line.months, line.edited_reason = wanted, reason
    line.edited_by_id, line.edited_at = person_id, at
    session.add(line)
    after = {"area": area, "months": wanted, "reason": reason, "via": via[:300]}
    _record(
        session, programme, "edited", at=at, actor=f"person:{person_id}", before=before, after=after
    )


@transaction
def weigh(
    session: Session,
    code: str,
    area: str,
    *,
    importance: int,
    status: str,
    reason: str,
    person_id: int,
    at: datetime,
    via: str = "",
) -> bool:
    """Say otherwise how much an area matters, and compute the draft anew; False if it is so."""
    programme = by_code(session, code)
    if programme.state != "draft":
        raise ProgrammeIsFixed(code=code, state=programme.state)
    found = [own for _, own in lines_of(session, programme) if own.code == area]
    if not found:
        raise NotFound(what="audit area", code=area)
    own = found[0]
    rule.weighed(importance, status)
    before = {"importance": own.importance, "status": own.status}
    if before == {"importance": importance, "status": status}:
        return False
    reason = gates.reason(reason)
    own.importance, own.status = importance, status
    session.add(own)
    session.flush()
    audit_computing.compute(session, programme, lines_of(session, programme), at)
    after = {"area": area, "importance": importance, "status": status, "reason": reason}
    actor = f"person:{person_id}"
    after["via"] = via[:300]
    _record(session, programme, "weighed", at=at, actor=actor, before=before, after=after)
    return True


@transaction
def describe(
    session: Session, code: str, texts: Mapping[str, str], *, person_id: int, at: datetime
) -> None:
    """Write purpose, scope, methods and frequency in the organisation's own words."""
    programme = by_code(session, code)
    if programme.state != "draft":
        raise ProgrammeIsFixed(code=code, state=programme.state)
    before = {name: getattr(programme, name) for name in TEXTS}
    after = {name: gates.reason(texts.get(name, "")) for name in TEXTS}
    for name, said in after.items():
        setattr(programme, name, said)
    actor = f"person:{person_id}"
    _record(session, programme, "described", at=at, actor=actor, before=before, after=after)


def uncovered(session: Session, programme: AuditProgramme) -> tuple[str, ...]:
    """Return the areas and clauses that the programme leaves out."""
    return rule.uncovered(*_coverage(session, programme))


def refuse_uncovered(session: Session, programme: AuditProgramme) -> None:
    """Refuse, by name, a programme that leaves something out."""
    rule.cover(*_coverage(session, programme), months=policy().periods.coverage_months)


def _coverage(
    session: Session, programme: AuditProgramme
) -> tuple[dict[str, list[str]], dict[str, list[str]], list[str]]:
    return audit_computing.coverage(session, programme, lines_of(session, programme))


def submit(deed: Deed, note: str) -> None:
    """Hand the programme in for review (`ON_DRAWN`): nothing may be left out."""
    session = deed.session
    programme = by_code(session, deed.duty.subject)
    refuse_uncovered(session, programme)
    procedure, organisation = policy().procedure, deed.organisation
    programme.state, programme.author_id = "submitted", deed.person_id
    session.add(programme)
    approval.submit(
        session,
        kind=KIND,
        code=programme.code,
        version=programme.version,
        title=deed.duty.title,
        author_id=deed.person_id,
        reviewers=candidates(organisation, procedure.reviews, Role.QUALITY_HEAD, Role.QUALITY),
        approvers=candidates(organisation, procedure.approves, Role.TOP_MANAGEMENT),
        readers=_readers(session, programme),
        at=deed.at,
        actor=deed.actor,
        summary=note,
        hands=deed.hands,
    )


def approved(session: Session, code: str, version: int, at: datetime, by_id: int) -> None:
    """Put the programme into force: its audits are planned (`ON_APPROVED`)."""
    del version
    programme = by_code(session, code)
    programme.state, programme.approved_at, programme.approved_by_id = "approved", at, by_id
    session.add(programme)
    for line, area in lines_of(session, programme):
        for month in line.months:
            session.add(_audit(programme, line, area, month))
    session.flush()
    _record(session, programme, "approved", at=at, actor=f"person:{by_id}")


def returned(session: Session, code: str, version: int, reason: str, at: datetime) -> None:
    """Let the author edit it again (`ON_RETURNED`)."""
    del version
    programme = by_code(session, code)
    programme.state = "draft"
    session.add(programme)
    _record(session, programme, "returned", at=at, actor="clock", after={"reason": reason})


def candidates(organisation: Any, *roles: Role) -> list[int]:
    """Return the holders of these roles, each once, in that order."""
    return list(dict.fromkeys(person for role in roles for person in organisation.holders(role)))


def _begin(session: Session, year: int, at: datetime) -> AuditProgramme:
    now, chosen = current().settings.language, policy()
    told: dict[str, Any] = audit_computing.texts(now, year)
    programme = AuditProgramme(
        code=f"AP-{year}",
        year=year,
        procedure=chosen.to_json(),
        procedure_hash=chosen.mark,
        author_id=somebody(session, (chosen.procedure.plans,), barred=frozenset(), at=at),
        drafted_at=at,
        **told,
    )
    if programme.author_id is None:
        raise NobodyPlans(role=chosen.procedure.plans)
    session.add(programme)
    session.flush()
    return programme


def _audit(programme: AuditProgramme, line: AuditLine, area: AuditArea, month: int) -> Audit:
    chosen = policy().team
    calendar = current().calendar
    first = date(programme.year, month, 1)
    working = [
        first.replace(day=d) for d in range(1, 29) if calendar.is_working(first.replace(day=d))
    ]
    planned_on = working[(5 + line.rank * 2) % len(working)]  # spread over the month
    assert programme.id is not None
    assert line.id is not None
    assert area.id is not None
    return Audit(
        code=f"IA-{programme.year}-{line.rank:02d}-{month:02d}",
        programme_id=programme.id,
        line_id=line.id,
        area_id=area.id,
        month=month,
        planned_on=planned_on,
        clauses=list(area.clauses),
        needs=chosen.auditors,
        weight=-(-len(area.clauses) // chosen.clauses_per_half_day),
    )


def _readers(session: Session, programme: AuditProgramme) -> list[int]:
    """Return who gets the programme: whoever answers for an area, and every auditor."""
    owners = [area.owner_id for _, area in lines_of(session, programme)]
    auditors = session.exec(select(Auditor.person_id)).all()
    posts = people.organisation(session).posts
    found = [who for who in (*owners, *auditors) if who is not None and posts[who].active]
    return list(dict.fromkeys(found))


def _owe(session: Session, programme: AuditProgramme, *, at: datetime, actor: str) -> None:
    now = current()
    assert programme.author_id is not None
    approval.draw_up(
        session,
        kind=KIND,
        code=programme.code,
        title=say(now.settings.language, TITLE, year=programme.year),
        author_id=programme.author_id,
        due_at=now.calendar.working_days(at, policy().periods.plan_working_days),
        at=at,
        actor=actor,
    )


def _record(
    session: Session,
    programme: AuditProgramme,
    what: str,
    *,
    at: datetime,
    actor: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    programme.rev += 1
    session.add(programme)
    trail.record(
        session,
        at=at,
        actor=actor,
        action=f"audit_programme.{what}",
        subject=f"{KIND}:{programme.code}",
        before=before,
        after=after or {"state": programme.state},
    )


approval.ON_DRAWN[KIND] = submit
approval.ON_APPROVED[KIND] = approved
approval.ON_RETURNED[KIND] = returned
