"""The ladder (升级阶梯): when the next step is due, and who is told.

Every step tells exactly one person. From level 1 on it is the first reachable person above
the owner who was not yet told at a level in this episode, so no level is skipped and nobody
hears twice, save the top: there the steps go on, to the top, until the thing is closed. Where
the chain does not end at the top the way up goes on at the quality head. Instants are aware
UTC; working days are the site's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, Literal, Protocol

from rules.organisation import End, Organisation
from rules.words import Role

Unit = Literal["working_days", "hours", "service_hours"]

GRACE: Final = 3  # working days from entry to the first step of what is entered past due


class WorkingTime(Protocol):
    """What the ladder asks of the working calendar (`rules/calendar.py`)."""

    def add(self, instant: datetime, n: int, /) -> datetime: ...
    def add_hours(self, instant: datetime, n: int, /) -> datetime: ...
    def opening(self, instant: datetime, /) -> datetime: ...
    def next_opening_after(self, day: date, /) -> datetime: ...
    def day(self, instant: datetime, /) -> date: ...
    def count(self, after: date, until: date, /) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Steps so long after due; the first tells the owner, each later one a level more.

    `reminder` is the time before due, 0 for none; past the last step one more follows `every`
    so long, until the thing is closed. All are working days, or hours of the clock or of
    service time (`unit`); a ladder in hours knows neither openings nor one step a day.
    `any_hour` frees the steps, not the reminder, from working hours. From the level `highest`
    on the ladder repeats instead of climbing; 0 is the owner.
    """

    reminder: int
    steps: tuple[int, ...]
    every: int
    any_hour: bool = False
    unit: Unit = "working_days"
    highest: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the copy that a duty keeps."""
        kept: dict[str, Any] = {
            "reminder": self.reminder,
            "steps": list(self.steps),
            "every": self.every,
            "any_hour": self.any_hour,
        }
        if self.unit != "working_days":
            kept["unit"] = self.unit
        if self.highest is not None:
            kept["highest"] = self.highest
        return kept

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Ladder":
        """Return the ladder that was kept with a duty."""
        unit: Unit = kept.get("unit", "working_days")
        if unit not in {"working_days", "hours", "service_hours"}:
            raise ValueError(f"a ladder counts in working days or hours, not in {unit!r}")
        highest = kept.get("highest")
        return cls(
            reminder=int(kept["reminder"]),
            steps=tuple(int(after) for after in kept["steps"]),
            every=int(kept["every"]),
            any_hour=bool(kept.get("any_hour", False)),
            unit=unit,
            highest=None if highest is None else int(highest),
        )

    @property
    def in_hours(self) -> bool:
        """Whether it counts in hours."""
        return self.unit != "working_days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: so long after due, in the ladder's unit. Stage 0 is the owner; None reminds."""

    stage: int | None
    after: int


def step(ladder: Ladder, *, nth: int) -> Step:
    """Return the step that is taken after `nth` others; past the table it goes on for ever."""
    if ladder.reminder and nth == 0:
        return Step(stage=None, after=-ladder.reminder)
    stage = nth - 1 if ladder.reminder else nth
    if stage < len(ladder.steps):
        return Step(stage=stage, after=ladder.steps[stage])
    over = stage - len(ladder.steps) + 1
    return Step(stage=stage, after=ladder.steps[-1] + over * ladder.every)


def tells_owner(ladder: Ladder, *, nth: int) -> bool:
    """Whether the step after `nth` others tells the owner: a reminder, the first, or all."""
    stage = step(ladder, nth=nth).stage
    return not stage or ladder.highest == 0


