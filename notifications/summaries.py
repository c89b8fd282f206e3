"""What a digest or a table says above its rows (汇总): how many, how bad, which levels."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from config.language import label, listed, say
from notifications.letters import Letter, Shape
from notifications.views import View, working_days
from rules.digest import SEVEREST_FIRST
from rules.words import LetterKind

# Sections of a digest in the order in which they are read; everything else is new.
SECTIONS: Final = {
    LetterKind.OVERDUE: ("Overdue", "{n} overdue"),
    LetterKind.REMINDER: ("Due soon", "{n} due soon"),
    LetterKind.ASSIGNMENT: ("New", "{n} new"),
    LetterKind.STOOD_IN: ("Received by your delegate", "{n} received by your delegate"),
}
ORDER: Final = tuple(SECTIONS)


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one sort under a heading."""

    title: str
    rows: tuple[View, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The head of a mail that tells of many."""

    n: int
    total: str
    parts: str
    mark: str
    sections: tuple[Section, ...] = ()


def summary(letter: Letter, rows: Sequence[View]) -> Summary:
    """Return the head; counts are of all items, also of those a mail has no room for."""
    if letter.shape is Shape.DIGEST:
        return _digest(letter, rows)
    n, language = len(letter.items), letter.language
    if letter.letter is LetterKind.ESCALATION:
        total = say(language, "{n} matters escalated to you", n=n)
    else:
        total = say(
            language, "{letter}: {n} matters", n=n, letter=label(language, letter.letter, "letter")
        )
    return Summary(n=n, total=total, parts=_how_bad(letter), mark=_mark(letter))


def _digest(letter: Letter, rows: Sequence[View]) -> Summary:
    n, language = len(letter.items), letter.language
    counted = Counter(_section(item.letter) for item in letter.items)
    ordered = sorted(rows, key=lambda row: ORDER.index(_section(row.letter)))
    return Summary(
        n=n,
        total=say(language, "1 matter waits for you")
        if n == 1
        else say(language, "{n} matters wait for you", n=n),
        parts=listed(
            language,
            (say(language, SECTIONS[kind][1], n=counted[kind]) for kind in ORDER if counted[kind]),
        ),
        mark=_mark(letter),
        sections=tuple(
            Section(say(language, SECTIONS[kind][0]), tuple(theirs))
            for kind, theirs in groupby(ordered, key=lambda row: _section(row.letter))
        ),
    )


def _section(letter: str) -> LetterKind:
    kind = LetterKind(letter)
    return kind if kind in SECTIONS else LetterKind.ASSIGNMENT


def _how_bad(letter: Letter) -> str:
    language = letter.language
    counted = Counter(item.severity for item in letter.items)
    said = [
        say(language, "{n} {severity}", n=counted[one], severity=label(language, one, "severity"))
        for one in SEVEREST_FIRST
        if counted[one]
    ]
    longest = max(item.overdue_days for item in letter.items)
    if longest:
        said.append(say(language, "at most {late} overdue", late=working_days(language, longest)))
    return listed(language, said)


def _mark(letter: Letter) -> str:
    """Return the levels climbed to, as the subject begins with them."""
    levels = [
        item.level
        for item in letter.items
        if item.level is not None and item.letter is not LetterKind.STOOD_IN
    ]
    if not levels:
        return ""
    if min(levels) == max(levels):
        return say(letter.language, "【Level {level}】", level=levels[0])
    return say(letter.language, "【Levels {low}–{high}】", low=min(levels), high=max(levels))
