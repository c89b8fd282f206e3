"""What a signed-in person may look at (可见范围): all of it, the own people's, or one's own.

Quality, auditors and top management see everything, because they answer for the whole. Whoever
leads people sees what they and everybody below them own. Everyone else sees what is his own,
what he raised, and whatever he was told about.
"""

from collections import defaultdict
from datetime import datetime
from typing import Final

from sqlmodel import col, select

from models.duty import Duty
from models.engine import reading
from models.nonconformity import Nonconformity
from models.people import organisation
from processes.duty.entitlement import standing_in
from processes.nonconformity.rows import KIND
from rules.organisation import Organisation
from rules.words import Role

SEE_ALL: Final = frozenset({Role.QUALITY, Role.QUALITY_HEAD, Role.AUDITOR, Role.TOP_MANAGEMENT})


def people_of(person_id: int) -> frozenset[int] | None:
    """Return whose matters the person may list, himself included; None is everybody's."""
    with reading() as session:
        return _people(organisation(session), person_id)


def may_see_nonconformity(person_id: int, code: str, at: datetime) -> bool:
    """Whether the nonconformity, or any duty about it, is the person's to look at."""
    with reading() as session:
        found = session.exec(
            select(Nonconformity).where(col(Nonconformity.code) == code)
        ).one_or_none()
        if found is None:
            return False
        area = _people(organisation(session), person_id)
        if area is None or found.owner_id in area or found.raised_by_id == person_id:
            return True
        duties = session.exec(
            select(Duty.id).where(col(Duty.subject_kind) == KIND, col(Duty.subject) == code)
        )
        return any(
            standing_in(session, number, person_id, at).may_see for number in duties if number
        )


def _people(posts: Organisation, person_id: int) -> frozenset[int] | None:
    own = posts.posts.get(person_id)
    if own is None or not own.active:
        return frozenset()
    if own.roles & {role.value for role in SEE_ALL}:
        return None
    return _below(posts, person_id)


def _below(posts: Organisation, person_id: int) -> frozenset[int]:
    """Return the person and everybody below; people who report in a circle are found once."""
    led: dict[int, list[int]] = defaultdict(list)
    for post in posts.posts.values():
        if post.manager_id is not None:
            led[post.manager_id].append(post.id)
    found, waiting = {person_id}, [person_id]
    while waiting:
        new = [below for below in led[waiting.pop()] if below not in found]
        found.update(new)
        waiting += new
    return frozenset(found)
