"""One indicator in full (指标详情): definition, targets, every value, and what was unusual."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from config.current import current
from models.engine import reading
from models.kpi import Kpi, KpiFormula, KpiTarget
from models.people import organisation
from models.special import KpiSpecial
from processes.kpi import board as kpi_board
from processes.kpi import board_charts as kpi_board_charts
from processes.kpi import board_series as series
from processes.kpi import special
from processes.kpi.board import BoardRow
from rules import spc
from rules.kpi import ORGANISATION
from rules.refusal import NotFound

PERIODS = kpi_board.MOST_PERIODS


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusual:
    """One special situation with what was said about it; a name where somebody explained it."""

    row: KpiSpecial
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """Everything that is known of one indicator in one scope."""

    kpi: Kpi
    row: BoardRow
    chart: dict[str, Any]
    unusual: tuple[Unusual, ...]
    targets: Sequence[KpiTarget]
    formulas: Sequence[KpiFormula]
    scopes: tuple[str, ...]
    learnt: bool  # whether there are values enough to say what is usual


def read(
    code: str, scope: str, *, at: datetime, people: Collection[int] | None, language: str
) -> Detail:
    """Return an indicator, or refuse: to somebody who may not see it, it is not there."""
    with reading() as session:
        kpi = session.exec(select(Kpi).where(col(Kpi.code) == code)).one_or_none()
        if kpi is None or not _may_see(kpi, people):
            raise NotFound(what="kpi", code=code)
        assert kpi.id is not None
        found = series.read(session, kpis=[kpi.id])
        scopes = tuple(one.scope for one in found)
        one = next((s for s in found if s.scope == (scope or ORGANISATION)), None)
        one = one or next(iter(found), None)
        if one is None:
            raise NotFound(what="kpi", code=code)
        return _detail(session, kpi, one, scopes, at=at, language=language)


def whose(code: str, *, people: Collection[int] | None) -> tuple[str, str]:
    """Return indicator and scope of a special situation; to others it is not there."""
    with reading() as session:
        row = special.by_code(session, code)
        kpi = session.get(Kpi, row.kpi_id) if row is not None else None
        if row is None or kpi is None or not _may_see(kpi, people):
            raise NotFound(what="kpi_special", code=code)
        return kpi.code, row.scope


def _may_see(kpi: Kpi, people: Collection[int] | None) -> bool:
    return people is None or kpi.owner_id in people


def picture_of(code: str, language: str) -> dict[str, Any] | None:
    """Return the chart's facts of a special situation, for the page of its duty."""
    with reading() as session:
        row = special.by_code(session, code)
        if row is None:
            return None
        found = series.read(session, kpis=[row.kpi_id])
        one = next((s for s in found if s.scope == row.scope), None)
        if one is None:
            return None
        chart = series.control(one, series.breaks(session))
        return kpi_board_charts.drawn(one, chart, special={row.period}, language=language)


def _detail(
    session: Session,
    kpi: Kpi,
    one: series.Series,
    scopes: tuple[str, ...],
    *,
    at: datetime,
    language: str,
) -> Detail:
    known = special.marked(session, kpis=[one.kpi_id]).get((one.kpi_id, one.scope), {})
    chart = series.control(one, series.breaks(session))
    row = kpi_board.one_row(one, known, current().calendar.day(at), at, PERIODS)
    names = {post.id: post.name for post in organisation(session).posts.values()}
    return Detail(
        kpi=kpi,
        row=row,
        chart=_chart(one, chart, row, known, language),
        unusual=tuple(
            Unusual(row=found, by=names.get(found.explained_by_id or 0, ""))
            for found in sorted(known.values(), key=lambda found: found.ends_on, reverse=True)
        ),
        targets=session.exec(
            select(KpiTarget)
            .where(col(KpiTarget.kpi_id) == kpi.id)
            .order_by(col(KpiTarget.version).desc())
        ).all(),
        formulas=session.exec(
            select(KpiFormula)
            .where(col(KpiFormula.kpi_id) == kpi.id)
            .order_by(col(KpiFormula.version).desc())
        ).all(),
        scopes=scopes,
        learnt=any(limits.centre is not None for limits in chart.limits),
    )


def _chart(
    one: series.Series,
    chart: spc.Chart,
    row: BoardRow,
    known: Collection[str],
    language: str,
) -> dict[str, Any]:
    expected = [cell.period for cell in row.cells if cell.state is not kpi_board.CellState.AWAITED]
    return kpi_board_charts.drawn(one, chart, special=known, language=language, expected=expected)
