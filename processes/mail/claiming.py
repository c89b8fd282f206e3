"""Claiming (领取): what may be sent now is leased, and what is over meanwhile is not sent.

The last look at whether there is still something to say is taken in the transaction that leases
the mail: nothing that was closed before is claimed after.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, cast

from sqlmodel import Session

from config.current import current
from models import alarms, trail
from models import outbox as rows
from models import relay as relays
from models.engine import reading, transaction
from models.notice import Notice, NoticeState
from models.outbox_queries import Claimed
from notifications.letters import Rendered
from notifications.render import LetterUnrenderable
from processes.alarm import wording as says
from processes.mail import forgetting, outbox
from processes.mail.delivered import Delivered

UNRENDERABLE: Final = (
    *(LetterUnrenderable, ValueError, TypeError, KeyError),
    *(IndexError, AttributeError, OverflowError),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Mails that are ours to send; `rests` if none may be sent now, `seen` the relay's failures.

    `disliked` are those that were declined before, while others were taken.
    """

    mails: tuple[Claimed, ...] = ()
    done: Delivered = field(default_factory=Delivered)
    rests: bool = False
    seen: int = 0
    disliked: frozenset[int] = frozenset()


@transaction
def listed(
    session: Session, at: datetime, *, relay: str, limit: int
) -> tuple[list[int], Delivered]:
    """Return what is due, most severe first, after taking back the leases that ran out.

    A relay that has failed is tried with one mail.
    """
    wait = timedelta(minutes=current().policy.mail.unsure_minutes)
    run_out, unsure = rows.run_out(session, at, unsure=wait)
    trail.record_many(
        session, [_entry("notice.unsure", number, at, {"why": "lease"}) for number in unsure]
    )
    standing = relays.standing(session, relay)
    done = Delivered(run_out=run_out, unsure=len(unsure))
    if standing.rests(at):
        return [], done + Delivered(rests_until=standing.rests_until)
    if standing.failures:
        return rows.due(session, at, 1, untried_first=True), done
    return rows.due(session, at, limit), done


def newest() -> int:
    """Return the highest number of a mail: what is urgent and comes later goes before the rest."""
    with reading() as session:
        return rows.newest(session)


def urgent_since(number: int, at: datetime) -> bool:
    """Whether a code, a link or an alarm was written after this mail and waits to be sent."""
    with reading() as session:
        return rows.urgent_since(session, number, at)


@transaction
def claim(session: Session, numbers: Sequence[int], at: datetime, *, relay: str) -> Claim:
    """Lease those of the listed mails that are still to be sent."""
    policy, mail = current().policy.mail, current().settings.mail
    standing = relays.standing(session, relay)
    if standing.rests(at):
        return Claim(rests=True, done=Delivered(rests_until=standing.rests_until))
    if mail.per_minute:
        granted = relays.allowance(session, at=at, per_minute=mail.per_minute, wanted=len(numbers))
        if not granted:
            until = relays.paced_until(session, mail.per_minute, at)
            return Claim(rests=True, done=Delivered(rests_until=until))
        numbers = numbers[:granted]
    mails, done = _checked(session, rows.take(session, numbers, at), at)
    trial = at + timedelta(minutes=policy.probe_minutes)
    if mails and standing.failures and not relays.probe(session, relay, at=at, until=trial):
        return Claim(rests=True, done=done)
    rows.lease(session, mails, at=at, until=at + timedelta(minutes=policy.lease_minutes))
    return Claim(
        mails=tuple(mails), done=done, seen=standing.failures, disliked=standing.disliked()
    )


def _checked(
    session: Session, taken: Sequence[Claimed], at: datetime
) -> tuple[list[Claimed], Delivered]:
    """Return the mails to be sent; those that are not are cancelled, dead or set aside."""
    doubtful = rows.doubtful(session, [mail for mail in taken if mail.attempts == 0])
    suppressed = rows.suppressed(session, taken)
    expired = rows.expired(session, taken, at)
    forgetting.drop_text(session, sorted(expired))
    kept, done = [], Delivered()
    for mail in taken:
        if mail.id in expired:  # a link that no longer opens anything only misleads
            rows.put_aside(session, mail, state=NoticeState.CANCELLED)
            done += Delivered(cancelled=1)
        elif mail.address in suppressed:
            done += _dead(session, mail, suppressed[mail.address], at)
        elif mail.id in doubtful:
            checked, result = _rechecked(session, mail, at)
            done += result
            kept += [checked] if checked else []
        elif not mail.mime:
            done += _set_aside(session, mail, "its text is missing", at)
        else:
            kept.append(mail)
    return kept, done


def _rechecked(session: Session, mail: Claimed, at: datetime) -> tuple[Claimed | None, Delivered]:
    """Ask whether the mail still has something to say; None if it is not sent now."""
    try:
        with session.begin_nested():
            verdict = outbox.recheck(session, cast("Notice", mail), at)
    except UNRENDERABLE as broken:
        return None, _set_aside(session, mail, f"{type(broken).__name__}: {broken}", at)
    if verdict == "cancel":
        rows.put_aside(session, mail, state=NoticeState.CANCELLED)
        return None, Delivered(cancelled=1)
    if mail.error:
        alarms.clear_alarm(session, kind="letter_unrenderable", ref=mail.key, at=at)
    return (mail if verdict == "send" else _rewritten(session, mail, verdict)), Delivered()


def _rewritten(session: Session, mail: Claimed, new: Rendered) -> Claimed:
    """Give a mail that was never attempted its new text, under its own Message-ID."""
    assert new.message_id == mail.message_id
    return rows.rewrite(session, mail, subject=new.subject, mime=new.mime)


def _set_aside(session: Session, mail: Claimed, why: str, at: datetime) -> Delivered:
    until = at + outbox.TRY_AGAIN
    rows.put_aside(session, mail, next_try_at=until, error=why[:500])
    message = says.not_sendable(mail.key, why)
    alarms.raise_alarm(session, kind="letter_unrenderable", ref=mail.key, message=message, at=at)
    return Delivered(set_aside=1)


def _dead(session: Session, mail: Claimed, reason: str, at: datetime) -> Delivered:
    why = f"nothing is sent to {mail.address} any more: {reason}"
    rows.put_aside(session, mail, state=NoticeState.DEAD, error=why[:500])
    message = says.suppressed(mail.address, reason)
    alarms.raise_alarm(session, kind="mail_refused", ref=mail.address, message=message, at=at)
    trail.record_many(session, [_entry("notice.dead", mail.id, at, {"why": "suppressed"})])
    return Delivered(dead=1)


def _entry(action: str, number: int, at: datetime, after: dict[str, str]) -> trail.Entry:
    return trail.Entry(
        at=at, actor="delivery", action=action, subject=f"notice:{number}", after=after
    )
