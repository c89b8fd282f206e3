"""Sending again (重发): what was refused or dead goes back into the outbox, by an operator's hand.

It keeps its key and its Message-ID. What no relay ever took is written anew and says what is true
today; what one may have taken goes as the same bytes. What is over meanwhile is not sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import outbox as rows
from models.engine import transaction
from models.notice import Notice, NoticeState
from models.people import organisation
from notifications.render import LetterUnrenderable
from processes.mail import refusing, reviving
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
    try:
        again = reviving.put_back(
            session,
            notice,
            address=address,
            next_try_at=at,
            at=at,
            by=f"operator:{by}"[:64],
            action="notice.resent",
        )
    except LetterUnrenderable as why:
        raise NotResendable(key=notice.key, state=str(why)) from why
    if again:
        return Resent(again=1)
    notice.state = NoticeState.CANCELLED
    session.add(notice)
    session.flush()
    return Resent(over=1)


def _address(session: Session, notice: Notice) -> str:
    """Return where its reader can be reached today; empty if nowhere."""
    if notice.person_id is not None:
        post = organisation(session).posts.get(notice.person_id)
        return (post.address or "") if post is not None and post.active else ""
    address: str = notice.address
    return "" if rows.is_suppressed(session, address) else address


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
