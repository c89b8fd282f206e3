"""What stands before a management review (评审输入: 已报至最高层的事项、以往决议、风险).

The ladder ends at the top of the chain, and what is still open there begins the review.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models import people
from models.base import columns
from models.duty import Answer, Duty, Line
from models.extension import Extension
from models.nonconformity import GateException, Nonconformity
from processes.review.parts import MOST, Matter, Matters, Reached, Risks, Ruling, Span, Top
from processes.watch.overview import OVER
from rules.organisation import Organisation
from rules.words import DutyKind, DutyState, LetterKind, Role

ACCEPTED: Final = "accept_risk"
# Why a step was told somebody: not because the chain went on above him.
AT_THE_END: Final = frozenset({"again", "quality_head", "top_management", "operator"})


def top(session: Session, span: Span) -> Top:
    """Return what was told at the top of the chain and is still open, longest overdue first."""
    calendar = current().calendar
    organisation = people.organisation(session)
    found = {}
    for row in _told(session):
        if _is_top(row, organisation):
            found[row.id] = row  # the latest step of each duty stands
    rows = sorted(found.values(), key=lambda row: (row.due_at, row.id))
    late = (col(Duty.state) == DutyState.OPEN, col(Duty.due_at) < span.at)
    return Top(
        rows=tuple(
            Reached(
                duty=row.id,
                kind=row.kind,
                code=row.subject,
                title=row.title,
                owner=name(organisation, row.owner_id),
                due_at=row.due_at,
                days=max(0, calendar.count(calendar.day(row.due_at), calendar.day(span.at))),
                level=row.level,
                told=name(organisation, row.on_behalf_of_id or row.person_id),
                times=int(row.facts.get("again", 0)) + 1,
            )
            for row in rows[:MOST]
        ),
        more=max(0, len(rows) - MOST),
        overdue=count(session, sa.select(sa.func.count()).select_from(Duty).where(*late)),
    )


def _told(session: Session) -> Iterable[Any]:
    """Return each open duty's steps above its owner in its present episode, the first first."""
    duty, line = columns(Duty), columns(Line)
    own = ("id", "kind", "subject", "title", "owner_id", "due_at", "level")
    said = ("person_id", "on_behalf_of_id", "facts")
    return session.execute(
        sa.select(*(duty[name] for name in own), *(line[name] for name in said))
        .join_from(Duty, Line, sa.and_(line.duty_id == duty.id, line.episode == duty.episode))
        .where(
            duty.state == DutyState.OPEN,
            duty.level > 0,
            line.letter == LetterKind.ESCALATION,
            line.level.is_not(None),
        )
        .order_by(duty.id, line.nth, line.id)
    )


def _is_top(row: Any, organisation: Organisation) -> bool:
    """Whether a step told the end of the chain, or top management itself."""
    if row.facts.get("why") in AT_THE_END:
        return True
    whose = organisation.posts.get(row.on_behalf_of_id or row.person_id or 0)
    if whose is None:
        return True  # nobody could be told: the operator was
    return Role.TOP_MANAGEMENT in whose.roles or not organisation.chain(whose.id).people


def risks(session: Session, span: Span) -> Risks:
    """Return what management decided of what came straight up, and what was granted."""
    rulings = _rulings(session, span)
    accepted = [one for one in rulings if one.decision == ACCEPTED]
    asked = session.exec(
        select(Extension.granted, Extension.duty_id).where(
            col(Extension.asked_at) >= span.begins, col(Extension.asked_at) < span.ends
        )
    ).all()
    granted = Counter(number for yes, number in asked if yes)
    waiting = (col(Duty.kind) == DutyKind.DECIDE, col(Duty.state) == DutyState.OPEN)
    return Risks(
        decisions=dict(sorted(Counter(one.decision for one in rulings).items())),
        undecided=count(session, sa.select(sa.func.count()).select_from(Duty).where(*waiting)),
        accepted=tuple(accepted[:MOST]),
        more=max(0, len(accepted) - MOST),
        extensions=dict(sorted(Counter(_WORD[yes] for yes, _ in asked).items())),
        twice=sum(times > 1 for times in granted.values()),
        exceptions=tuple(_exceptions(session, span)),
    )


_WORD: Final = {True: "granted", False: "refused", None: "undecided"}


def _rulings(session: Session, span: Span) -> list[Ruling]:
    organisation = people.organisation(session)
    rows = session.exec(
        select(Answer, Duty)
        .join(Duty, col(Duty.id) == Answer.duty_id)
        .where(
            col(Duty.kind) == DutyKind.DECIDE,
            col(Answer.act) == "answer",
            col(Answer.at) >= span.begins,
            col(Answer.at) < span.ends,
        )
        .order_by(col(Answer.at).desc(), col(Answer.id).desc())
    ).all()
    return [
        Ruling(
            code=duty.subject,
            title=duty.title,
            decision=str(said.data.get("decision", "")),
            text=str(said.data.get("text", "")),
            by=name(organisation, said.on_behalf_of_id or said.person_id),
            on=current().calendar.day(said.at),
        )
        for said, duty in rows
    ]


def _exceptions(session: Session, span: Span) -> Iterable[Ruling]:
    organisation = people.organisation(session)
    query = select(GateException).where(
        col(GateException.at) >= span.begins, col(GateException.at) < span.ends
    )
    for one in session.exec(query.order_by(col(GateException.at).desc()).limit(MOST)):
        yield Ruling(
            code=one.subject,
            decision=one.gate,
            text=one.reason,
            by=name(organisation, one.granted_by_id),
            on=current().calendar.day(one.at),
        )


def matters(
    session: Session, span: Span, *where: Any, first: Sequence[Any] | None = None
) -> Matters:
    """Return nonconformities of that kind, the earliest due first unless told otherwise."""
    order = first or (col(Nonconformity.due_at), col(Nonconformity.id))
    organisation = people.organisation(session)
    found = session.exec(select(Nonconformity).where(*where).order_by(*order).limit(MOST)).all()
    more = 0
    if len(found) == MOST:
        counted = sa.select(sa.func.count()).select_from(Nonconformity).where(*where)
        more = count(session, counted) - MOST
    return Matters(rows=tuple(_matter(one, organisation, span) for one in found), more=more)


def _matter(one: Nonconformity, organisation: Organisation, span: Span) -> Matter:
    calendar = current().calendar
    due_on = calendar.day(one.due_at)
    late = 0 if one.state in OVER else calendar.count(due_on, calendar.day(span.at))
    return Matter(
        code=one.code,
        title=one.title,
        severity=one.severity.value,
        state=str(one.state),
        owner=name(organisation, one.owner_id),
        due_on=due_on,
        days=max(0, late),
        rounds=one.rounds,
        note=one.recurs_from or "",
    )


def name(organisation: Organisation, person: int | None) -> str:
    """Return a person's name; the operator's address has none."""
    post = organisation.posts.get(person or 0)
    return post.name if post else ""


def count(session: Session, query: Any) -> int:
    """Return the one number of a counting query."""
    return int(session.execute(query).scalar_one())


def inside(span: Span, day: date | None) -> bool:
    """Whether a day falls into the period."""
    return day is not None and span.first <= day <= span.last
