"""The step of delivery (投递): claim, call, settle, a portion of the outbox at a time."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

from processes import delivery
from processes.delivery import Delivered
from tasks.step import step

PORTION: Final = 2000  # letters to a step: few enough to see it move, many enough to be quick


@step("Send what the outbox owes", retries=0)
def deliver(
    at: datetime, *, clock: Callable[[], datetime] | None, stop: threading.Event
) -> Delivered:
    """Send a portion of what is due; a fault of the mail server is settled, not retried here."""
    return delivery.deliver(at, limit=PORTION, clock=clock, stop=stop)
