"""Contracts, requirements and problems as pages (合同、需求与问题页).

Quality and management see every contract, a manager those of his people, the service desk all:
it is asked about each of them. Every register can be taken away as CSV.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from config.language import say
from models.engine import reading
from models.people import organisation
from notifications.charts import told
from processes.availability import registers as availability
from processes.contract import registers, view
from processes.duty import sight as area
from processes.register.query import Filters, Page
from rules.availability import FORMULAS
from rules.refusal import NotFound
from rules.words import Role
from web.frame import edge
from web.frame.edge import At
from web.frame.session import Reader, SignedIn
from web.frame.show import page
from web.plug import About
from web.register import export

router: Final = APIRouter(include_in_schema=False)
READ: Final = ["GET", "HEAD"]
SHOWN: Final = 30  # outages of a contract on its page; the file has all
FILES: Final[dict[str, Callable[..., Page[Any]]]] = {
    "contracts": registers.contracts,
    "slas": registers.slas,
    "requirements": registers.requirements,
    "problems": registers.problems,
    "outages": availability.outages,
    "exclusions": availability.exclusions,
}


@router.api_route("/contracts", methods=READ)
def contracts(request: Request, reader: SignedIn, at: At) -> Response:
    """Show the contracts, and what each lacks."""
    return page(request, "contracts.html", rows=_contracts(reader, at), whole=_sees(reader) is None)


@router.api_route("/contracts/export/{register}.csv", methods=READ)
def as_csv(register: str, reader: SignedIn, at: At) -> Response:
    """Give a register as a file, as far as the reader may see it."""
    if register not in FILES:
        raise NotFound(what="register", code=register)
    rows = FILES[register](Filters(), at=at).rows
    seen = {one.code for one in _contracts(reader, at)}
    name = "code" if register == "contracts" else "contract"
    kept = [one for one in rows if getattr(one, name) in seen or _own(one, reader)]
    return export.csv(register, kept, at=at)


@router.api_route("/contracts/show/{code:path}", methods=READ)
def contract(request: Request, code: str, reader: SignedIn, at: At) -> Response:
    """Show a contract in full."""
    language = edge.language_of(request)
    found = view.read(code, at=at, people=_sees(reader))
    return page(
        request,
        "contract.html",
        found=found,
        row=found.row,
        chart=_drawn(found.chart, language),
        formulas=FORMULAS,
        most=SHOWN,
    )


@router.api_route("/requirements", methods=READ)
def requirements(request: Request, reader: SignedIn, at: At) -> Response:
    """Show the register of service requirements."""
    rows = registers.requirements(Filters(people=_sees(reader)), at=at).rows
    return page(request, "requirements.html", rows=rows, whole=_sees(reader) is None)


@router.api_route("/problems", methods=READ)
def problems(request: Request, reader: SignedIn, at: At) -> Response:
    """Show the register of problems."""
    rows = registers.problems(Filters(people=_sees(reader)), at=at).rows
    return page(request, "problems.html", rows=rows, whole=_sees(reader) is None)


def about_sla(code: str, reader: Reader, language: str) -> About | None:
    """Return what a duty about an SLA links to."""
    del reader
    return About(
        title=say(language, "SLA of the contract {code}", code=code),
        link=f"/contracts/show/{quote(code)}",
        said=say(language, "The contract and all versions of its SLA"),
        signed_in=True,
    )


def _contracts(reader: Reader, at: datetime) -> list[Any]:
    people = _sees(reader)
    rows = registers.contracts(Filters(), at=at).rows
    if people is None:
        return list(rows)
    with reading() as session:
        posts = organisation(session).posts
    codes = {posts[one].code for one in people if one in posts}
    return [one for one in rows if one.manager in codes]


def _sees(reader: Reader) -> frozenset[int] | None:
    """Return whose contracts a reader sees; None is everybody's."""
    return None if Role.SERVICE_DESK in reader.roles else area.people_of(reader.id)


def _own(row: Any, reader: Reader) -> bool:
    return getattr(row, "owner", None) == reader.code


def _drawn(facts: dict[str, Any] | None, language: str) -> Markup | None:
    if facts is None:
        return None
    target = facts["target"]
    title = say(language, "Availability, agreed figure")
    label = "" if target is None else f"≥ {target} %"
    chart = told.trend({**facts, "title": title, "target_label": label}, language)
    return Markup(chart)  # noqa: S704 - charts escape what people wrote
