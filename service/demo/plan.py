"""The sample company's annual plan (示例年度计划): on paper when its year begins, later its own.

The year begins with a plan that three people had signed before; the next one is drafted in
December and goes the whole way. What people write about activities is in their language.
"""

from datetime import date, datetime, time
from functools import lru_cache
from random import Random
from typing import Any, Final

from sqlmodel import Session

from config.current import current
from config.plan import plan_policy
from config.reading import read_toml
from models.engine import transaction
from processes.improvement import proposals as improvements
from processes.plan import drafting as plan_drafting
from processes.plan import plans, rows
from processes.register.rows import DutyRow
from rules.words import DutyKind
from service.demo.company import DATA

SETUP_YEAR: Final = 2026  # whose plan --setup-only loads
SIGNED: Final = (12, 19)  # month and day on which the plan of the next year was signed on paper
AGAIN: Final = 0.06  # of activities are sent back by their checker
GRANTED: Final = 0.8


def load_signed(year: int) -> None:
    """Take over the plan of a year that was signed on paper in the December before."""
    month, day = SIGNED
    at = datetime.combine(date(year - 1, month, day), time(10), current().settings.zone)
    _adopt(year, at, at)


def load(begin: datetime, language: str) -> None:
    """Take over the plan of the year in which the sample begins, from its first morning on."""
    year = current().calendar.day(begin).year
    _adopt(year, begin, begin)
    _propose(str(year), language, begin)


@transaction
def _adopt(session: Session, year: int, drafted_at: datetime, at: datetime) -> None:
    plan = plan_drafting.new_version(session, year, at=drafted_at)
    lines = plan_drafting.lines(session, plan)
    rows.replace_lines(session, plan, lines)
    policy = plan_policy().plan
    author = rows.holders(session, policy.authors)[0]
    reviewer = next(n for n in rows.holders(session, policy.reviewers) if n != author)
    others = {author, reviewer}
    approver = next(n for n in rows.holders(session, policy.approvers) if n not in others)
    plans.adopt(session, plan, author=author, reviewer=reviewer, approver=approver, at=at)


@transaction
def _propose(session: Session, cycle: str, language: str, at: datetime) -> None:
    improvements.propose(
        session,
        source="quality_check",
        ref=f"CK-{cycle}",
        text=_told()[language]["improvement"],
        cycle=cycle,
        at=at,
    )


def answered(duty: DutyRow, chance: Random, language: str) -> dict[str, Any] | None:
    """Return what is answered about activities of the plan; None for the rest."""
    words = _told()[language]
    if duty.kind == DutyKind.CARRY_OUT:
        return {"result": words["result"], "record": f"{words['record']} {duty.subject}"}
    if duty.kind == DutyKind.CHECK_ACTIVITY:
        if chance.random() < AGAIN:
            return {"decision": "again", "note": words["again"]}
        return {"decision": "done"}
    if duty.kind == DutyKind.DECIDE_CHANGE:
        granted = "grant" if chance.random() < GRANTED else "refuse"
        return {"decision": granted, "note": words["why"]}
    return None


@lru_cache(maxsize=1)
def _told() -> dict[str, Any]:
    return read_toml(DATA / "plan.toml")
