"""Letters set aside (退置邮件): the relay takes others and not these, and says why.

Nothing is said against their addresses, and they are not lost: `pdca resend` sends them again. One
alarm stands for all of them, and ends when none is left.
"""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col

from models import alarms
from models.notice import Notice, NoticeState
from processes.alarm import wording as says

KIND: Final = "mail_set_aside"  # of the alarm
REF: Final = "outbox"


def note(session: Session, why: str, at: datetime) -> None:
    """Raise the alarm for what is set aside now, or end it if nothing is."""
    left = count(session)
    if not left:
        alarms.clear_alarm(session, kind=KIND, ref=REF, at=at)
        return
    alarms.raise_alarm(session, kind=KIND, ref=REF, message=says.set_aside(left, why), at=at)


def count(session: Session) -> int:
    """Return how many letters are set aside."""
    mine = sa.select(sa.func.count()).where(col(Notice.state) == NoticeState.REFUSED)
    return int(session.execute(mine).scalar_one())
