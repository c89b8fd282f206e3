"""The local inbox (本地收件箱) of a home without a relay: `python -m service.inbox.listener`.

One process with two listeners on this machine alone: the sink that takes the mail, and the
page that shows it. It prints the page's address with its key, and nobody else does.
"""

import asyncio
import signal
import socket
import sys
from typing import Final

import structlog
import uvicorn

from config.language import say
from config.reading import Misconfigured, Problem
from config.settings import Settings
from service.home.opened import settled
from service.inbox.door import Door
from service.inbox.mailbox import Mailbox
from service.inbox.pages import create_inbox
from service.inbox.sink import FOLDER, HOST, Server
from service.logs import set_up

ENVIRONMENT: Final = 3
GRACE: Final = 3  # seconds for requests under way


def main() -> int:
    """Serve until told to stop."""
    set_up()
    try:
        settings = settled().settings
        return asyncio.run(serve(settings))
    except Misconfigured as wrong:
        structlog.get_logger("inbox").error(str(wrong))
        return ENVIRONMENT


async def serve(settings: Settings) -> int:
    """Keep the sink and the page of a home."""
    listener = _listener(settings.mail.inbox_port)
    door = Door(settings.home)
    sink = Server(settings.home, settings.mail.sink_port)
    app = create_inbox(settings, Mailbox(settings.home / FOLDER), door)
    page = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,  # it would hold the key
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
    )
    try:
        await sink.start()
    except OSError as taken:
        listener.close()
        raise _taken("mail.sink_port", settings.mail.sink_port) from taken
    address = door.open_at(f"http://{HOST}:{listener.getsockname()[1]}")
    print(say(settings.language, "Inbox of this machine: {address}", address=address), flush=True)
    try:
        await _until_told(page, listener)
    finally:
        await sink.stop()
    return 0


async def _until_told(page: uvicorn.Server, listener: socket.socket) -> None:
    """Serve the page until SIGTERM or Ctrl-C, and end without a trace."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        page.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    # Its own way of catching signals raises them again at the end.
    await page._serve([listener])  # noqa: SLF001


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as taken:
        raise _taken("mail.inbox_port", port) from taken


def _taken(setting: str, port: int) -> Misconfigured:
    return Misconfigured(
        Problem(setting, "port {port} is taken by another program", {"port": port})
    )


if __name__ == "__main__":
    sys.exit(main())
