"""Steps of Act (处置): climb what is due, gather it into letters, show what is overdue.

A step carries up to a thousand rows, a hundred to a transaction: few enough that a crash
repeats little, and few task runs enough that the witness keeps up with fifty thousand.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from processes.duty import calendar_change, climbing, missed, provisional, succession
from processes.duty import issued as duties
from processes.duty.climbing import ClaimLost
from processes.mail import outbox
from processes.watch import overview, waking
from processes.watch.overview import Overdue
from tasks.step import step

BATCH: Final = 100
BATCHES: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What the steps of one sweep came to; `more` says that it is not over."""

    taken: int = 0
    reminded: int = 0
    overdue: int = 0
    escalated: int = 0
    set_aside: int = 0
    mails: int = 0
    more: bool = True

    def __add__(self, later: "Swept") -> "Swept":
        return Swept(
            taken=self.taken + later.taken,
            reminded=self.reminded + later.reminded,
            overdue=self.overdue + later.overdue,
            escalated=self.escalated + later.escalated,
            set_aside=self.set_aside + later.set_aside,
            mails=self.mails + later.mails,
            more=later.more,
        )


@step("Tell whoever could not be told in time")
def tell_missed(at: datetime) -> Swept:
    """Give what waits for somebody gone to the next, and tell what was missed to who is back."""
    if waking.ACT not in waking.held():
        succession.succeed(at)
        missed.tell_missed(at)
    return Swept(more=False)


@step("Climb what is due")
def climb(at: datetime) -> Swept:
    """Tell the next person about each duty still due; run twice, tell once."""
    swept = Swept()
    if waking.ACT in waking.held():  # a run of Prefect's own schedule obeys a pause, too
        return replace(swept, more=False)
    calendar_change.follow(at)
    provisional.settle_due(at)  # what lapses is owed again, and may be due at once
    for _ in range(BATCHES):
        batch = duties.due(at, limit=BATCH)
        if batch:
            swept += _climbed(batch, at)
        if len(batch) < BATCH:
            return replace(swept, more=False)
    return swept


@step("Put letters together")
def gather(at: datetime) -> Swept:
    """Turn what is to be told into finished mails, a hundred people to a transaction."""
    swept = Swept()
    for _ in range(BATCHES):
        gathered = outbox.gather(at, limit=BATCH)
        swept += Swept(mails=gathered.mails)
        if gathered.people < BATCH:
            return replace(swept, more=False)
    return swept


@step("List what is overdue")
def list_overdue(at: datetime) -> tuple[list[Overdue], int]:
    """Return the longest overdue duties, and how many there are in all."""
    return overview.overdue(at)


def _climbed(batch: list[int], at: datetime) -> Swept:
    try:
        climbed = climbing.climb(batch, at=at)
    except ClaimLost:  # another sweep is at work on these rows, and does the same
        return Swept()
    return Swept(
        taken=climbed.taken,
        reminded=climbed.reminded,
        overdue=climbed.overdue,
        escalated=len(climbed.escalated),
        set_aside=len(climbed.set_aside),
    )
