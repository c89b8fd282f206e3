"""Sheets out to Excel and back (检查表导出与导入): what comes back is a draft, never an answer.

Whoever imports has brought the file; the person who owes the check still reads it on his page
and sends it. So a file can be wrong without a record being wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, select

from models.duty import Duty
from models.engine import reading
from processes.imports.problems import ImportRefused, Problem
from processes.imports.report import Report
from processes.worksheet import drafts as worksheet_drafts
from processes.worksheet import excel as worksheet_excel
from processes.worksheet import returned_copy as worksheet_copy
from processes.worksheet import sheets as worksheet
from processes.worksheet.drafts import Saved
from processes.worksheet.returned_copy import Copy
from rules.refusal import NotFound
from rules.words import DutyState
from rules.worksheet import Filled


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A workbook to be handed out."""

    name: str
    content: bytes


def export(duty_id: int, language: str) -> File:
    """Return the sheet of a duty as a workbook, with what has been saved so far."""
    with reading() as session:
        duty, sheet = worksheet_drafts.sheet_for(session, duty_id, language)
        saved = worksheet.filled(session, duty_id)
    name = f"{duty.subject}.xlsx"
    return File(name=name, content=worksheet_excel.write(sheet, saved, language))


def export_of(code: str, language: str) -> File:
    """Return the sheet of the newest duty about this code that has one, or refuse."""
    with reading() as session:
        duty = _duty_about(session, code, None)
    if duty is None or duty.id is None:
        raise NotFound(what="sheet", code=code)
    return export(duty.id, language)


def fill(duty_id: int, path: Path, *, person_id: int, at: datetime, via: str) -> Saved:
    """Take a filled copy over into the draft of this duty, or refuse it whole."""
    copy = worksheet_copy.parse(path)
    with reading() as session:
        _, sheet = worksheet_drafts.sheet_for(session, duty_id, copy.language)
    lines = worksheet_copy.taken(copy, sheet)
    return worksheet_drafts.save(duty_id, person_id=person_id, lines=lines, at=at, via=via)


def take(path: Path, *, kind: str, at: datetime, actor: str, dry_run: bool = False) -> Report:
    """Take over a filled copy, whichever duty it belongs to; for `pdca import`."""
    copy = worksheet_copy.parse(path)
    with reading() as session:
        duty = _duty_about(session, copy.subject, copy.kind)
        if duty is None or duty.id is None or duty.state is not DutyState.OPEN:
            raise _nothing_open(copy)
        sheet = worksheet.sheet_of(session, duty, copy.language)
        before = worksheet.filled(session, duty.id)
    lines = worksheet_copy.taken(copy, sheet)
    counts = _counts(lines, before)
    if not dry_run:
        via = actor.replace(":", " ", 1)  # "operator root", as everything typed for another
        worksheet_drafts.save(duty.id, person_id=duty.owner_id, lines=lines, at=at, via=via)
    codes = (copy.subject,) if counts["new"] or counts["changed"] else ()
    return Report(
        kind=kind,
        file=path.name,
        new=counts["new"],
        changed=counts["changed"],
        unchanged=counts["unchanged"],
        codes=codes,
        dry_run=dry_run,
    )


def _counts(lines: Filled, before: Filled) -> dict[str, int]:
    """Count the lines that are filled for the first time, otherwise, and as before."""
    counts = {"new": 0, "changed": 0, "unchanged": 0}
    for key, values in lines.items():
        was, now = dict(before.get(key, {})), _some(values)
        if now == was:
            counts["unchanged"] += 1
        else:
            counts["changed" if was else "new"] += 1
    return counts


def _some(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _duty_about(session: Session, code: str, kind: str | None) -> Duty | None:
    kinds = [kind] if kind else list(worksheet.PROVIDERS)
    return session.exec(
        select(Duty)
        .where(col(Duty.subject) == code, col(Duty.kind).in_(kinds))
        .order_by(col(Duty.id).desc())
        .limit(1)
    ).first()


def _nothing_open(copy: Copy) -> ImportRefused:
    problem = Problem(
        file=copy.file,
        sentence="{code} is not open: nothing can be filled there any more",
        facts={"code": copy.subject},
    )
    return ImportRefused(copy.file, [problem])
