"""The annual plan, its activities and the whole cycle as pages (计划、活动与周期页).

The plan is a document that is handed out: everybody signed in may read it. Of the activities
each reader sees those of the organisation and of his area. Its author and the quality
department change a draft here; what is in force is changed by a new version with a reason.
"""

from datetime import datetime
from typing import Final

from fastapi import APIRouter
from sqlmodel import col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

import processes.cycle.walkers  # noqa: F401 - says what activities led to
from config.language import say
from models.engine import reading
from models.plan import Plan, PlanState
from processes.cycle import sight as cycle_sight
from processes.cycle import walk as cycle_walk
from processes.duty import sight as area
from processes.plan import activity_changes, plans
from processes.plan import papers as plan_documents
from processes.plan import reading as plan_reading
from processes.plan import registers as registers_plan
from processes.plan import rows as plan_rows
from processes.register import registers
from processes.register.query import Filters
from rules import text
from rules.plan import NotTheAuthor
from rules.refusal import NotFound, Refused
from rules.words import Role
from web.attachment.saved import attachment
from web.duty.told import NOTHING, Told, refused
from web.frame import edge, session
from web.frame.edge import At
from web.frame.posted import TextForm
from web.frame.session import Reader, SignedIn
from web.frame.show import page
from web.plan import form as plan_form
from web.review import pages as review

router: Final = APIRouter(include_in_schema=False)
READ: Final = ["GET", "HEAD"]
WRITES: Final = frozenset({Role.QUALITY.value, Role.QUALITY_HEAD.value})
SHOWN: Final = 200


@router.api_route("/plan", methods=READ)
def newest(request: Request, reader: SignedIn, at: At) -> Response:
    """Go to this year's plan, or say that there is none."""
    del at
    code = _newest(reader)
    if code is None:
        return page(request, "plan_none.html")
    return RedirectResponse(f"/plan/{code}", status_code=303)


@router.api_route("/plan/{code}.docx", methods=READ)
def as_word(request: Request, code: str, reader: SignedIn, at: At) -> Response:
    """Give the plan as a Word document."""
    version = _read(request, code, reader, at).plan.version
    made = plan_documents.word(code, at=at, language=edge.language_of(request), version=version)
    return attachment(made, f"plan-{code}.docx")


@router.api_route("/plan/{code}.xlsx", methods=READ)
def as_excel(request: Request, code: str, reader: SignedIn, at: At) -> Response:
    """Give the plan as a workbook; its activities are those of the whole organisation."""
    if area.people_of(reader.id) is not None:
        raise NotFound(what="plan", code=code)
    made = plan_documents.excel(code, at=at, language=edge.language_of(request))
    return attachment(made, f"plan-{code}.xlsx")


@router.api_route("/plan/{code}/edit", methods=READ)
def edit(request: Request, code: str, reader: SignedIn, at: At) -> Response:
    """Show the draft as a form."""
    read = _read(request, code, reader, at)
    if not _may_write(read.plan, reader) or read.plan.state is not PlanState.DRAFT:
        raise NotTheAuthor(code=code)
    return _edit_page(request, read.plan, plan_form.of_plan(code), NOTHING)


@router.post("/plan/{code}/edit")
def write(request: Request, code: str, reader: SignedIn, form: TextForm, at: At) -> Response:
    """Write the draft, or say line by line what cannot be read."""
    session.check_form(request, form, reader)
    read = _read(request, code, reader, at)
    typed = plan_form.typed(form.fields)
    try:
        new = plan_form.parsed(typed, edge.language_of(request))
        plans.edit(code, person_id=reader.id, text=new.text, lines=new.lines, at=at)
    except plan_form.Unreadable as wrong:
        told = Told(said=wrong.said, mood="no", status=422)
        return _edit_page(request, read.plan, typed, told)
    except Refused as no:
        told = refused(request, "edit", dict(form.fields), no)
        return _edit_page(request, read.plan, typed, told)
    return RedirectResponse(f"/plan/{code}", status_code=303)


@router.api_route("/plan/{code}", methods=READ)
def show(request: Request, code: str, reader: SignedIn, at: At) -> Response:
    """Show a plan: its text, its lines with their progress, who signed and received it."""
    return _page(request, code, reader, at, NOTHING)


@router.post("/plan/{code}")
def change(request: Request, code: str, reader: SignedIn, form: TextForm, at: At) -> Response:
    """Begin the next version of a plan in force, with its reason."""
    try:
        session.check_form(request, form, reader)
        reason = text.paragraph(form["reason"])
        plans.begin_change(code, person_id=reader.id, reason=reason, at=at)
    except Refused as no:
        told = refused(request, "change", dict(form.fields), no)
        return _page(request, code, reader, at, told)
    return RedirectResponse(f"/plan/{code}/edit", status_code=303)


@router.api_route("/activities/{code}", methods=READ)
def activity(request: Request, code: str, reader: SignedIn, at: At) -> Response:
    """Show one activity, and the forms to postpone or cancel it."""
    return _activity(request, code, reader, at, NOTHING)


