"""A leash (牵绳): runs a command, and ends it when the one who holds the other end is gone.

For systems whose kernel does not tell a child that its parent has died. `python -m
service.up.leash COMMAND…` watches its standard input, which closes with the supervisor.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from typing import Any

GRACE = 10.0


def main() -> int:
    """Run the command; end it on SIGTERM or when standard input closes."""
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)  # noqa: S603 - the supervisor's

    def end(*_: Any) -> None:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1):
            pass
        end()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE)
            return
        os.killpg(os.getpgrp(), signal.SIGKILL)

    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=watch, daemon=True).start()
    return child.wait()


if __name__ == "__main__":
    sys.exit(main())
