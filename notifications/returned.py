"""What comes back to the return path (退信识别): bounces, automatic replies, answers of people.

A bounce (RFC 3464, or a provider's prose) names the mail it is about by the address that it was
returned to, or by the Message-ID that it quotes, and by nothing else: an address alone could be
written into such a report by anybody. Nothing that comes back is ever an answer to a duty.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum
from hashlib import blake2b
from html import unescape
from typing import Any, Final

from notifications.replies import ABOUT_THE_ADDRESS, NOBODY, clean

LONGEST: Final = 512_000  # bytes of a returned mail that are looked at
MESSAGE_ID: Final = re.compile(r"<[^<>\s]{1,198}>")
STATUS: Final = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
QUOTED: Final = re.compile(r"(?im)^Message-ID:\s*(<[^<>\s]{1,198}>)")
RETURNED_TO: Final = (
    *("To", "Delivered-To", "X-Original-To", "Envelope-To"),
    *("X-Envelope-To", "X-Failed-Recipients", "Cc"),
)
LONGEST_COMMENT: Final = 4000  # characters of a reply that are kept
QUOTE_BEGINS: Final = re.compile(
    r"(?i)^(-{2,} ?(original message|forwarded message|原始邮件|原邮件|回复的原邮件)|-- ?$|_{10,}$|"
    r"on .{5,120} wrote:|在.{3,120}写道[:：]|.{3,120}于.{3,60}写道[:：]|"
    r"(from|发件人|寄件者)[:：] ?.*@)"
)
AWAY: Final = ("x-autoreply", "x-autorespond", "x-auto-response", "x-autoresponder")
SAYS_AWAY: Final = re.compile(
    r"(?i)^\W*(auto(matic)?[- ]*(reply|response)|out of (the )?office|自动回复|自動回覆|外出|休假)"
)


DAEMONS: Final = frozenset({"mailer-daemon", "postmaster", "mailerdaemon", "mail-daemon"})
SAYS_RETURNED: Final = re.compile(
    r"(?i)undeliver|delivery (status notification|failure|has failed)|returned (to sender|mail)|"
    r"failure notice|mail delivery (failed|system)|退信|投递失败|发送失败|无法送达|未能送达|被退回"
)
SAYS_DELAYED: Final = re.compile(
    r"(?i)delay|not (yet )?been delivered|(will|continue to|keep) (be )?(re)?try|"
    r"no action is required|"
    r"延迟|暂时(无法|未能|不能)|稍后(再|重|会)|正在重试|继续(尝试|重试|投递)|重新投递"
)
SAYS_FAILED: Final = re.compile(
    r"(?i)permanent|could( not|n't) be delivered|failed|rejected|gave up|giving up|"
    r"no such|unknown|not found|does(n't| not) exist|"
    r"退信|失败|无法送达|未能送达|不存在|被退回|拒收|拒绝"
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
    body: str = ""  # what a person wrote, without what was quoted

    @property
    def bad_address(self) -> bool:
        """Whether it is the address that is refused, and not this mail or us."""
        if self.sort is not Sort.BOUNCED:
            return False
        if ABOUT_THE_ADDRESS.match(self.status):
            return True
        vague = self.status in {"", "5.0.0"}  # then the server's words say it, or nothing does
        return vague and NOBODY.search(self.text) is not None


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
        body = written(_words(mail)) if sort is Sort.PERSONAL else ""
        return Returned(sort=sort, about=about, text=clean(_subject(mail)), body=body, **known)
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
    action = fields.get("action", "") or ("" if fields else _action_in_words(mail))
    status = _status(fields, mail)
    quoted = tuple(dict.fromkeys(_quoted(mail)))
    if action == "failed" or (not action and status.startswith("5")):
        sort = Sort.BOUNCED
    elif action == "delayed" or (not action and status.startswith("4")):
        sort = Sort.DELAYED
    else:
        sort = Sort.OTHER
    recipient = fields.get("original-recipient") or fields.get("final-recipient") or ""
    said = fields.get("diagnostic-code", "") or _reason(mail)
    return Returned(
        sort=sort,
        about=quoted,
        recipient=recipient.rpartition(";")[2].strip().lower()[:254],
        status=status,
        text=clean(said.partition(";")[2] or said),
        **known,
    )


def _action_in_words(mail: Message) -> str:
    """Return what a report in prose says: a delay is no failure, whatever else it mentions."""
    subject, words = _subject(mail), _words(mail)
    if SAYS_DELAYED.search(subject):
        return "delayed"
    if SAYS_RETURNED.search(subject) and not SAYS_DELAYED.search(words):
        return "failed"
    if SAYS_DELAYED.search(words):
        return "delayed"
    return "failed" if SAYS_FAILED.search(words) else ""


def _reason(mail: Message) -> str:
    """Return the line of a report in prose that says why, else its subject."""
    for line in _words(mail).splitlines():
        if STATUS.search(line) or NOBODY.search(line):
            return f";{line.strip()}"
    return _subject(mail)


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
    """Return the most exact status of a report: 5.0.0 says less than its diagnostic text."""
    places = [fields.get("status", ""), fields.get("diagnostic-code", "")]
    if not fields:  # an old server's report, or a provider's: only words
        places = [_words(mail)]
    found = [match[0] for place in places for match in STATUS.finditer(place)]
    exact = [one for one in found if not one.endswith(".0.0") and one[0] == found[0][0]]
    return (exact or found or [""])[0]


def _quoted(mail: Message) -> Iterator[str]:
    """Yield the Message-ID of the mail that is returned: attached, its headers, or in words."""
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822" and isinstance(part.get_payload(), list):
            yield from MESSAGE_ID.findall(str(part.get_payload(0)["Message-ID"]))  # type: ignore[index]
        elif kind in {"text/rfc822-headers", "message/rfc822-headers"}:
            yield from QUOTED.findall(_decoded(part))
    words = _words(mail)
    named = QUOTED.findall(words)
    yield from named or MESSAGE_ID.findall(words)[:50]
    yield from MESSAGE_ID.findall(f"{mail['In-Reply-To']} {mail['References']}")


def written(text: str) -> str:
    """Return what a person wrote, without quoted letter and signature; at most 4000 long."""
    kept: list[str] = []
    for line in text.splitlines():
        if QUOTE_BEGINS.match(line):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line.rstrip())
    shown = "".join(c for c in "\n".join(kept) if c.isprintable() or c == "\n")
    return re.sub(r"\n{3,}", "\n\n", shown).strip()[:LONGEST_COMMENT]


def _words(mail: Message) -> str:
    """Return the first text of a mail; of one that has only HTML, its words."""
    html = ""
    for part in mail.walk():
        if part.get_content_type() == "text/plain" and (plain := _decoded(part)).strip():
            return plain
        if part.get_content_type() == "text/html":
            html = html or _decoded(part)
    html = re.sub(r"(?is)<(style|script)\b.*?</\1>", " ", html)
    html = re.sub(r"(?is)<blockquote.*", " ", html)
    return unescape(re.sub(r"<[^>@]*>", " ", re.sub(r"(?i)<(br|/p|/div|/tr)\b[^>]*>", "\n", html)))


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    named = str(part.get_content_charset() or "utf-8").lower()
    charset = "gb18030" if named in {"gb2312", "gbk", "x-gbk"} else named
    try:
        return payload.decode(charset, "replace")
    except LookupError:
        return payload.decode("utf-8", "replace")


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
    report = empty and not automatic(mail)
    return local in DAEMONS or report or (empty and bool(SAYS_RETURNED.search(_subject(mail))))


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
