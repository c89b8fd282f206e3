"""The one window for what the machine calls now (时钟窗口): before a step, a letter, a sign-in.

An instant that somebody names (`--at`) is an argument and not judged here. A clock that cannot be
right takes no step and sends nothing until it is right again, or somebody who has looked at it
releases it (`pdca release pdca-clock`).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from config.schedule import Schedule, load_schedule
from models import alarms
from models.claim import Claim
from models.engine import reading, transaction
from models.record import Beat, Lease, Trail, TrailHead
from processes.alarm import wording as says
from processes.watch.health import CLOCK
from rules import plausible
from rules.plausible import Doubt
from rules.refusal import Refused

NAME: Final = "pdca-clock"  # what is released
BEAT: Final = "window"  # the beat that keeps since when the clock is believed
KIND: Final = "wrong_clock"  # of the alarm, told by the other path
LOOKED_AT: Final = 500  # newest acts on record


class ClockDoubted(Refused):
    """What the machine calls now cannot be so."""


class ClockBehind(ClockDoubted):
    """It is earlier than what has happened already."""

    sentence = (
        "this machine's clock says {at}, but {known} is on record already: nothing is done or"
        " sent. Set the clock right; if it is right, `pdca release pdca-clock` believes it and puts"
        " back what was written ahead of it"
    )


class ClockAhead(ClockDoubted):
    """It is later after the last sign of life than a service stands still."""

    sentence = (
        "this machine's clock says {at}, the last sign of life of the service was at {known}:"
        " nothing is done or sent. Set the clock right; if it is right, `pdca release pdca-clock`"
        " believes it"
    )


class ClockLeapt(ClockDoubted):
    """It has moved by other than the time that passed."""

    sentence = (
        "this machine's clock has leapt to {at}, by the time that passed it is {known}: nothing is"
        " done or sent. Set the clock right; if it is right, `pdca release pdca-clock` believes it"
    )


REFUSALS: Final[dict[Doubt, type[ClockDoubted]]] = {
    Doubt.BEHIND: ClockBehind,
    Doubt.AHEAD: ClockAhead,
    Doubt.LEAPT: ClockLeapt,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubted:
    """An instant that cannot be now, and the known instant that it contradicts."""

    doubt: Doubt
    at: datetime
    known: datetime

    @property
    def message(self) -> str:
        """What an alarm says of it."""
        return says.wrong_clock(REFUSALS[self.doubt].sentence, self.at, self.known)

    def refusal(self) -> ClockDoubted:
        """Return the refusal to do anything at such an instant."""
        return REFUSALS[self.doubt](at=self.at, known=self.known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the rows know of the time: the newest act, the last sign of life, the present span.

    A span is one time of a service at work: `before` was the last sign of life before it, `since`
    its beginning, `head` where the trail ended then. Acts up to `past` are asked no more.
    """

    newest: datetime | None = None
    beat: datetime | None = None
    before: datetime | None = None
    since: datetime | None = None
    head: int = 0
    past: int = 0

    @property
    def latest(self) -> datetime | None:
        """The latest instant that was the present once."""
        return max((one for one in (self.newest, self.beat) if one is not None), default=None)


class Window:
    """Judges the clock of one process: at its first look by the rows, then by monotonic time.

    `elapsed` says how many seconds have passed, whatever the clock does meanwhile.
    """

    def __init__(
        self, *, leap: timedelta, ahead: timedelta, elapsed: Callable[[], float] | None = None
    ) -> None:
        self.leap, self.ahead, self.elapsed = leap, ahead, elapsed or passed
        self._anchor: tuple[datetime, float] | None = None
        self._mark: Any = None

    def doubt(self, at: datetime) -> Doubted | None:
        """Return why this instant cannot be now; None if it can."""
        mark = _mark()
        if self._anchor is None or mark != self._mark:
            found = self._at_start(at)
        else:
            began, since = self._anchor
            expected = began + timedelta(seconds=self.elapsed() - since)
            wrong = plausible.while_running(at, expected=expected, leap=self.leap)
            found = Doubted(doubt=wrong, at=at, known=expected) if wrong else None
        if found is None:
            self._anchor, self._mark = (at, self.elapsed()), mark
        return found

    def go_on(self, at: datetime, elapsed: float) -> None:
        """Judge from now on by what has passed since it was `at`, at these monotonic seconds."""
        self._anchor, self._mark = (at, elapsed), _mark()

    def came_back(self, at: datetime) -> bool:
        """Whether the clock was ahead for one span of work, and stands before it now."""
        known = remembered()
        return plausible.came_back(at, before=known.before, since=known.since, leap=self.leap)

    def _at_start(self, at: datetime) -> Doubted | None:
        seen = remembered()
        wrong = plausible.at_start(
            at, newest=seen.newest, beat=seen.beat, leap=self.leap, ahead=self.ahead
        )
        if wrong is None:
            return None
        known = seen.beat if wrong is Doubt.AHEAD else seen.latest
        assert known is not None
        return Doubted(doubt=wrong, at=at, known=known)


