"""The search over everything as a page (检索页): what the reader may see, register by register."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from config.labels import LABELS
from processes.duty import sight as area
from processes.register import searching
from web.frame.edge import At
from web.frame.session import SignedIn
from web.frame.show import page

router: Final = APIRouter(include_in_schema=False)
STATES: Final = {"duties": "duty_state", "nonconformities": "nonconformity_state"}


@router.api_route("/search", methods=["GET", "HEAD"])
def search(request: Request, reader: SignedIn, at: At) -> Response:
    """Show what has the words of the address in its code or title."""
    wanted = searching.words(request.query_params.get("find", ""))
    found = searching.find(wanted, at=at, people=area.people_of(reader.id), reader=reader.id)
    return page(
        request,
        "search.html",
        wanted=wanted,
        found=[(searching.called(hits.kind), hits) for hits in found],
        states={kind: name for kind, name in STATES.items() if name in LABELS},
        most=searching.LONGEST,
    )
