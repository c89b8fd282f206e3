"""Where a process may end without warning (断点): declared here, and nowhere else.

A kill can come between any two instructions, but what it leaves behind changes only where rows
are committed or a mail changes hands. Each transaction declares its own points by being one
(`models/engine.py`); the few others are below. Nothing listens in production: a point is then
one look at a variable. The fault campaign of the tests listens, and ends the process there.
"""

from collections.abc import Callable
from typing import Final

Listener = Callable[[str], None]

# What no decorated transaction covers, and what happens on either side of it.
POINTS: Final[dict[str, str]] = {
    "climb: told, not moved": "the lines are written; their duties still stand before the step",
    "climb: moved, not recorded": "the duties have moved; the trail does not know it yet",
    "answer: settled, not kept": "the duty has ended; the answer itself is not kept yet",
    "settle: before begin": "the server has the mail; nothing says so yet",
    "settle: before commit": "the row says sent; it is not committed",
    "settle: after commit": "what was sent is committed; the next mail's dot may go out",
}

_listener: Listener | None = None


def point(name: str) -> None:
    """Pass a declared point; costs nothing unless somebody listens."""
    if _listener is not None:
        _listener(name)


def around(work: Callable[..., object]) -> tuple[str, str, str]:
    """Declare the three points of a transaction, and return their names."""
    name = f"{work.__module__.rpartition('.')[2]}.{work.__name__}"
    names = (f"{name}: before begin", f"{name}: before commit", f"{name}: after commit")
    POINTS[names[0]] = "nothing is read yet"
    POINTS[names[1]] = "everything is written, nothing is committed"
    POINTS[names[2]] = "it is committed; the caller does not know it yet"
    return names


def listen(listener: Listener | None) -> None:
    """Call this at every point from now on; None ends it."""
    global _listener
    _listener = listener
