"""The trail: what was recorded cannot be changed, and whoever tries is named."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from models import trail
from models.engine import database, reading, writing

AT = datetime(2026, 9, 28, 1, tzinfo=UTC)


def entries(count: int) -> list[trail.Entry]:
    return [
        trail.Entry(
            at=AT, actor="clock", action="duty.escalated", subject=f"duty:{n}", after={"n": n}
        )
        for n in range(count)
    ]


@pytest.fixture
def kept(home: Path) -> Path:
    with writing() as session:
        trail.record_many(session, entries(3))
    with writing() as session:
        trail.record_many(session, entries(2))
    return home


def verdict() -> trail.Broken | None:
    with reading() as session:
        return trail.verify(session)


def tamper(statement: str) -> None:
    """Change rows as somebody with the file in hand would: the triggers out of the way first."""
    with database().writer.begin() as connection:
        names = connection.execute(
            sa.text("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='trail'")
        ).scalars()
        for name in list(names):
            connection.execute(sa.text(f"DROP TRIGGER {name}"))
        connection.execute(sa.text(statement))


@pytest.mark.usefixtures("kept")
def test_an_untouched_trail_verifies():
    assert verdict() is None


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("UPDATE trail SET actor='person:9' WHERE seq=2", 2),
        ("UPDATE trail SET after='{\"n\": 7}' WHERE seq=3", 3),
        ("UPDATE trail SET at='2026-09-29 01:00:00' WHERE seq=1", 1),
        ("UPDATE trail SET prev_hash=hash WHERE seq=4", 4),
        ("DELETE FROM trail WHERE seq=2", 2),
        ("DELETE FROM trail WHERE seq=5", 5),  # the end is cut off
    ],
)
def test_whatever_was_changed_is_named(statement, seq):
    tamper(statement)
    found = verdict()
    assert found is not None
    assert found.seq == seq


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    "statement", ["UPDATE trail SET actor='nobody'", "DELETE FROM trail WHERE seq=1"]
)
def test_the_database_itself_refuses_to_change_the_trail(statement):
    with pytest.raises(DatabaseError, match="append"), database().writer.begin() as connection:
        connection.execute(sa.text(statement))


def test_what_was_rolled_back_leaves_no_gap(home: Path):
    assert home

    def fail() -> None:
        with writing() as session:
            trail.record_many(session, entries(1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with writing() as session:
        trail.record_many(session, entries(1))
    assert verdict() is None
