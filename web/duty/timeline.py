"""Who was told what and when, and who answered (经过): one line of time, the newest first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, Final, Literal

from processes.check.reading import CheckHistory
from processes.history.rows import Answered, DutyHistory, Extended, NonconformityHistory, Told
from processes.register.rows import DutyRow
from rules.words import DutyKind, LetterKind

# Letters that tell nobody about the matter itself.
NOT_SHOWN: Final = frozenset({LetterKind.CODE, LetterKind.SIGN_IN, LetterKind.ALARM})

Mark = Literal["told", "level", "done", "asked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. What it is called, the template says in the reader's language."""

    at: datetime
    mark: Mark
    duty: DutyRow | None
    told: tuple[Told, ...] = ()  # the same letter at the same instant to several people
    answered: Answered | None = None
    decided: Extended | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def timeline(known: DutyHistory | NonconformityHistory | CheckHistory) -> list[Entry]:
    """Return everything that happened, the newest first."""
    rows = (known.duty,) if isinstance(known, DutyHistory) else known.duties
    duties = {row.id: row for row in rows}
    entries = [
        *_told(known.told, duties),
        *(_answered(one, duties) for one in known.answers if not _told_as_decided(one, duties)),
        *(_decided(one, duties) for one in known.extensions if one.decided_at is not None),
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _told(lines: Iterable[Told], duties: Mapping[int, DutyRow]) -> list[Entry]:
    shown = [line for line in lines if line.letter not in NOT_SHOWN]
    alike = groupby(sorted(shown, key=_alike), key=_alike)
    entries = []
    for _, group in alike:
        told = tuple(group)
        mark: Mark = "level" if told[0].level else "told"
        entries.append(Entry(at=told[0].at, mark=mark, duty=duties.get(told[0].duty), told=told))
    return entries


def _alike(line: Told) -> tuple[datetime, int, str, int]:
    return (line.at, line.duty, line.letter, line.level or 0)


def _answered(answer: Answered, duties: Mapping[int, DutyRow]) -> Entry:
    return Entry(
        at=answer.at,
        mark="done" if answer.act == "answer" else "asked",
        duty=duties.get(answer.duty),
        answered=answer,
        data=answer.data,
    )


def _told_as_decided(answer: Answered, duties: Mapping[int, DutyRow]) -> bool:
    """Whether the extension's own entry says it already, with the day that was asked for."""
    duty = duties.get(answer.duty)
    return duty is not None and duty.kind == DutyKind.DECIDE_EXTENSION and answer.act == "answer"


def _decided(extension: Extended, duties: Mapping[int, DutyRow]) -> Entry:
    assert extension.decided_at is not None
    return Entry(
        at=extension.decided_at, mark="done", duty=duties.get(extension.duty), decided=extension
    )
