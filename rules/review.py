"""The management review (管理评审): its period, and what makes a decision one (评审输出).

A decision says what, by whom and until when: it is then owed like anything else. An improvement
alone may be left without owner and date: the next plan takes it up and gives it both.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from rules.worksheet import Filled, Sheet, Trouble

KIND: Final = "management_review"  # of an activity, and the source of what a review raised
DECISION: Final = "review_decision"  # of the activity that a decision becomes
MOST: Final = 12  # decisions that the form of a review takes
WHAT_MOST: Final = 2_000  # characters


class Decided(StrEnum):
    """What a decision is about, as ISO 9001 9.3.3 sorts the outputs of a review."""

    IMPROVEMENT = "improvement"  # 改进
    RESOURCE = "resource"  # 资源
    CHANGE = "change"  # 体系变更


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One line: `who` is a person's code or a role, empty like `until` for the next plan."""

    kind: Decided
    what: str
    who: str = ""
    until: date | None = None

    @property
    def owed(self) -> bool:
        """Whether somebody owes it by a day."""
        return bool(self.who)


NO_KIND: Final = "say what is decided about: an improvement, a resource or a change"
NO_WHAT: Final = "say what is decided"
NO_OWNER: Final = "say who carries it out, by person code or role, and until when"
HALF: Final = "a decision has both an owner and a date, or neither"
NO_DATE: Final = "this is no date: write it like 2026-09-28"
OVER: Final = "{day} is over: name a day to come"
STRANGER: Final = "{who} is neither a role nor the code of somebody who works here"


def period(*, before: date | None, year: int, today: date) -> tuple[date, date]:
    """Return the first and last day of a review: from the one before, else the plan year's."""
    since = before + timedelta(days=1) if before else date(year, 1, 1)
    return since, max(since, today)


def decisions(filled: Filled) -> list[Decision]:
    """Return the decisions of a sheet that was judged, in its order."""
    return [
        Decision(
            kind=Decided(values["kind"]),
            what=values["what"].strip(),
            who=values.get("who", "").strip(),
            until=_day(values.get("until", "")),
        )
        for _, values in sorted(filled.items())
        if values.get("kind", "").strip()
    ]


def troubles(sheet: Sheet, filled: Filled, *, known: Collection[str], today: date) -> list[Trouble]:
    """Return what the lines lack; a line without a word is none. `known` are codes and roles."""
    found: list[Trouble] = []
    for line in sheet.lines:
        values = {name: text for name, text in filled.get(line.key, {}).items() if text.strip()}
        if values:
            found += _of_line(line.key, values, known, today)
    return found


def _of_line(
    key: str, values: Mapping[str, str], known: Collection[str], today: date
) -> list[Trouble]:
    found = []
    if "kind" not in values:
        found.append(_trouble(key, "kind", NO_KIND))
    if "what" not in values:
        found.append(_trouble(key, "what", NO_WHAT))
    return found + _owner(key, values, known) + _until(key, values, today)


def _owner(key: str, values: Mapping[str, str], known: Collection[str]) -> list[Trouble]:
    who = values.get("who", "").strip()
    if who and who not in known:
        return [_trouble(key, "who", STRANGER, who=who)]
    if bool(who) != ("until" in values):
        return [_trouble(key, "until" if who else "who", HALF)]
    if not who and values.get("kind") not in {None, Decided.IMPROVEMENT}:
        return [_trouble(key, "who", NO_OWNER)]
    return []


def _until(key: str, values: Mapping[str, str], today: date) -> list[Trouble]:
    if "until" not in values:
        return []
    day = _day(values["until"])
    if day is None:
        return [_trouble(key, "until", NO_DATE)]
    return [_trouble(key, "until", OVER, day=day)] if day <= today else []


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        return None


def _trouble(key: str, column: str, sentence: str, **facts: Any) -> Trouble:
    return Trouble(key=key, column=column, sentence=sentence, facts=facts)
