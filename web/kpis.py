"""The indicator system as a page (指标体系页): what is measured, how, and who answers for it."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from processes import area, registers_kpi
from processes.register_query import Filters
from web import edge
from web.edge import At
from web.session import SignedIn
from web.show import page

router: Final = APIRouter(include_in_schema=False)
READ: Final = ["GET", "HEAD"]


@router.api_route("/kpis", methods=READ)
def system(request: Request, reader: SignedIn, at: At) -> Response:
    """Show the indicators of the reader's area."""
    people = area.people_of(reader.id)
    wanted = Filters(people=people, reader=reader.id, state="active")
    return page(
        request,
        "kpis.html",
        rows=registers_kpi.kpis(wanted, at=at).rows,
        english=edge.language_of(request) == "en",
        whole=people is None,
    )
