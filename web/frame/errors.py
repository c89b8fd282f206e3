"""What a page says when it cannot do what was asked (错误页): a sentence, and what to do next.

A rule's no is 409 with the rule's own sentence; a busy database is "busy, try again"; our own
bug is 500 with nothing of its inside. Nothing is changed by any of them.
"""

import logging
from contextlib import suppress
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from config.current import current
from config.language import say, show_instant
from models.engine import held_too_long
from processes.identity.sign_in import PersonGone
from processes.watch.window import ClockDoubted
from rules.refusal import NotEntitled, NotFound, Refused
from web.duty.link import Gone
from web.frame import edge, guard
from web.frame.csrf import FormExpired, FormForged
from web.frame.session import SignInFirst, visitor
from web.frame.show import page

LOG: Final = logging.getLogger("web")

# Title, and what to do: both are sentences of the catalogue.
SAID: Final[dict[int, tuple[str, str]]] = {
    400: ("This request cannot be read", "Go back, and send the form again."),
    403: ("You may not see this", "It is shown to those whom it concerns. Sign in as yourself."),
    404: ("There is nothing here", "Check the address, or find it in the registers."),
    405: ("This cannot be done here", "Open the page again, and use the form on it."),
    408: ("This came in too slowly", "Nothing was saved. Send it again, with smaller files."),
    409: ("A rule says no", "Nothing was changed."),
    410: (
        "This link is over",
        "It was made for somebody who is no longer here. Nothing was changed.",
    ),
    413: ("This is too large", "Nothing was saved. Attach fewer or smaller files."),
    422: ("This cannot be read", "Correct the address or the form, and try again."),
    429: ("Too many tries", "Wait a few minutes, then try again. Nothing was changed."),
    500: (
        "Something is broken on our side",
        "Open the page again to see whether what you sent was recorded. The operator has the log.",
    ),
    503: ("Busy, try again", "Nothing was changed. Wait a moment, then send it again."),
}
RETRY_AFTER: Final = {429: "60", 503: "5"}


def error_page(request: Request, status: int, *, sentence: str | None = None) -> Response:
    """Return the page of a status, in the reader's language or the stranger's."""
    title, advice = SAID.get(status, SAID[500])
    answer = page(
        request, "error.html", status=status, code=status, title=title, advice=advice, said=sentence
    )
    if status in RETRY_AFTER:
        answer.headers["Retry-After"] = RETRY_AFTER[status]
    return answer


def status_of(refused: Refused) -> int:
    """Return the status of a rule's no."""
    if isinstance(refused, NotFound):
        return 404
    if isinstance(refused, NotEntitled | FormForged | FormExpired):
        return 403
    if isinstance(refused, ClockDoubted):
        return 503
    return 409


def sentence_of(request: Request, refused: Refused) -> str:
    """Return a rule's no in the reader's language."""
    language, zone = edge.language_of(request), current().settings.zone
    facts = dict(refused.facts)
    if "at" in facts and isinstance(facts.get("instant"), datetime):
        facts["at"] = facts["instant"]
    said = {
        name: show_instant(language, fact, zone) if isinstance(fact, datetime) else fact
        for name, fact in facts.items()
    }
    return say(language, refused.sentence, **said)


def install(app: FastAPI) -> None:
    """Have every fault answered by a page."""
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)


def _http(request: Request, fault: Any) -> Response:
    with suppress(SQLAlchemyError):  # a path that nobody serves has not asked who reads it
        visitor(request)
    answer = error_page(request, fault.status_code)
    for name, value in (fault.headers or {}).items():
        answer.headers[name] = value
    return answer


def _refused(request: Request, fault: Any) -> Response:
    return error_page(request, status_of(fault), sentence=sentence_of(request, fault))


def _gone(request: Request, _fault: Any) -> Response:
    return error_page(request, 410)


def _unreadable(request: Request, _fault: Any) -> Response:
    # An address or a filter that is no number: nothing of it is echoed.
    return error_page(request, 404 if request.path_params else 422)


def _sign_in_first(request: Request, fault: Any) -> Response:
    if request.method == "POST":
        # A form sent after the session ended: reloading this page sends it again, nothing is lost.
        return page(request, "signed_out.html", status=403)
    return RedirectResponse(f"/?next={quote(fault.back)}", status_code=303)


def _database(request: Request, fault: Any) -> Response:
    if is_busy(fault):
        LOG.warning("the database is busy: %s", type(fault).__name__)
        return error_page(request, 503)
    raise fault


def is_busy(fault: BaseException) -> bool:
    """Whether waiting a little would help: locked by a backup, restarting, all connections out."""
    if isinstance(fault, PoolTimeout):
        return True
    if not isinstance(fault, DBAPIError):
        return False
    words = str(fault.orig).lower()
    return (
        fault.connection_invalidated
        or held_too_long(fault)
        or any(
            word in words
            for word in ("locked", "busy", "connection", "starting up", "shutting down")
        )
    )


def _ours(request: Request, _fault: Any) -> Response:
    answer = error_page(request, 500)
    # This one is made outside everything else of ours, so it gets its headers here.
    for name, value in (*guard.HEADERS, (b"cache-control", guard.NO_STORE)):
        answer.headers[name.decode()] = value.decode()
    return answer


def _aborted(request: Request, _fault: Any) -> Response:
    """Note in one line that somebody went away while sending; nobody reads the answer."""
    LOG.warning("a request was broken off by its sender: %s %s", request.method, request.url.path)
    return Response(status_code=400)


_HANDLERS: Final[dict[Any, Any]] = {
    ClientDisconnect: _aborted,
    HTTPException: _http,
    RequestValidationError: _unreadable,
    SignInFirst: _sign_in_first,
    Gone: _gone,
    PersonGone: _gone,
    Refused: _refused,
    DBAPIError: _database,
    PoolTimeout: _database,
    Exception: _ours,
}
