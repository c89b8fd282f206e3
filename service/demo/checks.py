"""How the sample company's checkers fill their sheets (示例检查): mostly well, here and there not.

Some points go wrong more often than others, so that the statistics have something to show.
"""

from datetime import date, datetime
from functools import lru_cache
from random import Random
from typing import Any, Final

from sqlmodel import col, select

from config.reading import read_toml
from models.duty import Duty
from models.engine import reading
from models.organisation import Project
from models.plan import Activity
from processes.check import planned as checks
from processes.register.rows import DutyRow
from processes.worksheet import sheets as worksheet
from rules.worksheet import Line
from service.demo.company import DATA

DEALT_WITH: Final = 0.7  # of earlier observations, by the next check
STILL: Final = 0.92  # up to here it is observed once more; beyond, it has become worse
NOT_APPLICABLE: Final = 0.01
USUAL: Final = "records"  # whose words serve for a point that has none of its own


def plan_month(day: date, at: datetime) -> None:
    """Plan a check of every project for the 20th, in a month for which no plan has any."""
    on = day.replace(day=20)
    with reading() as session:
        planned = session.exec(
            select(Activity.id).where(
                col(Activity.kind) == checks.ACTIVITY,
                col(Activity.planned_on) >= day.replace(day=1),
                col(Activity.planned_on) <= date(day.year, day.month, 28),
            )
        ).first()
        projects = session.exec(select(Project.code).order_by(col(Project.code))).all()
    if planned is None:
        for project in projects:
            checks.plan(project=project, on=on, at=at, actor="clock")


def answer(duty: DutyRow, chance: Random, language: str) -> dict[str, Any]:
    """Return what a checker fills in: a result a line, and a word about the whole."""
    with reading() as session:
        row = session.get_one(Duty, duty.id)
        lines = worksheet.sheet_of(session, row, language).lines
    filled = {line.key: _line(line, chance, language) for line in lines}
    amiss = any(values["result"] == "nonconforming" for values in filled.values())
    words = _told()["_words"][language]
    return {"lines": filled, "summary": words["amiss" if amiss else "well"]}


def _line(line: Line, chance: Random, language: str) -> dict[str, str]:
    if line.weight is None:
        return _followed(chance, language)
    told = _told().get(line.key, _told()[USUAL])
    words, draw = told[language], chance.random()
    if draw < told["nonconforming"]:
        evidence = words["good"].partition("，" if language == "zh" else ":")[0]
        return {"result": "nonconforming", "problem": words["problem"], "evidence": evidence}
    if draw < told["nonconforming"] + told["observation"]:
        return {"result": "observation", "problem": words["minor"]}
    if draw > 1 - NOT_APPLICABLE:
        return {"result": "not_applicable"}
    return {"result": "conforming", "evidence": words["good"]}


def _followed(chance: Random, language: str) -> dict[str, str]:
    words, draw = _told()["_words"][language], chance.random()
    if draw < DEALT_WITH:
        return {"result": "conforming", "evidence": words["followed"]}
    if draw < STILL:
        return {"result": "observation", "problem": words["still"]}
    return {"result": "nonconforming", "problem": words["still"], "evidence": words["still"]}


@lru_cache(maxsize=1)
def _told() -> dict[str, Any]:
    return read_toml(DATA / "checks.toml")
