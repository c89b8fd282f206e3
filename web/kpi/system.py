"""The indicator system as a page (指标体系页): what is measured, how, and who answers for it."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from processes.duty import sight as area
from processes.kpi import registers as registers_kpi
from processes.register.query import Filters
from web.frame import edge
from web.frame.edge import At
from web.frame.session import SignedIn
from web.frame.show import page

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
