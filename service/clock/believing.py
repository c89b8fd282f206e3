"""Whether this machine's clock is believed (时钟是否可信), asked before each look and each step.

A clock that was ahead for a while and came back is put right without anybody: what it had written
lies in a span that neither the time before nor the present knows.
"""

import threading
import time
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from config.current import current
from config.reading import Misconfigured
from processes.watch import mending, other_path, window
from processes.watch.window import Doubted, Window
from service.clock import anchor
from service.home import seen

log = structlog.get_logger("clock")

SERVICE: Final = "service"
AGAIN: Final = 60.0  # seconds between two tries to tell the operator


class Believing:
    """Judges each instant, tells the operator once of one that cannot be, and mends after it."""

    def __init__(self, judged: Window | None = None) -> None:
        self.window = judged or window.ours()
        self.doubted: Doubted | None = None
        self._begun = False
        self._since = 0.0  # monotonic: when it was doubted first
        self._told = -AGAIN
        self.telling: threading.Thread | None = None
        self.home = current().settings.home
        anchor.take_up(self.home, self.window)

    def at(self, at: datetime) -> bool:
        """Whether it can be this instant; raises what the database raises."""
        if (not self._begun or self.doubted) and self.window.came_back(at):
            self._mend(at)
        found = self.window.doubt(at)
        if found is not None:
            self._doubt(found)
            return False
        if self.doubted is not None:
            log.info("the clock is believed again")
        if self.doubted is not None or not self._begun:
            window.calm(at)
            window.begin_span(at, leap=self.window.leap)
            self.window.doubt(at)  # the span that begins here is the one it knows
            anchor.keep(self.home, at)
        self.doubted, self._begun = None, True
        return True

    def _doubt(self, found: Doubted) -> None:
        now = time.monotonic()
        if self.doubted is None:
            self._since = now
            log.error("the clock cannot be right, nothing is done or sent", why=found.message)
        self.doubted = found
        if now - self._told >= AGAIN:
            self._told = now
            window.warn(found)
            at = found.known + timedelta(seconds=now - self._since)
            self.telling = threading.Thread(target=_tell, args=(at,), name="tell", daemon=True)
            self.telling.start()  # a mail server that dribbles must not keep the clock

    def _mend(self, at: datetime) -> None:
        found = mending.release(at, by=SERVICE, leap=self.window.leap)
        seen.look(self.home, at, running=True)
        log.warning(
            "the clock had been ahead, what it wrote is put back",
            acts=found.acts,
            duties=found.duties,
            letters=found.letters,
        )


def _tell(at: datetime) -> None:
    """Tell the operator past everything that waits; what cannot be told now is told later."""
    try:
        other_path.tell(at)
    except (SQLAlchemyError, OSError, Misconfigured, ValueError) as failed:
        log.warning("the operator cannot be told", error=str(failed)[:200])
