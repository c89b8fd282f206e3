"""The pages of the local inbox (收件箱页面): a list, a mail; GET alone, no scripts.

A mail is somebody's text. Its HTML is shown in a frame that has no scripts, no forms, no origin
and no network; its links open the real pages in a tab of their own.
"""

import re
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from config.language import label, say, show_instant
from config.settings import Settings
from service.inbox.door import COOKIE, Door, local
from service.inbox.mailbox import Mailbox

HERE: Final = Path(__file__).parent / "templates"
SIZE: Final = 50
NO_KEY: Final = 403
NOT_HERE: Final = 404
WRONG_HOST: Final = 421
PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HEAD_TAG: Final = re.compile(r"<head\b[^>]*>", re.IGNORECASE)

Next = Callable[[Request], Awaitable[Response]]


def create_inbox(settings: Settings, mailbox: Mailbox, door: Door) -> FastAPI:
    """Return the application of the inbox page; it has a listener of its own."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    page = _pages(settings)

    @app.middleware("http")
    async def guard(request: Request, go_on: Next) -> Response:
        response = await _guarded(request, go_on, door, page)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        return response

    @app.get("/inbox.css")
    def style() -> Response:
        return Response((HERE / "inbox.css").read_bytes(), media_type="text/css")

    @app.get("/")
    def listed(
        to: Annotated[str, Query(max_length=254)] = "",
        find: Annotated[str, Query(max_length=200)] = "",
        number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
    ) -> Response:
        shown = mailbox.page(to=to, find=find, number=number, size=SIZE)
        return page("inbox_list.html", shown=shown, to=to, find=find)

    _show_mails(app, mailbox, page)
    return app


def _show_mails(app: FastAPI, mailbox: Mailbox, page: Callable[..., HTMLResponse]) -> None:
    """Add the pages of one mail."""

    @app.get("/mail/{name}")
    def opened(
        name: str,
        to: Annotated[str, Query(max_length=254)] = "",
        view: Annotated[str, Query(max_length=10)] = "",
    ) -> Response:
        mail = mailbox.open(name)
        if mail is None:
            return page("inbox_shut.html", status=NOT_HERE, why="There is no such mail.")
        kind = view if view in {"text", "headers"} else ("html" if mail.html else "text")
        return page("inbox_mail.html", mail=mail, view=kind, to=to)

    @app.get("/mail/{name}/html")
    def html(name: str) -> Response:
        mail = mailbox.open(name)
        if mail is None:
            return PlainTextResponse("", status_code=NOT_HERE)
        return HTMLResponse(
            _opening_outside(mail.html), headers={"Content-Security-Policy": _mail_policy()}
        )

    @app.get("/mail/{name}/source")
    def source(name: str) -> Response:
        content = mailbox.read(name)
        if content is None:
            return PlainTextResponse("", status_code=NOT_HERE)
        return Response(
            content,
            media_type="application/octet-stream",
            headers={"Content-Disposition": 'attachment; filename="mail.eml"'},
        )


async def _guarded(request: Request, go_on: Next, door: Door, page: Any) -> Response:
    """Let in who is on this machine and has the key, or had it."""
    if not local(request.headers.get("host")):
        return PlainTextResponse("Misdirected Request", status_code=WRONG_HOST)
    if request.method not in {"GET", "HEAD"}:
        return PlainTextResponse("Method Not Allowed", status_code=405)
    if request.url.path == "/inbox.css" or door.knows(request.cookies.get(COOKIE)):
        if "key" in request.query_params:
            return RedirectResponse("/", status_code=303)
        return await go_on(request)
    key = request.query_params.get("key", "")
    cookie = door.enter(key) if key and request.method == "GET" else None
    if cookie is None:
        why = "Open this page with the key that `pdca up` printed."
        shut: Response = page("inbox_shut.html", status=NO_KEY, why=why)
        return shut
    response = RedirectResponse("/", status_code=303)
    response.set_cookie(
        COOKIE, cookie, httponly=True, samesite="strict", max_age=30 * 24 * 3600, path="/"
    )
    return response


def _pages(settings: Settings) -> Callable[..., HTMLResponse]:
    """Return what renders a template in the site's language."""
    language = settings.language
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        t=partial(say, language),
        label=partial(label, language),
        instant=lambda at: show_instant(language, at, settings.zone),
        brief=lambda at: show_instant(language, at, settings.zone, brief=True),
        query=lambda **parts: urlencode({k: v for k, v in parts.items() if v}),
        language="zh-CN" if language == "zh" else "en",
        organisation=settings.organisation,
    )

    def page(name: str, /, *, status: int = 200, **facts: Any) -> HTMLResponse:
        return HTMLResponse(environment.get_template(name).render(facts), status_code=status)

    return page


def _opening_outside(html: str) -> str:
    """Return the mail's HTML with its links opening in a tab of their own."""
    head = HEAD_TAG.search(html)
    at = head.end() if head else 0
    return html[:at] + '<base target="_blank">' + html[at:]


def _mail_policy() -> str:
    """What a mail's HTML may do: be seen, and open a link when it is clicked."""
    return (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none';"
        " frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
    )
