"""The registers as pages (台账页): my duties, all duties, nonconformities; filters in the address.

Everybody lists what is in the own area (`processes/duty/sight.py`), so a link may be passed
on: it shows each reader what that reader may see. The same rows can be taken away as CSV.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from processes.duty import registers as duty_registers
from processes.duty import sight as area
from processes.nonconformity import registers as nonconformity_registers
from processes.organisation import registers as organisation_registers
from processes.register import registers
from processes.register.query import Filters, Page
from rules.nonconformity import State
from rules.words import DutyState, Severity
from web import plug
from web.duty.late import lateness
from web.frame import edge, session
from web.frame.edge import At
from web.frame.filters import PAGE, Asked, asked
from web.frame.session import Reader, SignedIn
from web.frame.show import page
from web.identity import sign_in
from web.register import export

router: Final = APIRouter(include_in_schema=False)
READ: Final = ["GET", "HEAD"]

Read = Callable[..., Page[Any]]


@router.api_route("/", methods=READ)
def home(request: Request, at: At) -> Response:
    """Show each reader what concerns them first; ask a stranger who he is."""
    reader = session.visitor(request)
    if reader is None:
        return sign_in.sign_in_page(request, at, back=request.query_params.get("next", "/"))
    panels = plug.home(reader, edge.language_of(request), at)
    return page(request, "mine.html", panels=panels)


@router.api_route("/duties", methods=READ)
def duties(request: Request, reader: SignedIn, at: At) -> Response:
    """Show what is owed in the reader's area."""
    wanted = asked("duties", request.query_params, state=DutyState.OPEN.value)
    found, counts = _read(duty_registers.duties, wanted, reader, at, OPEN_DUTIES)
    return page(
        request,
        "duties.html",
        found=found,
        late=[_late(row, at) for row in found.rows],
        counts=counts,
        **_frame("duties", wanted, found, reader),
    )


@router.api_route("/nonconformities", methods=READ)
def nonconformities(request: Request, reader: SignedIn, at: At) -> Response:
    """Show the register of nonconformities in the reader's area."""
    wanted = asked("nonconformities", request.query_params)
    found, counts = _read(nonconformity_registers.nonconformities, wanted, reader, at, {})
    return page(
        request,
        "nonconformities.html",
        found=found,
        late=[_late(row, at) for row in found.rows],
        counts=counts,
        **_frame("nonconformities", wanted, found, reader),
    )


@router.api_route("/duties.csv", methods=READ)
def duties_csv(request: Request, reader: SignedIn, at: At) -> Response:
    """Give the same rows as a file."""
    return _csv(request, duty_registers.duties, "duties", reader, at, state=DutyState.OPEN.value)


@router.api_route("/nonconformities.csv", methods=READ)
def nonconformities_csv(request: Request, reader: SignedIn, at: At) -> Response:
    """Give the same rows as a file."""
    return _csv(request, nonconformity_registers.nonconformities, "nonconformities", reader, at)


OPEN_DUTIES: Final[dict[str, Any]] = {"state": DutyState.OPEN.value}


def _read(
    read: Read, wanted: Asked, reader: Reader, at: datetime, still: dict[str, Any]
) -> tuple[Page[Any], dict[str, int]]:
    """Return one page of rows, and the figures above it: of the whole area, not of the page."""
    people = area.people_of(reader.id)
    found = read(wanted.filters(people, reader.id), at=at, limit=PAGE, offset=wanted.offset)
    whole = Filters(people=people, reader=reader.id, **still)
    counts = {
        "all": read(whole, at=at, limit=1).total,
        "overdue": read(replace(whole, overdue=True), at=at, limit=1).total,
        "major": read(
            replace(whole, overdue=True, severity=Severity.MAJOR.value), at=at, limit=1
        ).total,
    }
    return found, counts


def _frame(register: str, wanted: Asked, found: Page[Any], reader: Reader) -> dict[str, Any]:
    """Return what every register's page needs around its rows."""
    known = registers.register(register)
    return {
        "asked": wanted.words,
        "number": wanted.page,
        "pages": max(1, -(-found.total // PAGE)),
        "first": wanted.offset + 1,
        "last": wanted.offset + len(found.rows),
        "states": known.states,
        "kinds": known.kinds,
        "severities": known.words("severity"),
        "projects": organisation_registers.projects(Filters(), at=edge.EPOCH).rows,
        "whole": area.people_of(reader.id) is None,
    }


def _late(row: Any, at: datetime) -> Any:
    over = row.state in {State.CLOSED, State.VOID, DutyState.DISCHARGED, DutyState.WITHDRAWN}
    return None if over else lateness(row.due_at, at)


def _csv(
    request: Request, read: Read, register: str, reader: Reader, at: datetime, *, state: str = ""
) -> Response:
    wanted = asked(register, request.query_params, state=state)
    people = area.people_of(reader.id)
    rows = read(wanted.filters(people, reader.id), at=at, limit=export.MOST, offset=0).rows
    return export.csv(register, rows, at=at)
