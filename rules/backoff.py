"""How long to wait before trying again (退避重试): 1, 2, 4 … minutes, never more than the cap.

Up to a tenth is taken off, by a number made from the key and the try, so that a crowd that failed
together does not come back together, and the same failure always waits the same time.
"""

import hashlib
from datetime import timedelta
from typing import Final

FIRST: Final = timedelta(minutes=1)
SPREAD: Final = 0.1  # of the wait
_DOUBLINGS: Final = 30  # past any cap; keeps the number small


def wait(failures: int, *, cap: timedelta, key: str, first: timedelta = FIRST) -> timedelta:
    """Return the wait after so many failures in a row (1: the first one)."""
    whole = min(first * (1 << min(max(failures, 1) - 1, _DOUBLINGS)), cap)
    return whole * (1 - SPREAD * _fraction(f"{key}:{failures}"))


def _fraction(seed: str) -> float:
    """Return a number in [0, 1) that depends on nothing but the seed."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big") / 2**32
