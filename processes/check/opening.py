"""What opening checks needs to know (开出检查), read once for a whole batch of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.check_sheets import Configured
from config.current import current
from models import alarms, people
from models.check import CarriedLine, Check, CheckLine
from models.organisation import Project, Unit
from models.plan import Activity
from processes.check import rows
from processes.check import sheets as check_sheets
from processes.check.checkers import Checkers, deliveries
from rules import checker as gate
from rules.check import CheckState, Result
from rules.checker import Delivery

DAYS: Final = 3  # working days that a checker has at least, from the day it was opened
MOST_CARRIED: Final = 20  # observations asked about in one check


class Known:
    """Projects, deliveries, checkers, sheets and open observations of a batch of checks."""

    def __init__(self, session: Session, checks: Sequence[Check], at: datetime) -> None:
        self.session, self.at = session, at
        codes = {check.project for check in checks}
        projects = session.exec(select(Project).where(col(Project.code).in_(codes)))
        self._projects = {project.code: project for project in projects}
        self._deliveries = deliveries(session, self._projects.values(), at)
        self._checkers = Checkers(session, at)
        self._sheets = check_sheets.configured()
        self._kept: dict[str, int] = {}
        self._units, self._parents = _units(session)
        self._observations = observations(session, codes)
        self._activities = _activities(session, checks)

    def project(self, check: Check) -> Project:
        """Return the project of a check."""
        return self._projects[check.project]

    def activity(self, check: Check, planned: Mapping[str, Activity] | None) -> Activity | None:
        """Return the planned activity that a check carries out."""
        if check.activity is None:
            return None
        return (planned or {}).get(check.activity) or self._activities.get(check.activity)

    def inspector(self, check: Check, activity: Activity | None) -> int | None:
        """Return who checks; by exception even somebody who is not independent."""
        if check.exception_id is not None:
            return check.wanted_id
        first = check.wanted_id or (activity.owner_id if activity else None)
        return self._checkers.choose(self._deliveries[check.project], first=first)

    def unit(self, check: Check) -> str | None:
        """Return the code of the project's unit."""
        return self._units.get(self.project(check).unit_id)

    def sheet(self, check: Check) -> int:
        """Return the version of the sheet that the check is filled with."""
        chosen = self._chosen(check)
        code = chosen.sheet.code
        if code not in self._kept:
            self._kept[code] = check_sheets.keep(self.session, chosen, self.at)
        return self._kept[code]

    def carry(self, check: Check) -> list[dict[str, Any]]:
        """Return the open observations of the project, and mark them as asked about here."""
        assert check.id is not None
        found = self._observations.pop(check.project, [])[:MOST_CARRIED]
        self.session.add_all(CarriedLine(line_id=one["line"], check_id=check.id) for one in found)
        return found

    def opened(self, check: Check, *, alarm: str) -> None:
        """Nobody is missing for it any more."""
        if check.opened_at != check.created_at:
            ref = rows.subject(check.code)
            alarms.clear_alarm(self.session, kind=alarm, ref=ref, at=self.at)

    def _chosen(self, check: Check) -> Configured:
        units = check_sheets.units_above(self._parents, self.unit(check))
        return check_sheets.choose(
            self._sheets, self.project(check), on=check.planned_on, units=units
        )


def fill_in(session: Session, check: Check, known: Known, inspector: int, at: datetime) -> None:
    """Bring a planned check to open: by whom, by when, with which sheet."""
    calendar = current().calendar
    check.state, check.opened_at, check.inspector_id = CheckState.OPEN, at, inspector
    check.due_at = max(calendar.close_of(check.planned_on), calendar.working_days(at, DAYS))
    check.unit, check.manager_id = known.unit(check), known.project(check).manager_id
    check.sheet_id = known.sheet(check)
    check.carried = known.carry(check)
    session.add(check)


def observations(session: Session, projects: set[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the observations of finished checks that no later check asks about yet."""
    found = session.execute(
        select(Check, CheckLine)
        .join(Check, col(Check.id) == CheckLine.check_id)
        .outerjoin(CarriedLine, col(CarriedLine.line_id) == CheckLine.id)
        .where(
            col(Check.project).in_(projects),
            col(CheckLine.result) == Result.OBSERVATION,
            col(CarriedLine.line_id).is_(None),
        )
        .order_by(col(CheckLine.id))
    )
    by_project: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for check, line in found:
        told = {
            "key": f"o{line.id}",
            "line": line.id,
            "check": check.code,
            "point": line.point,
            "problem": line.problem,
        }
        by_project[check.project].append(told)
    return by_project


def nonconforming_points(session: Session, check: Check) -> list[str]:
    """Return the points that a check found nonconforming, in the order of its sheet."""
    found = session.exec(
        select(CheckLine.point)
        .where(col(CheckLine.check_id) == check.id, col(CheckLine.result) == Result.NONCONFORMING)
        .order_by(col(CheckLine.id))
    )
    return list(dict.fromkeys(found))


def delivery_of(session: Session, project: Project, at: datetime) -> Delivery:
    """Return who delivers one project."""
    return deliveries(session, [project], at)[project.code]


def conflicts(
    session: Session, check: Check, person: int, at: datetime
) -> tuple[gate.Conflict, ...]:
    """Return why this person is not independent of what is checked."""
    project = session.exec(select(Project).where(col(Project.code) == check.project)).one()
    delivery = delivery_of(session, project, at)
    return gate.conflicts(people.organisation(session), person, delivery)


def _units(session: Session) -> tuple[dict[int | None, str], dict[str, str | None]]:
    """Return the units' codes by number, and the code above each."""
    found = session.exec(select(Unit)).all()
    codes: dict[int | None, str] = {unit.id: unit.code for unit in found}
    return codes, {unit.code: codes.get(unit.parent_id) for unit in found}


def _activities(session: Session, checks: Sequence[Check]) -> dict[str, Activity]:
    codes = [check.activity for check in checks if check.activity is not None]
    if not codes:
        return {}
    found = session.exec(select(Activity).where(col(Activity.code).in_(codes)))
    return {activity.code: activity for activity in found}
