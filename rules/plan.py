"""Dates and people of planned activities (计划活动的日期与人员)."""

from collections.abc import Sequence
from datetime import date, datetime
from zlib import crc32

from rules.calendar import Calendar
from rules.refusal import Refused

LEAST_WORKING_DAYS = 3  # that an owner has, however late the activity was opened


class NoWorkingDayLeft(Refused):
    """A day that is over, or no working day at all."""

    sentence = "{day} is not later than {planned}: choose a later working day"


class NotYetDone(Refused):
    """A day to come was given as the day on which it was done."""

    sentence = "{done_on} is still to come: write the day on which it was carried out"


class AlreadyOpen(Refused):
    """Its duty is open: more time is asked for there."""

    sentence = "{code} is already under way: ask for more time on the page of its duty"


class NothingToChange(Refused):
    """It is done or cancelled."""

    sentence = "{code} is over: there is nothing left to postpone or cancel"


class ChangeAlreadyAsked(Refused):
    """One request at a time."""

    sentence = "a change of {code} was already asked and is not decided yet"


class MayNotAsk(Refused):
    """Neither quality, nor the owner, nor the project manager."""

    sentence = (
        "only the quality department, the owner or the project manager may ask for a change of"
        " {code}"
    )


class NobodyToDecide(Refused):
    """Everybody who could decide asked for it himself."""

    sentence = "nobody but the asker may decide on {code}: let somebody else ask"


class OwnChange(Refused):
    """Whoever asked for a change does not decide on it."""

    sentence = "{person} asked for this change and may not decide on it"


class NothingPlanned(Refused):
    """A plan without lines."""

    sentence = "the plan has no activities yet: write at least one line"


class NobodyNamed(Refused):
    """A line is given to a word that is nobody."""

    sentence = "line {number}: {who} is neither a role nor a person's code"


class NotADraft(Refused):
    """What is being approved or in force is not changed but followed by a new version."""

    sentence = "plan {code} is {state}: only a draft can be changed"


class ChangeUnderWay(Refused):
    """A draft of a newer version exists."""

    sentence = "a change of plan {code} is already being drawn up: version {version}"


class NotInForce(Refused):
    """There is nothing to change yet."""

    sentence = "plan {code} is not in force yet: change its draft"


class NotTheAuthor(Refused):
    """Plans are the quality department's to write."""

    sentence = "only the author or the quality department may change plan {code}"


def years_to_draft(day: date, *, drafted_from: date, planned: frozenset[int]) -> list[int]:
    """Return the years whose plan is to be drafted now: the next from its day on.

    This year's too, if nobody drafted it in time and the year before had one.
    """
    found = []
    if day.year not in planned and day.year - 1 in planned:
        found.append(day.year)
    if day >= drafted_from and day.year + 1 not in planned:
        found.append(day.year + 1)
    return found


def carried_out(done_on: date, *, today: date) -> None:
    """Refuse a day to come."""
    if done_on > today:
        raise NotYetDone(done_on=done_on)


def postponable(until: date, *, planned_on: date, today: date, calendar: Calendar) -> None:
    """Refuse a day that is not a later working day."""
    if until <= max(planned_on, today) or not calendar.is_working(until):
        raise NoWorkingDayLeft(day=until, planned=max(planned_on, today))


def due(planned_on: date, *, opened_at: datetime, calendar: Calendar) -> datetime:
    """Return the deadline: the planned day, but at least three working days after the opening."""
    least = calendar.working_days(opened_at, LEAST_WORKING_DAYS)
    return max(calendar.close_of(planned_on), least)


def caught_up(*, opens_on: date, opened_on: date, calendar: Calendar) -> bool:
    """Whether it was opened later than on the first working day of its window.

    A window that begins on a day off opens with the next working day: that is on time.
    """
    return calendar.count(opens_on, opened_on) > (0 if calendar.is_working(opens_on) else 1)


def opens_on(planned_on: date, *, lead_days: int, calendar: Calendar) -> date:
    """Return the day on which it opens, so many working days before."""
    if lead_days <= 0:
        return planned_on
    return calendar.day(calendar.add(calendar.close_of(planned_on), -lead_days))


def in_turn(candidates: Sequence[int], *, about: str, nth: int) -> int:
    """Return whose turn it is: the same for the same object and turn, whenever it is asked.

    Not whoever owes least at the moment: a late turn of the wheel must name the same person as
    a punctual one.
    """
    return candidates[(crc32(about.encode()) + nth) % len(candidates)]