def fitted(ladder: Ladder, *, issued: datetime, due: datetime, calendar: WorkingTime) -> Ladder:
    """Return the ladder with a reminder that fits the period, or without one.

    A reminder comes min(policy, half the period) working days before due, and never before
    the day after issue.
    """
    if ladder.in_hours:
        return _fitted_in_hours(ladder, issued, due, calendar)
    period = calendar.count(calendar.day(issued), calendar.day(due))
    before = max(0, min(ladder.reminder, period // 2))
    while before and calendar.day(_before(due, before, calendar)) <= calendar.day(issued):
        before -= 1
    return replace(ladder, reminder=before)


def _fitted_in_hours(
    ladder: Ladder, issued: datetime, due: datetime, calendar: WorkingTime
) -> Ladder:
    middle, before = issued + (due - issued) / 2, ladder.reminder
    while before and _moved(ladder, due, -before, calendar) < middle:
        before -= 1
    return replace(ladder, reminder=before)


def as_things_stand(ladder: Ladder, *, nth: int, due: datetime, at: datetime) -> Ladder:
    """Return the ladder without a reminder that would come when the thing is past due.

    The owner hears what is true at that time: the step that tells that it is overdue.
    """
    late = ladder.reminder and nth == 0 and at >= due
    return replace(ladder, reminder=0) if late else ladder


def instant_of(ladder: Ladder, *, nth: int, due: datetime, calendar: WorkingTime) -> datetime:
    """Return when the step after `nth` others is due, were every step taken on its day."""
    taken = step(ladder, nth=nth)
    if taken.stage is None and not ladder.in_hours:
        return _before(due, ladder.reminder, calendar)
    moved = _moved(ladder, due, taken.after, calendar)
    return moved if ladder.any_hour or ladder.in_hours else calendar.opening(moved)


def first_instant(
    ladder: Ladder, *, issued: datetime, due: datetime, calendar: WorkingTime
) -> datetime:
    """Return when the first step of a new duty is due.

    What is entered past due (an old register, a date in the past) leaves its owner three
    working days before anybody is told, and then climbs at the ladder's own distances.
    """
    if due <= issued:
        return _opening_in(GRACE, issued, calendar)
    return instant_of(ladder, nth=0, due=due, calendar=calendar)


@lru_cache(maxsize=4096)  # a sweep asks for thousands that were due on the same few days
def following(
    ladder: Ladder, *, nth: int, due: datetime, taken_at: datetime, calendar: WorkingTime
) -> datetime:
    """Return when the next step is due, once one was taken at `taken_at`.

    At most one step a day, however late the last one was: after downtime no level is skipped
    and nobody above is told before the one below had a day to act. A step whose own day had
    passed already keeps the ladder's distance from the one just taken, so that what is long
    overdue is not told every day.
    """
    planned = instant_of(ladder, nth=nth, due=due, calendar=calendar)
    apart = _apart(ladder, nth)
    if ladder.in_hours:
        return planned if planned > taken_at else _moved(ladder, taken_at, apart, calendar)
    if nth and calendar.day(planned) < calendar.day(taken_at):
        return _opening_in(apart, taken_at, calendar)
    return max(planned, calendar.next_opening_after(calendar.day(taken_at)))


def waits_until(ladder: Ladder, *, nth: int, at: datetime, calendar: WorkingTime) -> datetime:
    """Return when a step that is due may be taken: at once, or at the next opening.

    A service that comes back on a Saturday night writes nothing before Monday morning, unless
    the ladder counts in hours or is free of working hours.
    """
    if ladder.in_hours or (ladder.any_hour and step(ladder, nth=nth).stage is not None):
        return at
    return calendar.opening(at)


def acknowledged(next_at: datetime, calendar: WorkingTime) -> datetime:
    """Return the next step's instant after 已知悉: one working day later, that step only."""
    return calendar.opening(calendar.add(next_at, 1))


def _apart(ladder: Ladder, nth: int) -> int:
    """Return the ladder's own distance between a step and the one before it."""
    if nth == 0:
        return 1
    return max(1, step(ladder, nth=nth).after - step(ladder, nth=nth - 1).after)


def _opening_in(n: int, at: datetime, calendar: WorkingTime) -> datetime:
    """Return the opening of the n-th working day after the day of the instant."""
    return calendar.next_opening_after(calendar.day(calendar.add(at, n - 1)))


def _moved(ladder: Ladder, instant: datetime, n: int, calendar: WorkingTime) -> datetime:
    if ladder.unit == "hours":
        return instant + timedelta(hours=n)
    if ladder.unit == "service_hours":
        return calendar.add_hours(instant, n) if n else instant
    return calendar.add(instant, n)


def _before(due: datetime, n: int, calendar: WorkingTime) -> datetime:
    """Return the reminder's instant, n working days before due; never outside working hours."""
    return calendar.opening(calendar.add(due, -n))


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
