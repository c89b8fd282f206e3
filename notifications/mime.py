"""Finished mail bytes (邮件原文): what is sent is these bytes and no others.

The same letter gives the same bytes: Message-ID and boundary come from the key and the text, Date
from the letter's instant. The two parts are put together here and not by the standard library's
`MIMEMultipart`, which takes ten times as long a letter; its parser judges the result in the tests.
Nothing of a user's stands in a header but through `phrase`: one line, no control characters,
and never a `=?…?=` of his own, from which Python 3.11.7 makes a new header (CVE-2024-6923).
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

from rules.text import line, shortened

WIDTH: Final = 76  # characters of a header line
LONGEST_LINE: Final = 900  # RFC 5322 allows 998; some gateways add to a line
LONGEST_SUBJECT: Final = 200  # characters, before encoding
LONGEST_NAME: Final = 60
WORD: Final = (
    45  # bytes of UTF-8 in one encoded word: 15 Chinese characters, 72 characters on the line
)

ADDRESS: Final = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9.-]{1,253}", re.IGNORECASE)
PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9 !#$%&'*+/^_`{|}~-]+")
BLANKS: Final = re.compile(r" {2,}")
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
SPECIAL: Final = re.compile(r'(["\\])')


class AddressUnusable(ValueError):
    """An address that would not stand in a header as one address; refused at entry already."""


@dataclass(frozen=True, slots=True)
class Inline:
    """A picture that the HTML part shows by `cid:`; programs that show none have its words."""

    cid: str
    name: str  # of the file, ASCII
    png: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What one mail is made of. `to_address` may be empty: then it is kept and never sent."""

    key: str
    message_id: str
    at: datetime  # aware, in the zone the Date header shows
    subject: str
    from_name: str
    from_address: str
    to_name: str
    to_address: str
    text: str
    html: str
    thread: str | None = None
    calendar: str = ""  # an invitation, as text/calendar
    method: str = "REQUEST"
    marks: tuple[tuple[str, str], ...] = field(default=())  # X-PDCA-… and their values
    pictures: tuple[Inline, ...] = ()


