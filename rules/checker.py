"""Who may check a project (检查人独立性): nobody judges what he delivers, leads or answers for.

A hard gate: it answers with reasons, not with a flag, and only a second person can let a
checker through (an exception on record, signed). Asked when a check is given out, and again of
everybody whose hand is in the answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rules.organisation import Organisation
from rules.refusal import Refused


class Conflict(StrEnum):
    """Why somebody is not independent of a project."""

    MANAGES_IT = "manages_it"
    REPORTS_TO_MANAGER = "reports_to_manager"
    LEADS_MANAGER = "leads_manager"
    SAME_UNIT = "same_unit"
    WORKED_ON_IT = "worked_on_it"


REASONS: Final[dict[Conflict, str]] = {
    Conflict.MANAGES_IT: "manages the project",
    Conflict.REPORTS_TO_MANAGER: "works in the team of its project manager",
    Conflict.LEADS_MANAGER: "is the superior of its project manager",
    Conflict.SAME_UNIT: "belongs to the unit that delivers it",
    Conflict.WORKED_ON_IT: "owned a nonconformity of the project in the last 12 months",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Who delivers a project. `units` are its unit and those below; `hands` worked on it."""

    project: str
    manager: int | None
    units: frozenset[int] = frozenset()
    hands: frozenset[int] = frozenset()


class NotIndependent(Refused):
    """The checker belongs to what is checked."""

    sentence = "{person} may not check {project}: {why}"

    def __init__(self, *, person: str, project: str, conflicts: Sequence[Conflict]) -> None:
        super().__init__(person=person, project=project, why=Reasons(conflicts))
        self.conflicts = tuple(conflicts)


class Reasons(tuple[Conflict, ...]):
    """Conflicts that a sentence shows in its reader's language; English by themselves."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(REASONS[conflict] for conflict in self)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def conflicts(organisation: Organisation, person: int, delivery: Delivery) -> tuple[Conflict, ...]:
    """Return why this person is not independent of the project; empty if he is."""
    return tuple(_conflicts(organisation, person, delivery))


def _conflicts(organisation: Organisation, person: int, delivery: Delivery) -> Iterable[Conflict]:
    manager = delivery.manager
    if manager is not None and manager in organisation.posts:
        if person == manager:
            yield Conflict.MANAGES_IT
        elif organisation.manages(manager, person):
            yield Conflict.REPORTS_TO_MANAGER
        if organisation.posts[manager].manager_id == person:
            yield Conflict.LEADS_MANAGER
    if organisation.posts[person].unit_id in delivery.units:
        yield Conflict.SAME_UNIT
    if person in delivery.hands and person != manager:
        yield Conflict.WORKED_ON_IT


def refuse_dependent(organisation: Organisation, people: Iterable[int], delivery: Delivery) -> None:
    """Refuse the first of these who is not independent of the project."""
    for person in people:
        found = conflicts(organisation, person, delivery)
        if found:
            name = organisation.posts[person].name
            raise NotIndependent(person=name, project=delivery.project, conflicts=found)


def independent(
    organisation: Organisation, candidates: Iterable[int], delivery: Delivery
) -> tuple[int, ...]:
    """Return the candidates without any conflict, in their order."""
    return tuple(person for person in candidates if not conflicts(organisation, person, delivery))
