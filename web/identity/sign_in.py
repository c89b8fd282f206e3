"""Signing in and out (登录与退出): ask for a link, confirm it, and leave.

GET of the mailed link only shows a button: a scanner that opens it neither signs in nor uses
the link up. The answer to "mail me a link" is the same whoever asks for whomever.
"""

import unicodedata
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from config.language import say
from notifications import links
from processes.identity import sign_in
from rules.provisional import NotChosen
from web.frame import csrf, edge, session
from web.frame.edge import At
from web.frame.errors import error_page
from web.frame.keys import secrets
from web.frame.posted import TextForm
from web.frame.rate import Limit
from web.frame.session import SignedIn
from web.frame.show import page

router: Final = APIRouter(include_in_schema=False)

FORM_LIFE: Final = timedelta(hours=12)
ASKING: Final = ("sign-in",)
LONGEST: Final = 254  # characters of an address


class Limits:
    """One office may share an address; one mailbox must not be flooded from many."""

    def __init__(self) -> None:
        self.by_address = Limit(burst=30, per_minute=6)
        self.by_person = Limit(burst=5, per_minute=0.2)


def sign_in_page(
    request: Request,
    at: datetime,
    *,
    status: int = 200,
    back: str = "/",
    said: str | None = None,
) -> Response:
    """Return the page that asks who is there."""
    return page(
        request,
        "sign_in.html",
        status=status,
        field=csrf.field(ASKING, at),
        next=_local(back),
        minutes=_minutes(),
        said=said,
        bad=status >= 400,  # noqa: PLR2004 - as HTTP has it
    )


@router.post("/sign-in")
def ask(request: Request, form: TextForm, at: At) -> Response:
    """Mail a link, and say the same whether the person is known or not."""
    who = form["who"].strip()[:LONGEST]
    if edge.foreign(request):
        raise csrf.FormForged
    csrf.check(form[csrf.FIELD], ASKING, at, life=FORM_LIFE)
    limits: Limits = request.app.state.sign_in_limits
    if not limits.by_address.take(edge.whence(request)):
        return error_page(request, 429)
    answer = page(request, "sign_in_sent.html", who=who, minutes=_minutes())
    if who and limits.by_person.take(_same(who)):
        # After the answer, so that the time it takes does not tell who is known.
        answer.background = BackgroundTask(sign_in.ask, who, at=at, back=_local(form["next"]))
    return answer


@router.api_route("/sign-in/{token}", methods=["GET", "HEAD"])
def confirm(request: Request, token: str, at: At) -> Response:
    """Show the button that signs in; nothing happens until it is pressed."""
    person_id, nonce, _ = _read(token, at)
    known = sign_in.person(person_id)
    if known is None:
        raise sign_in.PersonGone
    if sign_in.used(nonce):
        raise sign_in.LinkUsed
    edge.speak(request, known.language)
    return page(
        request,
        "sign_in_confirm.html",
        name=known.name,
        field=csrf.field(("confirm", person_id, nonce), at),
        hours=int(session.LIFE.total_seconds() // 3600),
    )


@router.post("/sign-in/{token}")
def enter(request: Request, token: str, form: TextForm, at: At) -> Response:
    """Begin the session, once a link."""
    person_id, nonce, back = _read(token, at)
    if edge.foreign(request):
        raise csrf.FormForged
    csrf.check(form[csrf.FIELD], ("confirm", person_id, nonce), at, life=FORM_LIFE)
    if form["me"] != "yes":  # a mail scanner sends the form as it finds it, and uses nothing up
        raise NotChosen
    sign_in.enter(person_id, nonce=nonce, via=f"link from {edge.address(request)}", at=at)
    answer = RedirectResponse(back, status_code=303)
    session.begin(answer, person_id=person_id, nonce=nonce, at=at)
    return answer


@router.post("/sign-out")
def leave(request: Request, reader: SignedIn, form: TextForm, at: At) -> Response:
    """End the session for good."""
    session.check_form(request, form, reader)
    sign_in.leave(reader.id, nonce=str(reader.nonce), at=at)
    answer = RedirectResponse("/", status_code=303)
    session.end(answer)
    return answer


def bad_link(request: Request, _fault: Exception) -> Response:
    """Answer a link that is not ours or too old: the same page, and no word of what it was for."""
    tries: Limit = request.app.state.bad_tokens
    if not tries.take(edge.whence(request)):
        return error_page(request, 429)
    language = edge.language_of(request)
    said = say(language, "This link is not valid any more. Have a new one mailed to you.")
    return sign_in_page(request, edge.instant(request), status=403, said=said)


def _read(token: str, at: datetime) -> tuple[int, str, str]:
    person_id, nonce, *rest = links.read(
        secrets(), links.Purpose.SIGN_IN, token, at, sign_in.LINK_LIFE
    )
    return int(person_id or 0), str(nonce), _local(str(rest[0]) if rest else "/")


def _local(back: str) -> str:
    """Return a path of ours to go back to; anything else is the beginning."""
    safe = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()
    return back if safe and back.isascii() and "\\" not in back else "/"


def _same(who: str) -> str:
    """Return what a mailbox is counted by, however it is written: width, case, spaces apart."""
    return "".join(unicodedata.normalize("NFKC", who).casefold().split())


def _minutes() -> int:
    return int(sign_in.LINK_LIFE.total_seconds() // 60)