def compose(parts: Parts) -> bytes:
    """Return the mail: `multipart/alternative`, text first, CRLF line ends."""
    text, html = _part("plain", parts.text), _part("html", parts.html)
    if parts.pictures:
        html = _related(parts.key, html, parts.pictures)
    parts_in_order = [text, html]
    if parts.calendar:  # the last one is what a calendar prefers
        parts_in_order.append(_invitation(parts.calendar, parts.method))
    boundary = _boundary(parts.key, text, html)
    head = [f"{name}: {value}" for name, value in _headers(parts)]
    head.append(f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"')
    between = [line for part in parts_in_order for line in (f"--{boundary}", part)]
    body = ["", *between, f"--{boundary}--", ""]
    return "\r\n".join(head + body).encode("ascii")


def _headers(parts: Parts) -> Iterable[tuple[str, str]]:
    yield "Date", format_datetime(parts.at)
    yield "From", mailbox(parts.from_name, parts.from_address)
    yield "To", mailbox(parts.to_name, parts.to_address)
    yield "Subject", phrase(shortened(line(parts.subject), LONGEST_SUBJECT), used=len("Subject: "))
    yield "Message-ID", parts.message_id
    if parts.thread:
        yield "In-Reply-To", parts.thread
        yield "References", parts.thread
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "OOF, AutoReply"
    yield from ((name, _folded(value, used=len(name) + 2)) for name, value in parts.marks)
    yield "MIME-Version", "1.0"


@lru_cache(maxsize=1024)
def mailbox(name: str, address: str) -> str:
    """Return `name <address>` as one address, whatever commas or quotes the name has."""
    if not address:
        return "undisclosed-recipients:;"
    if not ADDRESS.fullmatch(address):
        raise AddressUnusable(f"{address[:80]!r} is not an address that mail can be sent to")
    shown = shortened(_harmless(line(name)), LONGEST_NAME)
    if not shown:
        return address
    if PLAIN_NAME.fullmatch(shown):
        return f"{shown} <{address}>"
    if shown.isascii():
        return '"{}" <{}>'.format(SPECIAL.sub(r"\\\1", shown), address)
    words = _encoded_words(shown, used=len("From: "))
    together = len(words[-1]) + len(address) + 10 <= WIDTH
    return "\r\n ".join(words) + (" " if together else "\r\n ") + f"<{address}>"


def phrase(text: str, *, used: int) -> str:
    """Return a user's text as a header's value, folded; `used` characters stand before it."""
    harmless = _harmless(text)
    if harmless.isascii() and all(len(word) < WIDTH - 2 for word in harmless.split(" ")):
        return _folded(harmless, used=used)
    return "\r\n ".join(_encoded_words(harmless, used=used))


def _harmless(text: str) -> str:
    """Break open what would be taken for an encoded word: `=?` is shown as `= ?`.

    Blanks in a row become one: a line folded between two would be an empty line to some relay,
    and an empty line ends the headers.
    """
    return BLANKS.sub(" ", text.replace("=?", "= ?"))


def _encoded_words(text: str, *, used: int) -> list[str]:
    """Return the text as RFC 2047 words that each end with a whole character (中文不断字)."""
    coded = text.encode("utf-8")
    words: list[str] = []
    start, room = 0, WORD - used * 3 // 4
    while len(coded) - start > room:
        end = start + room
        while coded[end] & 0xC0 == 0x80:  # noqa: PLR2004 - the middle of a character
            end -= 1
        words.append(_word(coded[start:end]))
        start, room = end, WORD
    return [*words, _word(coded[start:])]


def _word(chunk: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(chunk).decode()}?="


def _folded(text: str, *, used: int) -> str:
    """Break the line at blanks; what cannot be broken stays long, never over 998."""
    if used + len(text) <= WIDTH:
        return text
    lines: list[str] = []
    now = ""
    for word in text.split(" "):
        room = WIDTH - (used if not lines else 1)
        if now and len(now) + 1 + len(word) > room:
            lines.append(now)
            now = word
        else:
            now = f"{now} {word}" if now else word
    return "\r\n ".join([*lines, now])


def _part(kind: str, body: str) -> str:
    """Return one part: as it is where SMTP carries it so, else as base64."""
    lf = body.replace("\r\n", "\n")
    crlf = lf.replace("\n", "\r\n")
    if lf.isascii() and max(map(len, lf.split("\n"))) <= LONGEST_LINE and not CONTROL.search(lf):
        return _labelled(kind, "us-ascii", "7bit", crlf)
    coded = base64.b64encode(crlf.encode("utf-8", "replace")).decode()
    lines = (coded[start : start + WIDTH] for start in range(0, len(coded), WIDTH))
    return _labelled(kind, "utf-8", "base64", "\r\n".join(lines))


def _related(key: str, html: str, pictures: Iterable[Inline]) -> str:
    """Return the HTML part together with the pictures that it shows (RFC 2387)."""
    shown = [_picture(picture) for picture in pictures]
    boundary = _boundary(key, "related", "".join([html, *shown]))
    head = f'Content-Type: multipart/related;\r\n boundary="{boundary}"; type="text/html"'
    inner = "".join(f"--{boundary}\r\n{part}\r\n" for part in (html, *shown))
    return f"{head}\r\n\r\n{inner}--{boundary}--"


def _picture(picture: Inline) -> str:
    coded = base64.b64encode(picture.png).decode()
    lines = (coded[start : start + WIDTH] for start in range(0, len(coded), WIDTH))
    return (
        f'Content-Type: image/png; name="{picture.name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n"
        f"Content-ID: <{picture.cid}>\r\n"
        f'Content-Disposition: inline; filename="{picture.name}"\r\n\r\n' + "\r\n".join(lines)
    )


def _invitation(calendar: str, method: str) -> str:
    """Return the calendar part: base64, because lines of a calendar may not be folded anew."""
    coded = base64.b64encode(calendar.encode()).decode()
    lines = (coded[start : start + WIDTH] for start in range(0, len(coded), WIDTH))
    return _labelled(f"calendar; method={method}", "utf-8", "base64", "\r\n".join(lines))


def _labelled(kind: str, charset: str, encoding: str, body: str) -> str:
    return (
        f"Content-Type: text/{kind}; charset={charset}\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n{body}"
    )


def _boundary(key: str, text: str, html: str) -> str:
    """Return what parts the parts; made from them too, so that no title can have foretold it."""
    seen = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16)
    seen.update(text.encode())
    seen.update(html.encode())
    return f"=_{seen.hexdigest()}"
