"""The watchman (看守): looks every minute whether the others still move, in clock and pages alike.

The one who has fallen silent cannot say so. Clock, pages and Prefect's `pdca-watch` look at the
same rows; whoever sees it first tells the operator, once.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from config.current import current
from config.reading import Misconfigured
from config.schedule import Schedule, load_schedule
from processes.watch import other_path, silence, window

log = structlog.get_logger("watch")

LOOK: Final = 60.0  # seconds


class Watchman(threading.Thread):
    """Looks, and tells; a database that answers nobody is a silence too."""

    def __init__(
        self,
        schedule: Schedule,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        believed: Callable[[datetime], bool] = lambda _: True,
    ) -> None:
        super().__init__(name="watchman", daemon=True)
        self.schedule, self.now, self.believed = schedule, now, believed
        self.stopping = threading.Event()
        self._blind_since: float | None = None
        self._told_blind = False

    def run(self) -> None:
        while not self.stopping.wait(LOOK):
            self.look()

    def look(self) -> None:
        """Look once and tell what is to be told; whatever goes wrong, look again."""
        at = self.now()
        try:
            if not self.believed(at):
                return  # the clock has said so, and nothing is late by a wrong one
            silence.look(at, self.schedule)
            other_path.tell(at)
            self._blind_since, self._told_blind = None, False
        except (SQLAlchemyError, OSError, Misconfigured, ValueError) as failed:
            log.warning("cannot look", error=str(failed)[:200])
            self._blind(at, failed)

    def _blind(self, at: datetime, failed: Exception) -> None:
        """Tell once that the rows cannot be read, when that has lasted as long as a silence."""
        if not isinstance(failed, SQLAlchemyError):
            return
        self._blind_since = self._blind_since or time.monotonic()
        lasted = time.monotonic() - self._blind_since
        if self._told_blind or lasted < self.schedule.silence_minutes * 60:
            return
        why = str(getattr(failed, "orig", failed)).partition("\n")[0][:200]
        said = f"silence database: the database does not answer: {why}"
        self._told_blind = other_path.straight(current().settings, f"database:{at:%F}", said, at)


def watch() -> Watchman:
    """Begin to watch in this process."""
    schedule = load_schedule(current().settings.home)
    watchman = Watchman(schedule, believed=lambda at: window.doubt(at) is None)
    watchman.start()
    return watchman
