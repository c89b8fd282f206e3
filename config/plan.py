"""What the organisation chooses about plans and approvals (计划与审批参数), from `plan.toml`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ConfigDict, with_config

from config import choices
from config.current import Current, current
from config.policy import Count
from config.reading import Problem

FILE: Final = "plan.toml"
FORBID: Final = ConfigDict(extra="forbid")


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
class PlanPolicy:
    """Everything the quality department decides about plans."""

    approval: ApprovalPeriods


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
    chosen = choices.read(FILE, home)
    problems: list[Problem] = []
    found = choices.judged_at(PlanPolicy, chosen, (), problems)
    choices.refuse(problems)
    assert found
    return found