@router.post("/activities/{code}")
def ask(request: Request, code: str, reader: SignedIn, form: TextForm, at: At) -> Response:
    """Ask to postpone or cancel it; somebody else decides."""
    _visible(code, reader, at)
    typed = dict(form.fields)
    try:
        session.check_form(request, form, reader)
        until = None if form["act"] == "cancel" else plan_form.day(form["until"])
        reason = text.paragraph(form["reason"])
        said = activity_changes.ask(code, person_id=reader.id, until=until, reason=reason, at=at)
        told = Told(said=say(edge.language_of(request), said), mood="yes")
    except Refused as no:
        told = refused(request, form["act"], typed, no)
    return _activity(request, code, reader, at, told)


@router.api_route("/cycles/{code}", methods=READ)
def cycle(request: Request, code: str, reader: SignedIn, at: At) -> Response:
    """Walk a year, quarter or month from its plan to the next."""
    walk = cycle_walk.walk(code, at=at)
    people, stages = area.people_of(reader.id), walk.stages
    if people is not None:
        walk = cycle_sight.narrowed(walk, people=people, reader=reader.id, at=at)
    return page(
        request,
        "cycle.html",
        walk=walk,
        stages=stages,
        whole=people is None,
        around=_around(code),
    )


def _page(request: Request, code: str, reader: Reader, at: datetime, told: Told) -> Response:
    read = _read(request, code, reader, at, request.query_params.get("version"))
    people = area.people_of(reader.id)
    wanted = Filters(subject=code, people=people, overdue="late" in request.query_params)
    found = registers_plan.activities(wanted, at=at, limit=SHOWN)
    writes = _may_write(read.plan, reader)
    return page(
        request,
        "plan.html",
        status=told.status,
        said=told.said,
        mood=told.mood,
        read=read,
        plan=read.plan,
        months=list(plan_reading.MONTHS),
        activities=found,
        only_late="late" in request.query_params,
        may_edit=writes and read.plan.state is PlanState.DRAFT,
        may_change=writes and read.plan.state is PlanState.IN_FORCE,
        whole=people is None,
        typed={"reason": "", **told.typed},
    )


def _activity(request: Request, code: str, reader: Reader, at: datetime, told: Told) -> Response:
    row = _visible(code, reader, at)
    return page(
        request,
        "activity.html",
        status=told.status,
        said=told.said,
        mood=told.mood,
        row=row,
        duties=registers.duties(Filters(subject=code), at=at).rows,
        review_link=review.link_of(code, reader),
        changes=activity_changes.of_activity(code),
        may_ask=row.state == "planned" and activity_changes.may_ask_for(code, reader.id),
        typed={"until": "", "reason": "", **told.typed},
    )


def _visible(code: str, reader: Reader, at: datetime) -> registers_plan.ActivityRow:
    """Return the activity; to somebody who may not see it, it is not there."""
    wanted = Filters(subject=code, people=area.people_of(reader.id))
    rows = registers_plan.activities(wanted, at=at, limit=1).rows
    if not rows or rows[0].code != code:
        raise NotFound(what="activity", code=code)
    return rows[0]


def _read(
    request: Request, code: str, reader: Reader, at: datetime, version: str | None = None
) -> plan_reading.PlanRead:
    """A draft is its author's and theirs who see everything; the reviewer's letter shows it."""
    number = int(version) if version and version.isdecimal() and len(version) < 6 else None  # noqa: PLR2004
    return plan_reading.of_plan(
        code,
        at=at,
        language=edge.language_of(request),
        version=number,
        drafts=_sees_drafts(code, reader),
    )


def _edit_page(request: Request, plan: Plan, typed: plan_form.Typed, told: Told) -> Response:
    return page(
        request,
        "plan_edit.html",
        status=told.status,
        said=told.said,
        mood=told.mood,
        plan=plan,
        typed=typed,
        fields=plan_form.FIELDS,
        choices=plan_form.CHOICES,
    )


def _sees_drafts(code: str, reader: Reader) -> bool:
    if area.people_of(reader.id) is None:
        return True
    with reading() as session_:
        plan = plan_rows.latest(session_, code)
    return plan is not None and _may_write(plan, reader)


def _may_write(plan: Plan, reader: Reader) -> bool:
    return plan.author_id == reader.id or bool(reader.roles & WRITES)


def _newest(reader: Reader) -> str | None:
    """Return the newest plan in force; before there is one, the draft of whoever may see it."""
    with reading() as session_:
        plans_ = session_.exec(select(Plan).order_by(col(Plan.code).desc())).all()
    in_force = [one.code for one in plans_ if one.state is PlanState.IN_FORCE]
    drafts = (one.code for one in plans_ if _sees_drafts(one.code, reader))
    return next(iter(in_force), None) or next(drafts, None)


def _around(code: str) -> tuple[str, ...]:
    """Return the year of a cycle with its quarters and months."""
    year = code[:4]
    return (
        year,
        *(f"{year}-Q{n}" for n in range(1, 5)),
        *(f"{year}-{n:02}" for n in plan_reading.MONTHS),
    )
