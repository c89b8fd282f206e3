"""A nonconformity as a page (不符合项页): all of it, raising one, what is done to it as a whole.

Anybody signed in may raise one; its owner then owes an answer. Declaring one void is for the
head of quality, with a reason, and signed; the gates are the rules', not this page's.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from config.labels import LABELS
from config.language import say
from processes import answers, area, history, nonconformities, registers
from processes.answers import CodeNeeded, CodeWrong
from processes.history_rows import NonconformityHistory
from processes.nonconformity_entry import MOST
from processes.register_query import Filters
from rules import text
from rules.nonconformity import ENDED, State
from rules.refusal import NotFound, Refused
from rules.words import DutyState, Risk, Role, Severity
from web import edge, session, wording
from web.acts import NoSuchAct
from web.edge import At
from web.errors import sentence_of
from web.late import lateness
from web.posted import Posted, TextForm
from web.session import Reader, SignedIn
from web.show import page
from web.timeline import timeline

router: Final = APIRouter(include_in_schema=False)
READ: Final = ["GET", "HEAD"]
VOIDS: Final = frozenset({Role.QUALITY_HEAD.value, Role.TOP_MANAGEMENT.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the page answers to a form, and what was typed."""

    status: int = 200
    said: str | None = None
    mood: str = ""
    act: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    code: CodeNeeded | CodeWrong | None = None


NOTHING: Final = Told()


@router.api_route("/raise", methods=READ)
def raise_form(request: Request, reader: SignedIn, at: At) -> Response:
    """Show the form to raise one."""
    del reader
    return _raise_page(request, at, NOTHING)


@router.post("/raise")
def raise_one(request: Request, reader: SignedIn, form: TextForm, at: At) -> Response:
    """Raise one, and show it."""
    session.check_form(request, form, reader)
    language = edge.language_of(request)
    try:
        new = _new(form, language)
        code = nonconformities.raise_(
            **new, raised_by=reader.code, at=at, actor=f"person:{reader.id}"
        )
    except _Unreadable as wrong:
        told = Told(status=422, typed=form.fields, wrong=wrong.fields, mood="no", said=wrong.said)
    except Refused as refused:
        told = Told(status=409, typed=form.fields, said=sentence_of(request, refused), mood="no")
    else:
        return RedirectResponse(f"/nonconformities/{text_in_path(code)}", status_code=303)
    return _raise_page(request, at, told)


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
    session.check_form(request, form, reader)
    code, act_, typed = matter.nonconformity.code, form["act"], dict(form.fields)
    reason = text.paragraph(form["reason"])
    try:
        if form["step"] == "change":
            return _page(request, matter, reader, at, Told(act=act_, typed=typed))
        if act_ == "void":
            signature = None if form["step"] == "again" else form["code"] or None
            answered = answers.void(
                code,
                person_id=reader.id,
                reason=reason,
                at=at,
                via=reader.via,
                signature=signature,
            )
        elif act_ == "straight_up":
            answered = answers.straight_up(
                code, person_id=reader.id, reason=reason, at=at, via=reader.via
            )
        else:
            raise NoSuchAct
    except CodeNeeded as needed:
        told = Told(act=act_, typed=typed, code=needed)
    except CodeWrong as wrong:
        said = sentence_of(request, wrong)
        told = Told(status=409, said=said, mood="no", act=act_, typed=typed, code=wrong)
    except Refused as refused:
        said = sentence_of(request, refused)
        told = Told(status=409, said=said, mood="no", act=act_, typed=typed)
    else:
        told = Told(said=answered.says, mood="yes")
    return _page(request, history.of_nonconformity(code, at=at), reader, at, told)


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
        code_step={name: told.code.facts.get(name) for name in ("sent_to", "minutes")}
        if told.code
        else None,
    )


def _may_report_up(matter: NonconformityHistory, reader: Reader, at: datetime) -> bool:
    return any(
        answers.standing(duty.id, reader.id, at).may_report_up
        for duty in matter.duties
        if duty.state == DutyState.OPEN
    )


class _Unreadable(Exception):
    def __init__(self, said: str, fields: dict[str, str]) -> None:
        super().__init__(said)
        self.said, self.fields = said, fields


def _new(form: Posted, language: str) -> dict[str, Any]:
    """Return what is raised, or say by field what cannot be read."""
    wrong: dict[str, str] = {}
    for name in ("title", "owner"):
        if not form[name].strip():
            wrong[name] = say(language, "this is needed")
    for name, most in MOST.items():
        if len(form[name]) > most:
            wrong[name] = say(language, "too long: at most {most} characters", most=most)
    due = _due(form["due"], language, wrong)
    severity = _word(Severity, form["severity"], "severity", language, wrong)
    risk = _word(Risk, form["risk"], "risk", language, wrong)
    if wrong:
        said = say(language, "Something is missing or cannot be read. Nothing was sent yet.")
        raise _Unreadable(said, wrong)
    return {
        "title": form["title"],
        "owner_code": form["owner"],
        "description": form["description"],
        "source": form["source"] if form["source"] in LABELS["source"] else "daily",
        "potential": form["potential"] == "true",
        "project": form["project"] or None,
        "clause": form["clause"] or None,
        "severity": severity,
        "risk": risk,
        "due": due,
    }


def _due(value: str, language: str, wrong: dict[str, str]) -> date | None:
    if not value.strip():
        return None
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        wrong["due"] = say(language, "this is no date: write it like 2026-09-28")
        return None


def _word(
    words: type[Severity] | type[Risk], value: str, name: str, language: str, wrong: dict[str, str]
) -> Any:
    if not value:
        return None
    try:
        return words(value)
    except ValueError:
        wrong[name] = say(language, "choose one of the list")
        return None


def _raise_page(request: Request, at: datetime, told: Told) -> Response:
    people = registers.people(Filters(state="active"), at=at).rows
    return page(
        request,
        "raise.html",
        status=told.status,
        said=told.said,
        mood=told.mood,
        typed=dict.fromkeys(FIELDS, "") | told.typed,
        wrong=told.wrong,
        people=sorted(people, key=lambda one: (one.unit or "", one.name)),
        projects=registers.projects(Filters(), at=at).rows,
        severities=[word.value for word in Severity],
        risks=[word.value for word in Risk],
        sources=list(LABELS["source"]),
    )


FIELDS: Final = (
    *("title", "owner", "description", "source", "project", "clause"),
    *("severity", "risk", "due", "potential"),
)


def text_in_path(code: str) -> str:
    """Return a code as an address may carry it."""
    return quote(code, safe="")
