"""Who is reading (读者): the person behind a signed cookie or behind a duty link, never both.

A session is a signed number; that it has begun, and that it has been ended, stands in the
trail. The person is read anew at every request: whoever has left is signed out at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from config.current import current
from notifications import links
from notifications.links import Part
from processes.identity import sign_in
from rules.refusal import Refused
from web.frame import csrf, edge
from web.frame.keys import secrets
from web.frame.posted import Posted

COOKIE: Final = "pdca_session"
LIFE: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The person a page is made for; `nonce` names the session, None behind a duty link.

    `bound` is what the forms of his pages are signed for, `via` how a record names his way in.
    """

    id: int
    code: str
    name: str
    roles: frozenset[str]
    language: str | None
    bound: tuple[Part, ...]
    via: str
    nonce: str | None = None


class SignInFirst(Exception):
    """The page is for people we know: sign in, then come back to `back`."""

    def __init__(self, back: str = "/") -> None:
        super().__init__("sign in first")
        self.back = back


def begin(response: Response, *, person_id: int, nonce: str, at: datetime) -> None:
    """Give the browser its session."""
    token = links.sign(secrets()[0], links.Purpose.SESSION, (person_id, nonce), at)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(LIFE.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=current().settings.base_url.startswith("https://"),
        path="/",
    )


def end(response: Response) -> None:
    """Take the session back."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


def visitor(request: Request) -> Reader | None:
    """Return who is signed in; None for a stranger, a late, ended or forged session."""
    if "session_read" not in request.state._state:  # noqa: SLF001 - starlette has no `in`
        request.state.session_read = True
        request.state.reader = _read(request)
        if request.state.reader is not None:
            edge.speak(request, request.state.reader.language)
    return request.state.reader  # type: ignore[no-any-return]


def signed_in(request: Request) -> Reader:
    """Return who is signed in, or have him sign in first."""
    reader = visitor(request)
    if reader is None:
        raise SignInFirst(request.url.path if request.method in {"GET", "HEAD"} else "/")
    return reader


def _read(request: Request) -> Reader | None:
    token = request.cookies.get(COOKIE, "")
    if not token:
        return None
    at = edge.instant(request)
    try:
        person_id, nonce = links.read(secrets(), links.Purpose.SESSION, token, at, LIFE)
    except (Refused, ValueError):
        return None
    known = sign_in.whose(int(person_id or 0), nonce=str(nonce))
    if known is None:
        return None
    return Reader(
        id=known.id,
        code=known.code,
        name=known.name,
        roles=known.roles,
        language=known.language,
        bound=(csrf.SESSION, known.id, str(nonce)),
        via=f"session of {known.code} from {edge.address(request)}",
        nonce=str(nonce),
    )


def check_form(request: Request, form: Posted, reader: Reader) -> None:
    """Refuse a form that was not shown to this reader, or that another site's page sent."""
    if edge.foreign(request):
        raise csrf.FormForged
    life = LIFE if reader.nonce else timedelta(days=current().policy.mail.link_days)
    csrf.check(form[csrf.FIELD], reader.bound, edge.instant(request), life=life)


Visitor = Annotated[Reader | None, Depends(visitor)]
SignedIn = Annotated[Reader, Depends(signed_in)]
