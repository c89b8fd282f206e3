"""The database: what is read first and written later is not lost, and readers cannot write."""

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from models import alarms, engine
from models.engine import reading, transaction, writing
from models.record import Beat
from tests.models.test_trail import AT


def test_no_update_is_lost_between_threads_that_read_before_they_write(home: Path):
    assert home
    with writing() as session:
        session.add(Beat(name="count", at=AT, facts={"n": 0}))

    @transaction
    def add_one(session: Session) -> None:
        beat = session.get(Beat, "count")
        assert beat is not None
        beat.facts = {"n": beat.facts["n"] + 1}
        session.add(beat)

    def many() -> None:
        for _ in range(25):
            add_one()

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading() as session:
        beat = session.get(Beat, "count")
        assert beat is not None
        assert beat.facts["n"] == 100


def test_a_reader_cannot_write(home: Path):
    assert home
    with reading() as session:
        session.add(Beat(name="x", at=AT))
        with pytest.raises(OperationalError, match="readonly"):
            session.commit()


def test_a_row_that_points_nowhere_is_refused(home: Path):
    assert home
    with pytest.raises(DBAPIError, match="FOREIGN KEY"), writing() as session:
        session.execute(
            sa.text(
                "INSERT INTO person (code, name, manager_id, roles, active)"
                " VALUES ('x', 'x', 99, '[]', 1)"
            )
        )


def test_what_is_committed_is_synced_to_the_disk(home: Path):
    assert home
    with engine.database().writer.connect() as connection:
        assert connection.execute(sa.text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(sa.text("PRAGMA journal_mode")).scalar() == "wal"


class LostRace(Exception):
    sqlstate = "40001"


def test_a_transaction_that_lost_a_race_is_run_again(home: Path):
    assert home
    runs = []

    @transaction
    def work(session: Session) -> int:
        runs.append(1)
        if len(runs) < 3:
            raise DBAPIError("statement", None, LostRace())
        return alarms.raise_alarm(session, kind="k", ref="r", message="m", at=AT)

    assert work() is True
    assert len(runs) == 3


def test_an_alarm_is_open_once_and_may_come_again_after_it_was_cleared(home: Path):
    assert home
    with writing() as session:
        assert alarms.raise_alarm(session, kind="k", ref="r", message="one", at=AT)
        assert not alarms.raise_alarm(session, kind="k", ref="r", message="two", at=AT)
        assert [a.message for a in alarms.open_alarms(session)] == ["two"]
        assert alarms.clear_alarm(session, kind="k", ref="r", at=AT)
        assert not alarms.clear_alarm(session, kind="k", ref="r", at=AT)
        assert alarms.raise_alarm(session, kind="k", ref="r", message="three", at=AT)
