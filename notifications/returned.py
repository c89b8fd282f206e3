"""What comes back to the return path (退信识别): bounces, automatic replies, answers of people.

A bounce (RFC 3464) names the mail it is about by the address that it was returned to, or by the
Message-ID in the headers that it quotes, and by nothing else: an address alone could be written
into such a report by anybody. Nothing that comes back is ever an answer to a duty.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Final

from notifications.replies import ABOUT_THE_ADDRESS, clean

LONGEST: Final = 512_000  # bytes of a returned mail that are looked at
MESSAGE_ID: Final = re.compile(r"<[^<>\s]{1,198}>")
STATUS: Final = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
QUOTED: Final = re.compile(r"(?im)^Message-ID:\s*(<[^<>\s]{1,198}>)")
RETURNED_TO: Final = (
    *("To", "Delivered-To", "X-Original-To", "Envelope-To"),
    *("X-Envelope-To", "X-Failed-Recipients", "Cc"),
)
AWAY: Final = ("x-autoreply", "x-autorespond", "x-auto-response", "x-autoresponder")
SAYS_AWAY: Final = re.compile(
    r"(?i)^\W*(auto(matic)?[- ]*(reply|response)|out of (the )?office|自动回复|自動回覆|外出|休假)"
)


class Sort(StrEnum):
    """What a returned mail is."""

    BOUNCED = "bounced"  # it will never arrive
    DELAYED = "delayed"  # the server goes on trying
    AUTOMATIC = "automatic"  # out of office, receipts: written by no person
    PERSONAL = "personal"  # somebody answered by mail instead of the page
    OTHER = "other"  # a report of success, or nothing that concerns a mail of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """One mail that came back. `mark` is of its return path, `about` what it quotes."""

    sort: Sort
    mark: str | None = None
    about: tuple[str, ...] = ()  # Message-IDs
    recipient: str = ""
    status: str = ""  # "5.1.1" (RFC 3463)
    text: str = ""
    sender: str = ""

    @property
    def bad_address(self) -> bool:
        """Whether it is the address that is refused, and not this mail or us."""
        return self.sort is Sort.BOUNCED and ABOUT_THE_ADDRESS.match(self.status) is not None


def read(raw: bytes) -> Returned:
    """Return what this mail is; one that cannot be read is none of our concern."""
    try:
        mail = message_from_bytes(raw[:LONGEST], policy=policy.compat32)
        sender = _sender(mail)
        known: dict[str, Any] = {"mark": _mark(mail), "sender": sender}
        if mail.get_content_type() == "multipart/report" or _from_daemon(mail):
            return _report(mail, known)
        quoted = MESSAGE_ID.findall(f"{mail['In-Reply-To']} {mail['References']}")
        about = tuple(dict.fromkeys(quoted))
        sort = Sort.AUTOMATIC if automatic(mail) else Sort.PERSONAL
        return Returned(sort=sort, about=about, text=clean(_subject(mail)), **known)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as broken:
        return Returned(sort=Sort.OTHER, text=f"{type(broken).__name__}: {clean(str(broken))}")


def automatic(mail: Message) -> bool:
    """Whether no person wrote it (RFC 3834, and what is usual besides)."""
    submitted = str(mail.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    bulk = str(mail.get("Precedence", "")).strip().lower() in {"bulk", "junk", "auto_reply", "list"}
    marked = any(mail.get(name) is not None for name in AWAY)
    return submitted != "no" or bulk or marked or bool(SAYS_AWAY.match(_subject(mail)))


def marked(address: str, mark: str) -> str:
    """Return the address with the mark of one mail: pdca@x becomes pdca+MARK@x."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{mark}@{domain}"


def mark_of(number: int, key: str, secret: str) -> str:
    """Return the mark of a mail: its number, and what proves that we gave it."""
    proof = blake2b(f"{number}:{key}".encode(), key=secret.encode()[:64], digest_size=6).hexdigest()
    return f"b{number}-{proof}"


def number_of(mark: str) -> int | None:
    """Return the number of the mail that a mark names, which proves nothing yet."""
    found = re.fullmatch(r"b(\d{1,12})-[0-9a-f]{12}", mark)
    return int(found[1]) if found else None


def _report(mail: Message, known: dict[str, Any]) -> Returned:
    fields = _per_recipient(mail)
    action = fields.get("action", "")
    status = _status(fields, mail)
    quoted = tuple(dict.fromkeys(_quoted(mail)))
    if action == "failed" or (not action and status.startswith("5")):
        sort = Sort.BOUNCED
    elif action == "delayed" or (not action and status.startswith("4")):
        sort = Sort.DELAYED
    else:
        sort = Sort.OTHER
    recipient = fields.get("original-recipient") or fields.get("final-recipient") or ""
    said = fields.get("diagnostic-code", "") or _subject(mail)
    return Returned(
        sort=sort,
        about=quoted,
        recipient=recipient.rpartition(";")[2].strip().lower()[:254],
        status=status,
        text=clean(said.partition(";")[2] or said),
        **known,
    )


def _per_recipient(mail: Message) -> dict[str, str]:
    """Return the fields of the first recipient in the machine's part of a report."""
    found: dict[str, str] = {}
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else []:
            if not isinstance(block, Message):
                continue
            fields = {name.lower(): " ".join(str(value).split()) for name, value in block.items()}
            if "final-recipient" in fields or "action" in fields:
                fields["action"] = fields.get("action", "").lower()
                return found | fields
            found |= fields
    return found


def _status(fields: dict[str, str], mail: Message) -> str:
    given = STATUS.search(fields.get("status", "")) or STATUS.search(
        fields.get("diagnostic-code", "")
    )
    if given is None and not fields:  # an old server's report: only words
        given = STATUS.search(_words(mail))
    return given[0] if given else ""


def _quoted(mail: Message) -> Iterator[str]:
    """Yield the Message-ID of the mail that is returned: attached, its headers, or in words."""
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822" and isinstance(part.get_payload(), list):
            yield from MESSAGE_ID.findall(str(part.get_payload(0)["Message-ID"]))  # type: ignore[index]
        elif kind in {"text/rfc822-headers", "message/rfc822-headers"}:
            yield from QUOTED.findall(_decoded(part))
    yield from QUOTED.findall(_words(mail))


def _words(mail: Message) -> str:
    """Return the first text of a mail."""
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            return _decoded(part)
    return ""


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _mark(mail: Message) -> str | None:
    """Return the mark of the address that it was returned to."""
    headers = [str(value) for name in RETURNED_TO for value in mail.get_all(name, [])]
    for _, address in getaddresses(headers):
        local = address.rpartition("@")[0]
        mark = local.rpartition("+")[2] if "+" in local else ""
        if number_of(mark) is not None:
            return mark
    return None


def _from_daemon(mail: Message) -> bool:
    """Whether a mail server wrote it: nobody is to answer (RFC 5321 4.5.5)."""
    local = _sender(mail).partition("@")[0]
    empty = str(mail.get("Return-Path", "")).strip() == "<>"
    return local in {"mailer-daemon", "postmaster"} or (empty and not automatic(mail))


def _sender(mail: Message) -> str:
    found = getaddresses([str(mail.get("From", ""))])
    return found[0][1].strip().lower()[:254] if found else ""


def _subject(mail: Message) -> str:
    from email.header import decode_header, make_header

    given = next((value for name, value in mail.raw_items() if name.lower() == "subject"), "")
    plain = given.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        return str(make_header(decode_header(plain)))
    except (LookupError, UnicodeError, ValueError):
        return plain
