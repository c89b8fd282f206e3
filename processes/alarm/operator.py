"""Telling the operator (告警通知): every alarm that is open is mailed once, and then left alone.

An alarm that nobody reads is a silence too. What is over before the daily check is not mailed.
"""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from config.current import current
from models import alarms
from models.duty import Line
from models.engine import transaction
from models.record import Alarm
from notifications.keys import loose_key
from processes.alarm import other_path
from processes.mail.lines import post
from processes.nonconformity import duties as nonconformity_duties
from rules.words import LetterKind

MOST: Final = 20  # letters a day; the rest is told on the days after, or named by the doctor


@transaction
def tell_operator(session: Session, at: datetime) -> int:
    """Promise a letter about each open alarm that was not mailed yet; return how many."""
    if not current().settings.operator:
        return 0
    untold = [one for one in alarms.open_alarms(session) if not _told(session, one)][:MOST]
    for one in untold:
        post(
            session,
            letter=LetterKind.ALARM,
            ref=_occasion(one),
            person_id=None,
            at=at,
            facts={"kind": one.kind, "ref": one.ref, "message": one.message},
        )
    return len(untold)


def _told(session: Session, alarm: Alarm) -> bool:
    if alarm.kind.startswith(nonconformity_duties.ALARM):
        return True  # told in the transaction that found it
    if alarm.kind in other_path.KINDS:
        return True  # told past the outbox, which may be what is silent
    key = loose_key(LetterKind.ALARM, _occasion(alarm), None)
    return session.exec(select(Line.id).where(col(Line.key) == key)).first() is not None


def _occasion(alarm: Alarm) -> str:
    return f"alarm:{alarm.id}"
