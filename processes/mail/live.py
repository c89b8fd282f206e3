"""Whether a home is live (正式运行): a letter was handed to a mail server other than our sink.

Until then it is being tried out, and may live in any year. From then on people hold its letters
in their hands, and what it says of next year is a deadline of theirs.
"""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from config.current import current
from models.engine import reading, transaction
from models.notice import Notice, NoticeState
from models.record import Beat
from models.upsert import insert_new
from rules.refusal import Refused

BEAT: Final = "mail.live"


class FutureOnLiveHome(Refused):
    """Something is to be done as of an instant that is still to come, and letters have left."""

    sentence = (
        "{instant} lies in the future, and letters have left this home: what is done as of then"
        " stands in its rows. Say --rehearse to try it on a copy, or --yes if it is meant"
    )


def is_live() -> bool:
    """Whether a letter has left; one that was sent before this was noted counts too."""
    with reading() as session:
        if session.get(Beat, BEAT) is not None:
            return True
        if current().settings.mail.host is None:
            return False
        sent = select(Notice.id).where(col(Notice.state) == NoticeState.SENT).limit(1)
        return session.exec(sent).first() is not None


def refuse_the_future(instant: datetime) -> None:
    """Refuse an instant that is still to come if this home is live."""
    if is_live():
        raise FutureOnLiveHome(instant=instant)


def noted() -> bool:
    """Whether it is on record that letters have left."""
    with reading() as session:
        return session.get(Beat, BEAT) is not None


@transaction
def begin(session: Session, at: datetime) -> bool:
    """Note that a letter is about to leave; False if it was noted before."""
    return insert_new(session, Beat, [{"name": BEAT, "at": at, "facts": {}}]) == 1
