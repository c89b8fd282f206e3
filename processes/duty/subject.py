"""What duties are about (待办事项), as the process it belongs to says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models.duty import Duty


def _nothing(_session: Session, _duty: Duty, _person: int, _at: datetime) -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One kind of thing that duties are about.

    `called` is what it is called in a letter, with its code; an English sentence, the key of its
    translation. `acts` are what a person may declare about the thing itself, beside the duty:
    (session, duty, person, at).
    """

    called: str = "{code}"
    acts: Callable[[Session, Duty, int, datetime], frozenset[str]] = _nothing
