"""A morning on which hundreds of things are due: what one person finds in his mailbox."""

from collections import Counter, defaultdict
from datetime import timedelta

import pytest
from sqlmodel import col, select

from config.current import current
from models.duty import Line
from models.engine import reading, writing
from models.notice import Notice
from processes.duty import climbing
from processes.duty import issued as duties
from processes.mail import outbox
from rules.words import LetterKind
from tests.support.cast import at, hire

pytestmark = pytest.mark.usefixtures("home")

OWNERS = ("li", "sun", "chen", "wang")
HEAPS = {3: 60, 4: 5, 5: 12}  # working days to the deadline: duties of each owner
LADDER = (LetterKind.REMINDER, LetterKind.OVERDUE, LetterKind.ESCALATION)


def pile_up():
    """Give each owner heaps of duties, each heap due on one day."""
    known = hire()
    issued = at("2026-09-14")
    with writing() as session:
        for owner in OWNERS:
            for working_days, count in HEAPS.items():
                for n in range(count):
                    duties.issue(
                        session,
                        kind="patrol",
                        subject_kind="demo",
                        subject=f"{owner}-{working_days}-{n}",
                        title="月度巡检",
                        owner_id=known[owner],
                        due_at=current().calendar.working_days(issued, working_days),
                        at=issued,
                    )


def sweep(instant):
    """Climb in batches until nothing is due, then gather, as the `act` flow does."""
    while ids := duties.due(instant):
        climbing.climb(ids, at=instant)
    while outbox.gather(instant).people:
        pass


def mornings():
    """Return the mails of the ladder by (person, day): a counter of own, single and table."""
    query = (
        select(Notice.id, Notice.person_id, Notice.created_at, Notice.letter, Line.letter)
        .join(Line, col(Line.notice_id) == Notice.id)
        .where(col(Line.letter).in_(LADDER))
    )
    with reading() as session:
        rows = session.exec(query).all()
    shapes = {}
    for notice, person, created, shape, letter in rows:
        own = letter is not LetterKind.ESCALATION
        what = "own" if own else "table" if shape == "table" else "single"
        shapes[notice] = (person, current().calendar.day(created), what)
    found = defaultdict(Counter)
    for person, day, what in shapes.values():
        found[person, day][what] += 1
    return found


def test_nobody_gets_more_than_one_digest_and_ten_notices_or_one_table_in_a_morning():
    pile_up()
    outbox.gather(at("2026-09-14"))
    for day in range(1, 22):
        for minutes in (0, 1, 10, 90, 200):  # the wheel turns, and people make it turn
            sweep(at("2026-09-14", "09:00") + timedelta(days=day, minutes=minutes))
    found = mornings()
    for where, mails in found.items():
        assert mails["own"] <= 1, where
        assert mails["single"] <= 10, where
        assert mails["table"] <= 1, where
        assert not (mails["table"] and mails["single"]), where
    together = sum(found.values(), Counter())
    assert together["own"] > 4
    assert together["single"] > 4
    assert together["table"] > 4
