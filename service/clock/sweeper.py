"""One sweeper a flow (清扫): runs it when something is due, and rests when that came to nothing.

A relay that rests, or a row that another machine is working on, looks due and gives nothing to
do. Asking again at once, with a recorded run each time, would help nobody.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from models import alarms
from models.engine import writing
from processes.alarm import wording as says_alarm
from service.clock.sweeping import RECORD_EVERY, Ran, Runs

log = structlog.get_logger("clock")

FIRST_REST: Final = 2.0  # seconds; doubled by every run that comes to nothing
LONGEST_REST: Final = 60.0
ALARM_AFTER: Final = 3  # failures in a row


class Sweeper:
    """Runs one flow in a thread of its own, so that a slow mail server holds up no escalation."""

    def __init__(
        self, name: str, runs: Runs, *, ended: Callable[["Sweeper", Ran | None], None]
    ) -> None:
        self.name, self.runs, self.ended = name, runs, ended
        self.fruitless = 0
        self.failures = 0
        self._rests_until = 0.0  # monotonic
        self._spared_at: float | None = None  # of the first run that is not on record yet
        self._busy = threading.Lock()

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""
        return self._busy.locked()

    def wake(self) -> bool:
        """Begin a run, unless one is under way or this flow rests; True if one begins."""
        if time.monotonic() < self._rests_until or not self._busy.acquire(blocking=False):
            return False
        threading.Thread(target=self._sweep, name=f"sweep {self.name}", daemon=True).start()
        return True

    @property
    def owes_record(self) -> bool:
        """Whether runs were spared their record, and enough has passed to make one for all."""
        return self._spared_at is not None and time.monotonic() - self._spared_at >= RECORD_EVERY

    def not_before(self, at: datetime) -> datetime:
        """Return the instant before which waking it would be of no use."""
        left = min(max(0.0, self._rests_until - time.monotonic()), LONGEST_REST)
        return at + timedelta(seconds=left)

    def stop(self, seconds: float) -> bool:
        """Begin nothing more, and wait for the run that is under way; False if it goes on."""
        self._rests_until = float("inf")
        return self._busy.acquire(timeout=seconds)

    def _sweep(self) -> None:
        ran: Ran | None = None
        try:
            ran = self.runs.run()
            self._spared_at = (self._spared_at or time.monotonic()) if ran.spared else None
            self._note(fruitful=fruitful(ran.result), failure=None)
        except Exception as failure:  # noqa: BLE001 - the clock must go on: logged, and an alarm
            self._note(fruitful=False, failure=failure)
        finally:
            self._busy.release()
            self.ended(self, ran)

    def _note(self, *, fruitful: bool, failure: Exception | None) -> None:
        self.fruitless = 0 if fruitful else self.fruitless + 1
        if self.fruitless:
            rest = min(FIRST_REST * 2 ** (self.fruitless - 1), LONGEST_REST)
            self._rests_until = time.monotonic() + rest
        had_failed, self.failures = self.failures, self.failures + 1 if failure else 0
        if failure is not None:
            log.error("run failed", flow=self.name, error=repr(failure)[:500])
        if self.failures >= ALARM_AFTER or (had_failed >= ALARM_AFTER and not failure):
            self._alarm(failure)

    def _alarm(self, failure: Exception | None) -> None:
        at = datetime.now(UTC)
        try:
            with writing() as session:
                if failure is None:
                    alarms.clear_alarm(session, kind="flow_failing", ref=self.name, at=at)
                    return
                said = says_alarm.flow_failing(self.name, self.failures, repr(failure))
                alarms.raise_alarm(session, kind="flow_failing", ref=self.name, message=said, at=at)
        except SQLAlchemyError as unwritable:
            log.warning("alarm cannot be written", flow=self.name, error=str(unwritable)[:200])


def fruitful(result: Any) -> bool:
    """Whether a run has done anything: any of its counts is more than nothing."""
    if isinstance(result, dict):
        return True  # a turn of the wheel
    counts = (getattr(result, name, 0) for name in COUNTS)
    return any(counts)


COUNTS: Final = (
    *("taken", "set_aside", "mails"),
    *("sent", "dead", "deferred", "unsure", "cancelled", "run_out"),
)
