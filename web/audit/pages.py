"""Internal audits as pages (内部审核页): the register, one audit, and the year's programme.

Planning is for the quality department: months with a reason while the programme is a draft,
teams through the same gate as everywhere. Everything else is answered as a duty.
"""

import re
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from config.current import current
from config.language import say
from processes.audit import kinds as audit_kinds
from processes.audit import opening as audit_opening
from processes.audit import papers as audit_documents
from processes.audit import plan as audit_plan
from processes.audit import programme as audit_programme
from processes.audit import report as audit_report
from processes.audit import staffing as audit_staffing
from processes.audit import view as audit_view
from processes.audit.forms import PlanAudit, ReportAudit
from processes.duty import answers
from processes.duty import sight as area
from processes.paper import blocks as paper
from processes.paper.blocks import Block
from processes.register import registers
from processes.register.query import Filters
from rules import audit_programme as rule
from rules import text
from rules.refusal import NotFound, Refused
from rules.words import DutyKind, Role
from web.attachment.saved import attachment
from web.duty.acts import NoSuchAct
from web.duty.told import NOTHING, Told, refused, unreadable
from web.frame import csrf, edge, session
from web.frame.edge import At
from web.frame.filters import PAGE, asked
from web.frame.posted import Posted, TextForm
from web.frame.session import Reader, SignedIn
from web.frame.show import page
from web.plan import form as plan_form

router: Final = APIRouter(include_in_schema=False)
READ: Final = ["GET", "HEAD"]
PLANS: Final = frozenset({Role.QUALITY.value, Role.QUALITY_HEAD.value})
MONTHS: Final = tuple(range(1, 13))
SOON: Final = timedelta(days=60)  # training that ends is named so long before

# Which duty's questions a form of this page asks again.
KIND_OF: Final = {"move": DutyKind.PLAN_AUDIT, "rewrite": DutyKind.REPORT_AUDIT}

Year = Annotated[int, Path(ge=1970, le=9000)]


class MayNotPlan(Refused):
    """Planning audits is the quality department's."""

    sentence = "only the quality department plans audits"


