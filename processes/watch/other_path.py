"""The other path to the operator (备用告警途径): past the outbox, the clock and our own relay.

What says that mail is stuck must not wait in the stuck mail. So these alarms go straight to a
second mail server, or to a command of the operator's, and each of them once: claimed in a row,
sent, and settled; what could not be told is tried again.
"""

import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any, Final

import structlog
from sqlmodel import Session, col, select

from config.current import current
from config.language import say
from config.settings import Settings
from models import alarms
from models import relay as relays
from models.engine import writing
from models.record import Alarm, Beat
from models.upsert import insert_new
from notifications import keys
from notifications.mime import Parts, compose
from notifications.relay import Relay
from notifications.transport import Accepted, Envelope, Transport
from processes.mail.relaying import our_relay

log = structlog.get_logger("alarm")

# Told by this path and by no letter.
ALWAYS: Final = frozenset({"silence", "restored", "copied", "wrong_clock"})
TOLD: Final = "alarm.told"  # the beat that keeps which were told
AGAIN: Final = timedelta(minutes=15)  # after an attempt that told nobody
SECONDS: Final = 60.0

Send = Callable[[Settings, str, str, datetime], bool]


def tell(at: datetime, *, send: "Send | None" = None) -> int:
    """Tell the operator of each alarm that only this path carries; return how many were told."""
    told = 0
    for number, kind, message in _claimed(at):
        by = send or (aside if kind in relays.TROUBLES else straight)
        if by(current().settings, f"alarm:{number}", message, at):
            _settle(number, at)
            told += 1
    return told


def straight(settings: Settings, key: str, message: str, at: datetime) -> bool:
    """Tell the operator now, by every path that is set; whether one of them took it."""
    text = _text(settings, message)
    took = [_by_command(settings, text), _by_mail(settings, key, message, text, at)]
    return _told(took, message)


def aside(settings: Settings, key: str, message: str, at: datetime) -> bool:
    """Tell the operator now by paths that do not lead through our ordinary mail server."""
    text = _text(settings, message)
    took = [_by_command(settings, text)]
    if _second(settings):
        took.append(_by_mail(settings, key, message, text, at))
    return _told(took, message)


def kinds(settings: Settings) -> frozenset[str]:
    """Return the alarms that this path tells: our mail server's too if it has one of its own."""
    return ALWAYS | relays.TROUBLES if separate(settings) else ALWAYS


def _told(took: list[bool], message: str) -> bool:
    if not any(took):
        log.error("the operator cannot be told", message=message)
    return any(took)


def _text(settings: Settings, message: str) -> str:
    text = say(settings.language, "The PDCA service needs you: {message}", message=message)
    return text + f"\n\n{settings.base_url}\npdca doctor · {settings.home}\n"


def _by_command(settings: Settings, text: str) -> bool:
    if not settings.alarm_command:
        return False
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command, without a shell
            settings.alarm_command, input=text.encode(), timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as failed:
        log.warning("the alarm command failed", error=str(failed)[:200])
        return False
    return done.returncode == 0


def _by_mail(settings: Settings, key: str, message: str, text: str, at: datetime) -> bool:
    to = parseaddr(settings.alarm_mail.to or settings.operator)[1]
    if not to:
        return False
    sender = parseaddr(settings.alarm_mail.sender or settings.mail.sender)[1]
    mime = compose(
        Parts(
            key=f"path:{key}",
            message_id=keys.message_id(f"path:{key}", sender.rpartition("@")[2], settings.base_url),
            at=at.astimezone(settings.zone),
            subject=say(settings.language, "【Alarm】{message}", message=message),
            from_name=settings.organisation,
            from_address=sender,
            to_name="",
            to_address=to,
            text=text,
            html=f"<pre>{_escaped(text)}</pre>",
        )
    )
    try:
        transport = Transport(relay(settings))
        try:
            outcome = transport.send(Envelope(sender=sender, recipient=to, mime=mime))
        finally:
            transport.close()
    except (OSError, ValueError, RuntimeError) as failed:
        log.warning("the alarm mail failed", error=str(failed)[:200])
        return False
    return isinstance(outcome, Accepted)


def relay(settings: Settings) -> Relay:
    """Return the second mail server; our ordinary one, spoken to directly, unless it is set."""
    second = settings.alarm_mail
    if second.host is None:
        return our_relay()
    return Relay(
        host=second.host,
        port=second.port,
        security=second.security,
        user=second.user,
        password=second.password.get_secret_value() if second.password else None,
        ca_file=second.ca_file,
    )


def separate(settings: Settings) -> bool:
    """Whether there is a path that does not share the fate of the ordinary mail server."""
    return bool(settings.alarm_command) or _second(settings)


def _second(settings: Settings) -> bool:
    """Whether the mail server for alarms is another one than that for everything else."""
    mine, other = settings.mail, settings.alarm_mail
    return other.host is not None and (other.host, other.port) != (mine.host, mine.port)


def _claimed(at: datetime) -> list[tuple[int, str, str]]:
    """Return the open alarms that nobody was told of, noted as being told by us."""
    with writing() as session:
        kept = _kept(session, at)
        told = kinds(current().settings)
        found = [one for one in alarms.open_alarms(session) if one.kind in told]
        mine = [one for one in found if _free(kept.get(str(one.id)), at)]
        facts = {str(one.id): kept.get(str(one.id)) or {} for one in found}
        for one in mine:
            facts[str(one.id)] = {"claimed": at.isoformat()}
        _write(session, facts, at)
        return [(one.id or 0, one.kind, _message(one)) for one in mine]


def _settle(number: int, at: datetime) -> None:
    with writing() as session:
        facts = {**_kept(session, at), str(number): {"told": at.isoformat()}}
        _write(session, facts, at)


def _free(known: dict[str, str] | None, at: datetime) -> bool:
    if not known:
        return True
    if "told" in known:
        return False
    claimed = datetime.fromisoformat(known["claimed"])
    return abs(at - claimed) >= AGAIN


def _kept(session: Session, at: datetime) -> dict[str, Any]:
    insert_new(session, Beat, [{"name": TOLD, "at": at, "facts": {}}])
    query = select(Beat).where(col(Beat.name) == TOLD).with_for_update()
    return dict(session.exec(query.execution_options(populate_existing=True)).one().facts)


def _write(session: Session, facts: dict[str, Any], at: datetime) -> None:
    row = session.exec(select(Beat).where(col(Beat.name) == TOLD)).one()
    row.at, row.facts = at, facts
    session.add(row)


def _message(alarm: Alarm) -> str:
    return f"{alarm.kind} {alarm.ref}: {alarm.message}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
