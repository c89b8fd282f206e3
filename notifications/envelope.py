"""One mail on its way (信封): to one recipient, as finished bytes, in the form that SMTP wants."""

from collections.abc import Mapping
from dataclasses import dataclass

from notifications.replies import Declined, Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One mail to one recipient: finished bytes, sent as they are."""

    sender: str
    recipient: str
    mime: bytes


@dataclass(frozen=True, slots=True)
class Prepared:
    """A mail whose text the server holds and whose final dot has not been sent."""

    recipient: str


def unfit(envelope: Envelope, offers: Mapping[str, str]) -> Declined | Rejected | None:
    """Refuse what a relay has said it cannot take, before a word of it is sent.

    `offers` are the extensions of its greeting, in small letters.
    """
    most = (offers.get("size") or "0").split()[0]
    if most.isdigit() and 0 < int(most) < len(envelope.mime):
        return Declined(
            552, f"{len(envelope.mime)} bytes, the relay takes {most}", "size", alone=True
        )
    if not envelope.mime.isascii() and "8bitmime" not in offers:
        return Declined(554, "8-bit text, the relay takes 7-bit text only", "size", alone=True)
    for address in (envelope.sender, envelope.recipient):
        if any(c in "<>" or c.isspace() or not c.isprintable() for c in address):
            return Rejected(553, f"not an address: {address!r}", "rcpt")
        if not address.isascii() and "smtputf8" not in offers:
            said = f"the relay takes ASCII addresses only: {address}"
            return Declined(553, said, "rcpt", alone=True)
    return None


def stuffed(mime: bytes) -> bytes:
    """Return the text as DATA wants it: CRLF line ends, dots doubled, no final dot."""
    if not mime.count(b"\r\n") == mime.count(b"\n") == mime.count(b"\r"):
        mime = b"\r\n".join(mime.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
    mime = mime.replace(b"\r\n.", b"\r\n..")
    if mime.startswith(b"."):
        mime = b"." + mime
    return mime if mime.endswith(b"\r\n") else mime + b"\r\n"
