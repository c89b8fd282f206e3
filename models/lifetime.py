"""Which process holds something (进程), and whether it is known to be gone.

A process is known by its number and by when it began, so that a number that is used again is
another process. Only the same machine, since the same boot, can tell; of all others nothing is
known, and what they hold is theirs until its time is over.
"""

import os
import socket
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
STATE, BEGAN = 0, 19  # fields of /proc/PID/stat behind the name of the program
ENDED: Final = frozenset("ZX")  # nothing of it runs any more; only its parent has not looked yet


def mine() -> str:
    """Return the name of this process; empty where processes cannot be told apart."""
    return _named(os.getpid())


def gone(who: str) -> bool:
    """Whether the process of this name has certainly ended."""
    place, _, rest = who.partition("|")
    pid, _, began = rest.partition("|")
    if not (pid.isdecimal() and began) or place != _place():
        return False
    try:
        now = _stat(int(pid))
    except FileNotFoundError:
        return True
    except (OSError, IndexError):
        return False
    return now[BEGAN] != began or now[STATE] in ENDED


@lru_cache(maxsize=4)  # by number: a child that was forked is another process
def _named(pid: int) -> str:
    try:
        return f"{_place()}|{pid}|{_stat(pid)[BEGAN]}"
    except (OSError, IndexError):
        return ""


def _stat(pid: int) -> list[str]:
    text = (PROC / str(pid) / "stat").read_text()
    return text.rpartition(")")[2].split()


@lru_cache(maxsize=1)
def _place() -> str:
    """Return this machine since its boot, and which numbers its processes see."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        numbers = str((PROC / "self/ns/pid").readlink())
    except OSError:
        return ""
    return sha256(f"{socket.gethostname()} {boot} {numbers}".encode()).hexdigest()[:24]
