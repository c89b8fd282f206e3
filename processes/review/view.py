"""A management review as people read it (管理评审阅读): its input, conclusion and decisions.

Until it is held the input is computed as of now; from then on the one that was kept is shown,
and said to be. What became of its decisions is always as of now.
"""

import re
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from models import people
from models.engine import reading
from models.plan import Activity, ActivityState, Plan
from models.review import Review
from processes.duty import sight as area
from processes.review import followed as review_followed
from processes.review import keeping as review_input
from processes.review.holding import latest
from processes.review.parts import Decided, ReviewInput
from processes.review.standing import name
from rules import review as rule
from rules.refusal import NotFound
from rules.words import Role

YEAR: Final = re.compile(r"[12]\d{3}")
# It names everybody's overdue duties: whoever sees everything reads it, and management itself.
READERS: Final = area.SEE_ALL | {Role.VP_OPERATIONS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How it was held: when, by whom, what was concluded, and whether it is confirmed."""

    at: datetime
    by: str
    confirmed_at: datetime | None
    confirmed_by: str
    words: dict[str, str]
    times: int  # how often: more than once if it was sent back


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One review. `code` is of its activity, or a year in which none is planned."""

    code: str
    year: int
    title: str
    state: str  # of the activity; empty where none is planned
    planned_on: date | None
    done_on: date | None
    found: ReviewInput
    held: Held | None  # None: the input is as of now
    decisions: tuple[Decided, ...]
    others: tuple[str, ...]  # codes of the other reviews, the newest first


def may_read(roles: frozenset[str]) -> bool:
    """Whether somebody reads what management reads."""
    return bool(roles & {role.value for role in READERS})


def newest(at: datetime) -> str:
    """Return the code of this year's review, or the year itself where none is planned."""
    return _chosen(current().calendar.day(at).year, at)


def is_review(code: str) -> bool:
    """Whether a code is that of a management review's activity."""
    with reading() as session:
        return _activity(session, code) is not None


def of(code: str, *, at: datetime) -> Read:
    """Return a review by its activity's code or a year; or refuse by code."""
    wanted = _chosen(int(code), at) if YEAR.fullmatch(code) else code
    with reading() as session:
        own = _activity(session, wanted)
        if own is None and not (YEAR.fullmatch(wanted) and _known(session, int(wanted), at)):
            raise NotFound(what="review", code=code)
        kept = latest(session, own.code) if own else None
        year = own.nominal_on.year if own else int(wanted)
        return Read(
            code=wanted,
            year=year,
            title=own.title if own else "",
            state=own.state.value if own else "",
            planned_on=own.planned_on if own else None,
            done_on=own.done_on if own else None,
            found=review_input.from_json(kept.content)
            if kept
            else review_input.of(
                own.code if own else None,
                year=year,
                at=at,
                held_on=own.done_on if own else None,
            ),
            held=_held(session, own, kept) if kept and own else None,
            decisions=tuple(review_followed.of_review(session, kept, at)) if kept else (),
            others=tuple(one for one in _all(session) if one != wanted),
        )


def _held(session: Session, own: Activity, kept: Review) -> Held:
    organisation = people.organisation(session)
    times = session.exec(select(Review.id).where(col(Review.activity) == own.code)).all()
    checked = kept.confirmed_at is not None and own.checker_id is not None
    return Held(
        at=kept.at,
        by=name(organisation, kept.held_by_id),
        confirmed_at=kept.confirmed_at,
        confirmed_by=name(organisation, own.checker_id) if checked else "",
        words=kept.words,
        times=len(times),
    )


def _chosen(year: int, at: datetime) -> str:
    """Return the review that a year means: the one to be held, else the last one held."""
    del at
    with reading() as session:
        found = session.exec(
            select(Activity)
            .where(
                col(Activity.kind) == rule.KIND,
                col(Activity.nominal_on) >= date(year, 1, 1),
                col(Activity.nominal_on) <= date(year, 12, 31),
                col(Activity.state) != ActivityState.CANCELLED,
            )
            .order_by(col(Activity.planned_on), col(Activity.id))
        ).all()
    ahead = [one.code for one in found if one.state is not ActivityState.DONE]
    return next(iter([*ahead, *(one.code for one in reversed(found))]), str(year))


def _activity(session: Session, code: str) -> Activity | None:
    return session.exec(
        select(Activity).where(col(Activity.code) == code, col(Activity.kind) == rule.KIND)
    ).first()


def _known(session: Session, year: int, at: datetime) -> bool:
    """Whether a year without a planned review has begun, or had a plan."""
    if year == current().calendar.day(at).year:
        return True
    return session.exec(select(Plan.id).where(col(Plan.year) == year)).first() is not None


def _all(session: Session) -> list[str]:
    query = select(Activity.code).where(
        col(Activity.kind) == rule.KIND, col(Activity.state) != ActivityState.CANCELLED
    )
    return list(session.exec(query.order_by(col(Activity.planned_on).desc())))


def as_document(read: Read) -> dict[str, Any]:
    """Return a review as a document of stable keys: the input, how it was held, the decisions."""
    told = asdict(read)
    return {"kind": "review", "kept": read.held is not None, "input": told.pop("found"), **told}
