"""What is declared about a nonconformity itself (直报与作废), not as the answer to a duty.

Who may is asked here; what follows is in `processes/nonconformity/raising.py` and its siblings. The
act is kept with the latest duty about the nonconformity, which is where its history is read.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from models import people
from models.duty import Duty
from models.engine import transaction
from models.nonconformity import Nonconformity
from processes.duty import issued as duties
from processes.duty import provisional, says
from processes.duty.deed import Deed
from processes.duty.entitlement import Departed, represents
from processes.duty.provisional import Way
from processes.duty.record import Answered, answered, keep, note_refusal, raised, sign
from processes.nonconformity import raising as nonconformities
from processes.nonconformity import rows, verdicts
from processes.nonconformity.subject import may_report_up
from rules import gates
from rules.nonconformity import ENDED, Event, State, TransitionRefused
from rules.refusal import NotFound, Refused
from rules.words import DutyKind, Role


class MayNotReport(Refused):
    """Neither owner, project manager nor quality."""

    sentence = (
        "only the owner, the project manager or the quality department may report it to management"
    )


class AlreadyReported(Refused):
    """Management is already asked to decide."""

    sentence = "management has been asked already and has not decided yet"


def straight_up(
    code: str, *, person_id: int, reason: str, at: datetime, via: str, way: Way | None = None
) -> Answered:
    """Declare that it cannot be solved in the team (不能在服务团队内解决): management decides."""
    try:
        return _straight_up(code, person_id, reason, at, via, way)
    except Refused as refused:
        note_refusal(rows.subject(code), person_id, refused, at, via)
        raise


def void(
    code: str, *, person_id: int, reason: str, at: datetime, via: str, signature: str | None = None
) -> Answered:
    """Declare a nonconformity void: the quality head, with a reason, signed by a mailed code."""
    try:
        return raised(_void(code, person_id, reason, at, via, signature))
    except Refused as refused:
        note_refusal(rows.subject(code), person_id, refused, at, via)
        raise


@transaction
def _straight_up(
    session: Session,
    code: str,
    person_id: int,
    reason: str,
    at: datetime,
    via: str,
    way: Way | None,
) -> Answered:
    nonconformity = rows.by_code(session, code)
    _refuse_ended(nonconformity)
    if not may_report_up(session, nonconformity, person_id, at):
        raise MayNotReport
    reason = gates.reason(reason)
    open_ = duties.open_duties_about(session, rows.KIND, code)
    if any(duty.kind == DutyKind.DECIDE for duty in open_):
        raise AlreadyReported
    deed = _deed_about(session, code, person_id, None, at, via)
    why = provisional.doubt(session, deed.duty, person_id, way, at)
    with provisional.kept(deed, "straight_up", why, way):
        deed.record(
            "nonconformity.reported_up",
            rows.subject(code),
            after={"by": person_id, "state": nonconformity.state},
        )
        nonconformities.report_up(
            session, nonconformity, at=at, actor=deed.actor, declared_by=person_id, reason=reason
        )
        keep(deed, "straight_up", {"reason": reason})
    return answered(deed, says.REPORTED, provisional=why is not None)


@transaction
def _void(
    session: Session,
    code: str,
    person_id: int,
    reason: str,
    at: datetime,
    via: str,
    signature: str | None,
) -> Answered | Refused:
    nonconformity = rows.by_code(session, code)
    _refuse_ended(nonconformity)
    represented = _represented_head(session, person_id, at)
    deed = _deed_about(session, code, person_id, represented, at, via)
    verdicts.check_void(deed, reason=reason)
    content = {"code": code, "reason": gates.reason(reason)}
    unsigned = sign(deed, "void", content, signature)
    if unsigned is not None:
        return unsigned
    then = verdicts.void(deed, reason=reason)
    keep(deed, "void", content)
    return answered(deed, then)


def _deed_about(
    session: Session, code: str, person_id: int, represented: int | None, at: datetime, via: str
) -> Deed:
    """Return an act on a nonconformity itself; it is kept with the latest duty about it."""
    duty = session.exec(
        select(Duty)
        .where(col(Duty.subject_kind) == rows.KIND, col(Duty.subject) == code)
        .order_by(col(Duty.id).desc())
        .limit(1)
    ).one()
    return Deed(
        session=session,
        duty=duty,
        person_id=person_id,
        on_behalf_of_id=represented,
        at=at,
        via=via,
    )


def _represented_head(session: Session, person_id: int, at: datetime) -> int | None:
    """Return the absent head of quality (or top manager) whom the person stands in for."""
    organisation = people.organisation(session)
    post = organisation.posts.get(person_id)
    if post is None:
        raise NotFound(what="person", code=person_id)
    if not post.active:
        raise Departed(person=post.name)
    if post.roles & {Role.QUALITY_HEAD, Role.TOP_MANAGEMENT}:
        return None
    heads = (*organisation.holders(Role.QUALITY_HEAD), *organisation.holders(Role.TOP_MANAGEMENT))
    return next(
        (head for head in heads if represents(organisation, head, person_id, at) is not None), None
    )


def _refuse_ended(nonconformity: Nonconformity) -> None:
    state = State(nonconformity.state)
    if state in ENDED:
        raise TransitionRefused(state=state, event=Event.VOID)
