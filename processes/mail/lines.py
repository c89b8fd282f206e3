"""What is to be told, written down in the transaction that decides it (待告知).

A line is a promise to tell one person one thing; `processes/mail/outbox.py` turns lines into mails.
Its key makes the promise once, however often the step is taken.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.duty import Duty, Line
from models.upsert import insert_new
from notifications.keys import line_key, loose_key
from rules.words import LetterKind


def line(
    duty: Duty,
    letter: LetterKind,
    person: int | None,
    *,
    at: datetime,
    level: int | None = None,
    on_behalf_of: int | None = None,
    facts: dict[str, Any] | None = None,
    occasion: int | None = None,
) -> dict[str, Any]:
    """Return the row that promises this letter about a duty at its present step."""
    assert duty.id is not None
    return {
        "key": line_key(duty.id, duty.episode, duty.nth, letter, person, round_=occasion),
        "duty_id": duty.id,
        "episode": duty.episode,
        "nth": duty.nth,
        "letter": letter,
        "level": level,
        "person_id": person,
        "on_behalf_of_id": on_behalf_of,
        "facts": facts or {},
        "created_at": at,
    }


def promise(session: Session, rows: Iterable[dict[str, Any]]) -> int:
    """Keep the promises that are new; return how many."""
    return insert_new(session, Line, list(rows))


def post(
    session: Session,
    *,
    letter: LetterKind,
    ref: str,
    person_id: int | None,
    at: datetime,
    facts: dict[str, Any],
    duty_id: int | None = None,
) -> None:
    """Promise a letter that belongs to no step: a code, a sign-in link, an alarm.

    `ref` names the occasion (the number of the code, the alarm), so that it is told once.
    """
    promise(
        session,
        [
            {
                "key": loose_key(letter, ref, person_id),
                "duty_id": duty_id,
                "letter": letter,
                "person_id": person_id,
                "facts": facts,
                "created_at": at,
                "episode": 0,
                "nth": 0,
                "level": None,
                "on_behalf_of_id": None,
            }
        ],
    )
