"""Who is told by the next step of a ladder (升级对象).

Every step tells exactly one person. From level 1 on it is the first reachable person above
the owner who was not yet told at a level in this episode, so no level is skipped and nobody
hears twice, save the top: there the steps go on, to the top, until the thing is closed. Where
the chain does not end at the top the way up goes on at the quality head. When a step is due is
in `rules/stepping.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from rules.organisation import End, Organisation
from rules.words import Role

Why = Literal["chain", "again", "quality_head", "quality_chain", "top_management", "operator"]

OPERATOR: Final = 0  # stands for the operator's address in `told`; no person has this id


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """Somebody who should have heard and could not be reached (越过)."""

    person: int
    reason: str  # inactive | absent | no_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Who was already told at a level in this episode.

    `people` holds receivers and those they stood in for; `stood_in` the pairs (represented,
    receiver), because only he who stood in for the top may be told again in its place. `level`
    is the highest that was told. After a hand-over `floor` is the level that had been told by
    then, and `before` are those who had heard: nobody below is told by the steps that follow.
    """

    people: frozenset[int] = frozenset()
    stood_in: frozenset[tuple[int, int]] = frozenset()
    level: int = 0
    floor: int = 0
    before: frozenset[int] = frozenset()

    def barred_for(self, person: int) -> frozenset[int]:
        """Return who may not stand in for this person again."""
        return self.people - {receiver for absent, receiver in self.stood_in if absent == person}

    def and_(self, told: "Told") -> "Heard":
        """Return the same with one more who was told."""
        receiver = OPERATOR if told.receiver is None else told.receiver
        if told.stands_for is None:
            return replace(self, people=self.people | {receiver})
        return Heard(
            people=self.people | {receiver, told.stands_for},
            stood_in=self.stood_in | {(told.stands_for, receiver)},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who a level step tells.

    `receiver` is None for the operator's address. `stands_for` is the absent person whom the
    receiver represents. `why` is "again" at the top, or the role that stands in where the
    chain ends otherwise ("quality_chain" is somebody above the quality head); `gap` then says
    how the chain ends.
    """

    receiver: int | None
    why: Why
    stands_for: int | None = None
    passed: tuple[Passed, ...] = ()
    gap: End | None = None

    @property
    def again(self) -> bool:
        """Whether this is the top, told once more: the level does not rise."""
        return self.why == "again"


def whom(
    organisation: Organisation, *, owner: int, heard: Heard, day: date, highest: int | None = None
) -> Told:
    """Return who the next level step tells on this local day.

    Walks up from the owner each time, so that somebody who came back is not left out. Where
    the chain does not end at the top, or nobody in it can be reached, the way goes on at the
    quality head, up his own chain, and to top management. From the level `highest` on, and
    once everybody on the way has heard, it is told to the highest again.
    """
    if highest is not None and heard.level >= highest:
        again = _again(organisation, [*_way(organisation, owner, heard, day)], owner, heard, day)
        if again is not None:
            return again
    chain, passed, way = organisation.chain(owner), list[Passed](), list[_Place]()
    floor = _floor(organisation, owner, heard, day) if heard.floor else 0
    for place in _way(organisation, owner, heard, day):
        way.append(place)
        if place.person in heard.people or len(way) <= floor:
            continue
        found = reach(organisation, place.person, day, barred=heard.people | {owner})
        if isinstance(found, Told):
            gap = None if place.why == "chain" else chain.ends
            return replace(found, why=place.why, passed=tuple(passed), gap=gap)
        passed.append(found)
    found = _again(organisation, way, owner, heard, day) or _operator(heard)
    gap = chain.ends if (way and way[-1].why != "chain") or found.receiver is None else None
    return replace(found, passed=tuple(passed), gap=gap)


@dataclass(frozen=True, slots=True)
class _Place:
    """Somebody on the way up, and why the way leads there."""

    person: int
    why: Why


def _way(organisation: Organisation, owner: int, heard: Heard, day: date) -> Iterator[_Place]:
    """Yield everybody whom the steps tell in turn, each once, the owner never."""
    chain = organisation.chain(owner)
    for person in chain.people:
        yield _Place(person, "chain")
    told = [p for p in chain.people if p in heard.people]
    if chain.ends == "top" and any(_hears_again(organisation, p, owner, heard, day) for p in told):
        return
    seen = {owner, *chain.people}
    head = _holder(organisation, Role.QUALITY_HEAD, owner, heard, day)
    if head is not None:
        if head not in seen:
            yield _Place(head, "quality_head")
        seen.add(head)
        for person in organisation.chain(head).people:
            if person not in seen:
                yield _Place(person, "quality_chain")
            seen.add(person)
        if organisation.chain(head).ends == "top":
            return
    top = _holder(organisation, Role.TOP_MANAGEMENT, owner, heard, day)
    if top is not None and top not in seen:
        yield _Place(top, "top_management")


def _holder(
    organisation: Organisation, role: Role, owner: int, heard: Heard, day: date
) -> int | None:
    """Return the first holder of the role, by code, who has heard or can be reached."""
    for person in organisation.holders(role):
        if person == owner:
            continue
        if person in heard.people:
            return person
        if isinstance(reach(organisation, person, day, barred=heard.people | {owner}), Told):
            return person
    return None


def _floor(organisation: Organisation, owner: int, heard: Heard, day: date) -> int:
    """Return how many on the new owner's way stand below a level told before the hand-over."""
    way = [place.person for place in _way(organisation, owner, heard, day)]
    above = max((n for n, person in enumerate(way, start=1) if person in heard.before), default=0)
    return max(above, min(heard.floor, len(way)) - 1)


def reach(
    organisation: Organisation, person: int, day: date, *, barred: frozenset[int]
) -> Told | Passed:
    """Return who hears in a person's place: himself, his delegate, or nobody and why."""
    reason = organisation.unreachable(person, day, barred=barred)
    if reason is not None:
        return Passed(person=person, reason=reason)
    if organisation.posts[person].absent(day):
        stand_in = organisation.delegate(person, day, barred=barred)
        return Told(receiver=stand_in, why="chain", stands_for=person)
    return Told(receiver=person, why="chain")


def _hears_again(
    organisation: Organisation, person: int, owner: int, heard: Heard, day: date
) -> Told | None:
    found = reach(organisation, person, day, barred=heard.barred_for(person) | {owner})
    return found if isinstance(found, Told) else None


def _again(
    organisation: Organisation, way: list[_Place], owner: int, heard: Heard, day: date
) -> Told | None:
    """Everybody reachable has heard: the highest of them hears it again."""
    for place in reversed(way):
        if place.person not in heard.people:
            continue
        found = _hears_again(organisation, place.person, owner, heard, day)
        if found is not None:
            return replace(found, why="again")
    return None


def _operator(heard: Heard) -> Told:
    """Nobody in the organisation can be told: the operator's address is."""
    return Told(receiver=None, why="again" if OPERATOR in heard.people else "operator")
