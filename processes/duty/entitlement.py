"""Who stands how to a duty (资格): owes it, stands in, was told of it, may see it, may do what.

Entitlement is the owner's, or his delegate's while he is absent, and nobody else's: a role lets
somebody see, never answer for another.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models import people
from models.duty import Duty, Line
from models.engine import reading
from models.extension import Extension
from models.nonconformity import Nonconformity
from models.organisation import Project
from processes.duty import issued as duties
from processes.duty import telling
from processes.nonconformity.rows import KIND
from rules import handing_over
from rules.organisation import Organisation
from rules.refusal import NotEntitled, NotFound, Refused
from rules.words import DutyKind, DutyState, LetterKind, Role

# Whose office it is to see everything that is owed.
SEES_ALL: Final = frozenset({Role.QUALITY, Role.QUALITY_HEAD, Role.TOP_MANAGEMENT, Role.AUDITOR})
NOT_TOLD: Final = (LetterKind.CODE, LetterKind.SIGN_IN)


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
    may_report_up: bool = False
    may_void: bool = False
    may_hand_over: bool = False

    @property
    def may_decide(self) -> bool:
        """Whether it is for this person to answer: the older name of `may_answer`."""
        return self.may_answer


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
        may_report_up=_may_report_up(session, duty, person_id, at),
        may_void=Role.QUALITY_HEAD in post.roles and duty.subject_kind == KIND,
        may_hand_over=is_open and _may_hand_over(organisation, duty, person_id, at),
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
            col(Line.letter).not_in(NOT_TOLD),
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
    if _manages_project(session, duty.project, person_id):
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


def may_report_up(
    session: Session, nonconformity: Nonconformity, person_id: int, at: datetime
) -> bool:
    """Whether the person may declare that it cannot be solved in the team."""
    organisation = people.organisation(session)
    post = organisation.posts[person_id]
    if person_id == nonconformity.owner_id or post.roles & {Role.QUALITY, Role.QUALITY_HEAD}:
        return True
    if represents(organisation, nonconformity.owner_id, person_id, at) is not None:
        return True
    return _manages_project(session, nonconformity.project, person_id)


def _may_report_up(session: Session, duty: Duty, person_id: int, at: datetime) -> bool:
    if duty.subject_kind != KIND or duty.state is not DutyState.OPEN:
        return False
    nonconformity = session.exec(
        select(Nonconformity).where(col(Nonconformity.code) == duty.subject)
    ).one_or_none()
    if nonconformity is None or _reported(session, nonconformity.code):
        return False
    return may_report_up(session, nonconformity, person_id, at)


def _reported(session: Session, code: str) -> bool:
    return any(
        duty.kind == DutyKind.DECIDE for duty in duties.open_duties_about(session, KIND, code)
    )


def _manages_project(session: Session, project: str | None, person_id: int) -> bool:
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


def _may_hand_over(organisation: Organisation, duty: Duty, person_id: int, at: datetime) -> bool:
    boss = represents_above(organisation, duty.owner_id, person_id, at)
    hands = frozenset({person_id} if boss is None else {person_id, boss})
    return duty.kind in handing_over.HANDED_OVER and handing_over.leads(
        organisation, owner=duty.owner_id, hands=hands
    )


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
