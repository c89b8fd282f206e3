"""Raising a nonconformity (开具不符合项): for anybody signed in; its owner then owes an answer.

What cannot be read is said beside its field, what a rule refuses above the form; either way
everything that was typed stands there still.
"""

from datetime import date, datetime
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from config.labels import LABELS
from config.language import say
from processes.nonconformity import raising as nonconformities
from processes.nonconformity.entry import MOST
from processes.register import registers
from processes.register.query import Filters
from rules.refusal import Refused
from rules.words import Risk, Severity
from web.duty.told import NOTHING, Told, mistakes, refused
from web.frame import edge, session
from web.frame.edge import At
from web.frame.posted import Posted, TextForm
from web.frame.session import SignedIn
from web.frame.show import page

router: Final = APIRouter(include_in_schema=False)
READ: Final = ["GET", "HEAD"]
FIELDS: Final = (
    *("title", "owner", "description", "source", "project", "clause"),
    *("severity", "risk", "due", "potential"),
)


@router.api_route("/raise", methods=READ)
def raise_form(request: Request, reader: SignedIn, at: At) -> Response:
    """Show the form to raise one."""
    del reader
    return _raise_page(request, at, NOTHING)


@router.post("/raise")
def raise_one(request: Request, reader: SignedIn, form: TextForm, at: At) -> Response:
    """Raise one, and show it."""
    language = edge.language_of(request)
    new, wrong = _new(form, language)
    try:
        session.check_form(request, form, reader)
        if wrong:
            return _raise_page(request, at, mistakes(language, "raise", form.fields, wrong))
        code = nonconformities.raise_(
            **new, raised_by=reader.code, at=at, actor=f"person:{reader.id}"
        )
    except Refused as no:
        return _raise_page(request, at, refused(request, "raise", form.fields, no))
    return RedirectResponse(f"/nonconformities/{quote(code, safe='')}", status_code=303)


def _new(form: Posted, language: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what is raised, and by field what cannot be read."""
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
    new = {
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
    return new, wrong


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
