"""The management review as pages (管理评审页): what management looks at, and what it decided.

It names everybody's overdue duties: only management and whoever sees everything reads it, and to
everybody else it is not there. Its decisions are written down on the page of the duty to hold it.
"""

from datetime import datetime
from typing import Final

from fastapi import APIRouter
from sqlmodel import col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.engine import reading
from models.plan import Activity
from notifications.documents.forms import REVIEW
from processes.review import view as review_view
from processes.review import words as review_words
from processes.review.view import Read
from rules import review as rule
from rules.refusal import NotFound
from web.attachment.saved import attachment
from web.frame import edge
from web.frame.edge import At
from web.frame.session import Reader, SignedIn
from web.frame.show import page

router: Final = APIRouter(include_in_schema=False)
READ: Final = ["GET", "HEAD"]


@router.api_route("/review", methods=READ)
def newest(reader: SignedIn, at: At) -> Response:
    """Go to this year's review."""
    _refuse_stranger(reader, "review")
    return RedirectResponse(f"/review/{review_view.newest(at)}", status_code=303)


@router.api_route("/review/{code}.docx", methods=READ)
def as_word(request: Request, code: str, reader: SignedIn, at: At) -> Response:
    """Give the review as a Word document."""
    read = _read(code, reader, at)
    made = review_words.word(read, edge.language_of(request))
    return attachment(made, f"MR-{read.code}.docx")


@router.api_route("/review/{code}", methods=READ)
def show(request: Request, code: str, reader: SignedIn, at: At) -> Response:
    """Show the input of a review, its conclusion and its decisions."""
    read = _read(code, reader, at)
    language = edge.language_of(request)
    return page(
        request,
        "review.html",
        read=read,
        form=REVIEW,
        told=review_words.data(read, language),
    )


def link_of(subject: str, reader: Reader) -> str:
    """Return the review that an activity is, or that decided it; nothing to whom may not see."""
    code = _review_of(subject)
    if not code or not review_view.may_read(reader.roles):
        return ""
    return f"/review/{code}"


def _review_of(subject: str) -> str:
    with reading() as session:
        found = session.exec(
            select(Activity.kind, Activity.output).where(
                col(Activity.code) == subject, col(Activity.kind).in_((rule.KIND, rule.DECISION))
            )
        ).first()
    if found is None:
        return ""
    kind, output = found
    return subject if kind == rule.KIND else output


def _read(code: str, reader: Reader, at: datetime) -> Read:
    _refuse_stranger(reader, code)
    return review_view.of(code, at=at)


def _refuse_stranger(reader: Reader, code: str) -> None:
    """To somebody who may not see it, it is not there."""
    if not review_view.may_read(reader.roles):
        raise NotFound(what="review", code=code)
