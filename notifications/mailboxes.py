"""Where returned mail lies (退信箱): files of a maildir, or a folder that is read by IMAP.

A mail is marked as read only after whoever takes it has kept what it says; ended in between, it
is read again, and known by its bytes.
"""

import ssl
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from notifications.relay import tls
from notifications.returned import LONGEST

SECONDS: Final = 30.0  # for the connection and each answer
MOST: Final = 500  # mails in one visit; the rest with the next
SEEN: Final = ":2,S"


class MailboxUnreadable(OSError):
    """The mailbox cannot be read now: it says why."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One mail that nobody has taken yet; `done` marks it as read."""

    raw: bytes
    done: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imap:
    """A folder on an IMAP server, and how it is reached."""

    host: str
    port: int = 993
    security: str = "ssl"
    user: str = ""
    password: str = ""
    folder: str = "INBOX"
    ca_file: Path | None = None


def of_maildir(folder: Path) -> Generator[Waiting, None, None]:
    """Yield the mails of a maildir that are not marked as seen, oldest first."""
    try:
        found = [*(folder / "new").iterdir()]
        found += [path for path in (folder / "cur").iterdir() if "S" not in _flags(path)]
        found.sort(key=lambda path: (path.stat().st_mtime, path.name))
        for path in found[:MOST]:
            yield Waiting(_head(path), lambda path=path: _mark_seen(folder, path))  # type: ignore[misc]
    except OSError as unreadable:
        raise MailboxUnreadable(f"{folder}: {unreadable.strerror or unreadable}") from unreadable


def of_imap(place: Imap) -> Generator[Waiting, None, None]:
    """Yield the unread mails of a folder, oldest first."""
    from imap_tools import AND

    with _told(place):
        box = _signed_in(place)
    try:
        with _told(place):
            numbers = box.uids(AND(seen=False))[:MOST]
        for number in numbers:
            with _told(place):
                found = list(box.fetch(AND(uid=number), mark_seen=False, bulk=False))
            for mail in found:
                yield Waiting(mail.obj.as_bytes()[:LONGEST], lambda n=number: _flag(box, place, n))  # type: ignore[misc]
    finally:
        _leave(box)


def _flag(box: Any, place: Imap, number: str) -> None:
    with _told(place):
        box.flag(number, r"\Seen", value=True)


@contextmanager
def _told(place: Imap) -> Iterator[None]:
    """Say of whatever goes wrong inside where it was and why."""
    try:
        yield
    except _failures() as failed:
        where = f"{place.host}:{place.port}/{place.folder}"
        raise MailboxUnreadable(f"{where}: {_said(failed)}") from failed


def _signed_in(place: Imap) -> Any:
    from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted

    context: ssl.SSLContext = tls(place.ca_file)
    match place.security:
        case "ssl":
            box: Any = MailBox(place.host, place.port, timeout=SECONDS, ssl_context=context)
        case "starttls":
            box = MailBoxStartTls(place.host, place.port, timeout=SECONDS, ssl_context=context)
        case _:
            box = MailBoxUnencrypted(place.host, place.port, timeout=SECONDS)
    try:
        return box.login(place.user, place.password, initial_folder=place.folder)
    except BaseException:
        _leave(box)
        raise


def _leave(box: Any) -> None:
    """Say goodbye; a server that has hung up hears none, and the connection is closed anyway."""
    try:
        box.logout()
    except _failures():
        with suppress(OSError):
            box.client.shutdown()


def _failures() -> tuple[type[Exception], ...]:
    import imaplib

    from imap_tools import ImapToolsError

    return (ImapToolsError, imaplib.IMAP4.error, OSError)


def _said(failed: Exception) -> str:
    """Return why, on one line; a library's own error may quote what was sent to log in."""
    from imap_tools import MailboxLoginError

    if isinstance(failed, MailboxLoginError):
        return "the server refused the user or the password"
    return " ".join(str(failed).split())[:200] or type(failed).__name__


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LONGEST)


def _flags(path: Path) -> str:
    return path.name.rpartition(":2,")[2] if ":2," in path.name else ""


def _mark_seen(folder: Path, path: Path) -> None:
    """Move it to `cur` as seen; whoever has moved it meanwhile has done that."""
    name, _, flags = path.name.partition(":2,")
    kept = "".join(sorted({*flags, "S"}))
    try:
        path.rename(folder / "cur" / f"{name}:2,{kept}")
    except FileNotFoundError:
        return
