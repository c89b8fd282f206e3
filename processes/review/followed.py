"""What became of the decisions of earlier reviews (评审决议跟踪).

A decision is an activity or an improvement from the day it is confirmed; its state is always
read there. The late ones come first, and one that is neither done nor late still stands here.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models import people
from models.duty import Duty
from models.nonconformity import Nonconformity
from models.plan import Activity, ActivityState, Improvement
from models.review import Review
from processes.plan.activities import KIND
from processes.review.parts import MOST, Before, Decided, Span
from processes.review.standing import inside, matters, name
from processes.watch.overview import OVER
from rules import review as rule
from rules.words import DutyState

# States of a decision beside those of the activity that it became.
PROPOSED: Final = "proposed"  # no plan has taken it up yet
TAKEN: Final = "taken"
UNCONFIRMED: Final = "unconfirmed"  # the review has not been confirmed: not in force
OVER_WITH: Final = frozenset({TAKEN, ActivityState.DONE.value, ActivityState.CANCELLED.value})
CODE_MOST: Final = 64


def before(session: Session, span: Span, previous: Activity | None) -> Before:
    """Return the decisions of earlier reviews that are open, or ended in the period."""
    last = previous.code if previous else ""
    found = [
        one
        for one in decided(session, _confirmed(session), span.at)
        if one.review == last or not _over(one) or inside(span, one.done_on)
    ]
    found.sort(key=lambda one: (not one.late, _over(one), one.until or span.last, one.number))
    raised = (col(Nonconformity.raised_at) >= span.begins, col(Nonconformity.raised_at) < span.ends)
    own = col(Nonconformity.source) == rule.KIND
    still = col(Nonconformity.state).not_in(OVER)
    return Before(
        previous=last,
        held_on=previous.done_on if previous else None,
        decisions=tuple(found[:MOST]),
        more=max(0, len(found) - MOST),
        matters=matters(session, span, own, sa.or_(still, sa.and_(*raised))),
    )


def of_review(session: Session, held: Review, at: datetime) -> list[Decided]:
    """Return the decisions of one review as they stand now."""
    return decided(session, [held], at)


def decided(session: Session, reviews: Sequence[Review], at: datetime) -> list[Decided]:
    """Return the decisions of these reviews with what became of them."""
    wanted = [(held, one) for held in reviews for one in held.decisions]
    codes = [ref_of(held.activity, one["number"]) for held, one in wanted]
    own = {
        one.code: one for one in session.exec(select(Activity).where(col(Activity.code).in_(codes)))
    }
    proposed = {
        one.ref: one
        for one in session.exec(select(Improvement).where(col(Improvement.source) == rule.KIND))
    }
    standing = _Standing(session, codes, current().calendar.day(at))
    return [
        standing.owed(held, one, own[code]) if code in own else _left(held, one, proposed.get(code))
        for (held, one), code in zip(wanted, codes, strict=True)
    ]


def ref_of(activity: str, number: int) -> str:
    """Return the code of a decision: 2026-04-1215-D2."""
    ending = f"-D{number}"
    return f"{activity[: CODE_MOST - len(ending)]}{ending}"


def _confirmed(session: Session) -> Sequence[Review]:
    return session.exec(
        select(Review).where(col(Review.confirmed_at).is_not(None)).order_by(col(Review.id))
    ).all()


class _Standing:
    """How the decisions that somebody owes stand today."""

    def __init__(self, session: Session, codes: Sequence[str], today: date) -> None:
        self.organisation, self.today = people.organisation(session), today
        duties = select(Duty.subject, Duty.level).where(
            col(Duty.subject_kind) == KIND,
            col(Duty.subject).in_(codes),
            col(Duty.state) == DutyState.OPEN,
        )
        self.levels = dict(session.exec(duties).all())

    def owed(self, held: Review, one: dict[str, Any], own: Activity) -> Decided:
        open_ = own.state in {ActivityState.PLANNED, ActivityState.OPEN}
        return Decided(
            **_said(held, one),
            code=own.code,
            owner=name(self.organisation, own.owner_id) or own.owner,
            until=own.planned_on,
            state=own.state.value,
            late=open_ and own.planned_on < self.today,
            level=self.levels.get(own.code, 0),
            done_on=own.done_on,
            result=own.result or own.cancel_reason,
        )


def _left(held: Review, one: dict[str, Any], own: Improvement | None) -> Decided:
    """Return a decision that a plan takes up, or one that is not in force yet."""
    taken = own.taken_into if own else None
    until = one.get("until")
    return Decided(
        **_said(held, one),
        owner=one.get("who") or "",
        until=date.fromisoformat(until) if until else None,
        state=UNCONFIRMED if own is None else TAKEN if taken else PROPOSED,
        taken=f"{taken} {own.taken_item or ''}".strip() if own and taken else "",
    )


def _said(held: Review, one: dict[str, Any]) -> dict[str, Any]:
    return {
        "review": held.activity,
        "number": one["number"],
        "kind": one["kind"],
        "what": one["what"],
    }


def _over(one: Decided) -> bool:
    return one.state in OVER_WITH
