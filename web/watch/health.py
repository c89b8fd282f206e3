"""How the service is (健康): for a monitor, which reads the status and perhaps the JSON."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import JSONResponse

from processes.watch import health as state
from web.frame.edge import At

router: Final = APIRouter(include_in_schema=False)


@router.api_route("/health", methods=["GET", "HEAD"])
def health(at: At) -> JSONResponse:
    """Answer 200 when everything owed is on time, 503 when something is late or broken."""
    found = state.health(at)
    return JSONResponse(found, status_code=200 if found["ok"] else 503)
