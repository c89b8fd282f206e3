"""Codes and sign-in links are forgotten once sent or run out (用后即忘): nothing needs their text.

What is kept of a code is its hash, and of a link its nonce in the trail. The letter itself lies in
the mailbox of whom it was for, and its bytes and facts are no key for whoever reads the database.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.duty import Line
from models.engine import transaction
from models.notice import Notice, NoticeBytes, NoticeState
from rules.words import LetterKind

KEYS: Final = frozenset({LetterKind.CODE, LetterKind.SIGN_IN})  # letters that are keys themselves
TEXTS: Final = frozenset({"code", "link"})


def is_key(letter: str) -> bool:
    """Whether a letter of this kind lets its reader in."""
    return letter in KEYS


@transaction
def forget(session: Session, numbers: Iterable[int]) -> int:
    """Drop the text of those of these mails that are sent; return how many."""
    sent = select(Notice.id).where(
        col(Notice.id).in_(list(numbers)), col(Notice.state) == NoticeState.SENT
    )
    return drop_text(session, [number for number in session.exec(sent) if number is not None])


def drop_text(session: Session, numbers: Sequence[int]) -> int:
    """Drop the text of these mails, and what of it their lines keep; return how many."""
    session.execute(sa.delete(NoticeBytes).where(col(NoticeBytes.notice_id).in_(numbers)))
    for line in session.exec(select(Line).where(col(Line.notice_id).in_(numbers))):
        line.facts = {name: fact for name, fact in line.facts.items() if name not in TEXTS}
        session.add(line)
    return len(numbers)
