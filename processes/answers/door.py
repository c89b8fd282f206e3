"""The one door for everything a person does to a duty (答复入口).

Whatever the way in (page, command line, Prefect's form), the same is asked in the same order:
is it this person's to do, is it still owed, is it the present deadline, can the form be read,
does a rule say no, is it signed. Then the answer, the end of the duty, the next duty and the
trail are one transaction. A rule's no is written into the trail by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from config.language import say
from models import crash, people, trail
from models.duty import Answer, Duty
from models.engine import transaction
from models.nonconformity import Nonconformity
from processes import duties, extension, nonconformities, says, signatures
from processes import nonconformity_rows as rows
from processes import nonconformity_verdicts as verdicts
from processes.answers import kinds
from processes.answers.entitlement import entitled, may_report_up, represents, was_told
from processes.deed import Deed
from processes.signatures import CodeNeeded, Signed, content_hash
from rules import gates
from rules.nonconformity import ENDED, Event, State, TransitionRefused
from rules.refusal import AlreadyAnswered, NotEntitled, NotFound, Refused, Withdrawn
from rules.words import DutyKind, DutyState, Role

# Not a rule's no to something new, so not worth a line in the trail.
UNREMARKABLE: Final = (AlreadyAnswered, Withdrawn, NotFound, CodeNeeded)


class EarlierDeadline(Refused):
    """The form was made before an extension moved the deadline."""

    sentence = "the deadline has changed since this page was made: open the newest letter"


class MayNotReport(Refused):
    """Neither owner, project manager nor quality."""

    sentence = (
        "only the owner, the project manager or the quality department may report it to management"
    )


class AlreadyReported(Refused):
    """Management is already asked to decide."""

    sentence = "management has been asked already and has not decided yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """It is recorded; `says` tells the person in his language what happens next."""

    duty_id: int
    says: str


def answer(
    duty_id: int,
    *,
    person_id: int,
    data: Mapping[str, Any],
    at: datetime,
    via: str,
    code: str | None = None,
    episode: int | None = None,
) -> Answered:
    """Answer a duty; `data` are the fields of its kind's form.

    Raises `pydantic.ValidationError` for what cannot be read, `CodeNeeded` when a code was
    mailed for the signature, `AlreadyAnswered`, or another `Refused`.
    """
    try:
        return _raised(_answer(duty_id, person_id, data, at, via, code, episode))
    except Refused as refused:
        _note_refusal(f"duty:{duty_id}", person_id, refused, at, via)
        raise


def acknowledge(duty_id: int, *, person_id: int, at: datetime, via: str) -> Answered:
    """Say 已知悉: recorded, and once a level it moves the next step by one working day."""
    try:
        return _acknowledge(duty_id, person_id, at, via)
    except Refused as refused:
        _note_refusal(f"duty:{duty_id}", person_id, refused, at, via)
        raise


def ask_extension(
    duty_id: int, *, person_id: int, until: date, reason: str, at: datetime, via: str
) -> Answered:
    """Ask for a later day; somebody higher up decides, and the ladder runs on meanwhile."""
    try:
        return _ask_extension(duty_id, person_id, until, reason, at, via)
    except Refused as refused:
        _note_refusal(f"duty:{duty_id}", person_id, refused, at, via)
        raise


def straight_up(code: str, *, person_id: int, reason: str, at: datetime, via: str) -> Answered:
    """Declare that it cannot be solved in the team (不能在服务团队内解决): management decides."""
    try:
        return _straight_up(code, person_id, reason, at, via)
    except Refused as refused:
        _note_refusal(rows.subject(code), person_id, refused, at, via)
        raise


def void(
    code: str, *, person_id: int, reason: str, at: datetime, via: str, signature: str | None = None
) -> Answered:
    """Declare a nonconformity void: the quality head, with a reason, signed by a mailed code."""
    try:
        return _raised(_void(code, person_id, reason, at, via, signature))
    except Refused as refused:
        _note_refusal(rows.subject(code), person_id, refused, at, via)
        raise


@transaction
def _answer(
    session: Session,
    duty_id: int,
    person_id: int,
    data: Mapping[str, Any],
    at: datetime,
    via: str,
    code: str | None,
    episode: int | None,
) -> Answered | Refused:
    deed = _deed(session, duty_id, person_id, at, via)
    if episode is not None and episode != deed.duty.episode:
        raise EarlierDeadline
    kind = kinds.of(deed.duty.kind)
    form = kind.model.model_validate(dict(data))
    kind.check(deed, form)
    content = form.model_dump(mode="json")
    if kind.signature:
        unsigned = _sign(deed, kind.kind, content, code)
        if unsigned is not None:
            return unsigned
    then = kind.settle(deed, form)
    crash.point("answer: settled, not kept")
    _keep(deed, "answer", {name: value for name, value in content.items() if value})
    return _answered(deed, then)


@transaction
def _acknowledge(
    session: Session, duty_id: int, person_id: int, at: datetime, via: str
) -> Answered:
    duty = _found(session, duty_id)
    if not was_told(session, duty, person_id):
        entitled(session, duty, person_id, at)
    duty = duties.open_for_update(session, duty_id)
    moved = duties.acknowledge(session, duty, by_id=person_id, at=at, via=via)
    deed = Deed(
        session=session, duty=duty, person_id=person_id, on_behalf_of_id=None, at=at, via=via
    )
    if moved:
        return _answered(deed, says.ACKNOWLEDGED)
    return _answered(deed, says.RECORDED)


@transaction
def _ask_extension(
    session: Session,
    duty_id: int,
    person_id: int,
    until: date,
    reason: str,
    at: datetime,
    via: str,
) -> Answered:
    deed = _deed(session, duty_id, person_id, at, via)
    extension.ask(session, deed.duty, by_id=person_id, until=until, reason=reason, at=at, via=via)
    return _answered(deed, says.ASKED)


@transaction
def _straight_up(
    session: Session, code: str, person_id: int, reason: str, at: datetime, via: str
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
    deed.record(
        "nonconformity.reported_up",
        rows.subject(code),
        after={"by": person_id, "state": nonconformity.state},
    )
    nonconformities.report_up(
        session, nonconformity, at=at, actor=deed.actor, declared_by=person_id, reason=reason
    )
    _keep(deed, "straight_up", {"reason": reason})
    return _answered(deed, says.REPORTED)


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
    unsigned = _sign(deed, "void", content, signature)
    if unsigned is not None:
        return unsigned
    then = verdicts.void(deed, reason=reason)
    _keep(deed, "void", content)
    return _answered(deed, then)


@transaction
def _note_refusal(
    session: Session, subject: str, person_id: int, refused: Refused, at: datetime, via: str
) -> None:
    """Keep a rule's no in the trail; a wrong code as well, because somebody may be guessing."""
    if isinstance(refused, UNREMARKABLE):
        return
    trail.record(
        session,
        at=at,
        actor=f"person:{person_id}",
        action="refused",
        subject=subject[:120],
        after={"why": type(refused).__name__, "via": via[:300]},
    )


