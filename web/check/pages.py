"""Project quality checks as pages (项目质量检查页): register, statistics, and each check.

Everybody sees the checks of his area: those he carried out, and those of the projects that he
or the people below him manage. Quality and management see all of them.
"""

from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from processes.check import reading as check_reading
from processes.check import registers as registers_check
from processes.check import report as check_report
from processes.check import statistics as check_statistics
from processes.check.reading import CheckHistory
from processes.check.statistics import Wanted
from processes.duty import sight as area
from processes.register import registers
from processes.register.query import Filters
from rules.check import CheckState
from rules.refusal import NotFound
from rules.words import DutyState
from web.attachment.saved import attachment
from web.duty.late import lateness
from web.duty.timeline import timeline
from web.frame import edge
from web.frame.edge import At
from web.frame.filters import PAGE, asked
from web.frame.session import SignedIn
from web.frame.show import page
from web.register import export

router: Final = APIRouter(include_in_schema=False)
READ: Final = ["GET", "HEAD"]


@router.api_route("/checks", methods=READ)
def checks(request: Request, reader: SignedIn, at: At) -> Response:
    """Show the register of checks, and what they came to."""
    wanted = asked("checks", request.query_params)
    people = area.people_of(reader.id)
    filters = wanted.filters(people, reader.id)
    found = registers_check.checks(filters, at=at, limit=PAGE, offset=wanted.offset)
    language = edge.language_of(request)
    return page(
        request,
        "checks.html",
        found=found,
        late=[_late(row.code, row.state, at) for row in found.rows],
        names=_names(at),
        counts=_counts(people, reader.id, at),
        statistics=check_statistics.statistics(_statistics(filters, request, people), language),
        first=wanted.offset + 1,
        last=wanted.offset + len(found.rows),
        number=wanted.page,
        pages=max(1, -(-found.total // PAGE)),
        asked=wanted.words,
        period=_period(request),
        register=registers.REGISTERS["checks"],
        units=registers.units(Filters(), at=edge.EPOCH).rows,
        projects=registers.projects(Filters(), at=edge.EPOCH).rows,
        whole=people is None,
    )


@router.api_route("/checks.csv", methods=READ)
def checks_csv(request: Request, reader: SignedIn, at: At) -> Response:
    """Give the same rows as a file."""
    wanted = asked("checks", request.query_params)
    filters = wanted.filters(area.people_of(reader.id), reader.id)
    rows = registers_check.checks(filters, at=at, limit=export.MOST, offset=0).rows
    return export.csv("checks", rows, at=at)


def visible(request: Request, code: str, reader: SignedIn) -> CheckHistory:
    """Return the check; to somebody who may not see it, it is not there."""
    at = edge.instant(request)
    filters = Filters(subject=code, people=area.people_of(reader.id), reader=reader.id)
    if not registers_check.checks(filters, at=at, limit=1).rows:
        raise NotFound(what="check", code=code)
    return check_reading.of_check(code, at=at, language=edge.language_of(request))


Visible = Annotated[CheckHistory, Depends(visible)]


@router.api_route("/checks/{code}", methods=READ)
def show(request: Request, matter: Visible, reader: SignedIn, at: At) -> Response:
    """Show one check: what was found, and everything that happened about it."""
    del reader
    open_ = [duty for duty in matter.duties if duty.state == DutyState.OPEN]
    return page(
        request,
        "check.html",
        matter=matter,
        row=matter.check,
        late=lateness(matter.due_at, at) if _owed(matter) and matter.due_at else None,
        owed=[(duty, lateness(duty.due_at, at)) for duty in open_],
        entries=timeline(matter),
    )


@router.api_route("/checks/{code}/report.docx", methods=READ)
def report(request: Request, matter: Visible) -> Response:
    """Hand out the report of a finished check as a Word document."""
    if matter.check.state != CheckState.DONE:
        raise NotFound(what="check", code=matter.check.code)
    content = check_report.word(matter, edge.language_of(request))
    return attachment(content, f"{matter.check.code}.docx")


def _owed(matter: CheckHistory) -> bool:
    return matter.check.state == CheckState.OPEN


def _late(code: str, state: str, at: datetime) -> Any:
    """Return how late an open check is, by the duty to carry it out."""
    if state != CheckState.OPEN:
        return None
    duties = registers.duties(Filters(subject=code, state="open"), at=at, limit=1).rows
    return lateness(duties[0].due_at, at) if duties else None


def _names(at: datetime) -> dict[str, str]:
    return {row.code: row.name for row in registers.people(Filters(), at=at).rows}


def _counts(people: frozenset[int] | None, reader: int, at: datetime) -> dict[str, int]:
    """Return the figures above the register: of the whole area, not of the page."""

    def total(**more: Any) -> int:
        filters = Filters(people=people, reader=reader, **more)
        return registers_check.checks(filters, at=at, limit=1).total

    return {
        "done": total(state=CheckState.DONE.value),
        "open": total(state=CheckState.OPEN.value),
        "overdue": total(overdue=True),
    }


def _statistics(filters: Filters, request: Request, people: frozenset[int] | None) -> Wanted:
    first, last = _period(request).values()
    return Wanted(
        project=filters.project,
        unit=filters.unit,
        kind=filters.kind,
        first=_day(first),
        last=_day(last),
        people=people,
    )


def _period(request: Request) -> dict[str, str]:
    """Return the days that are counted, as the address has them; what is no date is left out."""
    given = {name: request.query_params.get(name, "") for name in ("first", "last")}
    return {name: value if _day(value) else "" for name, value in given.items()}


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        return None
