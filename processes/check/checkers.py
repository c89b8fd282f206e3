"""Who checks what (检查人选派): independent, reachable, and with the least to do.

The facts of the gate in `rules/checker.py` are read here, for many projects at once: a month's
thousand checks are given out in one go.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models import people
from models.duty import Duty
from models.nonconformity import Nonconformity
from models.organisation import Project, Unit
from rules import checker as rule
from rules import escalation
from rules.checker import Delivery
from rules.nonconformity import State
from rules.words import DutyState, Role

# Whose office it is to check; the head only where nobody else may.
CHECK: Final = (Role.QUALITY, Role.AUDITOR, Role.QUALITY_HEAD)
A_YEAR: Final = timedelta(days=365)


@dataclass(slots=True)
class Checkers:
    """Everybody who may be asked to check, and how much each has to do already."""

    session: Session
    at: datetime
    _load: Counter[int] = field(default_factory=Counter)
    _reachable: dict[int, bool] = field(default_factory=dict)
    _read: bool = False

    def choose(self, delivery: Delivery, *, first: int | None = None) -> int | None:
        """Return who checks: `first` if he may and can, else the least loaded who may."""
        organisation = people.organisation(self.session)
        may = first is not None and not rule.conflicts(organisation, first, delivery)
        if first is not None and may and self._can(first):
            self._load[first] += 1
            return first
        for role in CHECK:
            holders = [one for one in organisation.holders(role) if self._can(one)]
            free = rule.independent(organisation, holders, delivery)
            if free:
                return self._least_loaded(free)
        return None

    def _can(self, person: int) -> bool:
        """Whether he is here and can be told today."""
        if person not in self._reachable:
            organisation = people.organisation(self.session)
            day = current().calendar.day(self.at)
            found = escalation.reach(organisation, person, day, barred=frozenset({person}))
            active = organisation.posts[person].active
            self._reachable[person] = active and isinstance(found, escalation.Told)
        return self._reachable[person]

    def _least_loaded(self, people_: Sequence[int]) -> int:
        if not self._read:
            rows = self.session.execute(
                select(col(Duty.owner_id), sa.func.count())
                .where(col(Duty.state) == DutyState.OPEN)
                .group_by(col(Duty.owner_id))
            )
            for owner, count in rows:
                self._load[owner] += count
            self._read = True
        chosen = min(people_, key=lambda person: self._load[person])
        self._load[chosen] += 1
        return chosen


def deliveries(session: Session, projects: Iterable[Project], at: datetime) -> dict[str, Delivery]:
    """Return who delivers each of these projects, by its code."""
    projects = list(projects)
    below = _units_below(session)
    hands = _hands(session, [project.code for project in projects], at)
    return {
        project.code: Delivery(
            project=project.name,
            manager=project.manager_id,
            units=below(project.unit_id) if project.unit_id is not None else frozenset(),
            hands=hands.get(project.code, frozenset()),
        )
        for project in projects
    }


def _units_below(session: Session) -> Callable[[int], frozenset[int]]:
    """Return a function that gives a unit and all below it."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for number, parent in session.exec(select(Unit.id, Unit.parent_id)):
        children[parent].append(number or 0)

    def below(unit: int) -> frozenset[int]:
        found, waiting = {unit}, [unit]
        while waiting:
            new = [child for child in children[waiting.pop()] if child not in found]
            found.update(new)
            waiting += new
        return frozenset(found)

    return below


def _hands(
    session: Session, codes: Sequence[str], at: datetime
) -> dict[str | None, frozenset[int]]:
    """Return who owned a nonconformity of each project in the last twelve months."""
    rows = session.execute(
        select(col(Nonconformity.project), col(Nonconformity.owner_id))
        .where(
            col(Nonconformity.project).in_(codes),
            col(Nonconformity.raised_at) >= at - A_YEAR,
            col(Nonconformity.state) != State.VOID.value,
        )
        .distinct()
    )
    found: dict[str | None, set[int]] = defaultdict(set)
    for project, owner in rows:
        found[project].add(owner)
    return {project: frozenset(owners) for project, owners in found.items()}
