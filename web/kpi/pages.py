"""One indicator as a page (指标详情页), and the list of indicators to adjust (需调整指标)."""

from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from notifications.charts import told
from notifications.charts.series import shown
from processes.duty import sight as area
from processes.kpi import advice as kpi_advice
from processes.kpi import board as kpi_board
from processes.kpi import board_detail as kpi_board_detail
from processes.kpi import runs as kpi_runs
from processes.kpi import special_letters
from processes.kpi.board_detail import Detail
from processes.kpi.board_excel import STATES
from rules.words import DutyKind
from web.frame import edge
from web.frame.edge import At
from web.frame.session import SignedIn
from web.frame.show import page
from web.kpi.board import CHIPS, counts

router: Final = APIRouter(include_in_schema=False)
READ: Final = ["GET", "HEAD"]


@router.api_route("/kpis/show/{code:path}", methods=READ)
def show(request: Request, code: str, reader: SignedIn, at: At, scope: str = "") -> Response:
    """Show an indicator in full."""
    language = edge.language_of(request)
    found = kpi_board_detail.read(
        code, scope[:160], at=at, people=area.people_of(reader.id), language=language
    )
    one = found.row.series
    return page(
        request,
        "kpi.html",
        found=found,
        one=one,
        name=one.name_en if language == "en" and one.name_en else one.name,
        chart=drawn(found.chart, language),
        state_words=STATES[found.row.state],
        chip=CHIPS[found.row.state],
        cells=[_cell(found, cell) for cell in reversed(found.row.cells)],
        unusual=[
            (one_of, special_letters.sentence(one_of.row, one.unit, language))
            for one_of in found.unusual
        ],
    )


@router.api_route("/kpis/sources/{code:path}", methods=READ)
def source(request: Request, code: str, reader: SignedIn) -> Response:
    """Show which files and calls an indicator's values came from, and what was refused."""
    runs = kpi_runs.of(code, people=area.people_of(reader.id))
    english = edge.language_of(request) == "en"
    name = runs.kpi.name_en if english and runs.kpi.name_en else runs.kpi.name
    return page(request, "kpi_source.html", runs=runs, name=name)


@router.api_route("/kpis/special/{code}", methods=READ)
def special(code: str, reader: SignedIn) -> Response:
    """Lead from a letter to the indicator, whoever may see that."""
    kpi, scope = kpi_board_detail.whose(code[:32], people=area.people_of(reader.id))
    return RedirectResponse(
        f"/kpis/show/{quote(kpi)}?{urlencode({'scope': scope})}#{quote(code)}", status_code=303
    )


@router.api_route("/kpis/advice", methods=READ)
def advice(request: Request, reader: SignedIn, at: At) -> Response:
    """Show which indicators should be looked at anew, and why."""
    language = edge.language_of(request)
    rows = kpi_advice.read(at=at, people=area.people_of(reader.id))
    return page(
        request,
        "kpi_advice.html",
        rows=[(row, kpi_advice.said(row, language)) for row in rows],
        whole=area.people_of(reader.id) is None,
    )


def drawn(facts: dict[str, Any], language: str) -> Markup:
    """Return a chart for a page; its every text has been escaped where it was drawn."""
    return Markup(told.trend(facts, language))  # noqa: S704 - charts escape what people wrote


def panel(kind: str, subject: str, language: str) -> Markup | None:
    """Return the chart that belongs on the page of a duty; None for what has none."""
    if kind != DutyKind.EXPLAIN_SPECIAL:
        return None
    facts = kpi_board_detail.picture_of(subject, language)
    return drawn(facts, language) if facts is not None else None


def _cell(found: Detail, cell: kpi_board.Cell) -> dict[str, Any]:
    return {
        "cell": cell,
        "value": shown(cell.value, found.row.series.unit) if cell.value is not None else "",
        "counts": counts(cell),
        "words": STATES[cell.state],
        "chip": CHIPS[cell.state],
        "target": shown(cell.target, found.row.series.unit) if cell.target is not None else "",
    }
