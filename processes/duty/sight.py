"""What a signed-in person may look at (可见范围): all of it, the own people's, or one's own.

Quality, auditors and top management see everything, because they answer for the whole. Whoever
leads people sees what they and everybody below them own. Everyone else sees what is his own,
what he raised, and whatever he was told about.
"""

from collections import defaultdict
from typing import Final

from models.engine import reading
from models.people import organisation
from rules.organisation import Organisation
from rules.words import Role

SEE_ALL: Final = frozenset({Role.QUALITY, Role.QUALITY_HEAD, Role.AUDITOR, Role.TOP_MANAGEMENT})


def people_of(person_id: int) -> frozenset[int] | None:
    """Return whose matters the person may list, himself included; None is everybody's."""
    with reading() as session:
        return area_of(organisation(session), person_id)


def area_of(posts: Organisation, person_id: int) -> frozenset[int] | None:
    """Return the same in an organisation that is already read."""
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
