"""Nobody is left out for good (补告): who could not be told in turn hears as soon as possible.

An owner gets what is owed on the day of return, or when there is an address; a stand-in hears on
the day the absence begins, though named after all else was told; a manager who was passed over
hears at the level that was missed, and counts from then on as told. It is read from the rows, so
that a crash or a pause delays it and never loses it. Nothing goes outside working hours.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col

from config.current import current
from models import people
from models.base import columns
from models.duty import Duty, Line
from models.engine import transaction
from notifications.keys import line_key
from processes.duty import announcing, telling
from processes.mail.lines import promise
from rules import escalation
from rules.escalation import Heard, Told
from rules.organisation import Organisation
from rules.words import DutyState, LetterKind

UNHEARD: Final = (LetterKind.CODE, LetterKind.SIGN_IN)  # letters that tell nobody what is owed
NOT_REPEATED: Final = frozenset({"passed", "again", "unread", "gap"})
_DUTY, _LINE = columns(Duty), columns(Line)
OPEN: Final = (
    _DUTY.id,
    _DUTY.kind,
    _DUTY.episode,
    _DUTY.nth,
    _DUTY.owner_id,
)


@transaction
def tell_missed(session: Session, at: datetime) -> int:
    """Promise what was missed to those who can be told by now; return how many lines are new."""
    calendar = current().calendar
    if calendar.opening(at) != at:
        return 0
    organisation = people.organisation(session)
    lines = [*_owners(session, organisation, at), *_passed_over(session, organisation, at)]
    return promise(session, lines)


def _owners(session: Session, organisation: Organisation, at: datetime) -> Iterator[dict[str, Any]]:
    day = current().calendar.day(at)
    for row in (*_untold(session, at), *_stood_in_for(session, organisation, at)):
        found = escalation.reach(organisation, row.owner_id, day, barred=frozenset({row.owner_id}))
        if isinstance(found, Told):
            letter, facts = announcing.announced(session, row.id, row.kind)
            yield _line(row, letter, found, nth=row.nth, level=None, facts=facts, at=at)


def _untold(session: Session, at: datetime) -> list[Any]:
    """Return the open duties of which neither the owner nor anybody for him was ever told."""
    told = (
        sa.select(sa.literal(1))
        .where(
            _LINE.duty_id == _DUTY.id,
            sa.or_(_LINE.person_id == _DUTY.owner_id, _LINE.on_behalf_of_id == _DUTY.owner_id),
            col(Line.letter).not_in(UNHEARD),
        )
        .exists()
    )
    query = sa.select(*OPEN).where(
        col(Duty.state) == DutyState.OPEN, col(Duty.issued_at) <= at, sa.not_(told)
    )
    return list(session.execute(query.order_by(col(Duty.id))))


def _stood_in_for(session: Session, organisation: Organisation, at: datetime) -> list[Any]:
    """Return the open duties of absent people whose stand-in of today has not heard of them.

    Of those that the first question returns, none: their owners were told themselves.
    """
    day = current().calendar.day(at)
    stand_ins = {
        post.id: stand_in
        for post in organisation.posts.values()
        if post.active and post.absent(day)
        if (stand_in := organisation.delegate(post.id, day, barred=frozenset({post.id})))
    }
    if not stand_ins:
        return []
    heard = _heard_for(session, stand_ins)
    query = sa.select(*OPEN).where(
        col(Duty.state) == DutyState.OPEN,
        col(Duty.issued_at) <= at,
        col(Duty.owner_id).in_(stand_ins),
    )
    return [
        row
        for row in session.execute(query.order_by(col(Duty.id)))
        if row.owner_id in heard[row.id] and stand_ins[row.owner_id] not in heard[row.id]
    ]


def _heard_for(session: Session, owners: Collection[int]) -> defaultdict[int, set[int]]:
    """Return, by duty of these owners, who was told of it as its owner or in his place."""
    rows = session.execute(
        sa.select(_LINE.duty_id, _LINE.person_id, _LINE.on_behalf_of_id)
        .join(Duty, col(Duty.id) == Line.duty_id)
        .where(
            col(Duty.state) == DutyState.OPEN,
            col(Duty.owner_id).in_(owners),
            col(Line.letter).not_in(UNHEARD),
            sa.or_(
                col(Line.person_id) == col(Duty.owner_id),
                col(Line.on_behalf_of_id) == col(Duty.owner_id),
            ),
        )
    )
    heard: defaultdict[int, set[int]] = defaultdict(set)
    for row in rows:
        heard[row.duty_id] |= {row.person_id, row.on_behalf_of_id or row.person_id}
    return heard


def _passed_over(
    session: Session, organisation: Organisation, at: datetime
) -> Iterator[dict[str, Any]]:
    """Tell each manager who was passed over and can be told now, at the level that was his."""
    rows = _that_passed_somebody(session)
    told = telling.heard(session, list({row.id for row in rows}))
    heard = {number: episode.heard() for number, episode in told.items()}
    day = current().calendar.day(at)
    for row in rows:
        for person, reason in row.facts["passed"]:
            known = heard.get(row.id, Heard())
            found = _now_told(organisation, row, person, known, day)
            if found is None:
                continue
            heard[row.id] = known.and_(found)
            facts = {name: fact for name, fact in row.facts.items() if name not in NOT_REPEATED}
            facts |= {"missed": reason, "told_instead": row.person_id}
            yield _line(row, row.letter, found, nth=row.nth, level=row.level, facts=facts, at=at)


def _that_passed_somebody(session: Session) -> list[Any]:
    """Return the level notices of open duties, in their present episode, that name somebody."""
    return list(
        session.execute(
            sa.select(
                _DUTY.id,
                _DUTY.episode,
                _DUTY.owner_id,
                _LINE.nth,
                _LINE.letter,
                _LINE.level,
                _LINE.person_id,
                _LINE.facts,
            )
            .join(Line, sa.and_(Line.duty_id == Duty.id, Line.episode == Duty.episode))  # type: ignore[arg-type]
            .where(
                col(Duty.state) == DutyState.OPEN,
                col(Duty.level) > 0,
                col(Line.level).is_not(None),
                col(Line.letter) != LetterKind.STOOD_IN,
                sa.cast(_LINE.facts, sa.Text).like('%"passed": [[%'),
            )
            .order_by(col(Line.id))
        )
    )


def _now_told(
    organisation: Organisation, row: Any, person: int, heard: Heard, day: Any
) -> Told | None:
    """Return how a person who was passed over hears today; None if not, or no more."""
    if person == row.owner_id or person in heard.people:
        return None
    if person not in organisation.posts or not organisation.manages(person, row.owner_id):
        return None
    found = escalation.reach(organisation, person, day, barred=heard.people | {row.owner_id})
    return found if isinstance(found, Told) else None


def _line(
    row: Any,
    letter: LetterKind,
    found: Told,
    *,
    nth: int,
    level: int | None,
    facts: dict[str, Any],
    at: datetime,
) -> dict[str, Any]:
    return {
        "key": line_key(row.id, row.episode, nth, letter, found.receiver),
        "duty_id": row.id,
        "episode": row.episode,
        "nth": nth,
        "letter": letter,
        "level": level,
        "person_id": found.receiver,
        "on_behalf_of_id": found.stands_for,
        "facts": facts,
        "created_at": at,
    }
