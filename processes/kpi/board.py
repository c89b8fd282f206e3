"""The board of indicators (指标看板): what was attained, missed, unusual, and what is missing.

A period that is over and has no value is missing and shown so; before its value is owed it is
awaited. A rate never stands without its counts. Read only.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from sqlmodel import Session

from config.current import current
from models.engine import reading
from models.special import KpiSpecial
from processes.kpi import board_series as series
from processes.kpi import owed as kpi_owed
from processes.kpi import special, special_letters
from processes.kpi.board_series import Seen, Series
from rules import kpi as rule
from rules import period as periods
from rules.kpi import Judgement
from rules.period import Frequency, Period

PERIODS: Final = 24  # shown unless asked otherwise
MOST_PERIODS: Final = 60
MONTHS: Final = 12  # of the summary


class CellState(StrEnum):
    """What a period of a series is (周期状态)."""

    MET = "met"
    MISSED = "missed"
    NO_DATA = "no_data"  # measured, and there was nothing to measure: denominator zero
    MISSING = "missing"  # owed, and not there
    AWAITED = "awaited"  # over, and not owed yet
    PLAIN = "plain"  # measured, and there is no target


JUDGED: Final = {
    None: CellState.PLAIN,
    Judgement.MET: CellState.MET,
    Judgement.MISSED: CellState.MISSED,
    Judgement.NO_DATA: CellState.NO_DATA,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which part of the board is asked for; an empty word is all."""

    element: str = ""
    owner: str = ""
    frequency: str = ""
    project: str = ""
    periods: int = PERIODS
    special_only: bool = False
    missed_only: bool = False  # whose last judged period is a miss


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One period of one series; `counts` are numerator and denominator, where there are any."""

    period: str
    ends_on: date
    state: CellState
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    target: Decimal | None = None
    special: bool = False
    corrections: int = 0
    formula_version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One series as the board shows it. `newest` is the last period with a value, if any."""

    series: Series
    cells: tuple[Cell, ...]
    newest: Cell | None
    target: str
    specials: tuple[KpiSpecial, ...]

    @property
    def state(self) -> CellState:
        """What its last period is; a miss stands until a value after it is there."""
        if not self.cells:
            return CellState.AWAITED
        last = next(
            (c.state for c in reversed(self.cells) if c.state is not CellState.AWAITED), None
        )
        return CellState.MISSED if last is CellState.MISSED else self.cells[-1].state


@dataclass(frozen=True, slots=True, kw_only=True)
class Attained:
    """How the periods that ended in one month stand: counts, and the share of those judged."""

    month: str
    met: int
    missed: int
    no_data: int
    missing: int
    awaited: int

    @property
    def judged(self) -> int:
        return self.met + self.missed

    @property
    def share(self) -> Decimal | None:
        """The attainment (达成率) in per cent, rounded down; None where nothing was judged."""
        return rule.value(Decimal(self.met), Decimal(self.judged), per=rule.HUNDRED, places=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The whole board for one reader."""

    rows: tuple[BoardRow, ...]
    months: tuple[Attained, ...]
    owners: tuple[tuple[str, str], ...]  # code and name, of all that the reader may see


def read(wanted: Wanted, *, at: datetime, people: Collection[int] | None) -> Board:
    """Return the board of the indicators that these people answer for; None is everybody."""
    with reading() as session:
        return board(session, wanted, at=at, people=people)


def board(
    session: Session, wanted: Wanted, *, at: datetime, people: Collection[int] | None
) -> Board:
    """Return the board inside somebody's transaction."""
    today = current().calendar.day(at)
    many = min(max(wanted.periods, 1), MOST_PERIODS)
    since = {frequency: _first(today, frequency, many) for frequency in Frequency}
    found = series.read(
        session,
        since=since,
        element=wanted.element,
        owner=wanted.owner,
        frequency=wanted.frequency,
        people=people,
    )
    owners = sorted({(one.owner, one.owner_name) for one in found})
    if wanted.project:
        found = [one for one in found if one.scope.partition("=")[2] == wanted.project]
    known = special.marked(session)
    rows = [one_row(one, known.get((one.kpi_id, one.scope), {}), today, at, many) for one in found]
    if wanted.special_only:
        rows = [row for row in rows if row.specials]
    if wanted.missed_only:
        rows = [row for row in rows if row.state is CellState.MISSED]
    rows.sort(key=lambda row: row.state is not CellState.MISSED)  # the rest as they were
    return Board(rows=tuple(rows), months=_months(rows, today), owners=tuple(owners))


def _first(today: date, frequency: Frequency, many: int) -> date:
    """Return the first day of the last `many` periods that are over."""
    period = periods.ended(today, frequency)
    for _ in range(many - 1):
        period = periods.preceding(period)
    return period.first


def one_row(
    one: Series, known: Mapping[str, KpiSpecial], today: date, at: datetime, many: int
) -> BoardRow:
    """Return a series with its last `many` periods that are over."""
    since = min([one.since, *(seen.ends_on for seen in one.seen[:1])])
    by_period = {seen.period: seen for seen in one.seen}
    cells = tuple(
        _cell(period, by_period.get(period.code), period.code in known, at)
        for period in series.periods_until(today, one.frequency, many, since)
    )
    newest = next((cell for cell in reversed(cells) if cell.value is not None), None)
    return BoardRow(
        series=one,
        cells=cells,
        newest=newest,
        target=series.target_label(one, newest.target if newest else None),
        specials=tuple(known[cell.period] for cell in reversed(cells) if cell.period in known),
    )


def _cell(period: Period, seen: Seen | None, marked: bool, at: datetime) -> Cell:  # noqa: FBT001 - private
    if seen is None:
        late = kpi_owed.due_at(period) < at
        state = CellState.MISSING if late else CellState.AWAITED
        return Cell(period=period.code, ends_on=period.last, state=state)
    return Cell(
        period=period.code,
        ends_on=period.last,
        state=JUDGED[seen.judgement],
        value=seen.value,
        numerator=seen.numerator,
        denominator=seen.denominator,
        target=seen.target,
        special=marked,
        corrections=seen.corrections,
        formula_version=seen.formula_version,
    )


def _months(rows: Sequence[BoardRow], today: date) -> tuple[Attained, ...]:
    """Return how the last months stand, each with the periods that ended in it."""
    counted: dict[str, Counter[CellState]] = {}
    for row in rows:
        for cell in row.cells:
            month = f"{cell.ends_on:%Y-%m}"
            counted.setdefault(month, Counter())[cell.state] += 1
    first = _first(today, Frequency.MONTH, MONTHS)
    return tuple(
        Attained(
            month=month,
            met=seen[CellState.MET],
            missed=seen[CellState.MISSED],
            no_data=seen[CellState.NO_DATA],
            missing=seen[CellState.MISSING],
            awaited=seen[CellState.AWAITED],
        )
        for month, seen in sorted(counted.items(), reverse=True)
        if month >= f"{first:%Y-%m}"
    )


def said(row: BoardRow, language: str) -> list[str]:
    """Return the sentences of what is special in a row, the latest first."""
    return [special_letters.sentence(one, row.series.unit, language) for one in row.specials]
