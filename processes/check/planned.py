"""Project quality checks (项目质量检查): planned, and opened as duties when their day has come.

A check comes from the annual plan (an activity of kind `project_quality_check`) or is planned by
itself: a special one, or a follow-up of an earlier check. It keeps its planned day for ever; if
it is opened late, because the service was down, its checker still gets three working days. Who
checks is independent of the delivery (`rules/checker.py`); where nobody is, an alarm stands and
the check waits for the first who may.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlmodel import Session, col, select

from config.current import current
from config.language import say
from models import alarms, people, trail
from models.check import Check
from models.engine import transaction
from models.organisation import Project
from models.plan import Activity
from processes.alarm import wording as says
from processes.check import opening as check_opening
from processes.check import rows
from processes.check.opening import Known
from processes.duty import issued as duties
from processes.duty import issuing
from processes.duty.issuing import Owed
from processes.plan import activities
from rules import checker as gate
from rules.check import CheckKind, CheckState
from rules.refusal import NotFound, Refused
from rules.words import DutyKind

BATCH: Final = 250  # checks to a transaction
ACTIVITY: Final = "project_quality_check"  # the kind of a planned activity
ALARM: Final = "check_without_checker"


class NothingToFollow(Refused):
    """A follow-up of nothing."""

    sentence = "{project} has no finished check to follow up"


class NotPlannedAnyMore(Refused):
    """The check is over."""

    sentence = "{code} is {state}: this cannot be done any more"


class CheckerGone(Refused):
    """Somebody who has left checks nothing."""

    sentence = "{person} is no longer active here and cannot check"


def plan(
    *,
    project: str,
    kind: CheckKind = CheckKind.ROUTINE,
    on: date,
    at: datetime,
    checker: str | None = None,
    follows: str | None = None,
    points: Sequence[str] | None = None,
    actor: str = "operator",
) -> str:
    """Plan a check of a project, open it if its day has come; return its code.

    A checker asked for by name must be independent. The same project, kind and day again is
    the same check. A follow-up asks what the check before it found wrong.
    """
    return _plan(project, kind, on, at, checker, follows, points, actor)


@transaction
def _plan(
    session: Session,
    project_code: str,
    kind: CheckKind,
    on: date,
    at: datetime,
    checker: str | None,
    follows: str | None,
    points: Sequence[str] | None,
    actor: str,
) -> str:
    project = _project(session, project_code)
    wanted = _checker(session, project, checker, at) if checker else None
    same = _same(session, project.code, kind, on)
    if same is not None:
        return same.code
    after = _followed(session, project, follows) if kind is CheckKind.FOLLOW_UP else None
    check = Check(
        code=rows.next_codes(session, on.year, 1)[0],
        project=project.code,
        kind=kind,
        planned_on=on,
        wanted_id=wanted,
        follows=after.code if after else None,
        points=list(points) if points else _found_wrong(session, after),
        created_at=at,
    )
    session.add(check)
    session.flush()
    _record_planned(session, [check], at=at, actor=actor)
    if on <= current().calendar.day(at):
        open_(session, [check], at=at, actor=actor)
    return check.code


def open_due(at: datetime) -> int:
    """Open every planned check whose day has come, a batch to a transaction; return how many."""
    opened, after = 0, 0
    while True:
        looked, done = _open_batch(at, after)
        opened += done
        if looked is None:
            return opened
        after = looked


@transaction
def _open_batch(session: Session, at: datetime, after: int) -> tuple[int | None, int]:
    """Open some; return the last that was looked at (None: there were no more), and how many."""
    waiting = session.exec(
        select(Check)
        .where(
            col(Check.state) == CheckState.PLANNED,
            col(Check.planned_on) <= current().calendar.day(at),
            col(Check.id) > after,
        )
        .order_by(col(Check.id))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    if not waiting:
        return None, 0
    return waiting[-1].id, open_(session, waiting, at=at, actor="clock")


def open_activities(
    session: Session, planned: Sequence[Activity], at: datetime, actor: str
) -> None:
    """Open the checks of the annual plan; twice is harmless, one check an activity."""
    there = set(
        session.exec(
            select(Check.activity).where(col(Check.activity).in_([one.code for one in planned]))
        )
    )
    new = [one for one in planned if one.code not in there and one.project]
    by_year: dict[int, list[Activity]] = {}
    for activity in new:
        by_year.setdefault(activity.planned_on.year, []).append(activity)
    made: list[Check] = []
    for year, ones in by_year.items():
        codes = rows.next_codes(session, year, len(ones))
        made += [_of_activity(one, code, at) for one, code in zip(ones, codes, strict=True)]
    session.add_all(made)
    session.flush()
    _record_planned(session, made, at=at, actor=actor)
    open_(session, made, at=at, actor=actor, planned={one.code: one for one in new})


def open_(
    session: Session,
    checks: Sequence[Check],
    *,
    at: datetime,
    actor: str,
    planned: dict[str, Activity] | None = None,
) -> int:
    """Open planned checks whose day has come: each is owed by somebody independent."""
    if not checks:
        return 0
    known = Known(session, checks, at)
    ready = [check for check in checks if _open_one(session, check, known, planned, at)]
    owed = [_owed(check, known, planned) for check in ready]
    numbers = issuing.issue_many(session, owed, at=at, actor=actor)
    for check, number in zip(ready, numbers, strict=True):
        activity = known.activity(check, planned)
        if activity is not None:
            activity.owner_id, activity.duty_id = check.inspector_id, number
            session.add(activity)
    return len(ready)


def _open_one(
    session: Session,
    check: Check,
    known: Known,
    planned: dict[str, Activity] | None,
    at: datetime,
) -> bool:
    """Give it to somebody independent; False, and an alarm, if there is nobody."""
    inspector = known.inspector(check, known.activity(check, planned))
    if inspector is None:
        message = says.nobody_checks(check.code, check.project)
        alarms.raise_alarm(
            session, kind=ALARM, ref=rows.subject(check.code), message=message, at=at
        )
        return False
    check_opening.fill_in(session, check, known, inspector, at)
    known.opened(check, alarm=ALARM)
    return True


def _owed(check: Check, known: Known, planned: dict[str, Activity] | None) -> Owed:
    activity = known.activity(check, planned)
    assert check.inspector_id is not None and check.due_at is not None  # noqa: PT018
    return Owed(
        kind=DutyKind.QUALITY_CHECK.value,
        subject_kind=rows.KIND,
        subject=check.code,
        title=title(known.project(check), check.kind),
        owner_id=check.inspector_id,
        due_at=check.due_at,
        project=check.project,
        facts=activities.facts_of(activity) if activity else {},
    )


def title(project: Project, kind: CheckKind) -> str:
    """Return what the duty is called, in the site's language."""
    language = current().settings.language
    return say(language, "{project}: {kind}", project=project.name, kind=kind)[:300]


