"""Several processes on one PostgreSQL: nothing claimed twice, and what SQLite would say."""

import threading
import time
from collections import Counter

import pytest
import sqlalchemy as sa
from psycopg import errors
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session, col, select

from config import current as configuration
from models import engine, leases, trail
from models.duty import Duty, Line
from models.engine import reading, transaction, writing
from models.notice import Notice
from models.record import Beat, Lease, Trail
from processes.watch import waking
from tests.processes.duty.test_climbing import owe
from tests.support import rounds
from tests.support.cast import hire
from tests.support.smtp import Server

pytestmark = pytest.mark.postgres

OWNERS = ("li", "sun", "chen", "zhou", "zhao", "he")
DUTIES = 60


def prepare(home, url, port):
    """A company in which sixty things are overdue."""
    configuration.use(rounds.settings(home, url, port))
    engine.bind(url)
    hire()
    for number in range(DUTIES):
        owe(OWNERS[number % len(OWNERS)], issued="2026-09-21", subject=f"NC-2026-{number:04}")
    engine.database().dispose()


def outcome(url):
    """Return what was promised, in letters, and how often each step stands in the trail."""
    engine.bind(url)
    with reading() as session:
        assert trail.verify(session) is None
        lines = sorted(session.exec(select(Line.key)))
        states = Counter(one.value for one in session.exec(select(Notice.state)))
        steps = sorted(session.exec(select(Duty.nth)))
        climbed = len(session.exec(select(Trail.seq).where(col(Trail.actor) == "clock")).all())
        orphans = session.exec(select(Line.id).where(col(Line.notice_id).is_(None))).all()
    engine.database().dispose()
    assert orphans == []
    return lines, states, steps, climbed


@pytest.fixture(scope="module")
def alone(tmp_path_factory, _empty_database):
    """What one process on SQLite makes of the same days."""
    home = tmp_path_factory.mktemp("alone")
    url = f"sqlite:///{home / 'pdca.sqlite'}"
    (home / "pdca.sqlite").write_bytes(_empty_database.read_bytes())
    with Server() as relay:
        prepare(home, url, relay.port)
        ready = threading.Event()
        ready.set()
        rounds.work(home, url, relay.port, ready)
    return outcome(url)


@pytest.mark.parametrize("workers", [2, 4])
def test_workers_share_the_rows_and_tell_what_one_would(postgres_url, tmp_path, alone, workers):
    with Server() as relay:
        prepare(tmp_path, postgres_url, relay.port)
        assert rounds.run(workers, tmp_path, postgres_url, relay.port) == [0] * workers
        sent = Counter(_message_id(mail.data) for mail in relay.mails)
    lines, states, steps, climbed = outcome(postgres_url)
    assert max(sent.values()) == 1
    assert states == {"sent": len(sent)}
    assert (lines, steps, climbed) == (alone[0], alone[2], alone[3])


def test_a_restart_of_the_server_in_the_middle_loses_and_doubles_nothing(
    postgres_cluster, postgres_url, tmp_path, alone
):
    def restart():
        until = time.monotonic() + 60
        for mails in (5, 60, 150):
            while len(relay.mails) < mails and time.monotonic() < until:
                time.sleep(0.02)
            postgres_cluster.restart()

    with Server() as relay:
        prepare(tmp_path, postgres_url, relay.port)
        codes = rounds.run(2, tmp_path, postgres_url, relay.port, meanwhile=restart)
        sent = Counter(_message_id(mail.data) for mail in relay.mails)
    lines, states, steps, climbed = outcome(postgres_url)
    assert codes == [0, 0]
    assert (tmp_path / "lost").read_text()  # they were in the middle of it
    assert (lines, steps, climbed) == (alone[0], alone[2], alone[3])
    assert states == {"sent": len(sent)}
    assert max(sent.values()) == 1


def _message_id(data):
    from email import message_from_bytes

    return message_from_bytes(data)["Message-ID"]


# --- races and lost connections ---------------------------------------------------------------


@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_a_lost_race_is_run_again_and_bounded(postgres_url, code):
    engine.bind(postgres_url)
    tries = []

    @transaction
    def race(session: Session, wins_at: int) -> int:
        tries.append(1)
        if len(tries) < wins_at:
            raise_ = f"DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '{code}'; END $$"
            session.connection().exec_driver_sql(raise_)
        return len(tries)

    assert race(3) == 3
    tries.clear()
    with pytest.raises(OperationalError):
        race(1000)
    assert len(tries) == engine.TRIES


def test_two_that_lock_each_other_out_are_both_done(postgres_url):
    engine.bind(postgres_url)
    for name in ("a", "b"):
        waking.beat(name, rounds.BEGINS)
    both = threading.Barrier(2)

    @transaction
    def add(session: Session, first: str, second: str) -> None:
        for name in (first, second):
            session.execute(
                sa.text(
                    "UPDATE beat SET facts = json_build_object('n',"
                    " coalesce((facts->>'n')::int, 0) + 1) WHERE name = :name"
                ),
                {"name": name},
            )
            if name == first and not both.broken:
                try:
                    both.wait(2)
                except threading.BrokenBarrierError:
                    pass

    threads = [threading.Thread(target=add, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with reading() as session:
        assert [one.facts["n"] for one in session.exec(select(Beat).order_by(Beat.name))] == [2, 2]


def test_a_connection_that_is_ended_before_the_commit_is_run_again(postgres_cluster, postgres_url):
    engine.bind(postgres_url)
    tries = []

    @transaction
    def note(session: Session) -> None:
        session.add(Beat(name=f"try {len(tries)}", at=rounds.BEGINS))
        session.flush()
        tries.append(1)
        if len(tries) == 1:
            postgres_cluster.kill_connections(postgres_url)
        session.flush()
        session.connection().exec_driver_sql("SELECT 1")

    note()
    with reading() as session:
        assert session.exec(select(Beat.name)).all() == ["try 1"]


def test_what_may_have_been_committed_is_not_run_again(postgres_cluster, postgres_url):
    engine.bind(postgres_url)
    tries = []

    @transaction
    def note(session: Session) -> None:
        tries.append(1)
        sa.event.listen(
            session,
            "before_commit",
            lambda _: postgres_cluster.kill_connections(postgres_url),
            once=True,
        )

        session.add(Beat(name="x", at=rounds.BEGINS))

    with pytest.raises(DBAPIError) as lost:
        note()
    assert isinstance(lost.value.orig, errors.OperationalError)
    assert len(tries) == 1


def test_a_lease_runs_by_the_servers_clock(postgres_url):
    engine.bind(postgres_url)
    year_ahead = rounds.BEGINS.replace(year=2030)
    with writing() as session:
        assert leases.take(session, "clock", holder="a", at=rounds.BEGINS, seconds=60) == 1
    with writing() as session:  # a machine whose clock is years ahead takes nothing
        assert leases.take(session, "clock", holder="b", at=year_ahead, seconds=60) is None
    with reading() as session:
        lease = session.get(Lease, "clock")
        theirs = session.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    assert 0 < (lease.until - theirs).total_seconds() <= 60
