"""When an answer by link is only provisional (暂定答复), and what becomes of it.

Mail scanners open links, run scripts and send forms. An answer that comes within a minute of
its letter may be one of theirs; so may one from a browser and a network that the person has
never used. It counts, the person is told at once, and what is not confirmed within four working
hours stands, unless it came faster than somebody reads: then it lapses.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from rules.refusal import Refused

FAST: Final = timedelta(seconds=60)  # after a server accepted the letter
TO_CONFIRM: Final = timedelta(hours=4)  # of working time


class Doubt(StrEnum):
    """Why an answer is provisional."""

    FAST = "fast"  # sooner than the letter is read
    STRANGER = "stranger"  # neither browser nor network was used before by this person


class Standing(StrEnum):
    """Where a provisional answer stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"  # the person said: it was me
    UNDONE = "undone"  # the person said: it was not me
    CORRECTED = "corrected"  # the person answered anew; both are kept
    LAPSED = "lapsed"  # nobody confirmed what came too fast
    STOOD = "stood"  # nobody objected


TAKEN_BACK: Final = frozenset({Standing.UNDONE, Standing.CORRECTED, Standing.LAPSED})


class NotChosen(Refused):
    """A form was sent without the choice that only a person makes."""

    sentence = "choose first: nothing is chosen beforehand, so that no mail scanner answers for you"


class NothingToConfirm(Refused):
    """There is no answer that waits for a word of this person."""

    sentence = "there is no answer to confirm here: it was settled meanwhile"


class BuiltUpon(Refused):
    """Others have gone on from the answer: it cannot be as if it had never been."""

    sentence = (
        "others have gone on from this answer: it stays, and the quality department was told to"
        " correct it with you"
    )


class WorkingHours(Protocol):
    """What is asked of the working calendar (`rules/calendar.py`)."""

    def day(self, instant: datetime, /) -> date: ...
    def opening(self, instant: datetime, /) -> datetime: ...
    def close_of(self, day: date, /) -> datetime: ...
    def next_opening_after(self, day: date, /) -> datetime: ...


def doubt(
    *,
    given_at: datetime,
    accepted_at: datetime | None,
    known_browser: bool,
    known_network: bool,
    staff: bool = True,
) -> Doubt | None:
    """Return why an answer by link is provisional; None if it is not.

    `accepted_at` is when a server last accepted a letter with this link. Customers have no
    browser and network of their own here: for them only the minute counts.
    """
    if accepted_at is not None and timedelta(0) <= given_at - accepted_at <= FAST:
        return Doubt.FAST
    if staff and not known_browser and not known_network:
        return Doubt.STRANGER
    return None


def unconfirmed(doubt: Doubt) -> Standing:
    """Return what becomes of an answer that nobody confirmed in time."""
    return Standing.LAPSED if doubt is Doubt.FAST else Standing.STOOD


def counts(standing: Standing, *, staff: bool = True) -> bool:
    """Whether the answer is part of figures: a customer's only once it is confirmed."""
    if standing in TAKEN_BACK:
        return False
    return staff or standing is Standing.CONFIRMED


def until(calendar: WorkingHours, at: datetime) -> datetime:
    """Return when the time to confirm is over: four hours of working time later."""
    begins, left = calendar.opening(at), TO_CONFIRM
    while begins + left > (closes := calendar.close_of(calendar.day(begins))):
        left -= closes - begins
        begins = calendar.next_opening_after(calendar.day(begins))
    return begins + left
