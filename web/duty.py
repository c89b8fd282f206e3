"""The duty page (待办页): `/d/{token}` from a letter, `/duties/{number}` for who is signed in.

GET and HEAD show and change nothing: scanners open links. POST acts once; a second POST is told
politely what was answered, with 200. A closed duty and a letter of before an extension are shown
with what happened and without forms (200); a link of somebody who has left is 410; a link that
is not ours, or too old, is 403 without a word of what it may have been for.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from config.current import current
from config.language import say
from processes import answers, registers
from processes.answers import CodeNeeded, CodeUsedUp, CodeWrong, kinds
from processes.register_query import Filters
from processes.register_rows import DutyRow
from rules.refusal import AlreadyAnswered, NotEntitled, NotFound, Refused, Withdrawn
from rules.words import DutyKind
from web import acts, csrf, edge, session, view, wording
from web.acts import Doing, Wrong
from web.edge import At
from web.errors import error_page, sentence_of
from web.link import Linked, Seen
from web.posted import Form, Posted
from web.session import SignedIn
from web.show import page

router: Final = APIRouter(include_in_schema=False)
READ: Final = ["GET", "HEAD"]
# To these the rounds so far are the matter itself; the others read them beside their form.
ROUNDS_FIRST: Final = frozenset(
    {DutyKind.AGREE, DutyKind.VERIFY, DutyKind.VERIFY_EFFECT, DutyKind.ACT}
)
WITH_FILES: Final = frozenset({DutyKind.ACT, DutyKind.RESPOND})
HIGHEST: Final = 2**53  # no duty has a higher number, and no database a larger integer

Number = Annotated[int, Path(ge=1, le=HIGHEST)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the page answers to a form: a sentence, its mood, and everything that was typed."""

    status: int = 200
    said: str | None = None
    mood: str = ""
    more: str | None = None
    act: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    code: CodeNeeded | CodeWrong | None = None


NOTHING: Final = Told()


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
        doing = Doing(seen=seen, duty=duty, form=form, at=at, language=language, kept=kept)
        told = Told(said=acts.perform(doing), mood="yes", act=form["act"])
    except ValidationError as wrong:
        told = _unreadable(request, duty, form["act"], typed, wrong)
    except Wrong as wrong:
        told = _wrong(request, form["act"], typed, wrong)
    except csrf.FormForged:
        raise
    except Refused as refused:
        told = _refused(request, form["act"], typed, refused)
    return duty_page(request, seen, at, _with_files(request, told, kept))


def duty_page(request: Request, seen: Seen, at: datetime, told: Told = NOTHING) -> Response:
    """Return the page of a duty, with what is answered to a form, if one was sent."""
    shown = view.of(seen.number, person_id=seen.reader.id, at=at)
    standing = shown.standing
    if not standing.may_see:
        return error_page(request, 403)
    language = edge.language_of(request)
    duty = shown.duty
    answerable = duty.kind in answers.KINDS
    moved = seen.episode is not None and seen.episode != duty.episode
    acts_here = shown.open and not moved
    may_answer = acts_here and answerable and standing.may_answer
    has_rounds = _has_rounds(shown)
    return page(
        request,
        "duty.html",
        status=told.status,
        view=shown,
        base=seen.base,
        asks=wording.asks(duty.kind),
        follows=wording.follows(duty.kind),
        round_words=wording.ROUND,
        project=_project(duty.project),
        moved=moved and shown.open,
        may={
            "answer": may_answer,
            "acknowledge": acts_here and standing.may_acknowledge,
            "extend": acts_here and standing.may_extend,
            "report_up": acts_here and standing.may_report_up,
            "attach": acts_here and standing.may_answer and duty.kind not in WITH_FILES,
        },
        questions=answers.describe(duty.kind, language) if answerable else [],
        signature=answerable and answers.KINDS[duty.kind].signature,
        takes_files=duty.kind in WITH_FILES,
        **_files(language),
        has_rounds=has_rounds,
        show_rounds_first=has_rounds
        and (duty.kind in ROUNDS_FIRST or duty.round > 1 or not may_answer),
        said=told.said,
        mood=told.mood,
        more=told.more,
        opened=told.act,
        typed=_per_act(told.act, told.typed, blank={"until": "", "reason": ""}),
        wrong=_per_act(told.act, told.wrong, blank={}),
        code_step=_code_step(told.code) if told.code and acts_here else None,
    )


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


def _row(number: int, at: datetime) -> DutyRow:
    rows = registers.duties(Filters(ids=(number,)), at=at).rows
    if not rows:
        raise NotFound(what="duty", code=number)
    return rows[0]


def _refused(request: Request, act: str, typed: dict[str, str], refused: Refused) -> Told:
    said = sentence_of(request, refused)
    if isinstance(refused, AlreadyAnswered | Withdrawn):
        return Told(said=said, mood="yes")
    if isinstance(refused, CodeNeeded):
        return Told(act=act, typed=typed, code=refused)
    if isinstance(refused, CodeWrong):
        return Told(status=409, said=said, mood="no", act=act, typed=typed, code=refused)
    status = 403 if isinstance(refused, NotEntitled | csrf.FormExpired) else 409
    if isinstance(refused, CodeUsedUp):
        typed = {**typed, "code": ""}
    return Told(status=status, said=said, mood="no", act=act, typed=typed)


def _unreadable(
    request: Request, duty: DutyRow, act: str, typed: dict[str, str], wrong: ValidationError
) -> Told:
    language = edge.language_of(request)
    found = answers.problems(wrong, kinds.of(duty.kind).model, language)
    return _mistakes(language, act, typed, found)


def _wrong(request: Request, act: str, typed: dict[str, str], wrong: Wrong) -> Told:
    language = edge.language_of(request)
    return _mistakes(language, act, typed, {wrong.field: say(language, wrong.sentence)})


def _mistakes(language: str, act: str, typed: dict[str, str], found: dict[str, str]) -> Told:
    return Told(
        status=422,
        said=say(language, "Something is missing or cannot be read. Nothing was sent yet."),
        more=" ".join(sentence for name, sentence in found.items() if not name),
        mood="no",
        act=act,
        typed=typed,
        wrong=found,
    )


def _with_files(request: Request, told: Told, kept: list[str]) -> Told:
    """Say which files are kept already, when the answer itself was not taken."""
    if not kept or told.mood == "yes":
        return told
    sentence = say(
        edge.language_of(request),
        "Your files are kept, you need not attach them again: {names}",
        names=", ".join(kept),
    )
    return Told(
        status=told.status,
        said=told.said,
        mood=told.mood,
        more=" ".join(filter(None, (told.more, sentence))),
        act=told.act,
        typed=told.typed,
        wrong=told.wrong,
        code=told.code,
    )


def _per_act(act: str, typed: dict[str, str], *, blank: dict[str, str]) -> dict[str, Any]:
    """Return what was typed into each form of the page: only one of them was sent."""
    return {
        name: {**(blank if name != "answer" else {}), **(typed if name == act else {})}
        for name in acts.ACTS
    }


def _code_step(code: CodeNeeded | CodeWrong) -> dict[str, Any]:
    return {"sent_to": code.facts.get("sent_to"), "minutes": code.facts.get("minutes")}


def _has_rounds(shown: view.View) -> bool:
    return shown.matter is not None and any(
        one["cause"] or one["done"] or one["verified_at"] for one in shown.matter.rounds
    )


def _project(code: str | None) -> str | None:
    if code is None:
        return None
    found = registers.projects(Filters(), at=edge.EPOCH).rows
    return next((f"{row.name} ({code})" for row in found if row.code == code), code)
