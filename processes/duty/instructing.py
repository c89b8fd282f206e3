"""Instructing the owner of a duty (督办): a note that goes to the owner by letter, and is kept.

The duty stays as it is. While the owner is away the stand-in hears it for the owner. The same
words sent twice by the same person are one instruction.
"""

from datetime import UTC, datetime, time
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from models import people
from models.duty import Answer
from models.engine import transaction
from processes.duty import issued as duties
from processes.duty import provisional, says
from processes.duty.deed import Deed
from processes.duty.entitlement import Departed, may_instruct, represents_above
from processes.duty.provisional import Way
from processes.duty.record import Answered, answered, keep, note_refusal
from processes.mail.lines import line, promise
from rules import instructing as rule
from rules import text
from rules.refusal import NotFound, Refused
from rules.words import LetterKind

ACT: Final = "instruct"


def instruct(
    duty_id: int, *, person_id: int, note: str, at: datetime, via: str, way: Way | None = None
) -> Answered:
    """Tell the owner of an open duty what is expected; raises a `Refused` that says why not."""
    try:
        return _instruct(duty_id, person_id, note, at, via, way)
    except Refused as refused:
        note_refusal(f"duty:{duty_id}", person_id, refused, at, via)
        raise


@transaction
def _instruct(
    session: Session,
    duty_id: int,
    person_id: int,
    note: str,
    at: datetime,
    via: str,
    way: Way | None,
) -> Answered:
    duty = duties.open_for_update(session, duty_id)
    organisation = people.organisation(session)
    owner, post = organisation.posts[duty.owner_id], organisation.posts.get(person_id)
    if post is None:
        raise NotFound(what="person", code=person_id)
    if not post.active:
        raise Departed(person=post.name)
    if not may_instruct(session, duty, person_id, at):
        raise rule.MayNotInstruct(owner=owner.name)
    said = rule.wording(text.paragraph(note))
    deed = Deed(
        session=session,
        duty=duty,
        person_id=person_id,
        on_behalf_of_id=represents_above(organisation, owner.id, person_id, at),
        at=at,
        via=via,
    )
    given = _given(session, duty_id)
    mine = [one for one in given if one.person_id == person_id]
    if mine and mine[-1].data.get("instruction") == said:
        return answered(deed, says.INSTRUCTED)
    rule.refuse_flood(sum(one.at >= _midnight(at) for one in mine), owner.name)
    why = provisional.doubt(session, duty, person_id, way, at)
    with provisional.kept(deed, ACT, why, way):
        _tell(deed, said, len(given) + 1)
        keep(deed, ACT, {"instruction": said})
    return answered(deed, says.INSTRUCTED, provisional=why is not None)


def _tell(deed: Deed, said: str, occasion: int) -> None:
    """Promise the letter, and write the instruction into the trail."""
    organisation, owner = deed.organisation, deed.duty.owner_id
    day = current().calendar.day(deed.at)
    stand_in = None
    if organisation.posts[owner].absent(day):
        stand_in = organisation.delegate(owner, day, barred=frozenset({deed.person_id}))
    facts: dict[str, Any] = {"name": deed.person.name, "text": said}
    promise(
        deed.session,
        [
            line(
                deed.duty,
                LetterKind.INSTRUCTION,
                owner if stand_in is None else stand_in,
                at=deed.at,
                on_behalf_of=None if stand_in is None else owner,
                facts=facts,
                occasion=occasion,
            )
        ],
    )
    deed.record("duty.instructed", f"duty:{deed.duty.id}", after={"instruction": said})


def _given(session: Session, duty_id: int) -> list[Answer]:
    """Return the instructions about a duty, oldest first."""
    query = select(Answer).where(col(Answer.duty_id) == duty_id, col(Answer.act) == ACT)
    return list(session.exec(query.order_by(col(Answer.id))))


def _midnight(at: datetime) -> datetime:
    zone = current().settings.zone
    return datetime.combine(current().calendar.day(at), time.min, zone).astimezone(UTC)
