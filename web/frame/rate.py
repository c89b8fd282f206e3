"""How often one address may try (限速): a bucket of tries that fills again with time.

In the memory of one process, because it protects this process: what must hold for good, such
as five tries for a signature code, is counted in rows.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

MOST_KEYS: Final = 10_000  # the one not seen for longest is forgotten first


class Limit:
    """So many tries at once, and so many more a minute."""

    def __init__(
        self, *, burst: int, per_minute: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = float(burst)
        self._per_second = per_minute / 60
        self._now = now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> bool:
        """Use up one try; False when there is none left."""
        now = self._now()
        with self._lock:
            left, since = self._left.pop(key, (self._burst, now))
            left = min(self._burst, left + (now - since) * self._per_second)
            allowed = left >= 1
            self._left[key] = (left - 1 if allowed else left, now)
            if len(self._left) > MOST_KEYS:
                self._left.popitem(last=False)
        return allowed
