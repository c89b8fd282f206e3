"""A nonconformity as a page (不符合项页): all of it, and what is done to it as a whole.

Declaring one void is for the head of quality, with a reason, and signed; the gates are the
rules', not this page's.
"""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from processes.duty import answers
from processes.duty import sight as area
from processes.history import told as history
from processes.history.rows import NonconformityHistory
from rules import text
from rules.nonconformity import ENDED, State
from rules.refusal import NotFound, Refused
from rules.words import DutyState, Role
from web.duty import wording
from web.duty.acts import NoSuchAct
from web.duty.late import lateness
from web.duty.timeline import timeline
from web.duty.told import NOTHING, Told, refused
from web.frame import edge, session
from web.frame.edge import At
from web.frame.posted import Posted, TextForm
from web.frame.session import Reader, SignedIn
from web.frame.show import page

router: Final = APIRouter(include_in_schema=False)
READ: Final = ["GET", "HEAD"]
VOIDS: Final = frozenset({Role.QUALITY_HEAD.value, Role.TOP_MANAGEMENT.value})


def visible(request: Request, code: str, reader: SignedIn) -> NonconformityHistory:
    """Return the nonconformity; to somebody who may not see it, it is not there."""
    at = edge.instant(request)
    if not area.may_see_nonconformity(reader.id, code, at):
        raise NotFound(what="nonconformity", code=code)
    return history.of_nonconformity(code, at=at)


Visible = Annotated[NonconformityHistory, Depends(visible)]


@router.api_route("/nonconformities/{code:path}", methods=READ)
def show(request: Request, matter: Visible, reader: SignedIn, at: At) -> Response:
    """Show one with its rounds, duties, letters and evidence."""
    return _page(request, matter, reader, at, NOTHING)


@router.post("/nonconformities/{code:path}")
def act(request: Request, matter: Visible, reader: SignedIn, form: TextForm, at: At) -> Response:
    """Report it straight up, or declare it void."""
    code, typed = matter.nonconformity.code, dict(form.fields)
    try:
        session.check_form(request, form, reader)
        if form["step"] == "change":
            return _page(request, matter, reader, at, Told(act=form["act"], typed=typed))
        told = Told(said=_perform(code, form, reader, at), mood="yes")
    except Refused as no:
        told = refused(request, form["act"], typed, no)
    return _page(request, history.of_nonconformity(code, at=at), reader, at, told)


def _perform(code: str, form: Posted, reader: Reader, at: datetime) -> str:
    """Do what the form asks for, and return what happens next; or raise a rule's no."""
    reason = text.paragraph(form["reason"])
    facts: dict[str, Any] = {"person_id": reader.id, "reason": reason, "at": at, "via": reader.via}
    if form["act"] == "straight_up":
        return answers.straight_up(code, **facts).says
    if form["act"] == "void":
        signature = None if form["step"] == "again" else form["code"] or None
        return answers.void(code, **facts, signature=signature).says
    raise NoSuchAct


def _page(
    request: Request,
    matter: NonconformityHistory,
    reader: Reader,
    at: datetime,
    told: Told,
) -> Response:
    nc = matter.nonconformity
    ended = State(nc.state) in ENDED
    open_ = [duty for duty in matter.duties if duty.state == DutyState.OPEN]
    return page(
        request,
        "nonconformity.html",
        status=told.status,
        matter=matter,
        nc=nc,
        late=None if ended else lateness(nc.due_at, at),
        owed=[(duty, lateness(duty.due_at, at)) for duty in open_],
        past=[duty for duty in matter.duties if duty.state != DutyState.OPEN],
        round_words=wording.ROUND,
        has_rounds=any(one["cause"] or one["done"] for one in matter.rounds),
        entries=timeline(matter),
        may_void=not ended and bool(reader.roles & VOIDS),
        may_report_up=not ended and _may_report_up(matter, reader, at),
        said=told.said,
        mood=told.mood,
        opened=told.act,
        typed={"reason": "", **told.typed},
        code_step=told.code_step,
    )


def _may_report_up(matter: NonconformityHistory, reader: Reader, at: datetime) -> bool:
    return any(
        answers.standing(duty.id, reader.id, at).may_report_up
        for duty in matter.duties
        if duty.state == DutyState.OPEN
    )
