"""A server that ends connections, blocks, or goes away: nothing is told twice, nothing is lost."""

import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from config.current import current
from models import alarms, crash, engine, trail
from models.engine import reading, transaction
from processes.duty import climbing
from processes.duty import issued as duties
from rules.words import LetterKind
from tests.processes.duty.test_climbing import owe, sweep
from tests.support.cast import at, hire, lines, told

DUE = at("2026-09-18", "09:00")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request, home):
    """Li owes an answer, on either database."""
    if request.param == "postgres":
        engine.bind(request.getfixturevalue("postgres_url"))
    assert current().settings.home == home
    hire()
    yield owe()
    crash.listen(None)
    engine.database().dispose()


def whole():
    with reading() as session:
        assert trail.verify(session) is None


def once(name, do):
    """Do this the first time that the point is passed."""

    def listen(passed):
        if passed == name:
            crash.listen(None)
            do()

    crash.listen(listen)


@pytest.mark.postgres
@pytest.mark.parametrize("point", ["climb: told, not moved", "climb: moved, not recorded"])
@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_a_connection_that_is_ended_in_the_middle_is_opened_anew(place, postgres_cluster, point):
    url = str(engine.database().url)
    once(point, lambda: postgres_cluster.kill_connections(url))
    try:
        climbing.climb([place], at=DUE)
    except OperationalError:  # where it is not run again by itself, the next tick does it
        climbing.climb([place], at=DUE)
    assert len([line for line in lines() if line.nth == 0]) == len({x.key for x in lines()})
    while ids := duties.due(DUE):
        climbing.climb(ids, at=DUE)
    assert len(told(LetterKind.REMINDER)) + len(told(LetterKind.OVERDUE)) >= 1
    whole()


def test_an_answer_to_a_commit_that_never_came_makes_no_second_row(place):
    def lost():
        raise OperationalError("COMMIT", {}, Exception("server closed the connection"))

    before = len(lines())
    once("climbing.climb: after commit", lost)
    with pytest.raises(OperationalError):
        climbing.climb([place], at=DUE)
    after = [line.key for line in lines()]
    climbing.climb([place], at=DUE)  # who does not know asks again
    assert [line.key for line in lines()] == after
    assert len(after) == before + 1
    whole()


@pytest.mark.postgres
@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_two_that_block_each_other_both_end_well(place):
    """40P01: PostgreSQL ends one of two that wait for each other; it is run again."""
    others = [place, owe(subject="NC-2026-0002")]
    both, wrong, runs = threading.Barrier(2), [], []

    @transaction
    def lock(session: Session, first: int, second: int) -> None:
        runs.append(first)
        touch = "UPDATE duty SET title = title WHERE id = :id"
        session.execute(sa.text(touch), {"id": first})
        if len(runs) <= 2:
            both.wait(10)
        session.execute(sa.text(touch), {"id": second})
        alarms.raise_alarm(session, kind="k", ref=str(first), message="m", at=DUE)

    def one(first, second):
        try:
            lock(first, second)
        except Exception as failed:  # noqa: BLE001 - any failure is what is looked for
            wrong.append(failed)

    threads = [threading.Thread(target=one, args=pair) for pair in (others, others[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(runs) == 3
    with reading() as session:
        assert len(alarms.open_alarms(session)) == 2


def test_after_any_of_it_the_ladder_goes_on(place):
    crash.listen(None)
    sweep("2026-09-18")
    assert place
    assert lines()
