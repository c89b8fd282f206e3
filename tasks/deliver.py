"""The step of delivery (投递): claim, call, settle, a portion of the outbox at a time."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final
from weakref import WeakSet

from processes.mail import delivery
from processes.mail.delivery import Delivered
from processes.watch import waking
from tasks.step import step

_stops: Final[WeakSet[threading.Event]] = WeakSet()
_ending = threading.Event()

PORTION: Final = 2000  # letters to a step: few enough to see it move, many enough to be quick


def new_stop() -> threading.Event:
    """Return what ends one delivery after the letter at hand; set if this process is to end."""
    stop = threading.Event()
    _stops.add(stop)
    if _ending.is_set():
        stop.set()
    return stop


def end_all() -> None:
    """End every delivery of this process after the letter at hand; the service is stopping."""
    _ending.set()
    for stop in list(_stops):
        stop.set()


@step("Send what the outbox owes", retries=0)
def deliver(
    at: datetime, *, clock: Callable[[], datetime] | None, stop: threading.Event
) -> Delivered:
    """Send a portion of what is due; a fault of the mail server is settled, not retried here."""
    if waking.DELIVER in waking.held():  # by whomever; a run of Prefect's own schedule obeys too
        return Delivered()
    return delivery.deliver(at, limit=PORTION, clock=clock, stop=stop)
