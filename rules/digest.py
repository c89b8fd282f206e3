"""What goes into one mail (汇总): nobody opens fifty letters in a morning.

What a person owes himself is one digest. Notices of a level stand alone, unless more than the
policy's number would reach one person in one sweep: then they are one table, most severe
first. A straight-up report and a step of the ladder about the same thing are one mail.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from rules.words import LetterKind, Severity

OWN: Final = frozenset(
    {
        LetterKind.ASSIGNMENT,
        LetterKind.REMINDER,
        LetterKind.OVERDUE,
        LetterKind.STOOD_IN,
        LetterKind.EXTENSION_ASKED,
        LetterKind.VERIFICATION_ASKED,
        LetterKind.INEFFECTIVE,
    }
)
# Letters to one person about nothing that others share: never gathered.
PRIVATE: Final = frozenset(
    {
        LetterKind.CODE,
        LetterKind.SIGN_IN,
        LetterKind.ALARM,
        LetterKind.MEETING,
        LetterKind.PROVISIONAL,
    }
)
SEVEREST_FIRST: Final = {Severity.MAJOR: 0, Severity.MINOR: 1, Severity.OBSERVATION: 2}

Shape = Literal["single", "digest", "table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One line as gathering sees it; `subject` is what it is about, whatever duty it names."""

    line: int
    letter: LetterKind
    subject: Hashable
    severity: Severity = Severity.MINOR
    due_at: datetime | None = None
    level: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Lines that make one mail; `merged` are lines told as a second mark on another's item."""

    shape: Shape
    lines: tuple[int, ...]
    merged: dict[int, int] = field(default_factory=dict)  # line -> the line it is marked on


def gather(lines: Iterable[Told], *, digest_above: int) -> list[Mail]:
    """Return the mails for what one person is to hear in one sweep, in the order to send."""
    ordered = sorted(lines, key=lambda told: told.line)
    own = [told for told in ordered if told.letter in OWN]
    levels = [told for told in ordered if told.letter is LetterKind.ESCALATION]
    straight = [told for told in ordered if told.letter is LetterKind.STRAIGHT_UP]
    rest = [told for told in ordered if told not in own + levels + straight]
    merged = _merged(straight, levels)
    mails = [_single(told, merged) for told in straight]
    mails += _levels([t for t in levels if t.line not in merged], digest_above)
    mails += _own(own)
    mails += _rest(rest, digest_above)
    return mails


def _merged(straight: list[Told], levels: list[Told]) -> dict[int, int]:
    by_subject = {told.subject: told.line for told in straight}
    return {t.line: by_subject[t.subject] for t in levels if t.subject in by_subject}


def _single(told: Told, merged: dict[int, int]) -> Mail:
    with_it = {line: on for line, on in merged.items() if on == told.line}
    return Mail(shape="single", lines=(told.line, *with_it), merged=with_it)


def _levels(levels: list[Told], digest_above: int) -> list[Mail]:
    if len(levels) <= digest_above:
        return [Mail(shape="single", lines=(told.line,)) for told in levels]
    return [Mail(shape="table", lines=tuple(t.line for t in sorted(levels, key=_urgency)))]


def _own(own: list[Told]) -> list[Mail]:
    if len(own) > 1:
        return [Mail(shape="digest", lines=tuple(t.line for t in sorted(own, key=_urgency)))]
    return [Mail(shape="single", lines=(told.line,)) for told in own]


def _rest(rest: list[Told], digest_above: int) -> list[Mail]:
    mails = []
    for letter in dict.fromkeys(told.letter for told in rest):
        same = [told.line for told in rest if told.letter is letter]
        if len(same) > digest_above and letter not in PRIVATE:
            mails.append(Mail(shape="table", lines=tuple(same)))
        else:
            mails += [Mail(shape="single", lines=(line,)) for line in same]
    return mails


def _urgency(told: Told) -> tuple[int, float, int]:
    due = told.due_at.timestamp() if told.due_at else 0.0
    return (SEVEREST_FIRST[told.severity], due, told.line)
