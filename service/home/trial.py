"""`pdca doctor --letter ADDRESS` (试发信件): one letter through the real path, and the answer.

A connection that is taken says little: what a mail server thinks of our sender and of an address
it says when it gets a letter. This one is no row, nothing is owed by it, and no hold keeps it.
"""

import secrets
from datetime import datetime
from email.utils import parseaddr

from config.current import current
from config.language import say
from notifications import keys
from notifications.mime import Parts, compose
from notifications.transport import Accepted, Envelope
from processes.mail import relaying
from rules import address
from service.home.examination import Finding, finding
from service.inbox.sink import ensure_sink

PART = "letter"


def letter(to: str, *, at: datetime) -> Finding:
    """Send a test letter and return what became of it; raises `AddressRefused`."""
    known = address.normalise(to)
    if current().settings.mail.host is not None:
        return _sent(known, at)
    with ensure_sink(current().settings.home):
        return _sent(known, at)


def _sent(to: str, at: datetime) -> Finding:
    settings = current().settings
    sender = parseaddr(settings.mail.sender)[1]
    envelope = Envelope(
        sender=parseaddr(settings.mail.return_path or settings.mail.sender)[1],
        recipient=to,
        mime=_letter(to, sender, at),
    )
    transport = relaying.transport()
    try:
        outcome = transport.send(envelope)
    finally:
        transport.close()
    taken = isinstance(outcome, Accepted)
    sentence = "{host} took a test letter to {address}: {answer}"
    if not taken:
        sentence = "{host} did not take a test letter to {address}: {answer}"
    host, answer = transport.name, _answer(outcome)
    return finding(PART, sentence, failed=not taken, host=host, address=to, answer=answer)


def _letter(to: str, sender: str, at: datetime) -> bytes:
    settings = current().settings
    key = f"trial:{secrets.token_hex(8)}"
    sentence = "This is a test letter of the PDCA service at {url}. Nothing is owed by it."
    text = say(settings.language, sentence, url=settings.base_url)
    return compose(
        Parts(
            key=key,
            message_id=keys.message_id(key, sender.rpartition("@")[2], settings.base_url),
            at=at.astimezone(settings.zone),
            subject=say(settings.language, "Test letter"),
            from_name=settings.organisation,
            from_address=sender,
            to_name="",
            to_address=to,
            text=text + "\n",
            html=f"<p>{text}</p>",
        )
    )


def _answer(outcome: object) -> str:
    """Return what the server said, with its code, or why it said nothing."""
    code = getattr(outcome, "code", 0)
    text = str(getattr(outcome, "text", "") or getattr(outcome, "why", "") or outcome)
    return f"{code} {text}"[:300] if code else text[:300]
