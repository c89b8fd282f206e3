"""Instructing (督办): whoever is told of a duty, or leads its owner, says what is expected.

An instruction ends nothing and moves no deadline. It goes to the owner and stands in the record.
"""

from typing import Final

from rules.refusal import Refused

LONGEST: Final = 2000  # characters
MOST_A_DAY: Final = 3  # by one person about one duty


class MayNotInstruct(Refused):
    """Neither above the owner, nor of the quality department, nor told of it at a level."""

    sentence = "only who leads {owner}, was told of it, or is of the quality department instructs"


class NoInstruction(Refused):
    """Nothing is said."""

    sentence = "say what you expect of the owner, and by when"


class InstructionTooLong(Refused):
    """A letter has an end."""

    sentence = "an instruction has at most {most} characters; this one has {length}"


class EnoughInstructions(Refused):
    """The same owner hears the same person again and again."""

    sentence = "you have instructed {owner} {most} times today about this: call instead"


def wording(note: str) -> str:
    """Return the instruction trimmed; refuse an empty one and one that is too long."""
    said = note.strip()
    if not said:
        raise NoInstruction
    if len(said) > LONGEST:
        raise InstructionTooLong(most=LONGEST, length=len(said))
    return said


def refuse_flood(today: int, owner: str) -> None:
    """Refuse one more instruction where this person has given as many today as may be."""
    if today >= MOST_A_DAY:
        raise EnoughInstructions(owner=owner, most=MOST_A_DAY)
