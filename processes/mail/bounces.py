"""What came back (退信处理): taken once, tied to its mail, and never taken for an answer.

A relay that has accepted a mail may learn hours later that nobody is there. Then the mail is
dead after all, with an alarm, the address is written to no more, and the next one above learns
that it is bad. An automatic reply is noted and changes nothing.
"""

import hashlib
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from config.settings import Settings
from models import alarms, trail
from models import outbox as rows
from models.engine import transaction, writing
from models.notice import Notice, NoticeState
from models.returned import ReturnedMail
from models.upsert import insert_new
from notifications import returned
from notifications.mailboxes import Imap, MailboxUnreadable, Waiting, of_imap, of_maildir
from notifications.returned import Returned, Sort
from processes.alarm import wording as says

UNREADABLE: Final = "bounces_unreadable"  # kind of alarm
# A sender may be at it again, or not yet have written that it was taken: its fence stops it.
OPEN_TO_CHANGE: Final = (NoticeState.SENT, NoticeState.PENDING, NoticeState.LEASED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """What one visit to the mailbox came to; `dead` are mails that a bounce has ended."""

    read: int = 0
    bounced: int = 0
    dead: int = 0
    delayed: int = 0
    automatic: int = 0
    personal: int = 0
    other: int = 0
    known: int = 0  # read before, not marked then


def visit(at: datetime) -> Visited:
    """Read every mailbox of the settings that has returned mail; raises if one cannot be read."""
    total = Visited()
    failures: list[MailboxUnreadable] = []
    for name, waiting in mailboxes(current().settings):
        try:
            with closing(waiting):
                for mail in waiting:
                    total = _counted(total, take(mail.raw, at))
                    mail.done()
        except MailboxUnreadable as unreadable:
            failures.append(unreadable)
            _alarm(name, str(unreadable), at)
        else:
            _alarm(name, None, at)
    if failures:
        raise failures[0]
    return total


def mailboxes(settings: Settings) -> Iterator[tuple[str, Generator[Waiting, None, None]]]:
    """Yield each place where returned mail lies, with what is unread there."""
    place = settings.mail.bounces
    if place.maildir is not None:
        yield "maildir", of_maildir(place.maildir)
    if place.imap_host is not None:
        secret = place.imap_password
        imap = Imap(
            host=place.imap_host,
            port=place.imap_port,
            security=place.imap_security,
            user=place.imap_user,
            password=secret.get_secret_value() if secret else "",
            folder=place.imap_folder,
            ca_file=settings.mail.ca_file,
        )
        yield "imap", of_imap(imap)


def take(raw: bytes, at: datetime) -> tuple[Sort, bool] | None:
    """Keep what one returned mail says: its sort, and whether it ended a mail; None if known."""
    return _take(returned.read(raw), hashlib.sha256(raw).hexdigest(), at)


@transaction
def _take(session: Session, found: Returned, digest: str, at: datetime) -> tuple[Sort, bool] | None:
    notice = _notice(session, found)
    told = {
        "digest": digest,
        "at": at,
        "sort": found.sort.value,
        "notice_id": notice.id if notice else None,
        "address": found.recipient or found.sender,
        "status": found.status,
        "text": found.text,
    }
    if not insert_new(session, ReturnedMail, [told]):
        return None
    if notice is None:
        return found.sort, False
    if found.sort is Sort.BOUNCED:
        return found.sort, _ended(session, notice, found, at)
    if found.sort in {Sort.AUTOMATIC, Sort.PERSONAL}:
        _trail(session, f"notice.reply_{found.sort}", notice, at, {})
    return found.sort, False


def _ended(session: Session, notice: Notice, found: Returned, at: datetime) -> bool:
    """Give the mail up after all; False if it was given up before."""
    why = f"returned: {found.status or 'no status'} {found.text}".strip()[:500]
    ended = session.connection().execute(
        sa.update(Notice)
        .where(col(Notice.id) == notice.id, col(Notice.state).in_(OPEN_TO_CHANGE))
        .values(state=NoticeState.DEAD, error=why, lease_until=None, offered_at=None)
    )
    if found.bad_address:
        rows.suppress(session, notice.address, reason=why, at=at)
    ref = notice.address if found.bad_address else notice.key
    message = says.came_back(notice.address, why)
    alarms.raise_alarm(session, kind="mail_refused", ref=ref, message=message, at=at)
    after = {"status": found.status, "suppressed": found.bad_address}
    _trail(session, "notice.returned", notice, at, after)
    return bool(ended.rowcount)


def _notice(session: Session, found: Returned) -> Notice | None:
    """Return the mail that came back: by its own return path, else by the Message-ID it quotes."""
    number = returned.number_of(found.mark) if found.mark else None
    if number is not None:
        notice = session.get(Notice, number)
        if notice is not None and found.mark in marks(current().settings, number, notice.key):
            return notice
    if not found.about:
        return None
    ours = session.exec(select(Notice).where(col(Notice.message_id).in_(found.about)))
    return min(ours, key=lambda notice: found.about.index(notice.message_id), default=None)


def marks(settings: Settings, number: int, key: str) -> list[str]:
    """Return the marks of a mail's return path: by today's key first, then by earlier ones."""
    keys = [settings.secret_key, *settings.old_secret_keys]
    return [returned.mark_of(number, key, one.get_secret_value()) for one in keys if one]


def return_path(settings: Settings, sender: str, number: int, key: str) -> str:
    """Return where this mail is to be returned if it cannot be delivered."""
    given = marks(settings, number, key) if settings.mail.return_path_per_mail else []
    return returned.marked(sender, given[0]) if given else sender


def _counted(total: Visited, taken: tuple[Sort, bool] | None) -> Visited:
    if taken is None:
        return replace(total, read=total.read + 1, known=total.known + 1)
    sort, ended = taken
    counts = {sort.value: getattr(total, sort.value) + 1, "dead": total.dead + ended}
    return replace(total, read=total.read + 1, **counts)


def _trail(
    session: Session, action: str, notice: Notice, at: datetime, after: dict[str, object]
) -> None:
    subject = f"notice:{notice.id}"
    trail.record(session, at=at, actor="bounces", action=action, subject=subject, after=after)


def _alarm(name: str, why: str | None, at: datetime) -> None:
    with writing() as session:
        if why is None:
            alarms.clear_alarm(session, kind=UNREADABLE, ref=name, at=at)
            return
        message = says.returned_unreadable(why)
        alarms.raise_alarm(session, kind=UNREADABLE, ref=name, message=message, at=at)
