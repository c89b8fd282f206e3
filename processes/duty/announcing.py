"""How a duty is announced to whoever owes it (开单通知), and to one who hears of it later."""

from collections.abc import Mapping
from typing import Any, Final

from sqlmodel import Session, col, select

from models.duty import Duty, Line
from processes.duty import extension
from rules.words import DutyKind, LetterKind

# The letters with which a duty begins, by its kind; all others begin with an assignment.
BEGINS_WITH: Final[Mapping[str, LetterKind]] = {
    DutyKind.DECIDE_EXTENSION: LetterKind.EXTENSION_ASKED,
    DutyKind.VERIFY: LetterKind.VERIFICATION_ASKED,
    DutyKind.VERIFY_EFFECT: LetterKind.VERIFICATION_ASKED,
    DutyKind.DECIDE: LetterKind.STRAIGHT_UP,
}
BEGINNINGS: Final = (LetterKind.ASSIGNMENT, LetterKind.INEFFECTIVE, *BEGINS_WITH.values())
_OF_ITS_READER: Final = frozenset({"handed_by", "handed_to", "note"})  # of one who took it over


def announced(session: Session, duty_id: int, kind: str) -> tuple[LetterKind, dict[str, Any]]:
    """Return the letter that announced this duty, or would have, and the facts it told."""
    first = session.exec(
        select(Line)
        .where(
            col(Line.duty_id) == duty_id,
            col(Line.level).is_(None),
            col(Line.letter).in_(set(BEGINNINGS)),
        )
        .order_by(col(Line.id))
        .limit(1)
    ).first()
    if first is not None:
        return first.letter, _lasting(first.facts)
    return BEGINS_WITH.get(kind, LetterKind.ASSIGNMENT), _facts(session, duty_id, kind)


def _lasting(facts: dict[str, Any]) -> dict[str, Any]:
    if "handed_to" not in facts:
        return facts
    return {name: fact for name, fact in facts.items() if name not in _OF_ITS_READER}


def _facts(session: Session, duty_id: int, kind: str) -> dict[str, Any]:
    """Return what a letter about an extension asks; others say what their duty says."""
    if kind != DutyKind.DECIDE_EXTENSION:
        return {}
    decision = session.get_one(Duty, duty_id)
    asked = extension.asked_by_decision(session, decision)
    return extension.facts_of(asked, session.get_one(Duty, asked.duty_id))
