"""What the organisation chooses about plans and approvals (计划与审批参数), from `plan.toml`."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, with_config

from config import choices
from config.current import Current, current
from config.policy import Count
from config.reading import Unfit
from rules import recurrence
from rules.refusal import Refused
from rules.words import Role

FILE: Final = "plan.toml"
FORBID: Final = ConfigDict(extra="forbid")
LEAP_YEAR: Final = 2024  # so that 02-29 may be named

ObjectKind = Literal["organisation", "projects", "project", "units", "unit"]
Text = dict[Literal["zh", "en"], str]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Roles = Annotated[tuple[Role, ...], Field(min_length=1)]


def _rule(text: str) -> str:
    try:
        return recurrence.read(text).text
    except Refused as refused:
        raise Unfit(refused.sentence, **refused.facts) from None


def _working_day(n: int) -> int:
    try:
        return recurrence.working_day(n)
    except Refused as refused:
        raise Unfit(refused.sentence, **refused.facts) from None


def _day_of_year(text: str) -> str:
    try:
        date.fromisoformat(f"{LEAP_YEAR}-{text}")
    except ValueError:
        raise Unfit("must be a month and a day like 12-01, not {input}", input=text) from None
    return text


Rule = Annotated[str, AfterValidator(_rule)]
WorkingDay = Annotated[int, Field(strict=True), AfterValidator(_working_day)]


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPeriods:
    """Working days for each step by which a document comes into force."""

    draw_up_working_days: Count
    review_working_days: Count
    approve_working_days: Count
    revise_working_days: Count
    read_working_days: Count


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """One quality objective of the plan."""

    indicator: Text
    definition: Text
    target: str
    period: Text


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Answerable:
    """A role and what it answers for."""

    role: Text
    duty: Text


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that every year's plan begins with; the fields are those of `models.plan.PlanItem`."""

    number: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,8}$")]
    kind: Word
    title: Text
    detail: Text
    object_kind: ObjectKind
    rule: Rule
    owner: Word
    output: Text
    object: str = ""
    working_day: WorkingDay = 1
    lead_days: Annotated[int, Field(strict=True, ge=0, le=250)] = 0
    checker: str = ""


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Annual:
    """The annual plan: when, by whom, for whom, and what it says by default."""

    draft_from: Annotated[str, AfterValidator(_day_of_year)]
    authors: Roles
    reviewers: Roles
    approvers: Roles
    readers: Roles
    summary_working_day: Annotated[int, Field(strict=True, ge=1, le=20)]
    summary_readers: Roles
    improvement_rule: Rule
    improvement_owner: Word
    purpose: Text
    scope: Text
    objective: tuple[Objective, ...]
    role: tuple[Answerable, ...]
    line: tuple[Line, ...]

    def drafted_from(self, year: int) -> date:
        """Return the first day of that year on which the next plan is drafted."""
        month, day = (int(part) for part in self.draft_from.split("-"))
        return date(year, month, min(day, 28) if month == 2 else day)  # noqa: PLR2004 - February


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPolicy:
    """Everything the quality department decides about plans."""

    approval: ApprovalPeriods
    plan: Annual


_known: tuple[Current, PlanPolicy] | None = None


def plan_policy() -> PlanPolicy:
    """Return what the present home chooses; read once for as long as it is in use."""
    global _known
    now = current()
    if _known is None or _known[0] is not now:
        _known = (now, load_plan_policy(now.settings.home))
    return _known[1]


def load_plan_policy(home: Path) -> PlanPolicy:
    """Return the choices of a home; raise `Misconfigured` naming every key and mistake."""
    return choices.load(PlanPolicy, FILE, home)


def in_words(text: Text, language: str) -> str:
    """Return what is said in that language, or in the other where only that is given."""
    return text.get("zh" if language == "zh" else "en") or next(iter(text.values()), "")
