"""What lies in the local inbox (本地收件箱): the heads of its mails, newest first.

Heads are read once and kept, so that a page costs the same with ten mails and ten thousand. A
mail that cannot be read is shown as what it is, and never takes the page with it.
"""

import os
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path
from typing import Final

NAME: Final = re.compile(r"[0-9A-Za-z._-]{1,120}")
HEAD: Final = 16 * 1024  # bytes in which every head of ours ends


@dataclass(frozen=True, slots=True)
class Head:
    """One mail as the list shows it; `at` is its own date, `levels` what it says of the ladder."""

    name: str
    to_name: str
    to_address: str
    sender: str
    subject: str
    at: datetime
    letter: str
    level: str


@dataclass(frozen=True, slots=True)
class Opened:
    """One mail as it is shown: every part is text of somebody, never of ours."""

    head: Head
    text: str
    html: str
    headers: Sequence[tuple[str, str]]
    attachments: Sequence[str]
    size: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some mails of those asked for; `recipients` are all that have any, most first."""

    heads: Sequence[Head]
    number: int
    pages: int
    total: int
    first: int
    recipients: Sequence[tuple[str, str, int]] = field(default=())


class Mailbox:
    """The mails of a Maildir, read by several requests at once."""

    def __init__(self, folder: Path) -> None:
        self.folders = (folder / "new", folder / "cur")
        self._heads: dict[str, Head] = {}
        self._lock = threading.Lock()

    def page(self, *, to: str = "", find: str = "", number: int = 1, size: int = 50) -> Page:
        """Return one page, newest first, of the mails to somebody and with these words."""
        heads = self._refreshed()
        recipients = _counted(heads)
        asked, words = to.strip().lower(), find.strip().lower()
        if asked:
            heads = [
                h for h in heads if asked in h.to_address.lower() or asked in h.to_name.lower()
            ]
        if words:
            heads = [head for head in heads if words in head.subject.lower()]
        pages = max(1, -(-len(heads) // size))
        number = min(max(number, 1), pages)
        first = (number - 1) * size
        return Page(heads[first : first + size], number, pages, len(heads), first + 1, recipients)

    def open(self, name: str) -> Opened | None:
        """Return a mail by the name that the list gave it; None if there is none."""
        content = self.read(name)
        if content is None:
            return None
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return Opened(
            head=_head(name, content),
            text=_part(message, "plain"),
            html=_part(message, "html"),
            headers=tuple((key, _decoded(value)) for key, value in _headers(content).items()),
            attachments=tuple(_attachments(message)),
            size=len(content),
        )

    def read(self, name: str) -> bytes | None:
        """Return the bytes of a mail as they came."""
        if not NAME.fullmatch(name) or name.startswith("."):
            return None
        for folder in self.folders:
            try:
                return (folder / name).read_bytes()
            except OSError:
                continue
        return None

    def _refreshed(self) -> list[Head]:
        with self._lock:
            there: dict[str, Path] = {}
            for folder in self.folders:
                if folder.is_dir():
                    there |= {entry.name: Path(entry.path) for entry in os.scandir(folder)}
            for gone in self._heads.keys() - there.keys():
                del self._heads[gone]
            for name in there.keys() - self._heads.keys():
                head = _read_head(there[name])
                if head is not None:
                    self._heads[name] = head
            return [self._heads[name] for name in sorted(self._heads, reverse=True)]


def _read_head(path: Path) -> Head | None:
    try:
        with path.open("rb") as file:
            return _head(path.name, file.read(HEAD))
    except OSError:
        return None


def _head(name: str, content: bytes) -> Head:
    headers = _headers(content)
    to_name, to_address = _first_address(headers, "To")
    delivered = _decoded(headers.get("Delivered-To", ""))
    sender_name, sender_address = _first_address(headers, "From")
    return Head(
        name=name,
        to_name=to_name,
        to_address=delivered or to_address,
        sender=sender_name or sender_address,
        subject=_decoded(headers.get("Subject", "")),
        at=_date(headers, name),
        letter=_decoded(headers.get("X-PDCA-Letter", "")),
        level=_decoded(headers.get("X-PDCA-Level", "")),
    )


def _headers(content: bytes) -> Message:
    return BytesHeaderParser(policy=policy.compat32).parsebytes(content)


def _decoded(value: object) -> str:
    """Return a header as people read it, on one line."""
    try:
        text = str(make_header(decode_header(str(value))))
    except (ValueError, LookupError):
        text = str(value)
    shown = text.encode("utf-8", "replace").decode()
    return " ".join("".join(c if c.isprintable() else " " for c in shown).split())


def _first_address(headers: Message, name: str) -> tuple[str, str]:
    found = getaddresses([str(headers.get(name, ""))])
    shown, address = found[0] if found else ("", "")
    return _decoded(shown), _decoded(address)


def _date(headers: Message, name: str) -> datetime:
    """Return the date that the mail names; else when it came, as its name says."""
    try:
        at = parsedate_to_datetime(str(headers.get("Date", "")))
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        came = name.partition(".")[0]
        seconds = int(came) / 1e9 if came.isdigit() else 0
        return datetime.fromtimestamp(min(seconds, 4e9), UTC)


def _part(message: EmailMessage, kind: str) -> str:
    try:
        body = message.get_body((kind,))
        return str(body.get_content()) if body is not None else ""
    except (KeyError, LookupError, ValueError, AttributeError):
        return ""


def _attachments(message: EmailMessage) -> list[str]:
    try:
        return [
            part.get_filename() or part.get_content_type() for part in message.iter_attachments()
        ]
    except (KeyError, LookupError, ValueError, AttributeError):
        return []


def _counted(heads: Sequence[Head]) -> list[tuple[str, str, int]]:
    """Return name, address and number of mails of everybody who has any."""
    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    for head in heads:
        counts[head.to_address] = counts.get(head.to_address, 0) + 1
        names.setdefault(head.to_address, head.to_name)
    ordered = sorted(counts, key=lambda address: (-counts[address], address))
    return [(names[address], address, counts[address]) for address in ordered]
