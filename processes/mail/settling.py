"""Settling (落账): what became of one attempt, written where the lease is still ours.

In the same transaction the next mail is noted as offered, so that its final dot may go out: a
crash then leaves exactly that one unsure, and the trail and the row say so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeGuard

import sqlalchemy as sa
from sqlmodel import Session

from config.current import current
from models import alarms, crash, trail
from models import outbox as rows
from models import relay as relays
from models.engine import transaction
from models.notice import NoticeState
from models.outbox_queries import Claimed
from notifications.transport import (
    Accepted,
    Ambiguous,
    Declined,
    Deferred,
    Outcome,
    Rejected,
    Unauthorised,
    Unreachable,
)
from processes.alarm import wording as says
from processes.mail import refusing
from processes.mail.delivered import Delivered
from processes.mail.relaying import Failure, next_try, said


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What was counted, and whether the next mail is still ours to finish."""

    done: Delivered
    next_is_ours: bool


def concerns_all(outcome: Outcome) -> TypeGuard[Failure]:
    """Whether it is the relay that failed, and not one mail."""
    if isinstance(outcome, Deferred):
        return outcome.whole_relay
    if isinstance(outcome, Declined):
        return not outcome.alone
    return isinstance(outcome, Unauthorised | Unreachable)


def settle(
    connection: sa.Connection,
    mail: Claimed,
    outcome: Outcome,
    following: Claimed | None,
    *,
    at: datetime,
    relay: str,
    seen: int,
) -> Settled:
    """Write one result and offer the next mail; `seen` failures of the relay are over now.

    The connection is the sender's own, kept open: this is done for every mail.
    """
    if not isinstance(outcome, Accepted) or seen:
        return _settle(mail, outcome, following, at=at, relay=relay, seen=seen)
    crash.point("settle: before begin")
    with connection.begin():
        mine, ours = rows.sent_and_next(connection, mail, following, at)
        crash.point("settle: before commit")
    crash.point("settle: after commit")
    return Settled(done=Delivered(sent=1) if mine else Delivered(fenced=1), next_is_ours=ours)


@transaction
def _settle(
    session: Session,
    mail: Claimed,
    outcome: Outcome,
    following: Claimed | None,
    *,
    at: datetime,
    relay: str,
    seen: int,
) -> Settled:
    match outcome:
        case Accepted():
            done = _sent(session, mail, at)
        case Deferred():
            done = _deferred(session, mail, outcome, at)
        case Rejected():
            done = _dead(session, mail, outcome, at)
        case Declined():
            done = _refused(session, mail, outcome, at)
        case Ambiguous():
            done = _unsure(session, mail, outcome, at)
        case _:
            raise TypeError(f"{outcome} is the relay's failure, not this mail's")
    if done is not None and seen and _takes_mail(session, outcome, relay):
        relays.recovered(session, relay, seen=seen, at=at)
    ours = following is None or rows.offer(session, following, at)
    return Settled(done=done or Delivered(fenced=1), next_is_ours=ours)


def _takes_mail(session: Session, outcome: Outcome, relay: str) -> bool:
    """Whether a relay that had failed takes mail again: one that declined it must take one."""
    if isinstance(outcome, Accepted):
        return True
    return not isinstance(outcome, Ambiguous) and not relays.standing(session, relay).declines


def _sent(session: Session, mail: Claimed, at: datetime) -> Delivered | None:
    mine = rows.settle(session, mail, state=NoticeState.SENT, sent_at=at, smtp_code=250, error=None)
    return Delivered(sent=1) if mine else None


def _deferred(session: Session, mail: Claimed, no: Deferred, at: datetime) -> Delivered | None:
    mine = rows.settle(
        session,
        mail,
        state=NoticeState.PENDING,
        next_try_at=at + next_try(mail),
        smtp_code=no.code,
        error=said(no),
    )
    return Delivered(deferred=1) if mine else None


def _dead(session: Session, mail: Claimed, no: Rejected, at: datetime) -> Delivered | None:
    """Give the mail up, loudly: the refused address is written to no more."""
    why = f"{no.code} {no.text}"
    mine = rows.settle(session, mail, state=NoticeState.DEAD, smtp_code=no.code, error=why)
    if not mine:
        return None
    message = says.refused(mail.address, why)
    alarms.raise_alarm(session, kind="mail_refused", ref=mail.address, message=message, at=at)
    rows.suppress(session, mail.address, reason=why, at=at)
    _trail(session, "notice.dead", mail, at, code=no.code, stage=no.stage)
    return Delivered(dead=1)


def _refused(session: Session, mail: Claimed, no: Declined, at: datetime) -> Delivered | None:
    """Set one mail aside that the relay dislikes while it takes others; one alarm for all."""
    why = f"{no.code} {no.text}"
    mine = rows.settle(session, mail, state=NoticeState.REFUSED, smtp_code=no.code, error=why)
    if not mine:
        return None
    refusing.note(session, why, at)
    _trail(session, "notice.refused", mail, at, code=no.code, stage=no.stage)
    return Delivered(refused=1)


def _unsure(session: Session, mail: Claimed, lost: Ambiguous, at: datetime) -> Delivered | None:
    """Send the same bytes once more, later; from the second time on somebody should look.

    It is never given up for this: a third copy is a nuisance, a lost escalation is a broken
    promise. So the waits double.
    """
    policy = current().policy.mail
    wait = timedelta(minutes=policy.unsure_minutes) * (1 << min(mail.copies, 10))
    mine = rows.settle(
        session,
        mail,
        state=NoticeState.PENDING,
        next_try_at=at + min(wait, timedelta(hours=policy.backoff_cap_hours)),
        ambiguous_at=at,
        copies=mail.copies + 1,
        smtp_code=None,
        error=lost.text,
    )
    if not mine:
        return None
    if mail.copies:
        message = says.never_confirmed(mail.address, mail.copies + 1, lost.text)
        alarms.raise_alarm(session, kind="mail_unsure", ref=mail.key, message=message, at=at)
    _trail(session, "notice.unsure", mail, at, why="no answer to the final dot")
    return Delivered(unsure=1)


def _trail(session: Session, action: str, mail: Claimed, at: datetime, **after: Any) -> None:
    subject = f"notice:{mail.id}"
    trail.record(session, at=at, actor="delivery", action=action, subject=subject, after=after)