@router.api_route("/audits", methods=READ)
def audits(request: Request, reader: SignedIn, at: At) -> Response:
    """Show the register of audits in the reader's area."""
    wanted = asked("audits", request.query_params)
    people = area.people_of(reader.id)
    found = registers.register("audits").read(
        wanted.filters(people, reader.id), at=at, limit=PAGE, offset=wanted.offset
    )
    return page(
        request,
        "audits.html",
        found=found,
        asked=wanted.words,
        number=wanted.page,
        pages=max(1, -(-found.total // PAGE)),
        first=wanted.offset + 1,
        last=wanted.offset + len(found.rows),
        states=registers.register("audits").states,
        kinds=registers.register("audits").kinds,
        years=audit_view.years() if people is None else [],
        whole=people is None,
    )


@router.api_route("/audits/{code}", methods=READ)
def audit(request: Request, code: str, reader: SignedIn, at: At) -> Response:
    """Show one audit with its team, plan, checklist, findings and report."""
    return _audit_page(request, code, reader, at, NOTHING)


@router.api_route("/audits/{code}/report.{ending}", methods=READ)
def report(
    request: Request, code: str, ending: Literal["docx", "pdf"], reader: SignedIn, at: At
) -> Response:
    """Give the report as a file."""
    _refuse_stranger(reader, code)
    view, language = audit_view.audit_of(code, at=at), edge.language_of(request)
    if view.report is None:
        raise NotFound(what="audit report", code=code)
    blocks = audit_documents.report(view, view.report, language)
    return _file(blocks, view.row.code, ending, language)


@router.api_route("/audits/{code}/plan.{ending}", methods=READ)
def plan_file(
    request: Request, code: str, ending: Literal["docx", "pdf"], reader: SignedIn, at: At
) -> Response:
    """Give the audit plan with its proofs of independence as a file."""
    _refuse_stranger(reader, code)
    view, language = audit_view.audit_of(code, at=at), edge.language_of(request)
    return _file(audit_documents.plan(view, language), f"{view.row.code}-plan", ending, language)


@router.post("/audits/{code}")
def plan(request: Request, code: str, reader: SignedIn, form: TextForm, at: At) -> Response:
    """Name the team, or call the audit off."""
    _refuse_stranger(reader, code)
    try:
        session.check_form(request, form, reader)
        if form["act"] != "rewrite":  # which is its author's alone
            _refuse_planner(reader)
        told = Told(said=_perform(request, code, form, reader, at), mood="yes")
    except csrf.FormForged:
        raise
    except ValidationError as wrong:
        told = unreadable(request, KIND_OF[form["act"]], form["act"], dict(form.fields), wrong)
    except Refused as no:
        told = refused(request, form["act"], dict(form.fields), no)
    return _audit_page(request, code, reader, at, told)


@router.api_route("/audit-programmes", methods=READ)
def programmes(request: Request, reader: SignedIn, at: At) -> Response:
    """Go to the programme of this year, or the newest there is."""
    del request, reader
    return RedirectResponse(f"/audit-programmes/{audit_view.today(at.date())}", 303)


@router.api_route("/audit-programmes/{year}", methods=READ)
def programme(request: Request, year: Year, reader: SignedIn, at: At) -> Response:
    """Show a year's programme: reasons, months, coverage, teams."""
    return _programme_page(request, year, reader, at, NOTHING)


@router.api_route("/audit-programmes/{year}/programme.{ending}", methods=READ)
def programme_file(
    request: Request, year: Year, ending: Literal["docx", "pdf"], reader: SignedIn, at: At
) -> Response:
    """Give the programme as a file."""
    _refuse_part(reader, str(year))
    view, language = audit_view.programme_of(year, at=at), edge.language_of(request)
    blocks = audit_documents.programme(view, language)
    return _file(blocks, view.programme.code, ending, language)


@router.api_route("/auditors", methods=READ)
def auditors(request: Request, reader: SignedIn, at: At) -> Response:
    """Show who may audit: what for, until when, and how much falls to him."""
    _refuse_part(reader, "auditors")
    return page(
        request,
        "auditors.html",
        rows=registers.register("auditors").read(Filters(), at=at).rows,
        today=current().calendar.day(at),
        soon=current().calendar.day(at) + SOON,
        years=audit_view.years(),
    )


@router.post("/audit-programmes/{year}")
def edit(request: Request, year: Year, reader: SignedIn, form: TextForm, at: At) -> Response:
    """Decide otherwise for an area, with a reason."""
    try:
        session.check_form(request, form, reader)
        _refuse_planner(reader)
        said = _write(request, year, form, reader, at)
        told = Told(said=said, mood="yes", act=form["area"] or form["act"])
    except csrf.FormForged:
        raise
    except Refused as no:
        told = refused(request, form["area"] or form["act"], dict(form.fields), no)
    return _programme_page(request, year, reader, at, told)


def _perform(request: Request, code: str, form: Posted, reader: Reader, at: datetime) -> str:
    language, actor = edge.language_of(request), f"person:{reader.id}"
    if form["act"] == "team":
        others = [one for one in re.split(r"[;,，；\s]+", form["auditors"]) if one]
        audit_staffing.set_team(
            code, lead=text.line(form["lead"]), auditors=others, at=at, actor=actor
        )
        return say(language, "The team is as named; the proof of independence is kept.")
    if form["act"] == "cancel":
        reason = text.paragraph(form["reason"])
        audit_opening.cancel(code, reason=reason, at=at, actor=actor)
        return say(language, "The audit is cancelled, and everybody who was invited hears it.")
    if form["act"] == "resume":
        on, reason = plan_form.day(form["on"]), text.paragraph(form["reason"])
        audit_opening.resume(code, on=on, reason=reason, at=at, actor=actor)
        return say(language, "The audit is planned again; its team, plan and notice begin anew.")
    if form["act"] == "move":
        return say(language, _move(code, form, reader, at))
    if form["act"] == "rewrite":
        words = audit_kinds.words_of(ReportAudit.model_validate(_fields(form, ReportAudit)))
        audit_report.rewrite(code, words, person_id=reader.id, at=at)
        return say(language, "Kept. Hand the report in again by your duty to revise it.")
    raise NoSuchAct


def _move(code: str, form: Posted, reader: Reader, at: datetime) -> str:
    asked_for = PlanAudit.model_validate(_fields(form, PlanAudit))
    wanted = audit_plan.Wanted(
        opening_on=asked_for.opening_on, opening_at=asked_for.clock(), place=asked_for.place
    )
    return audit_plan.move(code, wanted, person_id=reader.id, at=at, via=reader.via)


def _fields(form: Posted, model: type[BaseModel]) -> dict[str, str]:
    return {name: form[name] for name in model.model_fields}


def _write(request: Request, year: int, form: Posted, reader: Reader, at: datetime) -> str:
    if form["act"] == "texts":
        texts = {name: text.paragraph(form[name]) for name in audit_programme.TEXTS}
        audit_programme.describe(f"AP-{year}", texts, person_id=reader.id, at=at)
        return say(edge.language_of(request), "The programme reads as you wrote it.")
    weighed = bool(form["importance"]) and audit_programme.weigh(
        f"AP-{year}",
        form["area"],
        importance=int(form["importance"]) if form["importance"].isdecimal() else 0,
        status=form["status"],
        reason=text.paragraph(form["reason"]),
        person_id=reader.id,
        at=at,
        via=reader.via,
    )
    if weighed and form["months"] == form["were"]:
        return say(edge.language_of(request), "Computed anew, with your reason beside it.")
    return _edit(request, year, form, reader, at)


def _edit(request: Request, year: int, form: Posted, reader: Reader, at: datetime) -> str:
    numbers = [int(one) for one in re.findall(r"\d{1,3}", form["months"])]
    audit_programme.edit(
        f"AP-{year}",
        form["area"],
        months=numbers,
        reason=text.paragraph(form["reason"]),
        person_id=reader.id,
        at=at,
        via=reader.via,
    )
    return say(edge.language_of(request), "Kept, with what was computed and your reason beside it.")


def _audit_page(request: Request, code: str, reader: Reader, at: datetime, told: Told) -> Response:
    _refuse_stranger(reader, code)
    view = audit_view.audit_of(code, at=at)
    return page(
        request,
        "audit.html",
        status=told.status,
        view=view,
        may_plan=bool(reader.roles & PLANS) and view.audit.conducted_at is None,
        plan_came_back=view.plan_came_back,
        moving=_again("move", edge.language_of(request)),
        rewriting=_again("rewrite", edge.language_of(request))
        if _is_author_of_what_came_back(view, reader)
        else [],
        wrong=told.wrong,
        opened=told.act,
        auditors=registers.register("auditors").read(Filters(), at=at).rows,
        said=told.said,
        mood=told.mood,
        typed={"lead": "", "auditors": "", "reason": "", **told.typed},
    )


def _programme_page(
    request: Request, year: int, reader: Reader, at: datetime, told: Told
) -> Response:
    _refuse_part(reader, str(year))
    view = audit_view.programme_of(year, at=at)
    return page(
        request,
        "audit_programme.html",
        status=told.status,
        view=view,
        months=MONTHS,
        years=audit_view.years(),
        may_edit=bool(reader.roles & PLANS) and view.programme.state == "draft",
        said=told.said,
        mood=told.mood,
        opened=told.act,
        texts=audit_programme.TEXTS,
        statuses=rule.STATUSES,
        typed={"months": "", "reason": "", "importance": "", "status": "", **told.typed},
    )


def _file(blocks: list[Block], name: str, ending: str, language: str) -> Response:
    made = paper.word(blocks) if ending == "docx" else paper.pdf(blocks, language=language)
    return attachment(made, f"{name}.{ending}")


def _refuse_part(reader: Reader, code: str) -> None:
    """To whoever sees a part of the house, what is about the whole is not there."""
    if area.people_of(reader.id) is not None:
        raise NotFound(what="audit programme", code=code)


def _refuse_stranger(reader: Reader, code: str) -> None:
    """To somebody who may not see it, an audit is not there."""
    if not audit_view.may_see(reader.id, code, area.people_of(reader.id)):
        raise NotFound(what="audit", code=code)


def _refuse_planner(reader: Reader) -> None:
    if not reader.roles & PLANS:
        raise MayNotPlan


def _again(act: str, language: str) -> list[answers.Field]:
    """Return the questions of a duty that may be answered anew on this page."""
    return answers.describe(KIND_OF[act], language)


def _is_author_of_what_came_back(view: audit_view.AuditView, reader: Reader) -> bool:
    return (
        view.report is not None
        and view.report.state == "returned"
        and view.report.author_id == reader.id
    )
