"""How reliably people were told, and what could be better (评审输入: 系统可靠性、改进与资源)."""

from collections import Counter
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models.base import columns
from models.duty import Duty
from models.notice import Notice, NoticeState, Suppression
from models.organisation import Person
from models.plan import Activity, Improvement
from models.record import Alarm
from processes.improvement import proposals as improvements
from processes.plan import activity_people
from processes.review.parts import MOST, Engine, Improvements, Load, Proposal, Span, Stood
from processes.review.standing import count
from processes.watch import silence
from rules.words import DutyState

HEAVIEST: Final = 10  # people whose load is named
NOBODY: Final = (activity_people.NOBODY, "kpi_owner_missing")  # kinds of alarms


def engine(session: Session, span: Span) -> Engine:
    """Return what stood still in the period, what was alarmed, and which mails never came."""
    stood = silence.between(span.begins, span.ends)
    alarms = _alarms(session, span)
    written = (col(Notice.created_at) >= span.begins, col(Notice.created_at) < span.ends)
    mails = sa.select(sa.func.count()).select_from(Notice).where(*written)
    caught_up = sa.select(sa.func.count()).where(
        col(Activity.caught_up),
        col(Activity.opened_at) >= span.begins,
        col(Activity.opened_at) < span.ends,
    )
    return Engine(
        silences=tuple(
            Stood(part=one.ref, message=one.message, since=one.first_at, until=one.cleared_at)
            for one in stood[-MOST:]
        ),
        more=max(0, len(stood) - MOST),
        alarms=dict(sorted(Counter(kind for kind, _ in alarms).items())),
        alarms_open=sum(is_open for _, is_open in alarms),
        mails=count(session, mails),
        dead=count(session, mails.where(col(Notice.state) == NoticeState.DEAD)),
        addresses=count(session, sa.select(sa.func.count()).select_from(Suppression)),
        caught_up=count(session, caught_up),
    )


def _alarms(session: Session, span: Span) -> list[tuple[str, bool]]:
    """Return the kind of each alarm that stood in the period, and whether it still does."""
    rows = session.exec(
        select(Alarm.kind, Alarm.cleared_at).where(
            col(Alarm.first_at) < span.ends,
            sa.or_(col(Alarm.cleared_at).is_(None), col(Alarm.cleared_at) >= span.begins),
        )
    )
    return [(kind, cleared is None) for kind, cleared in rows]


def improved(session: Session, span: Span) -> Improvements:
    """Return what the cycles of the period proposed, and who carries how much now."""
    found = _proposed(session, span)
    waiting = [one for one in found if one.taken_into is None]
    return Improvements(
        proposed=len(found),
        taken=len(found) - len(waiting),
        rows=tuple(
            Proposal(
                source=one.source,
                ref=one.ref,
                text=one.text,
                taken=f"{one.taken_into} {one.taken_item or ''}".strip() if one.taken_into else "",
            )
            for one in [*waiting, *(one for one in found if one.taken_into)][:MOST]
        ),
        more=max(0, len(found) - MOST),
        loads=_loads(session, span),
        nobody=_nobody(session),
    )


def _proposed(session: Session, span: Span) -> list[Improvement]:
    zone = current().settings.zone
    return [
        one
        for year in range(span.first.year, span.last.year + 1)
        for one in improvements.of_cycle(session, str(year))
        if span.first <= one.proposed_at.astimezone(zone).date() <= span.last
    ]


def _loads(session: Session, span: Span) -> tuple[Load, ...]:
    """Return who owes most now, the most overdue first."""
    duty, person = columns(Duty), columns(Person)
    late: Any = sa.func.sum(sa.case((duty.due_at < span.at, 1), else_=0))
    many: Any = sa.func.count()
    query = (
        sa.select(person.name, many, late)
        .join_from(Duty, Person, person.id == duty.owner_id)
        .where(duty.state == DutyState.OPEN)
        .group_by(person.id, person.name)
        .order_by(late.desc(), many.desc(), person.name)
        .limit(HEAVIEST)
    )
    return tuple(
        Load(person=name, open=open_, overdue=overdue)
        for name, open_, overdue in session.execute(query)
    )


def _nobody(session: Session) -> int:
    still = (col(Alarm.kind).in_(NOBODY), col(Alarm.cleared_at).is_(None))
    return count(session, sa.select(sa.func.count()).select_from(Alarm).where(*still))
