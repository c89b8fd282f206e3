"""Who is not in the list of the staff any more (离职), and how many at once are too many."""

from collections.abc import Collection

from rules.refusal import Refused


class TooManyLeavers(Refused):
    """More than a list of a normal month would lack: a part of it may be missing."""

    sentence = (
        "{count} of {active} people are not in it, more than {percent} %: "
        "if they have left, add --yes"
    )


def missing(active: Collection[str], listed: Collection[str]) -> list[str]:
    """Return the codes of the active people who are not listed, in their order."""
    return sorted(set(active) - set(listed))


def looks_whole(active: Collection[str], listed: Collection[str], *, percent: int) -> bool:
    """Whether a list that nobody declared complete holds so many that the rest may have left."""
    held = len(set(active) & set(listed))
    return bool(active) and held * 100 >= len(set(active)) * percent


def refuse_many(*, gone: int, active: int, percent: int, sure: bool) -> None:
    """Refuse to deactivate more than this share at once, unless somebody is sure of it."""
    if not sure and gone * 100 > active * percent:
        raise TooManyLeavers(count=gone, active=active, percent=percent)
