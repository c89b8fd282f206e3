"""What hangs on a person (名下事项): open duties, units led, projects managed.

Whoever leaves with any of it leaves something that nobody does: it is named by the import that
takes the person out of service, and by `pdca doctor` until it is somebody else's.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from sqlmodel import Session, col, select

from models import people
from models.duty import Duty
from models.organisation import Person, Project, Unit
from rules.words import DutyState

LISTED: Final = 5  # of each sort


@dataclass(slots=True)
class Hanging:
    """What one person leaves behind, by code."""

    code: str
    name: str
    duties: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    projects: list[str] = field(default_factory=list)

    def said(self) -> Iterator[tuple[str, dict[str, str | int]]]:
        """Yield a sentence with its facts for each sort of thing that hangs on the person."""
        for sentence, things in (
            ("{code} still owes {count}: {things}", self.duties),
            ("{code} still leads {count} units: {things}", self.units),
            ("{code} still manages {count} projects: {things}", self.projects),
        ):
            if things:
                facts: dict[str, str | int] = {
                    "code": self.code,
                    "count": len(things),
                    "things": _some(things),
                }
                yield sentence, facts


def hanging(session: Session, codes: Collection[str]) -> dict[str, Hanging]:
    """Return what hangs on each of these people; on whom nothing does is not named."""
    if not codes:
        return {}
    persons = session.exec(select(Person).where(col(Person.code).in_(codes))).all()
    by_id = {one.id: Hanging(code=one.code, name=one.name) for one in persons}
    by_code = {one.code: one for one in by_id.values()}
    owed = select(Duty).where(col(Duty.state) == DutyState.OPEN, col(Duty.owner_id).in_(by_id))
    for duty in session.exec(owed.order_by(col(Duty.id))):
        by_id[duty.owner_id].duties.append(f"{duty.subject} {duty.title[:40]}")
    for unit in session.exec(select(Unit).where(col(Unit.head_code).in_(by_code))):
        by_code[unit.head_code or ""].units.append(f"{unit.code} {unit.name}")
    for project in session.exec(select(Project).where(col(Project.manager_id).in_(by_id))):
        by_id[project.manager_id].projects.append(f"{project.code} {project.name}")
    return {one.code: one for one in by_code.values() if one.duties or one.units or one.projects}


def of_leavers(session: Session) -> list[Hanging]:
    """Return what still hangs on people who are no longer active, by code."""
    posts = people.organisation(session).posts.values()
    found = hanging(session, [post.code for post in posts if not post.active])
    return sorted(found.values(), key=lambda one: one.code)


def _some(things: list[str]) -> str:
    return "; ".join(things[:LISTED]) + (" …" if len(things) > LISTED else "")
