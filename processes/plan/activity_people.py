"""Who carries out and who checks a planned activity (活动责任人), found when it opens.

A plan names roles; the person is found from the organisation of the day. A role that several
hold goes round among them by object and month, never by who owes least at the moment: a wheel
turned late names the same people as one turned every day.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from models import alarms, people
from models.organisation import Project, Unit
from models.plan import Activity
from processes.alarm import wording as says
from rules import plan as rule
from rules.organisation import Organisation
from rules.words import Role

UNIT_HEAD: Final = "unit_head"  # beside the roles: whoever leads the unit that it is about
NOBODY: Final = "nobody_for_activity"
INSTEAD: Final = (Role.QUALITY_HEAD, Role.QUALITY, Role.TOP_MANAGEMENT)


def name_owners(session: Session, activities: Sequence[Activity], at: datetime) -> list[Activity]:
    """Set owner and checker of each; return those for whom there is somebody.

    For the others an alarm stands, and they are asked again with the next turn.
    """
    organisation = people.organisation(session)
    managers, heads = _managers(session, activities), _heads(session, activities)
    found = []
    for activity in activities:
        manager = managers.get(activity.project or "")
        head = heads.get(activity.unit or "")
        own = _Own(organisation, activity, manager, head)
        owner = own.named(activity.owner, barred=frozenset())
        if owner is None:
            _alarm(session, activity, at)
            continue
        alarms.clear_alarm(session, kind=NOBODY, ref=f"activity:{activity.code}", at=at)
        activity.owner_id = owner
        if activity.checker:
            activity.checker_id = own.named(activity.checker, barred=frozenset({owner}))
        found.append(activity)
    return found


class _Own:
    """The people around one activity."""

    def __init__(
        self,
        organisation: Organisation,
        activity: Activity,
        manager: int | None,
        head: int | None,
    ) -> None:
        self.organisation, self.activity = organisation, activity
        self.manager, self.head = manager, head

    def named(self, who: str, *, barred: frozenset[int]) -> int | None:
        """Return the person whom a role or a code means; another role's where it has nobody."""
        for candidates in (self._meant(who), *(self._holders(role) for role in INSTEAD)):
            free = [one for one in candidates if one not in barred and self._active(one)]
            if free:
                about = f"{self.activity.item}:{self.activity.object}"
                nominal = self.activity.nominal_on
                return rule.in_turn(free, about=about, nth=nominal.year * 12 + nominal.month)
        return None

    def _meant(self, who: str) -> list[int]:
        if who == Role.PROJECT_MANAGER and self.activity.project:
            return [] if self.manager is None else [self.manager]
        if who == UNIT_HEAD:
            return [] if self.head is None else [self.head]
        if who in set(Role):
            return self._holders(Role(who))
        return [post.id for post in self.organisation.posts.values() if post.code == who]

    def _holders(self, role: Role) -> list[int]:
        """Return who holds the role; of a project's checks its own manager is none."""
        held = self.organisation.holders(role)
        return [one for one in held if one != self.manager or role is Role.PROJECT_MANAGER]

    def _active(self, person: int) -> bool:
        post = self.organisation.posts.get(person)
        return post is not None and post.active


def _managers(session: Session, activities: Iterable[Activity]) -> Mapping[str, int]:
    codes = {activity.project for activity in activities if activity.project}
    rows = session.exec(
        select(Project.code, Project.manager_id).where(
            col(Project.code).in_(codes), col(Project.manager_id).is_not(None)
        )
    )
    return {code: manager for code, manager in rows if manager is not None}


def _heads(session: Session, activities: Iterable[Activity]) -> Mapping[str, int]:
    codes = {activity.unit for activity in activities if activity.unit}
    by_code = {post.code: post.id for post in people.organisation(session).posts.values()}
    rows = session.exec(select(Unit.code, Unit.head_code).where(col(Unit.code).in_(codes)))
    return {code: by_code[head] for code, head in rows if head is not None and head in by_code}


def _alarm(session: Session, activity: Activity, at: datetime) -> None:
    alarms.raise_alarm(
        session,
        kind=NOBODY,
        ref=f"activity:{activity.code}",
        message=says.nobody_carries_out(activity.code, activity.planned_on, activity.owner),
        at=at,
    )