def ours(home: Path | None = None) -> Window:
    """Return the window of this process, with the policy of its home."""
    return _windows(home or current().settings.home)


def doubt(at: datetime) -> Doubted | None:
    """Return why this process should not believe that it is `at`; None if it should."""
    return ours().doubt(at)


def trusted(at: datetime) -> datetime:
    """Return the instant if it can be now, or refuse with `ClockDoubted`."""
    found = doubt(at)
    if found is not None:
        raise found.refusal()
    return at


def passed() -> float:
    """Return monotonic seconds; those in which the machine slept count where it can tell."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def of(schedule: Schedule) -> Window:
    """Return a window that has not looked yet, with the policy of a home."""
    return Window(
        leap=timedelta(minutes=schedule.clock_leap_minutes),
        ahead=timedelta(days=schedule.clock_ahead_days),
    )


def remembered() -> Remembered:
    """Return what the rows know of the time."""
    with reading() as session:
        kept = session.get(Beat, BEAT)
        facts = kept.facts if kept is not None else {}
        newest = _newest(session, facts.get("past", 0))
        return Remembered(
            newest=newest,
            beat=max(filter(None, (_sign_of_life(session, kept), newest)), default=None),
            before=_read(facts.get("before")),
            since=_read(facts.get("since")),
            head=facts.get("head", 0),
            past=facts.get("past", 0),
        )


@transaction
def begin_span(session: Session, at: datetime, *, leap: timedelta) -> bool:
    """Note that a service begins to work; False if it goes on where one has just ended."""
    kept = session.get(Beat, BEAT)
    before = _sign_of_life(session, kept)
    if kept is not None and before is not None and at - before <= leap:
        return False
    facts = dict(kept.facts) if kept is not None else {}
    facts |= {"since": at.isoformat(), "before": _written(before), "head": head(session)}
    write(session, at, facts)
    return True


@transaction
def warn(session: Session, found: Doubted) -> bool:
    """Open the alarm that this clock is wrong, dated by what is known; True if it is new."""
    return alarms.raise_alarm(
        session, kind=KIND, ref="clock", message=found.message, at=found.known
    )


@transaction
def calm(session: Session, at: datetime) -> bool:
    """End the alarm: the clock can be right; False if there was none."""
    return alarms.clear_alarm(session, kind=KIND, ref="clock", at=at)


def head(session: Session) -> int:
    """Return the number of the newest act on record."""
    return session.exec(select(TrailHead.seq).where(col(TrailHead.id) == 1)).first() or 0


def write(session: Session, at: datetime, facts: dict[str, Any]) -> None:
    """Keep what is known of the clock."""
    row = session.get(Beat, BEAT) or Beat(name=BEAT, at=at)
    row.at, row.facts = at, facts
    session.add(row)


def _mark() -> Any:
    """Return what changes whenever the clock is released, or a service begins."""
    with reading() as session:
        return session.exec(select(Beat.facts).where(col(Beat.name) == BEAT)).first()


def _newest(session: Session, past: int) -> datetime | None:
    """Return the latest instant among the newest acts that are still asked."""
    acts = sa.select(col(Trail.at)).where(col(Trail.seq) > past)
    few = acts.order_by(col(Trail.seq).desc()).limit(LOOKED_AT).subquery()
    found: datetime | None = session.execute(sa.select(sa.func.max(few.c.at))).scalar_one()
    return found


def _sign_of_life(session: Session, kept: Beat | None) -> datetime | None:
    """Return when a service was last at work, or somebody released its clock or made its home."""
    lease = session.get(Lease, CLOCK)
    claimed = session.exec(select(sa.func.max(col(Claim.claimed_at)))).one()
    signs = (
        lease.until if lease is not None and lease.token else None,
        kept.at if kept is not None else None,
        None if kept is not None else claimed,
    )
    return max((one for one in signs if one is not None), default=None)


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@lru_cache(maxsize=8)
def _windows(home: Path) -> Window:
    return of(load_schedule(home))
