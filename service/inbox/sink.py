"""The local sink (本地收件): takes the mail of a home that has no relay, and sends none on.

The same way as to a real relay, so that what is tried here is what runs there. A mail is on
the disk before it is taken. Listens on this machine alone.
"""

import asyncio
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from aiosmtpd.smtp import SMTP, Envelope

from config.reading import Misconfigured
from processes.mail.relaying import SINK
from processes.mail.relaying import sink as announced

HOST: Final = "127.0.0.1"
LARGEST: Final = 32 * 1024 * 1024  # bytes of one mail
ANSWER_SECONDS: Final = 2.0
FOLDER: Final = "inbox"


class Maildir:
    """A folder of mails, one file each: written aside, made durable, then given its name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken = 0
        for part in ("tmp", "new", "cur"):
            (folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)

    def keep(self, sender: str, recipients: list[str], content: bytes) -> str:
        """Write one mail; names sort by the order in which mails came."""
        self.taken += 1
        name = f"{time.time_ns()}.{os.getpid()}_{self.taken}.pdca"
        head = f"Return-Path: <{_plain(sender)}>\r\n"
        head += "".join(f"Delivered-To: {_plain(recipient)}\r\n" for recipient in recipients)
        aside = self.folder / "tmp" / name
        with aside.open("xb") as file:
            file.write(head.encode() + content)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(self.folder / "new" / name)
        _sync_folder(self.folder / "new")
        return name


class Server:
    """An SMTP server on a loopback port, in the running event loop."""

    def __init__(self, home: Path, port: int = 0) -> None:
        self.home, self.wanted = home, port
        self.maildir = Maildir(home / FOLDER)
        self.port = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen, and say in the home where."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, HOST, self.wanted)
        self.port = self._server.sockets[0].getsockname()[1]
        _announce(self.home, self.port)

    async def stop(self) -> None:
        """Take no more; whoever announced himself meanwhile stays announced."""
        if self._server is not None:
            self._server.close()
        with suppress(Misconfigured, OSError):
            if announced(self.home) == (HOST, self.port):
                (self.home / SINK).unlink()

    def _protocol(self) -> SMTP:
        return SMTP(
            self,
            hostname="localhost",
            ident="PDCA local sink: no mail leaves this machine",
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
        )

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's name
        """Take a mail, or say why not: the sender tries again."""
        try:
            content = envelope.content or b""
            assert isinstance(content, bytes)  # what aiosmtpd gives unless asked to decode
            self.maildir.keep(str(envelope.mail_from), list(envelope.rcpt_tos), content)
        except OSError as failed:
            return f"452 4.3.1 cannot be written: {failed.strerror}"
        return "250 2.0.0 kept on this machine"


@contextmanager
def ensure_sink(home: Path) -> Iterator[tuple[str, int]]:
    """The address of the sink of this home: the one that runs, else one while inside."""
    running = _running(home)
    if running is not None:
        yield running
        return
    with served(Server(home)) as server:
        yield HOST, server.port


@contextmanager
def served(server: Server) -> Iterator[Server]:
    """Let a sink take mail in a thread of this process while inside."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sink", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(server: Server) -> None:
    await server.stop()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _running(home: Path) -> tuple[str, int] | None:
    """Return the announced address if a mail server greets there."""
    try:
        address = announced(home)
        with socket.create_connection(address, ANSWER_SECONDS) as asked:
            asked.settimeout(ANSWER_SECONDS)
            return address if asked.recv(4) == b"220 " else None
    except (OSError, Misconfigured):
        return None


def _announce(home: Path, port: int) -> None:
    path = home / SINK
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(f".{os.getpid()}")
    aside.write_text(json.dumps({"host": HOST, "port": port, "process": os.getpid()}))
    aside.replace(path)


def _plain(address: str) -> str:
    return "".join(c for c in address if c.isprintable())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
