"""Who stands how to a duty (资格): owes it, stands in, was told of it, may see it, may do what.

Entitlement is the owner's, or his delegate's while he is absent, and nobody else's: a role lets
somebody see, never answer for another.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models import people
from models.duty import Duty, Line
from models.engine import reading
from models.extension import Extension
from models.organisation import Project
from processes import plug
from processes.duty import kinds, succession, telling
from processes.duty.subject import Subject
from rules import handing_over
from rules.letters import letters_that
from rules.organisation import Organisation
from rules.refusal import NotEntitled, NotFound, Refused
from rules.words import DutyKind, DutyState, Role

# Whose office it is to see everything that is owed.
SEES_ALL: Final = frozenset({Role.QUALITY, Role.QUALITY_HEAD, Role.TOP_MANAGEMENT, Role.AUDITOR})


class Departed(Refused):
    """Somebody who has left does nothing any more."""

    sentence = "{person} is no longer active here, and may not do this"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one person stands to one duty at one instant."""

    owes: bool = False
    stands_in_for: int | None = None
    told: bool = False
    may_see: bool = False
    may_answer: bool = False
    may_acknowledge: bool = False
    may_extend: bool = False
    may_hand_over: bool = False
    may_instruct: bool = False
    acts: frozenset[str] = frozenset()  # what may be declared about the thing itself


def standing(duty_id: int, person_id: int, at: datetime) -> Standing:
    """Return how the person stands to the duty; nothing at all for a stranger."""
    with reading() as session:
        return standing_in(session, duty_id, person_id, at)


def standing_in(session: Session, duty_id: int, person_id: int, at: datetime) -> Standing:
    """Return the same inside a session that is already open."""
    duty = session.get(Duty, duty_id)
    if duty is None:
        raise NotFound(what="duty", code=duty_id)
    organisation = people.organisation(session)
    post = organisation.posts.get(person_id)
    if post is None or not post.active:
        return Standing()
    owes = person_id == duty.owner_id
    represented = None if owes else represents(organisation, duty.owner_id, person_id, at)
    acts = owes or represented is not None
    is_open = duty.state is DutyState.OPEN
    told = was_told(session, duty, person_id)
    return Standing(
        owes=owes,
        stands_in_for=represented,
        told=told,
        may_see=acts or told or may_see(session, duty, person_id),
        may_answer=acts and is_open,
        may_acknowledge=is_open and _may_acknowledge(session, duty, person_id),
        may_extend=acts and is_open and _may_extend(session, duty),
        may_hand_over=is_open and _may_hand_over(session, duty, person_id, at),
        may_instruct=is_open and may_instruct(session, duty, person_id, at),
        acts=_acts(session, duty, person_id, at),
    )


def entitled(session: Session, duty: Duty, person_id: int, at: datetime) -> int | None:
    """Return whom the person represents (None: himself), or refuse."""
    organisation = people.organisation(session)
    post = organisation.posts.get(person_id)
    if post is None:
        raise NotFound(what="person", code=person_id)
    if not post.active:
        raise Departed(person=post.name)
    if person_id == duty.owner_id:
        return None
    represented = represents(organisation, duty.owner_id, person_id, at)
    if represented is None:
        raise NotEntitled(person=post.name, owner=organisation.posts[duty.owner_id].name)
    return represented


def represents(organisation: Organisation, absent: int, person: int, at: datetime) -> int | None:
    """Return the absent one whom the person stands in for today; None if for nobody."""
    day = current().calendar.day(at)
    if not organisation.posts[absent].absent(day):
        return None
    found = organisation.delegate(absent, day, barred=frozenset())
    return absent if found == person else None


def represents_above(
    organisation: Organisation, owner: int, person: int, at: datetime
) -> int | None:
    """Return the absent one above the owner whom the person stands in for; None if for nobody."""
    above = organisation.chain(owner).people
    return next((boss for boss in above if represents(organisation, boss, person, at)), None)


def was_told(session: Session, duty: Duty, person_id: int) -> bool:
    """Whether the person, or somebody for him, was told of this duty or any about its subject."""
    about = session.exec(
        select(Line.id)
        .join(Duty, col(Duty.id) == Line.duty_id)
        .where(
            col(Duty.subject_kind) == duty.subject_kind,
            col(Duty.subject) == duty.subject,
            col(Line.letter).not_in(letters_that(lambda traits: traits.secret)),
            sa.or_(col(Line.person_id) == person_id, col(Line.on_behalf_of_id) == person_id),
        )
        .limit(1)
    )
    return about.first() is not None


def may_see(session: Session, duty: Duty, person_id: int) -> bool:
    """Whether office, leading its owner, the project or a duty about the same lets one see it."""
    organisation = people.organisation(session)
    if organisation.posts[person_id].roles & SEES_ALL:
        return True
    if organisation.manages(person_id, duty.owner_id):
        return True
    if manages_project(session, duty.project, person_id):
        return True
    return (
        session.exec(
            select(Duty.id)
            .where(
                col(Duty.subject_kind) == duty.subject_kind,
                col(Duty.subject) == duty.subject,
                col(Duty.owner_id) == person_id,
            )
            .limit(1)
        ).first()
        is not None
    )


def _acts(session: Session, duty: Duty, person_id: int, at: datetime) -> frozenset[str]:
    if not plug.has("subjects", duty.subject_kind):
        return frozenset()
    subject = cast("Subject", plug.one("subjects", duty.subject_kind))
    return subject.acts(session, duty, person_id, at)


def manages_project(session: Session, project: str | None, person_id: int) -> bool:
    """Whether the person is the manager of this project."""
    if project is None:
        return False
    found = session.exec(
        select(Project.id).where(col(Project.code) == project, col(Project.manager_id) == person_id)
    )
    return found.first() is not None


def _may_acknowledge(session: Session, duty: Duty, person_id: int) -> bool:
    if duty.acknowledged_level >= duty.level:
        return False
    return telling.told_at(session, duty, duty.level, person_id)


def _may_hand_over(session: Session, duty: Duty, person_id: int, at: datetime) -> bool:
    organisation = people.organisation(session)
    boss = represents_above(organisation, duty.owner_id, person_id, at)
    leads = handing_over.leads(
        organisation,
        owner=duty.owner_id,
        hands=frozenset({person_id} if boss is None else {person_id, boss}),
        unit_head=people.unit_head(session, organisation.posts[duty.owner_id].unit_id),
    )
    if not leads:
        return False
    return kinds.of(duty.kind).handed_over or succession.left_or_moved(session, duty, at)


def may_instruct(session: Session, duty: Duty, person_id: int, at: datetime) -> bool:
    """Whether the person leads the owner, was told of the duty at a level, or is of quality."""
    organisation = people.organisation(session)
    if person_id == duty.owner_id:
        return False
    boss = represents_above(organisation, duty.owner_id, person_id, at)
    leads = handing_over.leads(
        organisation,
        owner=duty.owner_id,
        hands=frozenset({person_id} if boss is None else {person_id, boss}),
        unit_head=people.unit_head(session, organisation.posts[duty.owner_id].unit_id),
    )
    assert duty.id is not None
    episode = telling.heard(session, [duty.id]).get(duty.id)
    return leads or (episode is not None and person_id in episode.heard().people)


def _may_extend(session: Session, duty: Duty) -> bool:
    if duty.kind == DutyKind.DECIDE_EXTENSION:
        return False
    if duty.extensions >= current().policy.extensions.most:
        return False
    undecided = session.exec(
        select(Extension.id)
        .where(col(Extension.duty_id) == duty.id, col(Extension.granted).is_(None))
        .limit(1)
    )
    return undecided.first() is None
