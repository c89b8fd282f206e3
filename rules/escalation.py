"""The ladder (升级阶梯): when the next step is due, and who is told.

Every step tells exactly one person. From level 1 on it is the first reachable person above
the owner who was not yet told at a level in this episode, so no level is skipped and nobody
hears twice, save the top of the chain: there the steps go on, to the top, until the thing is
closed. Instants are aware UTC; working days are the site's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, Literal, Protocol

from rules.organisation import End, Organisation
from rules.words import Role


class WorkingTime(Protocol):
    """What the ladder asks of the working calendar (`rules/calendar.py`)."""

    def add(self, instant: datetime, n: int, /) -> datetime: ...
    def opening(self, instant: datetime, /) -> datetime: ...
    def next_opening_after(self, day: date, /) -> datetime: ...
    def day(self, instant: datetime, /) -> date: ...
    def count(self, after: date, until: date, /) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Steps in working days after due; the first tells the owner, each later one a level more.

    `reminder` is the working days before due, 0 for none; past the last step one more follows
    `every` so many working days, until the thing is closed. `any_hour` frees the steps, not
    the reminder, from working hours.
    """

    reminder: int
    steps: tuple[int, ...]
    every: int
    any_hour: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the copy that a duty keeps."""
        return {
            "reminder": self.reminder,
            "steps": list(self.steps),
            "every": self.every,
            "any_hour": self.any_hour,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Ladder":
        """Return the ladder that was kept with a duty."""
        return cls(
            reminder=int(kept["reminder"]),
            steps=tuple(int(after) for after in kept["steps"]),
            every=int(kept["every"]),
            any_hour=bool(kept.get("any_hour", False)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: so many working days after due. Stage 0 is the owner; None is the reminder."""

    stage: int | None
    after_working_days: int


def step(ladder: Ladder, *, nth: int) -> Step:
    """Return the step that is taken after `nth` others; past the table it goes on for ever."""
    if ladder.reminder and nth == 0:
        return Step(stage=None, after_working_days=-ladder.reminder)
    stage = nth - 1 if ladder.reminder else nth
    if stage < len(ladder.steps):
        return Step(stage=stage, after_working_days=ladder.steps[stage])
    over = stage - len(ladder.steps) + 1
    return Step(stage=stage, after_working_days=ladder.steps[-1] + over * ladder.every)


def fitted(ladder: Ladder, *, issued: datetime, due: datetime, calendar: WorkingTime) -> Ladder:
    """Return the ladder with a reminder that fits the period, or without one.

    A reminder comes min(policy, half the period) working days before due, and never before
    the day after issue.
    """
    period = calendar.count(calendar.day(issued), calendar.day(due))
    before = max(0, min(ladder.reminder, period // 2))
    while before and calendar.day(_before(due, before, calendar)) <= calendar.day(issued):
        before -= 1
    return replace(ladder, reminder=before)


def instant_of(ladder: Ladder, *, nth: int, due: datetime, calendar: WorkingTime) -> datetime:
    """Return when the step after `nth` others is due, were every step taken on its day."""
    taken = step(ladder, nth=nth)
    if taken.stage is None:
        return _before(due, ladder.reminder, calendar)
    moved = calendar.add(due, taken.after_working_days)
    return moved if ladder.any_hour else calendar.opening(moved)


@lru_cache(maxsize=4096)  # a sweep asks for thousands that were due on the same few days
def following(
    ladder: Ladder, *, nth: int, due: datetime, taken_at: datetime, calendar: WorkingTime
) -> datetime:
    """Return when the next step is due, once one was taken at `taken_at`.

    At most one step a day, however late the last one was: after downtime no level is skipped
    and nobody above is told before the one below had a day to act.
    """
    planned = instant_of(ladder, nth=nth, due=due, calendar=calendar)
    return max(planned, calendar.next_opening_after(calendar.day(taken_at)))


def acknowledged(next_at: datetime, calendar: WorkingTime) -> datetime:
    """Return the next step's instant after 已知悉: one working day later, that step only."""
    return calendar.opening(calendar.add(next_at, 1))


def _before(due: datetime, n: int, calendar: WorkingTime) -> datetime:
    """Return the reminder's instant, n working days before due; never outside working hours."""
    return calendar.opening(calendar.add(due, -n))


Why = Literal["chain", "again", "quality_head", "top_management", "operator"]

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
    receiver), because only he who stood in for the top may be told again in its place.
    """

    people: frozenset[int] = frozenset()
    stood_in: frozenset[tuple[int, int]] = frozenset()

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
    chain gave nobody; `gap` then says how the chain failed.
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


LAST_RESORTS: Final[tuple[tuple[Role, Why], ...]] = (
    (Role.QUALITY_HEAD, "quality_head"),
    (Role.TOP_MANAGEMENT, "top_management"),
)


def whom(organisation: Organisation, *, owner: int, heard: Heard, day: date) -> Told:
    """Return who the next level step tells on this local day.

    Walks up from the owner each time, so that somebody who came back is not left out.
    """
    chain = organisation.chain(owner)
    passed: list[Passed] = []
    for person in chain.people:
        if person in heard.people:
            continue
        found = reach(organisation, person, day, barred=heard.people | {owner})
        if isinstance(found, Told):
            return replace(found, passed=tuple(passed))
        passed.append(found)
    again = None if chain.ends == "circle" else _top_again(organisation, owner, heard, day)
    found = again or _last_resort(organisation, owner, heard, day)
    return replace(found, passed=tuple(passed))


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


def _top_again(organisation: Organisation, owner: int, heard: Heard, day: date) -> Told | None:
    """Everybody reachable above has heard: the highest of them hears it again."""
    for person in reversed(organisation.chain(owner).people):
        if person not in heard.people:
            continue
        found = reach(organisation, person, day, barred=heard.barred_for(person) | {owner})
        if isinstance(found, Told):
            return replace(found, why="again")
    return None


def _last_resort(organisation: Organisation, owner: int, heard: Heard, day: date) -> Told:
    """The chain gives nobody: quality head, top management, then the operator's address."""
    gap = organisation.chain(owner).ends
    for role, why in LAST_RESORTS:
        for person in organisation.holders(role):
            if person == owner:
                continue
            found = reach(organisation, person, day, barred=heard.barred_for(person) | {owner})
            if isinstance(found, Told):
                known = person in heard.people
                return replace(found, why="again" if known else why, gap=gap)
    known = OPERATOR in heard.people
    return Told(receiver=None, why="again" if known else "operator", gap=gap)
