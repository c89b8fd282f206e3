"""Who may ask for a later date, how late it may be, and who decides (延期).

The decision belongs to the highest person who was told in this episode, because that is who
would have to answer for the delay; never to the one who asks, nor to his delegate.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from rules.organisation import Organisation
from rules.refusal import Refused


class ExtensionAlreadyAsked(Refused):
    """One request at a time: the first is still undecided."""

    sentence = "an extension until {until} was already asked and is not decided yet"


class NoMoreExtensions(Refused):
    """The policy's number of extensions is used up."""

    sentence = "this was extended {times} times already, and the policy allows no more"


class ExtensionNotLater(Refused):
    """An extension must lead past both the present deadline and today."""

    sentence = "the new date {until} must be later than {earliest}"


class ExtensionTooLong(Refused):
    """Further ahead than the policy allows."""

    sentence = "the new date {until} is too far ahead: the policy allows {latest} at the latest"


class NotExtendable(Refused):
    """The decision on an extension cannot itself be extended."""

    sentence = "a decision that others wait for cannot be extended"


class ReasonMissing(Refused):
    """An extension without a reason cannot be judged."""

    sentence = "give a reason: the one who decides has to judge it"


def check(
    *, until: date, due_on: date, today: date, granted: int, most: int, days_ahead: int, reason: str
) -> None:
    """Refuse what the policy does not allow; dates are local days of the site."""
    if not reason.strip():
        raise ReasonMissing
    if granted >= most:
        raise NoMoreExtensions(times=granted)
    base = max(due_on, today)
    if until <= base:
        raise ExtensionNotLater(until=until, earliest=base)
    latest = base + timedelta(days=days_ahead)
    if until > latest:
        raise ExtensionTooLong(until=until, latest=latest)


def decider(
    organisation: Organisation,
    *,
    owner: int,
    asker: int,
    told: Sequence[tuple[int, int]],
    last_resorts: Iterable[int],
    day: date,
) -> int | None:
    """Return who decides: the highest told, else the nearest above, else a last resort.

    `told` are (level, person) of this episode. None if there is nobody but the asker, the
    owner and their delegates.
    """
    barred = {owner, asker} | {
        delegate
        for person in (owner, asker)
        if (delegate := organisation.posts[person].delegate_id) is not None
    }
    highest_first = [person for _, person in sorted(told, key=lambda pair: -pair[0])]
    for person in (*highest_first, *organisation.chain(owner).people, *last_resorts):
        if person in barred or person not in organisation.posts:
            continue
        if organisation.unreachable(person, day, barred=frozenset(barred)) is None:
            return person
    return None
