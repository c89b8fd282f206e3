"""What the sample company had measured before its year, and how special months are explained.

Without two years behind it nobody can say what is usual (示例指标的历史数据): the rates of the
desk come from a file of the time before, all of them attained.
"""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, Final

from sqlmodel import col, select

from config.language import say
from models.engine import reading
from models.kpi import Kpi
from processes.kpi import import_measurements as measurements
from processes.kpi import special
from processes.kpi import targets as kpi_targets
from processes.register.rows import DutyRow
from rules import kpi as rule
from rules import period as periods
from rules.kpi import Direction, Level
from rules.period import Frequency, Period
from rules.words import DutyKind
from service.demo.company import ACTOR

BEFORE: Final = 24  # months
SEED: Final = 28827
CASES: Final = (180, 900)  # of a month's rate
LASTS: Final = 0.3  # of what is better than usual is said to last
WHY: Final = (
    "A release weekend moved the work of two weeks into three days.",
    "Half of the desk was ill in the second week; the other desk took the calls over.",
)
WHY_BETTER: Final = "The new monitoring closed many small faults by itself."


def past(begin: date, folder: Path, at: datetime) -> int:
    """Import the rates of the months before the year; return how many."""
    chance = Random(SEED)  # noqa: S311 - a sample, not a secret
    lines = ["kpi,period,numerator,denominator"]
    with reading() as session:
        targets = kpi_targets.by_kpi(session)
        known = session.exec(select(Kpi).order_by(col(Kpi.code))).all()
    for kpi in known:
        target = rule.in_force(targets[kpi.id or 0], begin)
        if target is not None and _is_rate(kpi, target.value):
            lines += [_line(kpi.code, month, target.value, chance) for month in _months(begin)]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "figures-before.csv"
    path.write_text("\n".join([*lines, ""]), "utf-8")
    return measurements.take(path, at=at, actor=ACTOR).new


def answered(duty: DutyRow, chance: Random, language: str) -> dict[str, Any] | None:
    """Return what is said about a special month; None for other duties."""
    if duty.kind != DutyKind.EXPLAIN_SPECIAL:
        return None
    with reading() as session:
        row = special.by_code(session, duty.subject)
    better = row is not None and bool(row.favourable)
    lasting = "lasting" if better and chance.random() < LASTS else "once"
    why = WHY_BETTER if better else chance.choice(WHY)
    return {"explanation": say(language, why), "lasting": lasting}


def _is_rate(kpi: Kpi, target: Decimal) -> bool:
    return (
        kpi.frequency is Frequency.MONTH
        and kpi.scope is Level.ORGANISATION
        and kpi.direction is Direction.AT_LEAST
        and rule.per(kpi.unit) == rule.HUNDRED
        and target < rule.HUNDRED
    )


def _months(begin: date) -> list[Period]:
    """Return the months before the one before the year: that one is asked for by its duties."""
    last = periods.preceding(periods.ended(begin, Frequency.MONTH))
    found = [last]
    while len(found) < BEFORE:
        found.append(periods.preceding(found[-1]))
    return found[::-1]


def _line(code: str, month: Period, target: Decimal, chance: Random) -> str:
    cases = chance.randint(*CASES)
    room = 100 - float(target)
    rate = float(target) + min(max(chance.gauss(0.55, 0.15), 0.1), 0.95) * room
    hits = min(-(-rate * cases // 100), cases)
    return f"{code},{month.code},{int(hits)},{cases}"
