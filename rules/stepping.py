"""When the next step of a ladder is due (升级时刻): pure times, nobody is named here.

The ladder is data; its instants follow from the due date, the working calendar and the step
just taken. Instants are aware UTC; working days are the site's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, Literal, Protocol

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
