"""Handing a duty over (转办): another owes it from now on; nothing else about it changes.

The process that the duty is about hears of it (`handed_over:…`): a nonconformity goes with its
duty, so that whoever carries the action out never verifies it. Both people hear of it: the new
owner what is owed, the old one that nothing is asked any more.
"""

from datetime import datetime
from typing import Final

from sqlmodel import Session

from config.current import current
from models import people
from models.duty import Duty
from models.engine import reading, transaction
from processes import plug
from processes.duty import issued as duties
from processes.duty import kinds, passing_on, provisional, says, succession
from processes.duty.deed import Deed
from processes.duty.entitlement import represents_above
from processes.duty.provisional import Way
from processes.duty.record import Answered, answered, keep, note_refusal
from processes.mail.lines import line, promise
from rules import gates
from rules import handing_over as rule
from rules.refusal import Refused
from rules.words import LetterKind

SHOWN: Final = 500  # people offered on the page


def hand_over(
    duty_id: int,
    *,
    person_id: int,
    to: str,
    reason: str,
    at: datetime,
    via: str,
    way: Way | None = None,
) -> Answered:
    """Give an open duty to another person (by code); raises a `Refused` that says why not."""
    try:
        return _hand_over(duty_id, person_id, to, reason, at, via, way)
    except Refused as refused:
        note_refusal(f"duty:{duty_id}", person_id, refused, at, via)
        raise


def receivers(duty_id: int, person_id: int, at: datetime) -> list[tuple[str, str]]:
    """Return the code and name of those whom the person may be thinking of: his own people first.

    Any other code may be written too; the rule says who can take it over.
    """
    with reading() as session:
        organisation = people.organisation(session)
        owner = session.get_one(Duty, duty_id).owner_id
    day = current().calendar.day(at)
    found = [
        post
        for post in organisation.posts.values()
        if post.active and post.address and not post.absent(day) and post.id != owner
    ]
    found.sort(key=lambda post: (not organisation.manages(person_id, post.id), post.code))
    return [(post.code, post.name) for post in found[:SHOWN]]


@transaction
def _hand_over(
    session: Session,
    duty_id: int,
    person_id: int,
    to: str,
    reason: str,
    at: datetime,
    via: str,
    way: Way | None,
) -> Answered:
    duty = duties.open_for_update(session, duty_id)
    organisation = people.organisation(session)
    owner = organisation.posts[duty.owner_id]
    deed = Deed(
        session=session,
        duty=duty,
        person_id=person_id,
        on_behalf_of_id=represents_above(organisation, owner.id, person_id, at),
        at=at,
        via=via,
    )
    head = people.unit_head(session, owner.unit_id)
    if not rule.leads(organisation, owner=owner.id, hands=deed.hands, unit_head=head):
        raise rule.MayNotHandOver(owner=owner.name)
    movable = kinds.of(duty.kind).handed_over or succession.left_or_moved(session, duty, at)
    rule.refuse_kind(duty.kind, owner.name, handed_over=movable)
    reason = gates.reason(reason)
    receiver = people.named(session, to).id
    assert receiver is not None
    day = current().calendar.day(at)
    rule.refuse_receiver(organisation, owner=owner.id, receiver=receiver, day=day)
    succession.refuse_stranger(session, duty, receiver)
    why = provisional.doubt(session, duty, person_id, way, at)
    with provisional.kept(deed, "hand_over", why, way):
        _move(deed, owner.id, receiver, reason)
        keep(deed, "hand_over", {"to": receiver, "reason": reason})
    return answered(deed, says.HANDED_OVER, provisional=why is not None)


def _move(deed: Deed, owner: int, receiver: int, reason: str) -> None:
    session, duty = deed.session, deed.duty
    passing_on.change_owner(session, duty, receiver, at=deed.at)
    told = {"note": reason, "handed_by": deed.person_id, "handed_to": receiver}
    gone = {**told, "outcome": "handed_over"}
    promise(
        session,
        [
            line(duty, LetterKind.ASSIGNMENT, receiver, at=deed.at, facts=told, occasion=duty.rev),
            line(duty, LetterKind.OVER, owner, at=deed.at, facts=gone, occasion=duty.rev),
        ],
    )
    deed.record(
        "duty.handed_over",
        f"duty:{duty.id}",
        before={"owner": owner},
        after={"owner": receiver},
    )
    plug.tell(f"handed_over:{duty.subject_kind}", deed, owner, receiver)
