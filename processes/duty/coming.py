"""What happens next if nothing is answered (下一步): when, and who hears, as things stand now.

A page says it so that nobody is surprised by a letter to the one above. It is asked of the same
rules as the step itself, which decides anew when its time has come.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from config.current import current
from models.duty import Duty
from models.engine import reading
from models.people import organisation
from processes.duty.telling import Episode, heard
from rules import escalation
from rules.escalation import Ladder
from rules.words import DutyState, LetterKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """The next step. `person` is None for the operator's address; `again` is the top once more."""

    at: datetime
    letter: LetterKind
    person: str | None
    on_behalf_of: str | None = None
    level: int | None = None
    again: bool = False


def next_step(number: int) -> Coming | None:
    """Return the next step of a duty; None when nothing is owed any more."""
    with reading() as session:
        duty = session.get(Duty, number)
        if duty is None or duty.state is not DutyState.OPEN:
            return None
        stage = escalation.step(Ladder.from_json(duty.ladder), nth=duty.nth).stage
        if stage is None or stage == 0:
            letter = LetterKind.REMINDER if stage is None else LetterKind.OVERDUE
            owner = organisation(session).posts[duty.owner_id]
            return Coming(at=duty.next_at, letter=letter, person=owner.name)
        return _above(session, duty)


def _above(session: Session, duty: Duty) -> Coming:
    assert duty.id is not None
    posts = organisation(session)
    known = heard(session, [duty.id]).get(duty.id, Episode())
    told = escalation.whom(
        posts,
        owner=duty.owner_id,
        heard=known.heard(),
        day=current().calendar.day(duty.next_at),
    )
    return Coming(
        at=duty.next_at,
        letter=LetterKind.ESCALATION,
        person=posts.posts[told.receiver].name if told.receiver is not None else None,
        on_behalf_of=posts.posts[told.stands_for].name if told.stands_for is not None else None,
        level=duty.level if told.again else duty.level + 1,
        again=told.again,
    )
