"""The one door for everything a person does to a duty (答复入口).

Whatever the way in (page, command line, Prefect's form), the same is asked in the same order:
is it this person's to do, is it still owed, is it the present deadline, can the form be read,
does a rule say no, is it signed. Then the answer, the end of the duty, the next duty and the
trail are one transaction. A rule's no is written into the trail by itself.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from models import crash
from models.duty import Duty
from models.engine import transaction
from processes.duty import extension, kinds, provisional, says
from processes.duty import issued as duties
from processes.duty.deed import Deed
from processes.duty.entitlement import entitled, was_told
from processes.duty.provisional import Way
from processes.duty.record import Answered, answered, keep, note_refusal, raised, sign
from rules.provisional import Doubt
from rules.refusal import NotFound, Refused
from rules.words import DutyState


class EarlierDeadline(Refused):
    """The form was made before an extension moved the deadline."""

    sentence = "the deadline has changed since this page was made: open the newest letter"


def answer(
    duty_id: int,
    *,
    person_id: int,
    data: Mapping[str, Any],
    at: datetime,
    via: str,
    code: str | None = None,
    episode: int | None = None,
    way: Way | None = None,
) -> Answered:
    """Answer a duty; `data` are the fields of its kind's form.

    Raises `pydantic.ValidationError` for what cannot be read, `CodeNeeded` when a code was
    mailed for the signature, `AlreadyAnswered`, or another `Refused`.
    """
    try:
        return raised(_answer(duty_id, person_id, data, at, via, code, episode, way))
    except Refused as refused:
        note_refusal(f"duty:{duty_id}", person_id, refused, at, via)
        raise


def acknowledge(
    duty_id: int, *, person_id: int, at: datetime, via: str, way: Way | None = None
) -> Answered:
    """Say 已知悉: recorded, and once a level it moves the next step by one working day."""
    try:
        return _acknowledge(duty_id, person_id, at, via, way)
    except Refused as refused:
        note_refusal(f"duty:{duty_id}", person_id, refused, at, via)
        raise


def ask_extension(
    duty_id: int,
    *,
    person_id: int,
    until: date,
    reason: str,
    at: datetime,
    via: str,
    way: Way | None = None,
) -> Answered:
    """Ask for a later day; somebody higher up decides, and the ladder runs on meanwhile."""
    try:
        return _ask_extension(duty_id, person_id, until, reason, at, via, way)
    except Refused as refused:
        note_refusal(f"duty:{duty_id}", person_id, refused, at, via)
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
    way: Way | None,
) -> Answered | Refused:
    why = _doubt(session, duty_id, person_id, at, way)
    deed = _deed(session, duty_id, person_id, at, via)
    if episode is not None and episode != deed.duty.episode:
        raise EarlierDeadline
    kind = kinds.of(deed.duty.kind)
    form = kind.form.model_validate(dict(data))
    kind.check(deed, form)
    content = form.model_dump(mode="json")
    if kind.signature:
        unsigned = sign(deed, kind.kind, content, code)
        if unsigned is not None:
            return unsigned
        why = None  # the code came to the person's own mailbox
    with provisional.kept(deed, "answer", why, way):
        then = kind.settle(deed, form)
        crash.point("answer: settled, not kept")
        keep(deed, "answer", {name: value for name, value in content.items() if value})
    return answered(deed, then, provisional=why is not None)


def _doubt(
    session: Session, duty_id: int, person_id: int, at: datetime, way: Way | None
) -> Doubt | None:
    """Return why an answer is provisional; one that is not takes the place of one that was."""
    duty = _found(session, duty_id)
    why = provisional.doubt(session, duty, person_id, way, at)
    if why is None and duty.state is not DutyState.OPEN:
        provisional.correct(session, duty, person_id, at)
    return why


@transaction
def _acknowledge(
    session: Session, duty_id: int, person_id: int, at: datetime, via: str, way: Way | None
) -> Answered:
    duty = _found(session, duty_id)
    if not was_told(session, duty, person_id):
        entitled(session, duty, person_id, at)
    duty = duties.open_for_update(session, duty_id)
    deed = Deed(
        session=session, duty=duty, person_id=person_id, on_behalf_of_id=None, at=at, via=via
    )
    why = provisional.doubt(session, duty, person_id, way, at)
    with provisional.kept(deed, "acknowledge", why, way):
        moved = duties.acknowledge(session, duty, by_id=person_id, at=at, via=via)
    then = says.ACKNOWLEDGED if moved else says.RECORDED
    return answered(deed, then, provisional=why is not None)


@transaction
def _ask_extension(
    session: Session,
    duty_id: int,
    person_id: int,
    until: date,
    reason: str,
    at: datetime,
    via: str,
    way: Way | None,
) -> Answered:
    deed = _deed(session, duty_id, person_id, at, via)
    why = provisional.doubt(session, deed.duty, person_id, way, at)
    with provisional.kept(deed, "ask_extension", why, way):
        extension.ask(
            session, deed.duty, by_id=person_id, until=until, reason=reason, at=at, via=via
        )
    return answered(deed, says.ASKED, provisional=why is not None)


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
