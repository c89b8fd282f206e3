"""Sending again (重发): what was refused or dead goes back into the outbox, by an operator's hand.

It keeps its key and its Message-ID. What no relay ever took is written anew and says what is true
today; what one may have taken goes as the same bytes. What is over meanwhile is not sent.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import alarms, trail
from models import outbox as rows
from models.engine import transaction
from models.notice import Notice, NoticeBytes, NoticeState
from models.people import organisation
from notifications.letters import Rendered
from notifications.render import LetterUnrenderable
from processes.mail import outbox, refusing
from rules.refusal import NotFound, Refused

ENDED = (NoticeState.DEAD, NoticeState.REFUSED)


class NotResendable(Refused):
    """This letter is not one that was given up."""

    sentence = "{key} is {state}: only what is dead or refused can be sent again"


class NoWayThere(Refused):
    """There is still nobody to send it to."""

    sentence = (
        "{key} has no address that takes mail: correct the address and import it,"
        " or `pdca lift` what a server refused"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Resent:
    """How many letters wait to be sent again, were over meanwhile, or still have no way."""

    again: int = 0
    over: int = 0
    no_way: int = 0


@transaction
def one(session: Session, key: str, *, by: str, at: datetime) -> Resent:
    """Send one letter again, by its key; refuses what was not given up or has no address."""
    notice = session.exec(select(Notice).where(col(Notice.key) == key)).one_or_none()
    if notice is None:
        raise NotFound(what="mail", code=key)
    if notice.state not in ENDED:
        raise NotResendable(key=key, state=notice.state.value)
    done = _revive(session, notice, by, at)
    if done.no_way:
        raise NoWayThere(key=key)
    refusing.note(session, notice.error or "", at)
    return done


@transaction
def every(session: Session, *, by: str, at: datetime, since: datetime | None = None) -> Resent:
    """Send again everything that was given up, or what was written since then."""
    query = select(Notice).where(col(Notice.state).in_(ENDED)).order_by(col(Notice.id))
    if since is not None:
        query = query.where(col(Notice.created_at) >= since)
    done = [_revive(session, notice, by, at) for notice in session.exec(query)]
    session.flush()
    refusing.note(session, _last_word(session), at)
    return _sum(done)


def _revive(session: Session, notice: Notice, by: str, at: datetime) -> Resent:
    """Put one letter back; nothing is changed where there is no way to its reader."""
    address = _address(session, notice)
    if not address:
        return Resent(no_way=1)
    before = notice.state
    if _may_have_arrived(session, notice):
        notice.state = NoticeState.PENDING
    else:
        made = _anew(session, notice, at)
        if made is None:
            notice.state = NoticeState.CANCELLED
            session.flush()
            return Resent(over=1)
        _rewrite(session, notice, made)
    _ready(session, notice, address, at)
    trail.record(
        session,
        at=at,
        actor=f"operator:{by}"[:64],
        action="notice.resent",
        subject=f"notice:{notice.id}",
        before={"state": before.value},
    )
    return Resent(again=1)


def _ready(session: Session, notice: Notice, address: str, at: datetime) -> None:
    """Let the next delivery take it, and end the alarms that spoke of it alone."""
    notice.address, notice.next_try_at = address, at
    notice.error = notice.smtp_code = None
    session.add(notice)
    session.flush()
    for kind in ("mail_refused", "no_address"):
        alarms.clear_alarm(session, kind=kind, ref=notice.key, at=at)


def _address(session: Session, notice: Notice) -> str:
    """Return where its reader can be reached today; empty if nowhere."""
    if notice.person_id is not None:
        post = organisation(session).posts.get(notice.person_id)
        return (post.address or "") if post is not None and post.active else ""
    address: str = notice.address
    return "" if rows.is_suppressed(session, address) else address


def _may_have_arrived(session: Session, notice: Notice) -> bool:
    """Whether a relay took it once, or may have: then its bytes are frozen, if still there."""
    taken = notice.sent_at is not None or notice.copies > 0
    return taken and session.get(NoticeBytes, notice.id) is not None


def _anew(session: Session, notice: Notice, at: datetime) -> Rendered | None:
    """Return the letter as it reads today; None if nothing in it is open any more."""
    try:
        return outbox.written_anew(session, notice, at)
    except LetterUnrenderable as why:
        raise NotResendable(key=notice.key, state=str(why)) from why


def _rewrite(session: Session, notice: Notice, made: Rendered) -> None:
    notice.state, notice.attempts = NoticeState.PENDING, 0
    notice.subject = made.subject[:300]
    notice.mime_hash = hashlib.sha256(made.mime).hexdigest()
    kept = session.get(NoticeBytes, notice.id) or NoticeBytes(notice_id=notice.id or 0, mime=b"")
    kept.mime = made.mime
    session.add(kept)


def _last_word(session: Session) -> str:
    query = (
        sa.select(col(Notice.error))
        .where(col(Notice.state) == NoticeState.REFUSED)
        .order_by(col(Notice.id).desc())
        .limit(1)
    )
    return str(session.execute(query).scalar() or "")


def _sum(done: Sequence[Resent]) -> Resent:
    total = Resent()
    for each in done:
        total = replace(
            total,
            again=total.again + each.again,
            over=total.over + each.over,
            no_way=total.no_way + each.no_way,
        )
    return total
