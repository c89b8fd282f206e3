"""Handing out evidence (证据下载): as an attachment, to who may see the duty it belongs to.

By a duty link only the files of that page are handed out, by a session those of any duty the
person may see. A file of somebody else's is not there at all.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Path
from starlette.responses import FileResponse

from processes.attachment import attached as evidence
from processes.attachment.attached import Opened
from rules.refusal import NotEntitled, NotFound
from web.attachment.saved import disposition
from web.duty import view
from web.duty.link import Linked
from web.duty.pages import HIGHEST, READ
from web.frame.edge import At
from web.frame.session import SignedIn

router: Final = APIRouter(include_in_schema=False)

File = Annotated[int, Path(ge=1, le=HIGHEST)]


@router.api_route("/d/{token}/evidence/{file}", methods=READ)
def by_link(seen: Linked, file: File, at: At) -> FileResponse:
    """Hand out a file of the page that the letter leads to."""
    shown = view.of(seen.number, person_id=seen.reader.id, at=at)
    if not shown.standing.may_see or file not in shown.files:
        raise NotFound(what="file", code=file)
    return _attachment(_opened(file, seen.reader.id, at))


@router.api_route("/evidence/{file}", methods=READ)
def by_session(reader: SignedIn, file: File, at: At) -> FileResponse:
    """Hand out a file to somebody signed in who may see its duty."""
    return _attachment(_opened(file, reader.id, at))


@router.api_route("/duties/{number}/evidence/{file}", methods=READ)
def of_duty(reader: SignedIn, file: File, at: At) -> FileResponse:
    """The address that a duty's page uses."""
    return _attachment(_opened(file, reader.id, at))


def _opened(file: int, person_id: int, at: At) -> Opened:
    try:
        return evidence.open_(file, person_id=person_id, at=at)
    except NotEntitled:
        raise NotFound(what="file", code=file) from None


def _attachment(found: Opened) -> FileResponse:
    return FileResponse(
        found.path,
        media_type=found.content_type,
        headers={"Content-Disposition": disposition(found.name)},
    )