def cancel(code: str, *, why: str, at: datetime, actor: str) -> None:
    """Nothing is to be checked any more; why is kept, and the duty is withdrawn."""
    _cancel(code, why, at, actor)


@transaction
def _cancel(session: Session, code: str, why: str, at: datetime, actor: str) -> None:
    check = rows.by_code(session, code)
    if check.state is CheckState.CANCELLED:
        return
    if check.state is CheckState.DONE:
        raise NotPlannedAnyMore(code=code, state=check.state)
    for duty in duties.open_duties_about(session, rows.KIND, code):
        duties.withdraw(session, duty, at=at, why=why[:300], actor=actor)
    before = {"state": check.state.value}
    check.state, check.cancelled_why = CheckState.CANCELLED, why
    session.add(check)
    alarms.clear_alarm(session, kind=ALARM, ref=rows.subject(code), at=at)
    told = rows.entry(
        check, "check.cancelled", at=at, actor=actor, before=before, after={"why": why[:300]}
    )
    trail.record_many(session, [told])


def _of_activity(activity: Activity, code: str, at: datetime) -> Check:
    assert activity.project is not None
    return Check(
        code=code,
        project=activity.project,
        planned_on=activity.planned_on,
        activity=activity.code,
        created_at=at,
    )


def _record_planned(session: Session, made: Sequence[Check], *, at: datetime, actor: str) -> None:
    trail.record_many(
        session,
        [
            rows.entry(
                check,
                "check.planned",
                at=at,
                actor=actor,
                after={
                    "project": check.project,
                    "kind": check.kind.value,
                    "planned_on": check.planned_on.isoformat(),
                    "activity": check.activity,
                },
            )
            for check in made
        ],
    )


def _project(session: Session, code: str) -> Project:
    found = session.exec(select(Project).where(col(Project.code) == code)).one_or_none()
    if found is None:
        raise NotFound(what="project", code=code)
    return found


def _checker(session: Session, project: Project, code: str, at: datetime) -> int:
    """Return the checker asked for, or refuse with every reason why he is not independent."""
    organisation = people.organisation(session)
    person = people.by_code(session, code)
    assert person.id is not None
    post = organisation.posts[person.id]
    if not post.active:
        raise CheckerGone(person=person.name)
    delivery = check_opening.delivery_of(session, project, at)
    gate.refuse_dependent(organisation, [person.id], delivery)
    return person.id


def _same(session: Session, project: str, kind: CheckKind, on: date) -> Check | None:
    return session.exec(
        select(Check)
        .where(
            col(Check.project) == project,
            col(Check.kind) == kind,
            col(Check.planned_on) == on,
            col(Check.state) != CheckState.CANCELLED,
        )
        .limit(1)
    ).first()


def _followed(session: Session, project: Project, code: str | None) -> Check:
    """Return the finished check that is followed up: the one named, or the last."""
    query = select(Check).where(
        col(Check.project) == project.code, col(Check.state) == CheckState.DONE
    )
    if code is not None:
        query = query.where(col(Check.code) == code)
    found = session.exec(query.order_by(col(Check.performed_at).desc()).limit(1)).first()
    if found is None:
        raise NothingToFollow(project=project.name)
    return found


def _found_wrong(session: Session, check: Check | None) -> list[str] | None:
    """Return the points that a check found nonconforming; None asks the whole sheet."""
    if check is None:
        return None
    return check_opening.nonconforming_points(session, check) or None


activities.OPENERS[ACTIVITY] = open_activities
