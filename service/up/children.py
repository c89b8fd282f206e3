"""Child processes (子进程): started, started anew when they end, and never left behind.

Each is leader of a session of its own, so that Ctrl-C reaches only the supervisor, which ends
them in order. Should the supervisor itself be killed, the kernel tells each child (Linux);
elsewhere a leash does it: a process that ends its child when the supervisor's pipe closes.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger("up")

PR_SET_PDEATHSIG: Final = 1
LINUX: Final = sys.platform == "linux"
FIRST_WAIT: Final = 0.2  # seconds before it is started anew; doubled while it keeps ending
LONGEST_WAIT: Final = 10.0
STEADY: Final = 20.0  # seconds after which a start counts as a success

if LINUX:
    _libc = ctypes.CDLL(None, use_errno=True)


class Child:
    """One child process that is to run as long as the service does."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        output: Path | None = None,
        grace: float = 10.0,
    ) -> None:
        self.name, self.command, self.grace = name, tuple(command), grace
        self.environment, self.folder, self.output = dict(environment), folder, output
        self.starts = 0
        self.process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()

    async def keep(self) -> None:
        """Run it until `stop`, starting it anew whenever it ends."""
        wait = FIRST_WAIT
        while not self._stopping.is_set():
            began = time.monotonic()
            code = await self._run_once()
            if self._stopping.is_set():
                return
            lived = time.monotonic() - began
            wait = FIRST_WAIT if lived > STEADY else min(wait * 2, LONGEST_WAIT)
            log.warning("ended, is started anew", child=self.name, code=code, lived=round(lived, 1))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)

    async def stop(self) -> None:
        """End it: ask, wait, and then end its whole session, whatever is left in it."""
        self._stopping.set()
        process = self.process
        if process is None:
            return
        if process.returncode is None:
            self.signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), self.grace)
        self.kill()
        await process.wait()

    def signal(self, number: int) -> None:
        """Send a signal to the child itself."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)

    def kill(self) -> None:
        """End every process of its session at once."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    async def _run_once(self) -> int | None:
        try:
            process = await self._start()
        except OSError as failed:
            log.warning("cannot be started", child=self.name, error=str(failed))
            return None
        self.process, self.starts = process, self.starts + 1
        code = await process.wait()
        self.kill()  # what it has started itself is not to outlive it
        return code

    async def _start(self) -> asyncio.subprocess.Process:
        command = (
            self.command if LINUX else (sys.executable, "-m", "service.up.leash", *self.command)
        )
        out = self._opened()
        try:
            return await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL if LINUX else asyncio.subprocess.PIPE,
                stdout=out,
                stderr=out,
                env=self.environment,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=_die_with_parent if LINUX else None,
            )
        finally:
            if out is not None:
                os.close(out)

    def _opened(self) -> int | None:
        if self.output is None:
            return None
        self.output.parent.mkdir(parents=True, exist_ok=True)
        return os.open(self.output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _die_with_parent() -> None:
    """Runs in the child between fork and exec: the kernel ends it when its parent ends."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
