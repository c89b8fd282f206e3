"""The clock's work (时钟机构): leads or stands ready, looks, wakes, and watches itself.

A scheduler thread that has died looks alive; so what is watched is its work, and a clock that
does none ends with an error for its keeper to start anew.
"""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from config.current import current
from config.schedule import Schedule
from models import alarms, leases
from models.engine import Fenced, writing
from processes.alarm import wording as says_alarm
from processes.attachment import retention as evidence_retention
from processes.mail import bounces, delivery, instance
from processes.watch import news, waking
from processes.watch.health import CLOCK
from service.clock.believing import Believing
from service.clock.sweeper import Sweeper
from service.clock.sweeping import Ran
from service.home import seen

log = structlog.get_logger("clock")

LEASE_SECONDS: Final = 4.0
RENEWAL: Final = 1.5
NOTE: Final = 5.0  # seconds between two looks at how far the database has come
NUDGE_AFTER: Final = 10.0  # seconds without a tick: the system's clock was set back
DEAD_AFTER: Final = 45.0
GRACE: Final = 8.0  # seconds for the letter at hand when the service stops
LOOK: Final = 0.25
DEAD: Final = 70  # exit code: the scheduler works no more

Now = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


class Clockwork:
    """Wakes the sweepers when the rows say so, as long as it holds the lease."""

    def __init__(
        self,
        sweepers: Mapping[str, Sweeper],
        schedule: Schedule,
        *,
        now: Now = utc_now,
        believing: Believing | None = None,
    ) -> None:
        self.sweepers, self.schedule, self.now = dict(sweepers), schedule, now
        self.believing = believing
        # Never the same twice: a container's clock is process 1 each time it starts.
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self.token: int | None = None
        self.stopping = threading.Event()
        self.leads = False
        self.poke: Callable[[], None] = lambda: None
        self.ticked = self.renewed = self.started = time.monotonic()
        self._noted = -NOTE
        self._made: datetime | None = None  # the daily turn that is known to be made
        self._missed: datetime | None = None  # the one that the operator was told of

    # --- what the trigger and its job ask -----------------------------------------------

    def earliest(self, at: datetime) -> datetime | None:
        """Return when a sweeper that can begin has work; None while another clock leads."""
        if not self.leads:
            return None
        due = self._due(at)
        return min(
            (max(when, self.sweepers[name].not_before(at)) for name, when in due.items()),
            default=None,
        )

    def tick(self) -> None:
        """Wake every sweeper whose work is due."""
        self.ticked = time.monotonic()
        if not self.leads or time.monotonic() - self.renewed > LEASE_SECONDS:
            return  # this process was asleep: another clock may lead by now
        at = self.now()
        if not self.believed(at):
            return
        for name, when in self._due(at).items():
            if when <= at and self.sweepers[name].wake() and name == waking.WHEEL:
                self._say_missed(when, at)

    def ended(self, sweeper: Sweeper, ran: Ran | None) -> None:
        """A run is over: look again at once, because it may have made something else due."""
        alone = ran is not None and not (ran.witnessed or ran.spared)
        if alone and not current().settings.prefect.unwitnessed:
            self._try(lambda: news.note_alone(sweeper.name, self.now()))
        if not self.stopping.is_set():
            self.poke()

    def _due(self, at: datetime) -> dict[str, datetime]:
        """Return, for each flow that is neither running nor on hold, when it has work."""
        deadlines = waking.deadlines(at)
        found = {name: deadlines.of(name) for name in (waking.ACT, waking.DELIVER)}
        if self.sweepers[waking.ACT].owes_record and waking.ACT not in deadlines.held:
            found[waking.ACT] = at  # what was done without a record is shown by one run for all
        found[waking.WHEEL] = None if waking.WHEEL in deadlines.held else self.wheel_due(at)
        return {
            name: when
            for name, when in found.items()
            if when is not None and name in self.sweepers and not self.sweepers[name].busy
        }

    # --- the daily turn -----------------------------------------------------------------

    def wheel_due(self, at: datetime) -> datetime | None:
        """Return the instant of a daily turn that nobody made; None if all is as it should be."""
        expected = self._expected_turn(at)
        if expected == self._made:
            return None
        turned = waking.last_beat(waking.WHEEL)
        if turned is None or turned < expected - timedelta(minutes=1):
            return expected
        self._made = expected
        if self._missed != expected:
            self._try(lambda: self._alarm_silence(None, at))
        return None

    def _expected_turn(self, at: datetime) -> datetime:
        """Return the last daily turn whose grace is over."""
        grace = self.schedule.wheel_grace_minutes
        return self.schedule.last_turn(at, current().settings.zone, grace_minutes=grace)

    def _say_missed(self, expected: datetime, at: datetime) -> None:
        """Tell the operator once, unless it is this service that was not running then."""
        ran_for = time.monotonic() - self.started
        if expected != self._missed and ran_for > self.schedule.wheel_grace_minutes * 60:
            self._missed = expected
            self._try(lambda: self._alarm_silence(expected, at))

    def _alarm_silence(self, expected: datetime | None, at: datetime) -> None:
        with writing() as session:
            if expected is None:
                alarms.clear_alarm(session, kind="wheel_silent", ref="wheel", at=at)
                return
            said = says_alarm.wheel_silent(expected, made=True)
            alarms.raise_alarm(session, kind="wheel_silent", ref="wheel", message=said, at=at)

    def housekeeping(self) -> None:
        """Drop the text of old mails and the files whose retention is over."""
        if not self.leads:
            return
        at = self.now()
        self._try(lambda: delivery.drop_old_bytes(at))
        self._try(lambda: evidence_retention.delete_expired(at))

    def read_returned(self) -> None:
        """Read what has come back to the return path, if there is a mailbox for it."""
        if not self.leads or not current().settings.mail.bounces.wanted:
            return
        visited = self._try(lambda: bounces.visit(self.now()))
        if visited is not None and visited.read:
            log.info("returned mail", read=visited.read, dead=visited.dead)
            self.poke()

    # --- lease and watchdog ---------------------------------------------------------------

    def believed(self, at: datetime) -> bool:
        """Whether it can be `at`; a clock that cannot be right leads nobody and says so."""
        if self.believing is None or self._try(lambda: self.believing.at(at)):  # type: ignore[union-attr]
            return True
        self.leads = False
        return False

    def renew(self) -> None:
        """Take or keep the lease; without the database, or a clock to believe, nobody leads."""
        if not self.believed(self.now()):
            self.renewed = time.monotonic()
            return
        held = self._try(self._take_lease)
        if self.leads and not held:
            log.warning("another clock leads, or the database does not answer")
        if held and not self.leads:
            log.info("this clock leads", holder=self.holder)
        self.leads = bool(held)
        self.renewed = time.monotonic()

    def _take_lease(self) -> bool:
        with writing() as session:
            token = leases.take(
                session, CLOCK, holder=self.holder, at=self.now(), seconds=LEASE_SECONDS
            )
        if token is not None:
            self.token = token
        return token is not None

    def fence(self, session: Session) -> None:
        """Refuse to commit what this clock began before another one took over."""
        if not leases.held_still(session, CLOCK, token=self.token):
            raise Fenced("another clock leads since: what this one had begun is not written")

    def watch(self) -> int:
        """Keep the lease and watch the ticks until told to stop; returns the exit code."""
        while not self.stopping.wait(LOOK):
            if time.monotonic() - self.renewed >= RENEWAL:
                self.renew()
            if time.monotonic() - self._noted >= NOTE:
                self.note()
            silent = time.monotonic() - self.ticked
            if silent > DEAD_AFTER:
                log.error("the scheduler works no more", seconds=int(silent))
                return DEAD
            if silent > NUDGE_AFTER:
                self.poke()
        return 0

    def note(self) -> None:
        """Keep how far the database has come; one that has gone back was restored."""
        running, self._noted = self._noted > 0, time.monotonic()
        if self.believing is not None and self.believing.doubted is not None:
            return
        home = current().settings.home
        self._try(lambda: instance.ours(self.now()))
        why = self._try(lambda: seen.look(home, self.now(), running=running))
        if why:
            log.error("the database was restored, sending is on hold", why=why)

    def stop(self) -> None:
        """Finish the letters at hand, begin nothing more, and let another clock lead."""
        deadline = time.monotonic() + GRACE
        for sweeper in self.sweepers.values():
            sweeper.stop(max(0.0, deadline - time.monotonic()))
        if self.believing is None or self.believing.doubted is None:
            self._try(self._give_up_lease)
            self.note()

    def _give_up_lease(self) -> bool:
        with writing() as session:
            leases.give_up(session, CLOCK, holder=self.holder, at=self.now())
        return True

    def _try(self, work: Callable[[], Any]) -> Any:
        """Do it; a database that does not answer is logged, and asked again next time."""
        try:
            return work()
        except (SQLAlchemyError, OSError, Fenced) as failed:
            log.warning("the clock goes on", error=str(failed)[:200])
            return None
