"""The page behind a letter of many (信函清单): every matter of it, the most urgent first.

A letter shows as many as a mail has room for and leads here for the rest. Only its receiver sees
it, signed in; to everybody else it is as if it were not there.
"""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from notifications.render import MOST_ITEMS
from processes.mail import matters
from rules.refusal import NotFound
from web.duty.late import lateness
from web.frame.edge import At
from web.frame.filters import page_number
from web.frame.session import SignedIn
from web.frame.show import page

router: Final = APIRouter(include_in_schema=False)
PAGE: Final = MOST_ITEMS  # so that the second page begins with what the letter leaves out


@router.api_route("/letters/{key}", methods=["GET", "HEAD"])
def letter(request: Request, key: str, reader: SignedIn, at: At) -> Response:
    """List what one letter to the reader tells of, as it stands now."""
    number = page_number(request.query_params)
    told = matters.of_letter(key, reader.id, limit=PAGE, offset=(number - 1) * PAGE)
    if told is None:
        raise NotFound(what="letter", code=key)
    found = told.matters
    return page(
        request,
        "letter.html",
        told=told,
        path=f"/letters/{key}",
        late=[lateness(one.due_at, at) if one.due_at else None for one in found.rows],
        number=number,
        pages=max(1, -(-found.total // PAGE)),
        first=(number - 1) * PAGE + 1,
        last=(number - 1) * PAGE + len(found.rows),
    )
