"""What goes into one mail (汇总): nobody opens fifty letters in a morning.

What a person owes is one digest. Notices of a level stand alone, unless more than the
policy's number would reach one person in one sweep: then they are one table, most severe
first. A straight-up report and a step of the ladder about the same thing are one mail, and
so is whatever one sweep says twice of one duty: it is listed and counted once.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from rules.letters import traits_of
from rules.words import LetterKind, Severity

SEVEREST_FIRST: Final = {Severity.MAJOR: 0, Severity.MINOR: 1, Severity.OBSERVATION: 2}

# Of what one duty has to say to its owner in one sweep, the first of these is its place in the
# mail; what is not named here is told before the last.
PRESSING: Final = (LetterKind.OVERDUE, LetterKind.REMINDER)
LEAST: Final = LetterKind.STOOD_IN

Shape = Literal["single", "digest", "table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One line as gathering sees it; `subject` is what it is about, whatever duty it names.

    `duty` keeps two duties about one subject apart, where both are listed.
    """

    line: int
    letter: LetterKind
    subject: Hashable
    severity: Severity = Severity.MINOR
    due_at: datetime | None = None
    level: int | None = None
    duty: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Lines that make one mail; `merged` are lines told as a second mark on another's item."""

    shape: Shape
    lines: tuple[int, ...]
    merged: dict[int, int] = field(default_factory=dict)  # line -> the line it is marked on


def gather(lines: Iterable[Told], *, digest_above: int) -> list[Mail]:
    """Return the mails for what one person is to hear in one sweep, in the order to send."""
    ordered = sorted(lines, key=lambda told: told.line)
    sorts = _sorts(ordered)
    marked = _Marked(_marks(sorts))
    mails = [marked.mail("single", [told]) for told in sorts.straight]
    mails += _levels(marked, marked.kept(sorts.levels), digest_above)
    mails += _own(marked, marked.kept(sorts.own))
    mails += _rest(sorts.rest, digest_above)
    return mails


def marks(lines: Iterable[Told]) -> dict[int, int]:
    """Return which of these lines are told as a second mark on which other's item."""
    return _marks(_sorts(sorted(lines, key=lambda told: told.line)))


@dataclass(slots=True)
class _Sorts:
    own: list[Told] = field(default_factory=list)
    levels: list[Told] = field(default_factory=list)
    straight: list[Told] = field(default_factory=list)
    rest: list[Told] = field(default_factory=list)


def _sorts(ordered: Iterable[Told]) -> _Sorts:
    sorts = _Sorts()
    for told in ordered:
        if traits_of(told.letter).owed:
            sorts.own.append(told)
        elif told.letter is LetterKind.ESCALATION:
            sorts.levels.append(told)
        elif told.letter is LetterKind.STRAIGHT_UP:
            sorts.straight.append(told)
        else:
            sorts.rest.append(told)
    return sorts


def _marks(sorts: _Sorts) -> dict[int, int]:
    """Return every second mark: on the straight-up report, else on the duty's own best line."""
    reported = {told.subject: told.line for told in sorts.straight}
    found = {t.line: reported[t.subject] for t in sorts.levels if t.subject in reported}
    climbing = [told for told in sorts.levels if told.line not in found]
    # The newest step says how far it has climbed; the older one said less.
    found.update(_once(climbing, best=lambda told: (-told.line,)))
    found.update(_once(sorts.own, best=_pressing))
    return found


def _once(lines: Sequence[Told], *, best: Callable[[Told], tuple[int, ...]]) -> dict[int, int]:
    """Return which lines say again what another, better one says of the same duty."""
    same: dict[Hashable, list[Told]] = defaultdict(list)
    for told in lines:
        same[told.subject, told.duty].append(told)
    found = {}
    for several in same.values():
        first = min(several, key=best)
        found.update({told.line: first.line for told in several if told is not first})
    return found


def _pressing(told: Told) -> tuple[int, ...]:
    if told.letter in PRESSING:
        return (PRESSING.index(told.letter), told.line)
    return (len(PRESSING) + (told.letter is LEAST), told.line)


class _Marked:
    """The second marks, by the line that they stand on."""

    def __init__(self, merged: dict[int, int]) -> None:
        self.merged = merged
        self.on: dict[int, list[int]] = defaultdict(list)
        for line, first in sorted(merged.items()):
            self.on[first].append(line)

    def kept(self, lines: Iterable[Told]) -> list[Told]:
        return [told for told in lines if told.line not in self.merged]

    def mail(self, shape: Shape, items: Sequence[Told]) -> Mail:
        """Return the mail of these items: first they, then what is marked on them."""
        merged = {line: told.line for told in items for line in self.on.get(told.line, ())}
        return Mail(shape=shape, lines=(*(told.line for told in items), *merged), merged=merged)


def _levels(marked: _Marked, levels: Sequence[Told], digest_above: int) -> list[Mail]:
    if len(levels) <= digest_above:
        return [marked.mail("single", [told]) for told in levels]
    return [marked.mail("table", sorted(levels, key=_urgency))]


def _own(marked: _Marked, own: Sequence[Told]) -> list[Mail]:
    if len(own) > 1:
        return [marked.mail("digest", sorted(own, key=_urgency))]
    return [marked.mail("single", [told]) for told in own]


def _rest(rest: Iterable[Told], digest_above: int) -> list[Mail]:
    by_letter: dict[LetterKind, list[int]] = defaultdict(list)
    for told in rest:
        by_letter[told.letter].append(told.line)
    mails = []
    for letter, same in by_letter.items():
        if len(same) > digest_above and not traits_of(letter).private:
            mails.append(Mail(shape="table", lines=tuple(same)))
        else:
            mails += [Mail(shape="single", lines=(line,)) for line in same]
    return mails


def _urgency(told: Told) -> tuple[int, float, int]:
    due = told.due_at.timestamp() if told.due_at else 0.0
    return (SEVEREST_FIRST[told.severity], due, told.line)
