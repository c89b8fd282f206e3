"""Handing a duty over (转办): whoever leads its owner, or quality, gives it to another.

The deadline, the episode and everyone who was told stay: a duty does not become younger by
changing hands. A decision, a verification or a check is not handed over, because who gives it was
chosen for standing apart; there a delegate (代理人) is named instead.
"""

from datetime import date
from typing import Final

from rules.organisation import Organisation
from rules.refusal import Refused
from rules.words import DutyKind, Role

OFFICE: Final = frozenset({Role.QUALITY, Role.QUALITY_HEAD})


class NotHandedOver(Refused):
    """Its owner was chosen for standing apart."""

    sentence = "{kind} is not handed over: name a delegate for {owner} instead"


class MayNotHandOver(Refused):
    """Neither above the owner nor of the quality department."""

    sentence = "only who leads {owner}, or the quality department, may hand this over"


class AlreadyTheirs(Refused):
    """It is owed by this person already."""

    sentence = "{person} owes it already"


class CannotTakeOver(Refused):
    """Nobody would hear of it."""

    sentence = "{person} cannot take it over: no longer active, without an address, or away"


def refuse_kind(kind: str, owner: str, *, handed_over: bool) -> None:
    """Refuse a kind of duty that stays with whom it was given to, as its process declares it."""
    if not handed_over:
        raise NotHandedOver(kind=DutyKind(kind), owner=owner)


def leads(
    organisation: Organisation, *, owner: int, hands: frozenset[int], unit_head: int | None = None
) -> bool:
    """Whether one of these hands stands above the owner, or is of the quality department.

    `hands` are the person and whom he stands in for; the owner himself never hands over.
    `unit_head` leads the owner's unit by now: the successor of one who left or moved.
    """
    if owner in hands:
        return False
    return unit_head in hands or any(
        organisation.manages(one, owner) or organisation.posts[one].roles & OFFICE for one in hands
    )


def refuse_receiver(organisation: Organisation, *, owner: int, receiver: int, day: date) -> None:
    """Refuse a receiver who owes it already, or who would not hear of it on that day."""
    post = organisation.posts[receiver]
    if receiver == owner:
        raise AlreadyTheirs(person=post.name)
    if not post.active or not post.address or post.absent(day):
        raise CannotTakeOver(person=post.name)
