"""What is true of each kind of letter (信函特性): one row a kind, one column a question.

Everything that asks "is this a letter that…" asks this table. A kind of letter without a row is a
plain one: it informs, and has none of the marks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rules.words import LetterKind


class Tone(StrEnum):
    """What a glance at the strip above a letter tells."""

    ALERT = "alert"
    WARNING = "warning"
    NOTE = "note"
    GOOD = "good"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """The traits of one kind of letter; a plain letter has none of the marks."""

    tone: Tone = Tone.NOTE
    rank: int = 60  # the lower is sent first when a relay is slow
    owed: bool = False  # what its receiver is to do: gathered into the digest
    private: bool = False  # about nothing that others share: never gathered
    by_system: bool = False  # said by the system itself, urgent, and no part of a duty's story
    secret: bool = False  # carries a key: having received it entitles to nothing
    about_others: bool = False  # speaks of what somebody else owes, or owed
    true_after_end: bool = False  # still says something true when the duty has ended
    owners_only: bool = False  # only whoever owes it is to hear it
    for_owing: bool = False  # heard only because of owing it: its hearer is told when it moves on
    tells_above: bool = False  # somebody above the owner was told by it


TRAITS: Final[dict[LetterKind, Traits]] = {
    LetterKind.ASSIGNMENT: Traits(owed=True, for_owing=True),
    LetterKind.REMINDER: Traits(tone=Tone.WARNING, owed=True, owners_only=True, for_owing=True),
    LetterKind.OVERDUE: Traits(
        tone=Tone.ALERT, rank=50, owed=True, owners_only=True, for_owing=True
    ),
    LetterKind.ESCALATION: Traits(tone=Tone.ALERT, rank=20, about_others=True, tells_above=True),
    LetterKind.STRAIGHT_UP: Traits(tone=Tone.ALERT, rank=10),
    LetterKind.STOOD_IN: Traits(tone=Tone.QUIET, owed=True, about_others=True, tells_above=True),
    LetterKind.EXTENSION_ASKED: Traits(tone=Tone.WARNING, rank=50, owed=True, for_owing=True),
    LetterKind.EXTENSION_DECIDED: Traits(about_others=True, true_after_end=True),
    LetterKind.VERIFICATION_ASKED: Traits(owed=True, for_owing=True),
    LetterKind.INEFFECTIVE: Traits(tone=Tone.ALERT, owed=True, tells_above=True),
    LetterKind.OVER: Traits(tone=Tone.GOOD, rank=80, about_others=True, true_after_end=True),
    LetterKind.CHECK_REPORT: Traits(about_others=True, true_after_end=True),
    LetterKind.SPECIAL_SITUATION: Traits(),
    LetterKind.KPI_REPORT: Traits(),
    LetterKind.PLAN_REPORT: Traits(),
    LetterKind.INSTRUCTION: Traits(tone=Tone.WARNING, rank=30, for_owing=True),
    LetterKind.COMMENT: Traits(true_after_end=True),
    LetterKind.PROVISIONAL: Traits(tone=Tone.WARNING, rank=1, private=True, true_after_end=True),
    LetterKind.CODE: Traits(
        tone=Tone.QUIET, rank=0, private=True, by_system=True, secret=True, true_after_end=True
    ),
    LetterKind.SIGN_IN: Traits(
        tone=Tone.QUIET, rank=0, private=True, by_system=True, secret=True, true_after_end=True
    ),
    LetterKind.ALARM: Traits(
        tone=Tone.ALERT, rank=0, private=True, by_system=True, true_after_end=True
    ),
    LetterKind.MEETING: Traits(private=True, true_after_end=True),
}


def traits_of(letter: LetterKind | str) -> Traits:
    """Return the traits of a kind of letter; one without a row is plain, a stranger is an error."""
    return TRAITS.get(LetterKind(letter), Traits())


def letters_that(wanted: Callable[[Traits], bool]) -> frozenset[LetterKind]:
    """Return the kinds of letter whose traits are the wanted ones."""
    return frozenset(kind for kind, traits in TRAITS.items() if wanted(traits))
