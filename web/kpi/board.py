"""The board of indicators as pages (指标看板页): everybody sees what his people answer for.

Small charts are drawn as SVG into the page: no script, no picture to fetch, and each is told in
a sentence to whoever cannot see it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from fastapi import APIRouter
from markupsafe import Markup
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from config.current import current
from notifications.charts import Point, small_multiple
from notifications.charts.series import shown
from processes.duty import sight as area
from processes.kpi import board as kpi_board
from processes.kpi.board import BoardRow, Cell, CellState, Wanted
from processes.kpi.board_excel import STATES
from processes.organisation import registers as organisation_registers
from processes.register.query import Filters
from rules import text
from rules.kpi import ORGANISATION, Element, plain
from rules.period import Frequency
from web.attachment.saved import attachment
from web.frame import edge
from web.frame.edge import At
from web.frame.session import SignedIn
from web.frame.show import page

router: Final = APIRouter(include_in_schema=False)
READ: Final = ["GET", "HEAD"]
LONGEST: Final = 100
SPANS: Final = (12, 24, 36, 60)  # periods that may be chosen
CHIPS: Final = {
    CellState.MET: "good",
    CellState.MISSED: "late",
    CellState.MISSING: "soon",
    CellState.NO_DATA: "void",
    CellState.AWAITED: "void",
    CellState.PLAIN: "void",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A row of the board, ready for the template: text, and one picture of ours."""

    code: str
    name: str
    scope: str  # as addresses have it
    scope_name: str  # as people call it
    element: str
    owner: str
    value: str
    counts: str
    period: str
    target: str
    state: CellState
    state_words: str
    chip: str
    missing: int
    missed: int
    specials: list[str]
    chart: Markup


@router.api_route("/kpis/board", methods=READ)
def board(request: Request, reader: SignedIn, at: At) -> Response:
    """Show the board."""
    asked = words(request.query_params)
    found = kpi_board.read(wanted(asked), at=at, people=area.people_of(reader.id))
    language = edge.language_of(request)
    projects = organisation_registers.projects(Filters(), at=edge.EPOCH).rows
    names = {project.code: project.name for project in projects}
    return page(
        request,
        "kpi_board.html",
        rows=[_shown(row, language, names) for row in found.rows],
        months=found.months,
        owners=found.owners,
        asked=asked,
        elements=[element.value for element in Element],
        frequencies=[frequency.value for frequency in Frequency],
        spans=SPANS,
        projects=projects,
        whole=area.people_of(reader.id) is None,
    )


@router.api_route("/kpis/board.xlsx", methods=READ)
def workbook(request: Request, reader: SignedIn, at: At) -> Response:
    """Give the board as a workbook."""
    from processes.kpi.board_excel import workbook as written

    found = kpi_board.read(
        wanted(words(request.query_params)), at=at, people=area.people_of(reader.id)
    )
    name = f"kpi-board-{current().calendar.day(at)}.xlsx"
    return attachment(written(found, at=at, language=edge.language_of(request)), name)


def words(query: QueryParams) -> dict[str, str]:
    """Return the filters of an address; a word that is none of ours is left out."""
    known: dict[str, Collection[str]] = {
        "element": [element.value for element in Element],
        "frequency": [frequency.value for frequency in Frequency],
        "periods": [str(span) for span in SPANS],
        "special": ["1"],
        "missed": ["1"],
    }
    found = {
        name: text.line(query.get(name, ""))[:LONGEST] for name in (*known, "owner", "project")
    }
    return {
        name: word
        for name, word in found.items()
        if word and (name not in known or word in known[name])
    }


def wanted(asked: dict[str, str]) -> Wanted:
    """Return the filters as the board knows them."""
    return Wanted(
        element=asked.get("element", ""),
        owner=asked.get("owner", ""),
        frequency=asked.get("frequency", ""),
        project=asked.get("project", ""),
        periods=int(asked.get("periods", kpi_board.PERIODS)),
        special_only="special" in asked,
        missed_only="missed" in asked,
    )


def _shown(row: BoardRow, language: str, projects: Mapping[str, str]) -> Shown:
    one, last = row.series, row.newest
    name = one.name_en if language == "en" and one.name_en else one.name
    return Shown(
        code=one.code,
        name=name,
        scope="" if one.scope == ORGANISATION else one.scope,
        scope_name=scope_name(one.scope, projects),
        element=one.element,
        owner=one.owner_name,
        value=shown(last.value, one.unit) if last else "–",
        counts=counts(last),
        period=last.period if last else "",
        target=row.target,
        state=row.state,
        state_words=STATES[row.state],
        chip=CHIPS[row.state],
        missing=sum(cell.state is CellState.MISSING for cell in row.cells),
        missed=sum(cell.state is CellState.MISSED for cell in row.cells),
        specials=kpi_board.said(row, language)[:1],
        chart=chart(row, language),
    )


def scope_name(scope: str, projects: Mapping[str, str]) -> str:
    """Return what people call a scope: a project by its name, anything else as it is kept."""
    kind, _, code = scope.partition("=")
    if kind == "project" and code:
        return projects.get(code, code)
    return "" if scope == ORGANISATION else scope


def counts(cell: Cell | None) -> str:
    """Return numerator and denominator; empty where there are none."""
    if cell is None or cell.denominator is None or cell.numerator is None:
        return ""
    return f"{_plain(cell.numerator)} / {_plain(cell.denominator)}"


def chart(row: BoardRow, language: str) -> Markup:
    """Return the small chart of a row; its every text has been escaped where it was drawn."""
    last = row.newest
    svg = small_multiple(
        [
            Point(
                label=cell.period,
                value=cell.value,
                missed=cell.state is CellState.MISSED,
                special=cell.special,
            )
            for cell in row.cells
            if cell.state is not CellState.AWAITED
        ],
        title=row.series.called(language),
        language=language,
        target=last.target if last else None,
        target_label=row.target,
        unit=row.series.unit,
    )
    return Markup(svg)  # noqa: S704 - charts escape what people wrote


def _plain(value: Decimal) -> str:
    return f"{plain(value):,f}"


def fresh(at: datetime) -> dict[str, Any]:
    """Return what every page about indicators says of its instant."""
    return {"as_of": current().calendar.day(at)}
