"""Letters that died for their address, once the address is good again (补发).

An address was corrected, entered or lifted: what still says something true goes out under its own
key and Message-ID, in working hours. A mail that no relay ever accepted is written anew, with
today's date; one that a relay accepted and sent back keeps its bytes. The alarms about the address
end with it.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models import alarms, people, trail
from models.notice import Notice, NoticeBytes, NoticeState
from notifications.letters import Shape
from notifications.render import LetterUnrenderable, render
from processes.mail import outbox
from processes.mail.items import Told
from processes.mail.writing import letter_to
from rules.words import LetterKind

# A code or a sign-in link has run out by then, and is asked for anew.
NOT_AGAIN: Final = (LetterKind.CODE, LetterKind.SIGN_IN)
Dead = Sequence[Notice]


def corrected(session: Session, persons: Collection[int], at: datetime) -> int:
    """Send what people missed whose address was entered or corrected; return how many letters."""
    if not persons:
        return 0
    people.forget(session)
    found = session.exec(_dead().where(col(Notice.person_id).in_(persons))).all()
    return _revive(session, found, at)


def lifted(session: Session, address: str, at: datetime) -> int:
    """Send what was missed at an address that takes mail again; return how many letters."""
    people.forget(session)
    same = sa.func.lower(col(Notice.address)) == address.strip().lower()
    whose = [one.id for one in people.by_address(session, address)]
    theirs = sa.or_(same, col(Notice.person_id).in_(whose))
    return _revive(session, session.exec(_dead().where(theirs)).all(), at)


def _dead() -> Any:
    return (
        select(Notice)
        .where(
            col(Notice.state) == NoticeState.DEAD,
            col(Notice.person_id).is_not(None),
            col(Notice.letter).not_in(NOT_AGAIN),
        )
        .order_by(col(Notice.id))
    )


def _revive(session: Session, found: Dead, at: datetime) -> int:
    return sum(_one(session, notice, at) for notice in found)


def _one(session: Session, notice: Notice, at: datetime) -> bool:
    """Put one letter back into the outbox; False if it has nothing true to say, or no address."""
    post = people.organisation(session).posts.get(notice.person_id or 0)
    if post is None or not post.active or not post.address:
        return False
    opening = current().calendar.opening(at)
    try:
        return put_back(
            session,
            notice,
            address=post.address,
            next_try_at=opening,
            at=at,
            by="delivery",
            action="notice.revived",
        )
    except LetterUnrenderable:
        return False  # it stays dead, and the alarm about its text stands


def put_back(
    session: Session,
    notice: Notice,
    *,
    address: str,
    next_try_at: datetime,
    at: datetime,
    by: str,
    action: str,
) -> bool:
    """Let a letter that was given up go again; False if it has nothing true to say any more.

    It keeps its key and Message-ID. Raises `LetterUnrenderable` where it cannot be written anew.
    """
    _clear_alarms(session, notice, at)
    told = outbox.still_to_tell(session, notice)
    if not told:
        return False
    before, state = notice.address, notice.state
    values = _bytes(session, notice, told, address, at)
    for name, value in values.items():
        setattr(notice, name, value)
    notice.state, notice.address, notice.next_try_at = NoticeState.PENDING, address, next_try_at
    notice.attempts, notice.error, notice.smtp_code = 0, None, None
    notice.lease_until = notice.offered_at = None
    session.add(notice)
    session.flush()
    trail.record(
        session,
        at=at,
        actor=by,
        action=action,
        subject=f"notice:{notice.id}",
        before={"state": state.value},
        after={"corrected": before != address, "anew": bool(values)},
    )
    return True


def _bytes(
    session: Session, notice: Notice, told: Sequence[Told], address: str, at: datetime
) -> dict[str, Any]:
    """Return what is written anew of a letter; nothing if a relay has accepted it before."""
    kept = session.get(NoticeBytes, notice.id)
    if kept is not None and (notice.sent_at is not None or notice.copies):
        return {}
    letter = letter_to(
        session,
        notice.person_id,
        Shape(outbox.shape_of(notice)),
        told,
        outbox.marked(told),
        at,
        key=notice.key,
    )
    made = render(replace(letter, to_address=address))
    assert notice.id is not None
    assert made.message_id == notice.message_id
    if kept is None:
        session.add(NoticeBytes(notice_id=notice.id, mime=made.mime))
    else:
        kept.mime = made.mime
        session.add(kept)
    return {
        "subject": made.subject[:300],
        "mime_hash": hashlib.sha256(made.mime).hexdigest(),
        "created_at": at,
    }


def _clear_alarms(session: Session, notice: Notice, at: datetime) -> None:
    for kind, ref in (("mail_refused", notice.key), ("no_address", notice.key)):
        alarms.clear_alarm(session, kind=kind, ref=ref, at=at)
    if notice.address and not _used(session, notice.address):
        alarms.clear_alarm(session, kind="mail_refused", ref=notice.address, at=at)


def _used(session: Session, address: str) -> bool:
    """Whether somebody active still has this address and is not reached by it."""
    posts = people.organisation(session).posts
    return any(
        one.id is not None and posts[one.id].address is None
        for one in people.by_address(session, address)
    )
