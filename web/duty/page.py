"""What stands on a duty's page (待办页的组成): the duty as this reader sees it, and his forms.

A form is offered only to whom `answers.standing` entitles; the one door judges again when it is
sent.
"""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from config.current import current
from config.language import say
from processes.duty import answers, beside, handing_over, kinds, provisional
from processes.nonconformity.subject import STRAIGHT_UP
from processes.organisation import registers as organisation_registers
from processes.register.query import Filters
from web import plug
from web.duty import acts, view, wording
from web.duty.link import Seen
from web.duty.told import NOTHING, Told
from web.frame import as_found, edge
from web.frame.errors import error_page
from web.frame.show import page
from web.worksheet import pages as worksheet


def duty_page(request: Request, seen: Seen, at: datetime, told: Told = NOTHING) -> Response:
    """Return the page of a duty, with what is answered to a form, if one was sent."""
    shown = view.of(seen.number, person_id=seen.reader.id, at=at)
    if not shown.standing.may_see:
        return error_page(request, 403)
    moved = seen.episode is not None and seen.episode != shown.duty.episode
    may = _may(shown, here=shown.open and not moved)
    form = _form(shown, edge.language_of(request))
    sheet = worksheet.shown(shown, edge.language_of(request), told, editable=may["answer"])
    typed = _typed(_proposed(shown, edge.language_of(request)), told, sheet)
    return page(
        request,
        "duty.html",
        status=told.status,
        view=shown,
        base=seen.base,
        waiting=provisional.waiting(seen.number, seen.reader.id),
        abouts=plug.about(shown.duty, seen.reader, edge.language_of(request), at),
        project=_project(shown.duty.project),
        moved=moved and shown.open,
        may=may,
        **form,
        a_word=as_found.needs_a_word(shown.duty.kind, form["questions"], typed["answer"]),
        **_rounds(shown, answering=may["answer"]),
        said=told.said,
        mood=told.mood,
        more=told.more,
        opened=told.act,
        receivers=_receivers(seen.number, seen.reader.id, at) if may["hand_over"] else [],
        facts=beside.facts(seen.number, edge.language_of(request)),
        panel=plug.picture(shown.duty, edge.language_of(request)),
        typed=typed,
        sheet=sheet,
        wrong=_per_act(told.act, told.wrong, blank={}),
        code_step=told.code_step if may["answer"] else None,
    )


def _may(shown: view.View, *, here: bool) -> dict[str, bool]:
    """Return which forms are offered; none where the duty is over or the letter too old."""
    standing, kind = shown.standing, kinds.of(shown.duty.kind)
    return {
        "answer": here and standing.may_answer,
        "acknowledge": here and standing.may_acknowledge,
        "extend": here and standing.may_extend,
        "report_up": here and STRAIGHT_UP in standing.acts,
        "hand_over": here and standing.may_hand_over,
        "instruct": here and standing.may_instruct,
        "attach": here and standing.may_answer and not kind.files,
    }


def _form(shown: view.View, language: str) -> dict[str, Any]:
    """Return the questions of the kind's own form, and what is said about it."""
    kind = kinds.of(shown.duty.kind)
    return {
        "asks": kind.asks,
        "follows": kind.follows,
        "questions": _questions(shown, language),
        "signature": kind.signature,
        "takes_files": kind.files,
        **_files(language),
    }


def _files(language: str) -> dict[str, str]:
    """Say which files are taken, to the reader and to the browser's file dialogue."""
    evidence = current().policy.evidence
    types = sorted(evidence.types)
    return {
        "files_help": say(
            language,
            "At most {size} a file, {most} files a duty: {types}",
            size=wording.size(evidence.max_bytes),
            most=evidence.max_files,
            types=", ".join(types),
        ),
        "accepts": ",".join(f".{ending}" for ending in types),
    }


def _rounds(shown: view.View, *, answering: bool) -> dict[str, Any]:
    """Return whether there are rounds to read, and whether before the form or beside it."""
    has = shown.matter is not None and any(
        one["cause"] or one["done"] or one["verified_at"] for one in shown.matter.rounds
    )
    first = kinds.of(shown.duty.kind).rounds_first or shown.duty.round > 1 or not answering
    return {
        "has_rounds": has,
        "show_rounds_first": has and first,
        "round_words": wording.ROUND,
    }


def _receivers(number: int, person: int, at: datetime) -> list[tuple[str, str]]:
    return handing_over.receivers(number, person, at)


def _per_act(act: str, typed: dict[str, str], *, blank: dict[str, str]) -> dict[str, Any]:
    """Return what was typed into each form of the page: only one of them was sent."""
    return {
        name: {**(blank if name != "answer" else {}), **(typed if name == act else {})}
        for name in acts.ACTS
    }


def _questions(shown: view.View, language: str) -> list[answers.Field]:
    """Return the questions that concern this very duty."""
    idle = beside.idle(shown.duty.id)
    return [one for one in answers.describe(shown.duty.kind, language) if one.name not in idle]


def _proposed(shown: view.View, language: str) -> dict[str, str]:
    return beside.proposed(shown.duty.id, language) if shown.open else {}


def _typed(proposed: dict[str, str], told: Told, sheet: worksheet.Page | None) -> dict[str, Any]:
    """Return what stands in each form: what was typed, or saved beside a sheet, or is proposed."""
    typed = _per_act(
        told.act, told.typed, blank={"until": "", "reason": "", "to": "", "instruction": ""}
    )
    typed["answer"] = {**proposed, **typed["answer"]}
    if sheet is not None:
        typed["answer"] = {**sheet.head, **typed["answer"]}
    return typed


def _project(code: str | None) -> str | None:
    if code is None:
        return None
    found = organisation_registers.projects(Filters(), at=edge.EPOCH).rows
    return next((f"{row.name} ({code})" for row in found if row.code == code), code)
