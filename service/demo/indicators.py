"""How the sample company measures its year (示例指标): mostly attained, with bad seasons.

What people count themselves they report when they are asked; the figures of the desk and of
each project's systems come as a file at the beginning of the month.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any, Final

from sqlmodel import col, select

from config.current import current
from config.reading import read_toml
from models.engine import reading
from models.kpi import Kpi
from models.organisation import Project
from processes.duty import beside
from processes.kpi import import_kpis as kpis
from processes.kpi import import_measurements as measurements
from processes.kpi import owed as kpi_owed
from processes.kpi import registers as registers_kpi
from processes.kpi import targets as kpi_targets
from processes.register.query import Filters
from processes.register.rows import DutyRow
from rules import kpi as rule
from rules import period as periods
from rules.kpi import Direction, Level, Target
from rules.period import Period
from rules.words import DutyKind
from service.demo.company import ACTOR, DATA, Finding

FILE_DAY: Final = 1  # of the month: when the figures of the desk and the projects come
CASES: Final = (180, 900)  # of a month's rate
FEW: Final = (12, 60)  # of a rarer one
UNLUCKY: Final = 0.05  # of values outside a season miss their target
CHANGES: Final = 0.25  # of owners say that the indicator itself should change


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """When an indicator is bad, in days of the year, and by how much."""

    first: int
    last: int
    worse: float


def load(at: datetime) -> int:
    """Import the company's indicator system; return how many indicators there are."""
    report = kpis.take(DATA / "kpis.csv", at=at, actor=ACTOR)
    return report.new + report.changed + report.unchanged


def import_month(day: date, folder: Path, chance: Random, at: datetime) -> None:
    """Take over the figures that are kept in systems, once a month, as an operator would."""
    if day.day != FILE_DAY:
        return
    period = periods.ended(day, periods.Frequency.MONTH)
    with reading() as session:
        known = session.exec(
            select(Kpi)
            .where(col(Kpi.source) == "import", col(Kpi.frequency) == period.frequency)
            .order_by(col(Kpi.code))
        ).all()
        targets = kpi_targets.by_kpi(session)
        projects = list(session.exec(select(Project.code).order_by(col(Project.code))))
    lines = ["kpi,period,scope,numerator,denominator"]
    for kpi in known:
        scopes = [f"project={p}" for p in projects] if kpi.scope is Level.PROJECT else [""]
        for scope in scopes:
            made = _counts(kpi, targets[kpi.id or 0], period, chance)
            lines.append(",".join([kpi.code, period.code, scope, *made]))
    if len(lines) == 1:  # nothing is in force yet
        return
    path = folder / f"figures-{period.code}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*lines, ""]), "utf-8")
    measurements.take(path, at=at, actor=ACTOR)


def answered(duty: DutyRow, chance: Random, language: str) -> dict[str, Any] | None:
    """Return what is answered about indicators and documents to approve; None for the rest."""
    if duty.kind == DutyKind.REPORT_KPI:
        return answer(duty, chance, language)
    if duty.kind in {DutyKind.REVIEW, DutyKind.APPROVE}:
        return {"decision": "pass"}
    return {} if duty.kind in {DutyKind.DRAW_UP, DutyKind.REVISE, DutyKind.READ} else None


def answer(duty: DutyRow, chance: Random, language: str) -> dict[str, Any]:
    """Return what the owner of an indicator reports."""
    code, period = kpi_owed.split(duty.subject)
    with reading() as session:
        kpi = session.exec(select(Kpi).where(col(Kpi.code) == code)).one()
        targets = kpi_targets.of(session, kpi)
    note = _told()[language]["note"]
    numerator, denominator = _counts(kpi, targets, periods.parse(period), chance)
    if not kpi.numerator:  # counted, not a rate
        return {"value": numerator, "note": note}
    return {"numerator": numerator, "denominator": denominator, "note": note}


def waits(duty: DutyRow) -> bool:
    """Whether a verification waits for the next measurement of a missed indicator."""
    if duty.kind != DutyKind.VERIFY:
        return False
    facts = beside.facts(duty.id, "en")
    return bool(facts) and "result" not in beside.proposed(duty.id, "en")


def verification(duty: DutyRow, language: str) -> dict[str, Any] | None:
    """Return the verdict that the measurements propose; None where none were needed."""
    proposed = beside.proposed(duty.id, language)
    return dict(proposed) if "result" in proposed else None


def finding(language: str, chance: Random) -> Finding:
    """Return what the owner of a missed indicator says of its cause."""
    text = dict(_told()[language])
    if chance.random() >= CHANGES:
        text["indicator_change"] = ""
    return Finding(
        source="kpi_miss", clause="3.2.2", severities=("minor",), potential=False, text=text
    )


def measured(at: datetime) -> int:
    """Return how many values there are."""
    return registers_kpi.measured(Filters(), at=at, limit=1).total


def _counts(kpi: Kpi, targets: list[Target], period: Period, chance: Random) -> tuple[str, str]:
    """Return numerator and denominator that are mostly on the good side of the target."""
    target = rule.in_force(targets, period.last)
    aim = target.value if target else Decimal(95)
    if not kpi.numerator:
        bad = _worse(kpi.code, period) > 0 or chance.random() < UNLUCKY
        return str(int(aim) + 1 if bad else int(aim)), ""
    cases = chance.randint(*(CASES if kpi.frequency is periods.Frequency.MONTH else FEW))
    whole = float(rule.per(kpi.unit))
    room = min(float(aim), whole - float(aim)) if whole > 1 else float(aim) * 0.3
    margin = chance.gauss(0.55, 0.18) * max(room, 0.0) - _worse(kpi.code, period)
    if chance.random() < UNLUCKY:
        margin = -abs(margin) * 0.5 - 0.4
    if kpi.direction is Direction.EXACTLY and margin > 0:
        margin = 0.0
    elif kpi.direction is not Direction.AT_LEAST:
        margin = -margin
    rate = max(0.0, float(aim) + margin)
    hits = rate / whole * cases
    if whole > 1:
        hits = min(_settled(hits, kpi.direction), cases)
        return str(int(hits)), str(cases)
    return f"{hits:.1f}", str(cases)


def _settled(hits: float, direction: Direction) -> float:
    """Return whole cases; on the side where the value was meant to be."""
    return hits // 1 if direction is Direction.AT_MOST else -(-hits // 1)


def _worse(code: str, period: Period) -> float:
    day = period.last.timetuple().tm_yday
    return sum(s.worse for s in _seasons().get(code, ()) if s.first <= day <= s.last)


@lru_cache(maxsize=1)
def _told() -> dict[str, Any]:
    return read_toml(DATA / "kpis.toml")


@lru_cache(maxsize=1)
def _seasons() -> dict[str, list[Season]]:
    found: dict[str, list[Season]] = {}
    for one in _told()["season"]:
        season = Season(first=one["from"], last=one["until"], worse=one["worse"])
        found.setdefault(one["kpi"], []).append(season)
    return found


def folder() -> Path:
    """Return where the files of the month lie."""
    return current().settings.home / "run"
