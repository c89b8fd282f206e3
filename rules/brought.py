"""What may be brought in from a register kept elsewhere (历史台账带入), and what follows from it.

A register may not know who verified or when it was closed: that is said, never made up. It may
not contradict itself, and what is still open has to pass the same gates here as there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rules.nonconformity import ENDED, State
from rules.refusal import Refused
from rules.stepping import Ladder, WorkingTime, step

FIRST_STEP: Final = 3  # working days after entry
MOST_ROUNDS: Final = 20
MOST_LEVELS: Final = 20

# States in which a plan was agreed, and those in which it was carried out.
AGREED: Final = frozenset({State.PLANNED, State.IMPLEMENTED, State.CLOSED})
DONE: Final = frozenset({State.IMPLEMENTED, State.CLOSED})


class ClosedWithoutState(Refused):
    """A closing date beside a state that is open."""

    sentence = "{state} is open and has a closing date: leave one of the two out"


class ClosedBeforeRaised(Refused):
    """It ended before it began."""

    sentence = "it was closed before it was raised: correct one of the two dates"


class VerifiedBeforeRaised(Refused):
    """It was verified before it began."""

    sentence = "it was verified before it was raised: correct one of the two dates"


class VerifiedAfterClosed(Refused):
    """The verification is what closes it."""

    sentence = "it was verified after it was closed: correct one of the two dates"


class StillToCome(Refused):
    """A register of what was cannot hold what is to come."""

    sentence = "lies in the future: a register from before holds what has happened"


class VerifiedByOwner(Refused):
    """Nobody verifies what is his own, elsewhere neither."""

    sentence = "{code} owns it and cannot have verified it: name another, or leave it empty"


class NoSuchVerifier(Refused):
    """The verifier is nobody here."""

    sentence = "there is no person {code} here: import the person first, or leave it empty"


class NothingPlanned(Refused):
    """A plan or an action without what makes it one."""

    sentence = "{state} needs cause and corrective_action: fill them in, or write accepted"


class OutOfRange(Refused):
    """More than there can be."""

    sentence = "{value} is not possible here: write {least} to {most}"


class NobodyTold(Refused):
    """Levels that were told belong to what is still open."""

    sentence = "levels are for what is still open: {state} climbs no more"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a register says beyond what a new nonconformity has; None is unknown."""

    file: str
    state: State
    closed_at: datetime | None = None
    verified_by: str | None = None
    verified_at: datetime | None = None
    rounds: int = 1
    level: int = 0
    method: str | None = None
    cause: str = ""
    correction: str = ""
    corrective_action: str = ""
    preventive_action: str = ""
    look_elsewhere: str = ""
    done: str = ""
    verification_note: str = ""

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def unknown(self) -> list[str]:
        """Return what a closed one should say and this one does not."""
        if self.state is not State.CLOSED:
            return []
        names = ("closed_at", "verified_by", "verified_at", "cause", "corrective_action")
        return [name for name in names if not getattr(self, name)]


def state_of(written: str | None, closed_at: datetime | None) -> State:
    """Return the state of a row; a closing date alone says closed, nothing says raised."""
    if written:
        return State(written)
    return State.RAISED if closed_at is None else State.CLOSED


def judge(
    row: History, *, owner: str, raised_at: datetime, at: datetime
) -> Iterator[tuple[str, Refused]]:
    """Return everything about a row that cannot be, by column."""
    yield from _numbers(row)
    yield from _order(row, raised_at, at)
    if row.verified_by and row.verified_by == owner:
        yield "verified_by", VerifiedByOwner(code=owner)
    if row.closed_at is not None and not row.ended:
        yield "closed_at", ClosedWithoutState(state=row.state)
    if row.state in AGREED - ENDED and not (row.cause and row.corrective_action):
        yield "state", NothingPlanned(state=row.state)


def _numbers(row: History) -> Iterator[tuple[str, Refused]]:
    if not 1 <= row.rounds <= MOST_ROUNDS:
        yield "rounds", OutOfRange(value=row.rounds, least=1, most=MOST_ROUNDS)
    if not 0 <= row.level <= MOST_LEVELS:
        yield "level", OutOfRange(value=row.level, least=0, most=MOST_LEVELS)
    elif row.level and row.ended:
        yield "level", NobodyTold(state=row.state)


def _order(row: History, raised_at: datetime, at: datetime) -> Iterator[tuple[str, Refused]]:
    instants = {
        "raised_at": raised_at,
        "closed_at": row.closed_at,
        "verified_at": row.verified_at,
    }
    for name, instant in instants.items():
        # A date without a time stands for a whole day: it may still be today's.
        if instant is not None and instant > at and instant.date() > at.date():
            yield name, StillToCome()
    if row.closed_at is not None and row.closed_at < raised_at:
        yield "closed_at", ClosedBeforeRaised()
    if row.verified_at is None:
        return
    if row.verified_at < raised_at:
        yield "verified_at", VerifiedBeforeRaised()
    if row.closed_at is not None and row.verified_at.date() > row.closed_at.date():
        yield "verified_at", VerifiedAfterClosed()


def agreed(state: State) -> bool:
    """Whether its plan was agreed where it comes from."""
    return state in AGREED


def done(state: State) -> bool:
    """Whether its action was carried out where it comes from."""
    return state in DONE


def first_step(calendar: WorkingTime, at: datetime) -> datetime:
    """Return when what was entered at `at` takes its first step at the earliest."""
    return calendar.opening(calendar.add(at, FIRST_STEP))


def step_above(ladder: Ladder, level: int) -> int:
    """Return how many steps of a ladder were taken once `level` levels were told."""
    nth = 0
    while (stage := step(ladder, nth=nth).stage) is None or stage <= level:
        nth += 1
    return nth
