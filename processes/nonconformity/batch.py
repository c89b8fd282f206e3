"""Many new nonconformities of one file (批量录入): five hundred in a handful of statements.

What each is given is what `raising.create` gives it, row by row and in the same order in the
trail. What asks more of the database (a code that is known or none, a high risk, a history of
its own) is not for here: `takes` says no, and the caller raises it singly.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models import trail
from models.base import blank, table_of
from models.nonconformity import Nonconformity, Round
from processes.duty import issuing, site
from processes.nonconformity import rows
from processes.nonconformity.entry import Known, New
from processes.nonconformity.raising import told, values
from rules import nonconformity as rule
from rules.calendar import Calendar
from rules.words import DutyKind, Risk

AT_ONCE: Final = 500
_RAISE: Final = sa.insert(table_of(Nonconformity)).returning(
    col(Nonconformity.id), sort_by_parameter_order=True
)


class Batch:
    """New nonconformities that wait to be written together; `at` is when they are entered."""

    def __init__(
        self, session: Session, known: Known, news: Sequence[New], *, at: datetime, actor: str
    ) -> None:
        self.session, self.known, self.at, self.actor = session, known, at, actor
        self.waiting: list[New] = []
        self.taken = _codes(session, [new.code for new in news if new.code is not None])
        self.calendars: dict[int, Calendar] = {}

    def takes(self, new: New) -> bool:
        """Take it if it can be written with others; False if it has to be raised singly."""
        straight_up = rule.needs_straight_up(new.risk or Risk.NORMAL, declared=False)
        if new.code is None or new.code in self.taken or new.history is not None or straight_up:
            return False
        self.taken.add(new.code)
        self.waiting.append(new)
        if len(self.waiting) >= AT_ONCE:
            self.write()
        return True

    def write(self) -> None:
        """Write what waits, and what is owed about it."""
        if not self.waiting:
            return
        news, self.waiting = self.waiting, []
        still = blank(Nonconformity)
        made = [{**still, **values(new, self.known, str(new.code))} for new in news]
        numbers = list(self.session.execute(_RAISE, made).scalars())
        first = blank(Round)
        self.session.execute(
            sa.insert(table_of(Round)),
            [{**first, "nonconformity_id": number, "number": 1} for number in numbers],
        )
        owed = [self._owed(row) for row in made]
        duties = issuing.issue_unrecorded(self.session, owed, at=self.at)
        issued = issuing.entries(owed, duties, at=self.at, actor=self.actor)
        for row, entry in zip(made, issued, strict=True):
            trail.record_many(self.session, [self._raised(row), entry])

    def _owed(self, row: dict[str, Any]) -> issuing.Owed:
        """Return the owner's duty to respond, as `duties.respond` and `issue` make it."""
        owner, at = row["owner_id"], row["raised_at"]
        if owner not in self.calendars:
            self.calendars[owner] = site.calendar_of(self.session, owner)
        calendar = self.calendars[owner]
        days = current().policy.deadlines.respond_working_days
        due_at = site.working(calendar, calendar.working_days(at, days))
        return issuing.Owed(
            kind=DutyKind.RESPOND,
            subject_kind=rows.KIND,
            subject=row["code"],
            title=row["title"],
            owner_id=owner,
            due_at=due_at,
            severity=row["severity"],
            project=row["project"],
            round=row["rounds"],
            issued_at=at,
            entered_at=self.at if due_at <= self.at else None,
            calendar=calendar,
        )

    def _raised(self, row: dict[str, Any]) -> trail.Entry:
        return trail.Entry(
            at=row["raised_at"],
            actor=self.actor,
            action="nonconformity.raised",
            subject=rows.subject(row["code"]),
            after=told(row),
        )


def _codes(session: Session, wanted: Sequence[str]) -> set[str]:
    """Return which of these codes the register has already."""
    found: set[str] = set()
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        query = select(Nonconformity.code).where(col(Nonconformity.code).in_(some))
        found.update(session.exec(query))
    return found
