"""Our relay (发信服务器): which one it is, and what to do when it takes nothing from us.

A relay that fails rests, for all mails and all senders. A refused password, and a relay that
declines our mail, rest a quarter of an hour and are one alarm: servers lock out whoever knocks too
often, and a quota that is used up is not freed by asking.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Final

from sqlmodel import Session

from config.current import current
from config.reading import Misconfigured, Problem
from models import alarms
from models import outbox as rows
from models import relay as relays
from models.engine import reading, transaction
from models.notice import NoticeState
from models.outbox_queries import Claimed
from notifications.transport import (
    Declined,
    Deferred,
    Envelope,
    Relay,
    Transport,
    Unauthorised,
    Unreachable,
)
from processes.alarm import wording as says
from processes.mail import bounces
from processes.mail.delivered import Delivered
from rules import backoff

SINK: Final = Path("run") / "sink.json"  # where the local sink says its address, in the home
Failure = Declined | Deferred | Unauthorised | Unreachable


def transport() -> Transport:
    """Return a connection to the relay of the settings, or to the local sink if there is none."""
    relay = our_relay()
    try:
        return Transport(relay)
    except OSError as wrong:
        facts = {"file": relay.ca_file, "why": wrong}
        raise Misconfigured(
            Problem("mail.ca_file", "{file} is no certificate authority's file: {why}", facts)
        ) from wrong


def our_relay() -> Relay:
    """Return where mail is handed over."""
    mail = current().settings.mail
    if mail.host is None:
        host, port = sink(current().settings.home)
        return Relay(host=host, port=port, security="plain")
    return Relay(
        host=mail.host,
        port=mail.port,
        security=mail.security,
        user=mail.user,
        password=mail.password.get_secret_value() if mail.password else None,
        ca_file=mail.ca_file,
    )


def sink(home: Path) -> tuple[str, int]:
    """Return the address that the running local sink has announced."""
    try:
        announced = json.loads((home / SINK).read_text())
        return str(announced["host"]), int(announced["port"])
    except (OSError, ValueError, KeyError, TypeError):
        raise Misconfigured(
            Problem(
                "mail.host",
                "no mail host is set and the local sink is not running: start `pdca up`,"
                " or set a mail host",
            )
        ) from None


def envelope(mail: Claimed) -> Envelope:
    """Return what is handed over: the frozen bytes, to one recipient."""
    settings = current().settings
    sender = _address(settings.mail.return_path or settings.mail.sender)
    if settings.mail.return_path_per_mail:
        sender = bounces.return_path(settings, sender, mail.id, mail.key)
    return Envelope(sender=sender, recipient=mail.address, mime=mail.mime or b"")


@lru_cache(maxsize=8)
def _address(sender: str) -> str:
    return parseaddr(sender)[1]


def next_at(at: datetime) -> datetime | None:
    """Return when a sender is wanted next (may be past); None if nothing waits to be sent.

    A resting relay and a used-up portion of its limit put off what is due.
    """
    settings = current().settings
    with reading() as session:
        wanted = rows.earliest(session, at)
        if wanted is None:
            return None
        until = [relays.any_rest(session, at)]
        if settings.mail.per_minute:
            until.append(relays.paced_until(session, settings.mail.per_minute, at))
    return max([wanted, *(instant for instant in until if instant)])


@transaction
def give_back(session: Session, mails: Sequence[Claimed]) -> int:
    """Return mails unattempted, to be tried at once; how many were still ours."""
    return rows.give_back(session, mails, None)


@transaction
def portion_ends(session: Session, at: datetime) -> None:
    """Note when the last mail of a portion went out, for a relay with a limit."""
    relays.portion_ends(session, at=at)


@transaction
def failed(
    session: Session,
    mail: Claimed,
    others: Sequence[Claimed],
    outcome: Failure,
    *,
    at: datetime,
    relay: str,
    seen: int,
) -> Delivered:
    """Let the relay rest, and give back what was claimed: the others were not attempted."""
    policy = current().policy.mail
    probe = timedelta(minutes=policy.probe_minutes)
    wait = probe
    if not isinstance(outcome, Unauthorised | Declined):
        # No longer than a probe: an outage of six hours shall not become twelve.
        wait = backoff.wait(seen + 1, cap=probe, key=relay)
    declines = isinstance(outcome, Declined)
    standing = relays.rest(
        session, relay, seen=seen, at=at, until=at + wait, why=said(outcome), declines=declines
    )
    until = standing.rests_until or at + wait
    _alarm(session, outcome, standing.since or at, at=at, relay=relay)
    returned = rows.give_back(session, others, until)
    if isinstance(outcome, Unauthorised) or not getattr(outcome, "begun", True):
        returned += rows.give_back(session, [mail], until)
        return Delivered(returned=returned, rests_until=until)
    again = until
    if isinstance(outcome, Declined):
        itself = outcome.may_be_the_message
        relays.suspect(session, relay, mail.id, itself=itself, at=at)
    else:
        again = max(until, at + next_try(mail))
    rows.settle(
        session,
        mail,
        state=NoticeState.PENDING,
        next_try_at=again,
        error=said(outcome),
        smtp_code=None if isinstance(outcome, Unreachable) else outcome.code,
    )
    return Delivered(deferred=1, returned=returned, rests_until=until)


def next_try(mail: Claimed) -> timedelta:
    """Return how long a mail waits after one more failure of its own."""
    cap = timedelta(hours=current().policy.mail.backoff_cap_hours)
    return backoff.wait(mail.attempts + 1, cap=cap, key=mail.key)


def said(outcome: Failure) -> str:
    """Return the server's words, or ours where it had none."""
    code = 0 if isinstance(outcome, Unreachable) else outcome.code
    return f"{code} {outcome.text}" if code else outcome.text


def _alarm(
    session: Session, outcome: Failure, since: datetime, *, at: datetime, relay: str
) -> None:
    kind, message = None, ""
    if isinstance(outcome, Unauthorised):
        kind, message = relays.LOGIN, says.login_refused(relay, said(outcome))
    elif isinstance(outcome, Declined):
        kind, message = relays.REFUSES, says.relay_refuses(relay, since, said(outcome))
    elif isinstance(outcome, Unreachable) and outcome.insecure:
        kind, message = relays.TLS, says.not_safe(relay, outcome.text)
    if kind:
        alarms.raise_alarm(session, kind=kind, ref=relay, message=message, at=at)
        return
    if at - since >= timedelta(minutes=current().policy.mail.alarm_minutes):
        message = says.relay_down(relay, since, said(outcome))
        alarms.raise_alarm(session, kind=relays.DOWN, ref=relay, message=message, at=at)
