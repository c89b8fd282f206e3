"""Indicators to adjust (需调整的指标): on demand for whoever asks, once a year as proposals.

The rule gives the reasons; here they are read off what was measured and said in the reader's
language. A proposal stands in the register of improvements once a year and reason.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlmodel import Session

from config.current import current
from config.language import say
from config.special import special_policy
from models.engine import reading, transaction
from notifications.charts.series import shown
from processes.improvement import proposals as improvements
from processes.kpi import board as kpi_board
from processes.kpi.board import BoardRow, Cell, CellState, Wanted
from rules import kpi as rule
from rules import kpi_advice as advice
from rules.kpi import Judgement
from rules.kpi_advice import Advised, Bounds, Mark, Reason

NUMBERS: Final = ("target", "weakest", "best")  # facts in the indicator's unit
JUDGED: Final = {
    CellState.MET: Judgement.MET,
    CellState.MISSED: Judgement.MISSED,
    CellState.NO_DATA: Judgement.NO_DATA,
}
SOURCE: Final = "kpi_advice"  # of a proposal in the register of improvements


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceRow:
    """One reason to look at one indicator anew. `facts` are the numbers of its sentence."""

    code: str
    name: str
    scope: str
    owner: str
    owner_name: str
    unit: str
    reason: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The reason and what to consider, each a sentence."""

    reason: str
    advice: str


def read(*, at: datetime, people: Collection[int] | None = None) -> list[AdviceRow]:
    """Return what should be looked at anew, of the indicators these people answer for."""
    with reading() as session:
        return _rows(session, at=at, people=people)


def said(row: AdviceRow, language: str) -> Words:
    """Return the row in words."""
    facts = {
        name: shown(value, row.unit) if name in NUMBERS else _plain(value)
        for name, value in row.facts.items()
    }
    reason = Reason(row.reason)
    return Words(
        reason=say(language, advice.REASONS[reason], **facts),
        advice=say(language, advice.ADVICE[reason]),
    )


@transaction
def propose(session: Session, *, at: datetime) -> int:
    """Make proposals of them once a year and reason, from the policy's month on; how many."""
    day = current().calendar.day(at)
    if day.month < special_policy().advice.month:
        return 0
    language = current().settings.language
    gap = "" if language == "zh" else " "
    count = 0
    for row in _rows(session, at=at, people=None):
        words = said(row, language)
        count += improvements.propose(
            session,
            source=SOURCE,
            ref=f"{row.code}/{row.scope}/{row.reason}",
            text=f"{row.name} ({row.code}): {words.reason}{gap}{words.advice}",
            cycle=str(day.year),
            at=at,
        )
    return count


def _rows(session: Session, *, at: datetime, people: Collection[int] | None) -> list[AdviceRow]:
    limits = special_policy().advice
    bounds = Bounds(
        periods=limits.periods,
        margin=Decimal(limits.margin_percent) / 100,
        missed=limits.missed,
        no_data=limits.no_data,
        cases=limits.cases,
    )
    seen = kpi_board.board(session, Wanted(), at=at, people=people)
    return [_row(row, one) for row in seen.rows for one in _advised(row, bounds)]


def _advised(row: BoardRow, bounds: Bounds) -> list[Advised]:
    one = row.series
    return advice.advise(
        [_mark(cell) for cell in row.cells if cell.state is not CellState.AWAITED],
        direction=one.direction,
        frequency=one.frequency,
        per=rule.per(one.unit),
        bounds=bounds,
    )


def _mark(cell: Cell) -> Mark:
    return Mark(
        period=cell.period,
        judgement=JUDGED.get(cell.state),
        missing=cell.state is CellState.MISSING,
        value=cell.value,
        denominator=cell.denominator,
        target=cell.target,
        formula_version=cell.formula_version,
    )


def _row(row: BoardRow, one: Advised) -> AdviceRow:
    series = row.series
    return AdviceRow(
        code=series.code,
        name=series.name,
        scope=series.scope,
        owner=series.owner,
        owner_name=series.owner_name,
        unit=series.unit,
        reason=one.reason.value,
        facts=one.facts,
    )


def _plain(value: Any) -> Any:
    return format(rule.plain(value), "f") if isinstance(value, Decimal) else value
