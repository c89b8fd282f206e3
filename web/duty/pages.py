"""The duty page (待办页): `/d/{token}` from a letter, `/duties/{number}` for who is signed in.

GET and HEAD show and change nothing: scanners open links. POST acts once; a second POST is told
politely what was answered, with 200. A closed duty and a letter of before an extension are shown
with what happened and without forms (200); a link of somebody who has left is 410; a link that
is not ours, or too old, is 403 without a word of what it may have been for.
"""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from processes.duty import answers
from processes.duty import registers as duty_registers
from processes.imports.problems import ImportRefused
from processes.register.query import Filters
from processes.register.rows import DutyRow
from rules.refusal import NotFound, Refused
from rules.worksheet import SheetRefused
from web.duty import acts
from web.duty.acts import Doing, Wrong
from web.duty.link import Linked, Seen
from web.duty.page import duty_page
from web.duty.told import Told, refused, unreadable, with_files, wrong_field
from web.frame import browser, edge, session
from web.frame.edge import At
from web.frame.posted import Form, Posted
from web.frame.session import SignedIn
from web.worksheet import pages as worksheet

router: Final = APIRouter(include_in_schema=False)
READ: Final = ["GET", "HEAD"]
HIGHEST: Final = 2**53  # no duty has a higher number, and no database a larger integer

Number = Annotated[int, Path(ge=1, le=HIGHEST)]


def by_session(request: Request, number: Number, reader: SignedIn) -> Seen:
    """Return the signed-in reader before a duty he may see."""
    at = edge.instant(request)
    if not answers.standing(number, reader.id, at).may_see:
        # To somebody who may not see it, it is as if it were not there.
        raise NotFound(what="duty", code=number)
    return Seen(reader=reader, number=number, base=f"/duties/{number}")


BySession = Annotated[Seen, Depends(by_session)]


@router.api_route("/d/{token}", methods=READ)
def show_by_link(request: Request, seen: Linked, at: At) -> Response:
    """Show what is owed to whoever came by a letter."""
    return duty_page(request, seen, at)


@router.post("/d/{token}")
def act_by_link(request: Request, seen: Linked, form: Form, at: At) -> Response:
    """Do what the form of a letter's page asks for."""
    return _act(request, seen, form, at)


@router.api_route("/duties/{number}", methods=READ)
def show(request: Request, seen: BySession, at: At) -> Response:
    """Show the same page to somebody signed in."""
    return duty_page(request, seen, at)


@router.post("/duties/{number}")
def act(request: Request, seen: BySession, form: Form, at: At) -> Response:
    """Do what the form asks for."""
    return _act(request, seen, form, at)


def _act(request: Request, seen: Seen, form: Posted, at: datetime) -> Response:
    duty = _row(seen.number, at)
    typed = dict(form.fields)
    kept: list[str] = []
    try:
        session.check_form(request, form, seen.reader)
        if form["step"] == "change":
            return duty_page(request, seen, at, Told(act="answer", typed=typed))
        if form["step"] == "again":
            form = Posted({**form.fields, "code": ""})
        language = edge.language_of(request)
        way = browser.way(request, signed=seen.reader.nonce is not None)
        doing = Doing(seen=seen, duty=duty, form=form, at=at, language=language, way=way, kept=kept)
        told = Told(said=acts.perform(doing), mood="yes", act=form["act"])
    except ValidationError as wrong:
        told = unreadable(request, duty.kind, form["act"], typed, wrong)
    except Wrong as wrong:
        told = wrong_field(request, form["act"], typed, wrong)
    except (SheetRefused, ImportRefused) as no:
        told = worksheet.told(request, form["act"], typed, no)
    except Refused as no:
        told = refused(request, form["act"], typed, no)
    shown = duty_page(request, seen, at, with_files(request, told, kept))
    return browser.remember(request, shown)


def _row(number: int, at: datetime) -> DutyRow:
    rows = duty_registers.duties(Filters(ids=(number,)), at=at).rows
    if not rows:
        raise NotFound(what="duty", code=number)
    return rows[0]
