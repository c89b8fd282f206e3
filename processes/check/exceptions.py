"""A checker who is not independent (检查人例外): only a second person lets him through.

Somebody of quality asks with a reason; the head of quality (or top management) decides with a
mailed code, and is neither the asker nor the checker nor the one who is checked. Allowed, it is
a row of exceptions that the check names for ever; refused, somebody else checks.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from config.current import current
from config.language import label, listed, say
from models import people, trail
from models.check import Check, CheckerRequest
from models.duty import Duty
from models.engine import transaction
from models.nonconformity import GateException
from models.organisation import Project
from processes.check import opening as check_opening
from processes.check import planned as checks
from processes.check import rows
from processes.duty import beside
from processes.duty import issued as duties
from processes.duty.deed import Deed
from processes.nonconformity import duties as nonconformity_duties
from rules import gates
from rules.check import CheckState
from rules.checker import Conflict
from rules.refusal import NotFound, Refused
from rules.words import DutyKind, Role

GATE = "checker_independence"
ALLOWED = "Recorded. The exception stands on record, and the check is theirs."
REFUSED = "Recorded. Somebody independent checks the project."


class NotOfQuality(Refused):
    """Only quality plans checks, and asks for exceptions."""

    sentence = "{person} is not of the quality department, and may not ask for this"


class IndependentAnyway(Refused):
    """There is nothing to except."""

    sentence = "{person} is independent of {project}: no exception is needed"


class AskedAlready(Refused):
    """One question at a time."""

    sentence = "an exception for {code} has been asked for already and is not decided yet"


class NobodyDecides(Refused):
    """Neither the head of quality nor top management may decide it."""

    sentence = "nobody may decide this exception: everybody who could is party to it"


class PartyToIt(Refused):
    """Whoever asked, is to check, or is checked does not decide."""

    sentence = "{person} is party to this check and may not decide on its exception"


def ask(code: str, *, checker: str, asked_by: str, reason: str, at: datetime, actor: str) -> int:
    """Ask that this person may check all the same; return the number of the duty to decide."""
    return _ask(code, checker, asked_by, reason, at, actor)


@transaction
def _ask(
    session: Session, code: str, checker: str, asked_by: str, reason: str, at: datetime, actor: str
) -> int:
    check = rows.by_code(session, code)
    if check.state not in {CheckState.PLANNED, CheckState.OPEN}:
        raise checks.NotPlannedAnyMore(code=code, state=check.state)
    asker, person = _quality(session, asked_by), people.by_code(session, checker)
    assert person.id is not None and check.id is not None  # noqa: PT018
    project = session.exec(select(Project).where(col(Project.code) == check.project)).one()
    found = check_opening.conflicts(session, check, person.id, at)
    if not found:
        raise IndependentAnyway(person=person.name, project=project.name)
    if _undecided(session, check) is not None:
        raise AskedAlready(code=code)
    request = CheckerRequest(
        check_id=check.id,
        person_id=person.id,
        conflicts=[conflict.value for conflict in found],
        asked_by_id=asker,
        reason=gates.reason(reason),
        asked_at=at,
    )
    session.add(request)
    session.flush()
    duty = _issue(session, check, request, project, found, at=at, actor=actor)
    request.duty_id = duty.id
    session.add(request)
    told = {"person": person.id, "conflicts": request.conflicts, "asked_by": asker}
    entry = rows.entry(check, "check.exception_asked", at=at, actor=actor, after=told)
    trail.record_many(session, [entry])
    assert duty.id is not None
    return duty.id


def check_decide(deed: Deed, *, note: str) -> None:
    """Refuse a decision by a party to it, or without a reason; before a code is mailed."""
    request = _asked(deed)
    check = deed.session.get(Check, request.check_id)
    assert check is not None
    if deed.hands & _parties(deed.session, check, request):
        raise PartyToIt(person=deed.person.name)
    gates.reason(note)


def decide(deed: Deed, *, allow: bool, note: str) -> str:
    """Let the checker through and put it on record, or have somebody else check."""
    check_decide(deed, note=note)
    session, request = deed.session, _asked(deed)
    check = rows.by_code(session, deed.duty.subject)
    request.granted = allow
    request.decided_by_id, request.decided_at = deed.person_id, deed.at
    request.note = note
    session.add(request)
    if allow:
        _except(deed, check, request, note)
    deed.record(
        "check.exception_decided",
        rows.subject(check.code),
        after={"granted": allow, "person": request.person_id},
    )
    deed.discharge()
    return ALLOWED if allow else REFUSED


def _except(deed: Deed, check: Check, request: CheckerRequest, note: str) -> None:
    """Write the exception, and give the check to the person it is for."""
    session = deed.session
    exception = GateException(
        gate=GATE,
        subject_kind=rows.KIND,
        subject=check.code,
        asked_by_id=request.asked_by_id,
        granted_by_id=deed.person_id,
        reason=f"{request.reason}\n{note}".strip(),
        at=deed.at,
    )
    session.add(exception)
    session.flush()
    check.exception_id, check.wanted_id = exception.id, request.person_id
    session.add(check)
    session.flush()
    _hand_over(deed, check)


def _hand_over(deed: Deed, check: Check) -> None:
    """Take an open check from who has it; one that waited for its day goes on waiting."""
    session, at = deed.session, deed.at
    if check.state is CheckState.OPEN and check.inspector_id != check.wanted_id:
        for duty in duties.open_duties_about(session, rows.KIND, check.code):
            if duty.kind == DutyKind.QUALITY_CHECK:
                duties.withdraw(session, duty, at=at, why=HANDED_OVER, actor=deed.actor)
        check.state = CheckState.PLANNED
    due = check.planned_on <= current().calendar.day(at)
    if check.state is CheckState.PLANNED and due:
        checks.open_(session, [check], at=at, actor=deed.actor)


HANDED_OVER = "another person checks this project"


def _issue(
    session: Session,
    check: Check,
    request: CheckerRequest,
    project: Project,
    found: Sequence[Conflict],
    *,
    at: datetime,
    actor: str,
) -> Duty:
    owner = nonconformity_duties.somebody(
        session,
        (Role.QUALITY_HEAD, Role.TOP_MANAGEMENT),
        barred=_parties(session, check, request),
        at=at,
    )
    if owner is None:
        raise NobodyDecides
    now = current()
    return duties.issue(
        session,
        kind=DutyKind.DECIDE_CHECKER,
        subject_kind=rows.KIND,
        subject=check.code,
        title=checks.title(project, check.kind),
        owner_id=owner,
        due_at=now.calendar.working_days(at, now.policy.deadlines.decide_working_days),
        at=at,
        project=check.project,
        facts={"reason": request.reason, "conflicts": [one.value for one in found]},
        actor=actor,
    )


def _parties(session: Session, check: Check, request: CheckerRequest) -> frozenset[int]:
    """Return who may not decide: the asker, the checker, and who is checked."""
    manager = session.exec(
        select(Project.manager_id).where(col(Project.code) == check.project)
    ).one()
    found = {request.asked_by_id, request.person_id, manager}
    return frozenset(person for person in found if person is not None)


def _quality(session: Session, code: str) -> int:
    person = people.by_code(session, code)
    assert person.id is not None
    post = people.organisation(session).posts[person.id]
    if not post.active or not post.roles & {Role.QUALITY, Role.QUALITY_HEAD}:
        raise NotOfQuality(person=person.name)
    return person.id


def _undecided(session: Session, check: Check) -> CheckerRequest | None:
    return session.exec(
        select(CheckerRequest).where(
            col(CheckerRequest.check_id) == check.id, col(CheckerRequest.granted).is_(None)
        )
    ).first()


def _asked(deed: Deed) -> CheckerRequest:
    found = deed.session.exec(
        select(CheckerRequest).where(col(CheckerRequest.duty_id) == deed.duty.id)
    ).one_or_none()
    if found is None:
        raise NotFound(what="duty", code=deed.duty.id)
    return found


def facts(session: Session, duty: Duty, language: str) -> list[beside.Fact]:
    """Return what is to be decided: who is to check, why he is not independent, who asks."""
    request = session.exec(
        select(CheckerRequest).where(col(CheckerRequest.duty_id) == duty.id)
    ).one_or_none()
    if request is None:
        return []
    posts = people.organisation(session).posts
    why = listed(language, (label(language, one, "checker_conflict") for one in request.conflicts))
    known = [
        ("Check", duty.subject),
        ("Checker", posts[request.person_id].name),
        ("Why not independent", why),
        ("Asked by", posts[request.asked_by_id].name),
        ("Reason", request.reason),
    ]
    return [(say(language, name), value) for name, value in known]


beside.FACTS.setdefault(DutyKind.DECIDE_CHECKER, []).append(facts)
