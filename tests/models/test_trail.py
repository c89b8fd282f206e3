"""The trail: what was recorded cannot be changed, and whoever tries is named."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlmodel import col, select

from models import trail
from models.base import table_of
from models.engine import database, reading, writing
from models.record import Trail

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


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """The statements that this database is sent from now on."""
    seen: list[str] = []

    def note(_conn, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    writer = database().writer
    sa.event.listen(writer, "before_cursor_execute", note)
    yield seen
    sa.event.remove(writer, "before_cursor_execute", note)


def test_a_transaction_of_many_acts_moves_the_head_once(home: Path, statements: list[str]):
    assert home
    with writing() as session:
        for one in entries(40):
            trail.record_many(session, [one])
    assert sum("trail_head" in said and said.startswith("UPDATE") for said in statements) == 1
    assert verdict() is None
    with reading() as session:
        rows = session.exec(select(Trail).order_by(col(Trail.seq))).all()
    assert [row.subject for row in rows] == [f"duty:{n}" for n in range(40)]


def test_whoever_reads_the_trail_finds_what_the_same_transaction_recorded(home: Path):
    assert home
    with writing() as session:
        trail.record_many(session, entries(2))
        assert len(session.exec(select(Trail)).all()) == 2
        count = sa.select(sa.func.count()).select_from(table_of(Trail))
        trail.record_many(session, entries(1))
        assert session.execute(sa.select(count.scalar_subquery())).scalar_one() == 3
    assert verdict() is None


@pytest.mark.parametrize("read", [True, False])
def test_a_savepoint_taken_back_takes_its_acts_with_it_and_no_other(home: Path, read: bool):
    assert home
    first, second, third, fourth = entries(4)
    with writing() as session:
        trail.record_many(session, [first])
        with suppress(RuntimeError), session.begin_nested():
            trail.record_many(session, [second])
            if read:
                assert len(session.exec(select(Trail)).all()) == 2
            raise RuntimeError
        with session.begin_nested():
            trail.record_many(session, [third])
        trail.record_many(session, [fourth])
    with reading() as session:
        kept = session.exec(select(Trail.subject).order_by(col(Trail.seq))).all()
    assert kept == [first.subject, third.subject, fourth.subject]
    assert verdict() is None


def test_an_act_keeps_the_facts_as_they_were_when_it_was_recorded(home: Path):
    assert home
    facts = {"level": 1}
    with writing() as session:
        trail.record(session, at=AT, actor="clock", action="a", subject="duty:1", after=facts)
        facts["level"] = 2
    with reading() as session:
        assert session.exec(select(Trail.after)).one() == {"level": 1}
