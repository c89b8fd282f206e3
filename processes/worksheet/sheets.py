"""Sheets filled line by line (检查表): one mechanism for every kind of duty that has one.

A kind registers a `Provider`, has a model made from `answers/forms_worksheet.SheetForm`, and
answers with `complete(deed, form.lines)` in its `settle`:

    worksheet.register(Provider(kind=DutyKind.CHECK, sheet=…, judge=…))

The page saves drafts (`worksheet_drafts.py`); the Excel sheet goes out by `worksheet_excel.py`
and comes back by `worksheet_copy.py`. What was filled stays in `worksheet_line` rows when the
duty is over: it is what the answer was made of.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from json import dumps
from typing import Final

from sqlmodel import Session, col, select

from models.duty import Duty
from models.worksheet import WorksheetLine
from processes.duty.deed import Deed
from rules import worksheet as rule
from rules.worksheet import HEAD, Filled, Sheet, SheetRefused, Trouble

# (session, duty, language): the lines in that language.
MakeSheet = Callable[[Session, Duty, str], Sheet]
# (session, duty, sheet, filled): what the final answer lacks, by line and column.
Judge = Callable[[Session, Duty, Sheet, Filled], list[Trouble]]


def _every_line(_session: Session, _duty: Duty, sheet: Sheet, filled: Filled) -> list[Trouble]:
    return rule.unfilled(sheet, filled)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """The sheet of one kind of duty. `judge` is asked about the final answer alone."""

    kind: str
    sheet: MakeSheet
    judge: Judge = _every_line


PROVIDERS: Final[dict[str, Provider]] = {}


def register(provider: Provider) -> None:
    """Give a kind of duty its sheet."""
    PROVIDERS[str(provider.kind)] = provider


def has_sheet(kind: str) -> bool:
    """Whether duties of this kind have a sheet."""
    return str(kind) in PROVIDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One line as it was saved last, and by whom."""

    filled: Mapping[str, str]
    rev: int
    by_id: int
    at: datetime


def sheet_of(session: Session, duty: Duty, language: str) -> Sheet:
    """Return the sheet of a duty in a language."""
    return PROVIDERS[duty.kind].sheet(session, duty, language)


def kept(session: Session, duty_id: int) -> dict[str, Kept]:
    """Return what has been saved, by line; the head under its own key."""
    rows = session.exec(select(WorksheetLine).where(col(WorksheetLine.duty_id) == duty_id))
    return {
        row.key: Kept(filled=row.filled, rev=row.rev, by_id=row.by_id, at=row.at) for row in rows
    }


def filled(session: Session, duty_id: int) -> dict[str, Mapping[str, str]]:
    """Return the values that have been saved, by line."""
    return {key: line.filled for key, line in kept(session, duty_id).items()}


def save(deed: Deed, sheet: Sheet, given: Filled) -> tuple[int, list[Trouble]]:
    """Keep what can be kept of these lines; return how many changed, and what was wrong.

    The head (`HEAD`) is kept as it is: its fields are judged by the kind's own form. The same
    values again change nothing and leave no trace.
    """
    lines, troubles = rule.cleaned(sheet, {k: v for k, v in given.items() if k != HEAD})
    if HEAD in given:
        lines[HEAD] = dict(given[HEAD])
    changed = _write(deed, lines)
    if changed:
        deed.record(
            "worksheet.saved",
            f"duty:{deed.duty.id}",
            after={"about": f"{deed.duty.subject_kind}:{deed.duty.subject}", "lines": changed},
        )
    return len(changed), troubles


def complete(deed: Deed, lines: Filled) -> dict[str, Mapping[str, str]]:
    """Return the whole sheet as it is answered, or refuse with a sentence by line.

    Asked by a kind's `settle` (or `check`, before a signature): lines that come with the
    answer are saved over the draft first.
    """
    sheet = sheet_of(deed.session, deed.duty, deed.person.language or "zh")
    _, troubles = save(deed, sheet, lines)
    assert deed.duty.id is not None
    deed.session.flush()
    found = filled(deed.session, deed.duty.id)
    troubles += PROVIDERS[deed.duty.kind].judge(deed.session, deed.duty, sheet, found)
    if troubles:
        raise SheetRefused(troubles)
    return found


def _write(deed: Deed, lines: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Write the lines that differ; return their keys, each with the hash of what it says now."""
    session, number = deed.session, deed.duty.id
    assert number is not None
    there = {
        row.key: row
        for row in session.exec(select(WorksheetLine).where(col(WorksheetLine.duty_id) == number))
    }
    changed = {}
    for key, values in lines.items():
        row = there.get(key)
        before = row.filled if row else {}
        after = {name: value for name, value in {**before, **values}.items() if value}
        if after == before:
            continue
        if row is None:
            row = WorksheetLine(duty_id=number, key=key, rev=0, by_id=deed.person_id, at=deed.at)
        row.filled, row.rev, row.by_id, row.at = after, row.rev + 1, deed.person_id, deed.at
        session.add(row)
        changed[key] = _digest(after)
    session.flush()
    return changed


def _digest(values: Mapping[str, str]) -> str:
    """Return a mark of what was filled: the trail proves it and does not repeat it."""
    told = dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(told.encode()).hexdigest()[:16]
