"""Saving a sheet line by line (暂存): what is filled today is there tomorrow, and owes nothing.

A draft goes through the same door as an answer: whose it is, whether it is still owed. It is
never judged, so that half a check can be saved on a phone in a machine room. Two people who
fill one sheet (the owner, and who stands in for him) do not overwrite one another unseen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models.duty import Duty
from models.engine import transaction
from models.people import organisation
from processes.duty import issued as duties
from processes.duty.deed import Deed
from processes.duty.entitlement import entitled
from processes.duty.record import note_refusal
from processes.worksheet import sheets as worksheet
from processes.worksheet.sheets import Kept
from rules import worksheet as rule
from rules.refusal import NotFound, Refused
from rules.worksheet import Filled, Sheet, SheetRefused, Trouble

MEANWHILE = "{person} saved this line in the meantime: look at both, then save again"


class NoSheet(Refused):
    """A draft was sent for a duty that has no sheet."""

    sentence = "this duty has no sheet to fill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """How a draft went: lines changed by it, lines filled now, lines there are."""

    changed: int
    filled: int
    lines: int
    troubles: tuple[Trouble, ...] = ()


def save(
    duty_id: int,
    *,
    person_id: int,
    lines: Filled,
    at: datetime,
    via: str,
    seen: Mapping[str, int] | None = None,
) -> Saved:
    """Keep what is there; raises `SheetRefused` for what could not be kept, after the rest was.

    `seen` is the revision of each line that the writer had before him: a line that somebody
    else has saved since is not overwritten.
    """
    try:
        saved = _save(duty_id, person_id, lines, at, via, seen)
    except Refused as refused:
        note_refusal(f"duty:{duty_id}", person_id, refused, at, via)
        raise
    if saved.troubles:
        raise SheetRefused(saved.troubles)
    return saved


@transaction
def _save(
    session: Session,
    duty_id: int,
    person_id: int,
    lines: Filled,
    at: datetime,
    via: str,
    seen: Mapping[str, int] | None,
) -> Saved:
    deed = _deed(session, duty_id, person_id, at, via)
    sheet = worksheet.sheet_of(session, deed.duty, deed.person.language or "zh")
    there = worksheet.kept(session, duty_id)
    late = _overtaken(deed, there, lines, seen or {})
    mine = {key: values for key, values in lines.items() if key not in {t.key for t in late}}
    changed, troubles = worksheet.save(deed, sheet, mine)
    return Saved(
        changed=changed,
        filled=rule.filled_lines(sheet, worksheet.filled(session, duty_id)),
        lines=len(sheet.lines),
        troubles=(*late, *troubles),
    )


def sheet_for(session: Session, duty_id: int, language: str) -> tuple[Duty, Sheet]:
    """Return a duty and its sheet to be shown or written to a file, or refuse."""
    duty = session.get(Duty, duty_id)
    if duty is None:
        raise NotFound(what="duty", code=duty_id)
    if not worksheet.has_sheet(duty.kind):
        raise NoSheet
    return duty, worksheet.sheet_of(session, duty, language)


def _overtaken(
    deed: Deed, there: Mapping[str, Kept], lines: Filled, seen: Mapping[str, int]
) -> list[Trouble]:
    """Return the lines that another person has saved since the writer's page was made."""
    posts = organisation(deed.session).posts
    found = []
    for key, values in lines.items():
        line = there.get(key)
        if line is None or key not in seen or line.rev <= seen[key]:
            continue
        same = all(line.filled.get(name, "") == value.strip() for name, value in values.items())
        if line.by_id != deed.person_id and not same:
            facts = {"person": posts[line.by_id].name}
            found.append(Trouble(key=key, column="", sentence=MEANWHILE, facts=facts))
    return found


def _deed(session: Session, duty_id: int, person_id: int, at: datetime, via: str) -> Deed:
    duty = session.get(Duty, duty_id)
    if duty is None:
        raise NotFound(what="duty", code=duty_id)
    if not worksheet.has_sheet(duty.kind):
        raise NoSheet
    represented = entitled(session, duty, person_id, at)
    return Deed(
        session=session,
        duty=duties.open_for_update(session, duty_id),
        person_id=person_id,
        on_behalf_of_id=represented,
        at=at,
        via=via,
    )
