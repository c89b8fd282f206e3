"""The sheet of a duty to take along (检查表下载): an Excel file that may be brought back filled."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from processes.worksheet import files as worksheet_files
from rules.refusal import NotFound
from web.attachment.saved import attachment
from web.duty import view
from web.duty.link import Linked, Seen
from web.duty.pages import READ, BySession
from web.frame import edge
from web.frame.edge import At

router: Final = APIRouter(include_in_schema=False)


@router.api_route("/d/{token}/sheet.xlsx", methods=READ)
def by_link(request: Request, seen: Linked, at: At) -> Response:
    """Hand the sheet out to whoever came by a letter."""
    return _file(request, seen, at)


@router.api_route("/duties/{number}/sheet.xlsx", methods=READ)
def by_session(request: Request, seen: BySession, at: At) -> Response:
    """Hand the sheet out to somebody signed in."""
    return _file(request, seen, at)


def _file(request: Request, seen: Seen, at: At) -> Response:
    """A draft is its writer's own: to others there is a file once the duty is answered."""
    shown = view.of(seen.number, person_id=seen.reader.id, at=at)
    standing = shown.standing
    if not standing.may_see or (shown.open and not standing.may_answer):
        raise NotFound(what="file", code=seen.number)
    file = worksheet_files.export(seen.number, edge.language_of(request))
    return attachment(file.content, file.name)
