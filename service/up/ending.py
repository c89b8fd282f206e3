"""Ending for certain (确保退出): whoever was told to stop is gone within its grace time.

Prefect's client asks a server that is gone again and again for a minute, also at the exit of the
process. What is left undone then is in rows, and is done by the next one.
"""

import os
import threading
from typing import Final

GRACE: Final = 9.0  # seconds; the supervisor's own patience is ten


def within(seconds: float = GRACE) -> None:
    """End this process after so many seconds, whatever it still waits for."""
    timer = threading.Timer(seconds, os._exit, (0,))
    timer.daemon = True
    timer.start()