def _raised(result: Answered | Refused) -> Answered:
    """Raise what was only returned so that its transaction could commit."""
    if isinstance(result, Refused):
        raise result
    return result


def _found(session: Session, duty_id: int) -> Duty:
    duty = session.get(Duty, duty_id)
    if duty is None:
        raise NotFound(what="duty", code=duty_id)
    return duty


def _deed(session: Session, duty_id: int, person_id: int, at: datetime, via: str) -> Deed:
    """Return the act of somebody entitled on a duty that is open, or refuse."""
    duty = _found(session, duty_id)
    if duty.state is not DutyState.OPEN and person_id in {duty.owner_id, duty.ended_by_id}:
        duties.open_for_update(session, duty_id)  # says by whom and when, before anything else
    represented = entitled(session, duty, person_id, at)
    duty = duties.open_for_update(session, duty_id)
    return Deed(
        session=session,
        duty=duty,
        person_id=person_id,
        on_behalf_of_id=represented,
        at=at,
        via=via,
    )


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
        raise NotEntitled(person=post.name, owner="-")
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


def _sign(
    deed: Deed, act: DutyKind | str, content: Mapping[str, Any], code: str | None
) -> Refused | None:
    """Return what stands in the way of the signature; None if it was given."""
    signed = Signed(person=deed.person, duty=deed.duty, content=content_hash(str(act), content))
    if code is None or not code.strip():
        return signatures.ask(deed.session, signed, at=deed.at)
    return signatures.redeem(deed.session, signed, code, at=deed.at)


def _keep(deed: Deed, act: str, data: dict[str, Any]) -> None:
    assert deed.duty.id is not None
    deed.session.add(
        Answer(
            duty_id=deed.duty.id,
            act=act,
            person_id=deed.person_id,
            on_behalf_of_id=deed.on_behalf_of_id,
            via=deed.via[:300],
            data=data,
            at=deed.at,
        )
    )


def _answered(deed: Deed, then: str) -> Answered:
    language = deed.person.language or current().settings.language
    assert deed.duty.id is not None
    return Answered(duty_id=deed.duty.id, says=say(language, then))
