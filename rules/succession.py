"""Who decides in the place of one who left or moved (继任): the next holder of the same office.

A decision belongs to an office, not to the person who held it on the day it was asked. Whoever is
only away keeps it, and his delegate stands in; whoever has left, or no longer holds what made the
decision his, does not.
"""

from collections.abc import Collection, Iterable

from rules.organisation import Organisation


def holds_office(organisation: Organisation, person: int, roles: Collection[str]) -> bool:
    """Whether this person is still here and has one of the roles that the duty is given to."""
    post = organisation.posts.get(person)
    return post is not None and post.active and bool(post.roles & frozenset(roles))


def stands_above(
    organisation: Organisation,
    person: int,
    *,
    owners: Iterable[int],
    last_resorts: Collection[int],
    stood_in: Iterable[tuple[int, int]],
) -> bool:
    """Whether this person still leads one of these owners, or is or stood in for one who does.

    `stood_in` are the pairs (represented, receiver) of the letters told so far; `last_resorts` the
    people of the offices that decide where a chain gives nobody.
    """
    post = organisation.posts.get(person)
    if post is None or not post.active:
        return False
    above = set(last_resorts)
    for owner in owners:
        above |= set(organisation.chain(owner).people)
    return person in above or any(
        receiver == person and absent in above for absent, receiver in stood_in
    )
