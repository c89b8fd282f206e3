"""What is raised, judged before it is taken (不符合项录入): every wrong field, by its name.

The field names are the columns of nonconformities.csv, so that an import can say file, row and
column, and a page can say it beside the field.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from models import people
from models.organisation import Project, Unit
from rules import text
from rules.brought import History
from rules.organisation import Post
from rules.refusal import NotFound, Refused
from rules.words import Risk, Severity

MOST: Final = {
    "code": 64,
    "title": 300,
    "description": 20_000,
    "source": 64,
    "source_record": 120,
    "clause": 64,
}


class Empty(Refused):
    """A field that must say something is blank."""

    sentence = "{field} is empty: it must be given"


class TooLong(Refused):
    """More characters than are kept."""

    sentence = "{field} is too long: {length} characters, at most {most}"


class OwnerInactive(Refused):
    """Somebody who has left cannot owe anything."""

    sentence = "{person} is not active: name an owner who is"


class DueInThePast(Refused):
    """The deadline was over when it was raised."""

    sentence = "the due date {due} is over: choose {first} or later"


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """A nonconformity as it comes in. `due` is a local day; `raised_at` an aware instant.

    `given` names the optional columns that the source had at all: what is not in it leaves an
    existing row as it is.
    """

    title: str
    owner_code: str
    raised_at: datetime
    description: str = ""
    source: str = "daily"
    source_record: str | None = None
    potential: bool = False
    project: str | None = None
    unit: str | None = None
    clause: str | None = None
    severity: Severity | None = None
    risk: Risk | None = None
    due: date | None = None
    raised_by: str | None = None
    code: str | None = None
    entered_at: datetime | None = None  # when it was written down, if later than it says
    given: frozenset[str] | None = None  # None: all of them
    history: History | None = None  # of a register from before; None is raised anew

    def cleaned(self) -> "New":
        """Return it as it will be kept: lines on one line, blanks for nothing."""
        return replace(
            self,
            title=text.line(self.title),
            owner_code=text.line(self.owner_code),
            description=text.paragraph(self.description),
            source=text.line(self.source) or "daily",
            source_record=_line(self.source_record),
            project=_line(self.project),
            unit=_line(self.unit),
            clause=_line(self.clause),
            raised_by=_line(self.raised_by),
            code=_line(self.code),
        )


def _line(value: str | None) -> str | None:
    return (text.line(value) or None) if value is not None else None


@dataclass(slots=True)
class Known:
    """What a batch of rows is checked against, read once a transaction."""

    session: Session
    _people: dict[str, Post] | None = None
    _codes: dict[str, frozenset[str]] = field(default_factory=dict)

    def person(self, code: str) -> Post | None:
        if self._people is None:
            posts = people.organisation(self.session).posts.values()
            self._people = {post.code: post for post in posts}
        return self._people.get(code)

    def project(self, code: str) -> bool:
        return code in self._all("project", Project.code)

    def unit(self, code: str) -> bool:
        return code in self._all("unit", Unit.code)

    def _all(self, what: str, column: Any) -> frozenset[str]:
        known = self._codes.get(what)
        if known is None:
            found = self.session.exec(select(col(column)))
            known = self._codes[what] = frozenset(found)
        return known


def problems(known: Known, new: New) -> list[tuple[str, Refused]]:
    """Return everything that is wrong with a cleaned row, by column."""
    found: list[tuple[str, Refused]] = []
    for check in CHECKS:
        found += check(known, new)
    return found


def _lengths(_known: Known, new: New) -> Iterator[tuple[str, Refused]]:
    if not new.title:
        yield "title", Empty(field="title")
    for name, most in MOST.items():
        value = getattr(new, name) or ""
        if len(value) > most:
            yield name, TooLong(field=name, length=len(value), most=most)


def _owner(known: Known, new: New) -> Iterator[tuple[str, Refused]]:
    if not new.owner_code:
        yield "owner", Empty(field="owner")
        return
    owner = known.person(new.owner_code)
    if owner is None:
        yield "owner", NotFound(what="person", code=new.owner_code)
    elif not owner.active and not (new.history and new.history.ended):
        yield "owner", OwnerInactive(person=owner.name)


def _references(known: Known, new: New) -> Iterator[tuple[str, Refused]]:
    if new.raised_by and known.person(new.raised_by) is None:
        yield "raised_by", NotFound(what="person", code=new.raised_by)
    if new.project and not known.project(new.project):
        yield "project", NotFound(what="project", code=new.project)
    if new.unit and not known.unit(new.unit):
        yield "unit", NotFound(what="unit", code=new.unit)


def _dates(_known: Known, new: New) -> Iterator[tuple[str, Refused]]:
    calendar = current().calendar
    try:
        first = calendar.day(new.raised_at)
    except Refused as wrong:
        yield "raised_at", wrong
        return
    if new.due is None:
        return
    try:
        due_at = calendar.close_of(new.due)
    except Refused as wrong:
        yield "due", wrong
        return
    if due_at <= new.raised_at:
        yield "due", DueInThePast(due=new.due, first=first)


CHECKS: Final[tuple[Callable[[Known, New], Iterator[tuple[str, Refused]]], ...]] = (
    _lengths,
    _owner,
    _references,
    _dates,
)
