"""What every request passes (门卫): headers on the way out, a limit on the way in, clean logs.

Plain ASGI, so that it also covers error pages and files. The pages need no script, so the
policy allows none; a token in an address is a key, so it is cut from the access log.
"""

import asyncio
import logging
import re
import time
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final = (
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"x-robots-tag", b"noindex, nofollow"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
NO_STORE: Final = b"no-store"
FOR_EVER: Final = b"public, max-age=31536000, immutable"  # the address carries the file's hash

FIRST_SECONDS: Final = 30.0  # for a body to come in, and more as more of it comes
SLOWEST: Final = 5_000  # bytes a second

TOKEN: Final = re.compile(r"(/(?:d|sign-in)/)[^/?\s]+")


class Headers:
    """Give every answer the headers that keep it private."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        static = scope["path"].startswith("/static/")

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = static and message["status"] in {200, 304}
                cache = (b"cache-control", FOR_EVER if kept else NO_STORE)
                sent = [_at_home(one, scope) for one in message["headers"]]
                message["headers"] = [*sent, *HEADERS, cache]
            await send(message)

        await self._app(scope, receive, send_guarded)


def _at_home(header: tuple[bytes, bytes], scope: Scope) -> tuple[bytes, bytes]:
    """Redirect to a path of ours: an absolute one made of the request's Host leads anywhere."""
    name, value = header
    if name.lower() != b"location":
        return header
    asked = dict(scope["headers"]).get(b"host", b"")
    for scheme in (b"http://", b"https://"):
        if asked and value.startswith(scheme + asked):
            return name, value[len(scheme + asked) :] or b"/"
    return header


class BodyLimit:
    """Refuse a body above `most` bytes, whatever its header claims, and one that dribbles.

    What comes in beyond it is read and dropped up to as much again: a browser that is still
    sending would show "connection reset" instead of our page.
    """

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen, whole = 0, False
        began = time.monotonic()

        async def receive_limited() -> Message:
            nonlocal seen, whole
            if whole:
                return await receive()  # waits for the end of the connection
            left = began + FIRST_SECONDS + seen / SLOWEST - time.monotonic()
            try:
                message = await asyncio.wait_for(receive(), max(left, 0.01))
            except TimeoutError:
                raise HTTPException(408, headers={"Connection": "close"}) from None
            seen += len(message.get("body", b""))
            whole = not message.get("more_body")
            if seen <= self._most:
                return message
            while message.get("more_body") and seen <= 2 * self._most:
                message = await receive()
                seen += len(message.get("body", b""))
            raise HTTPException(413)

        await self._app(scope, receive_limited, send)


class CutTokens(logging.Filter):
    """Write `/d/…` where an access log would write somebody's key."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                TOKEN.sub(r"\1…", arg) if isinstance(arg, str) else arg for arg in record.args
            )
        record.msg = TOKEN.sub(r"\1…", record.msg) if isinstance(record.msg, str) else record.msg
        return True


def cut_tokens_from_logs() -> None:
    """Put the filter on every logger that may write an address; twice is once."""
    for name in ("uvicorn.access", "uvicorn.error", "httptools", "web"):
        logger = logging.getLogger(name)
        if not any(isinstance(known, CutTokens) for known in logger.filters):
            logger.addFilter(CutTokens())
