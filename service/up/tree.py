"""`pdca up`: one foreground tree (一条命令启动): Prefect, its runner, the clock, pages, inbox.

The supervisor itself does nothing that can fail: it starts children, starts them anew when they
end, and ends them all when it is told to. What they do is in rows, so the order in which they
come and go does not matter.
"""

import asyncio
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from config.language import say
from config.settings import Settings
from service.home.opened import kept_alone, made
from service.logs import set_up
from service.prefect import server as prefect_server
from service.up import addresses
from service.up.children import Child
from service.up.refusals import refuse, usable

log = structlog.get_logger("up")

LOG_LIMIT: Final = 5_000_000  # bytes of a child's log, kept once as `.1`
PATIENCE: Final = 60.0  # seconds for Prefect to answer before the others begin without it
LOOK: Final = 0.1
FORCED: Final = 130


def run() -> int:
    """Keep the service of this process's home until told to stop; returns the exit code.

    Raises `Misconfigured` and its like, with nothing left running.
    """
    set_up()
    settings = made()
    with kept_alone(settings):
        refuse(settings)
        return asyncio.run(Tree(settings).keep())


@dataclass(frozen=True)
class _Part:
    """One child, and what it waits for: Prefect's server for nothing, it takes longest."""

    child: Child
    after_database: bool = True
    after_prefect: bool = False


class Tree:
    """The children of one home, from start to stop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.began = time.monotonic()
        self.stop = asyncio.Event()
        self.opened = asyncio.Event()
        self.code = 0
        self.parts = self._parts()

    async def keep(self) -> int:
        """Run until a signal; a second one ends everything at once."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._told_to_stop)
        tasks = [asyncio.create_task(self._keep(part)) for part in self.parts]
        try:
            await self._open_database()
            tasks.append(asyncio.create_task(self._say_when_ready()))
            tasks.append(asyncio.create_task(self._watch_database()))
            await self.stop.wait()
        finally:
            self.stop.set()
            await self._end_all()
            for task in tasks:  # what still waits for its turn
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return self.code

    async def _open_database(self) -> None:
        """Open and upgrade it while Prefect's server starts; a refusal ends the server too."""
        await asyncio.sleep(0)  # the server is started first
        for warning in await asyncio.to_thread(usable, self.settings):
            log.warning(warning)
        addresses.show(self.settings)
        self.opened.set()

    async def _watch_database(self) -> None:
        """End everything when the database is another one than that which was opened."""
        from service.home import steady

        judge = steady.Steady()
        while not self.stop.is_set():
            changed = await asyncio.to_thread(judge.look)
            if changed is not None:
                log.error(changed.said(self.settings.language))
                self.code = steady.ENDED
                self.stop.set()
            await asyncio.sleep(steady.LOOK)

    def _parts(self) -> Sequence[_Part]:
        settings, clean = self.settings, prefect_server.clean_environment(self.settings)
        run = self.settings.home / "run"

        def own(name: str, *command: str) -> Child:
            words = (sys.executable, "-m", *command)
            return Child(name, words, environment=clean, folder=run)

        found = []
        if not settings.prefect.unwitnessed and not settings.prefect.api_url:
            found.append(_Part(self._server(), after_database=False))
        found.append(_Part(own("pages", "service.main", "pages")))
        if settings.mail.host is None:
            found.append(_Part(own("inbox", "service.inbox.listener")))
        found.append(_Part(own("clock", "service.clock.timekeeper"), after_prefect=True))
        if not settings.prefect.unwitnessed:
            since = datetime.now(UTC).isoformat()
            found.append(_Part(own("runner", "service.prefect.runner", since), after_prefect=True))
        return found

    def _server(self) -> Child:
        output = self.settings.home / "log" / "prefect-server.log"
        _turn_over(output)
        return Child(
            "prefect",
            prefect_server.command(self.settings),
            environment=prefect_server.environment(self.settings),
            folder=prefect_server.folder(self.settings),
            output=output,
        )

    async def _keep(self, part: _Part) -> None:
        if part.after_database:
            await self.opened.wait()
        if part.after_prefect:
            await self._prefect_answers()
        if not self.stop.is_set():
            await part.child.keep()

    async def _prefect_answers(self) -> None:
        """Wait for Prefect, but not for ever: the clock escalates without it."""
        deadline = time.monotonic() + PATIENCE
        while not self.settings.prefect.unwitnessed and time.monotonic() < deadline:
            if await asyncio.to_thread(prefect_server.healthy, self.settings):
                return
            await asyncio.sleep(LOOK)

    async def _say_when_ready(self) -> None:
        await asyncio.gather(self._prefect_answers(), self._pages_answer())
        language, seconds = self.settings.language, time.monotonic() - self.began
        addresses.line(say(language, "ready after {seconds:.1f} seconds", seconds=seconds))

    async def _pages_answer(self) -> None:
        import httpx

        url = f"http://{addresses.pages_address(self.settings)}/health"
        async with httpx.AsyncClient(timeout=2) as client:
            while True:
                try:
                    await client.get(url)
                except httpx.HTTPError:
                    await asyncio.sleep(LOOK)
                else:
                    return

    def _told_to_stop(self) -> None:
        if self.stop.is_set():
            for part in self.parts:
                part.child.kill()
            sys.exit(FORCED)
        addresses.line(say(self.settings.language, "stopping; once more ends it at once"))
        self.stop.set()

    async def _end_all(self) -> None:
        """Those who work first, Prefect's server last: they still tell it how they ended."""
        server = [p.child for p in self.parts if p.child.name == "prefect"]
        others = [p.child for p in self.parts if p.child.name != "prefect"]
        await asyncio.gather(*(child.stop() for child in others))
        await asyncio.gather(*(child.stop() for child in server))


def _turn_over(path: Path) -> None:
    """Begin a new log when the old one has grown large; one old one is kept."""
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(path.suffix + ".1"))
