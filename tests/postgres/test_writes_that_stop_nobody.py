"""On PostgreSQL nobody is kept waiting: one mark a transaction, and a limit to a lock."""

import pytest
import sqlalchemy as sa

from models import engine, people, stamps
from models.engine import held_too_long, reading, writing
from models.organisation import Person
from service.commands import failures
from web.frame.errors import is_busy

pytestmark = pytest.mark.postgres


@pytest.fixture
def bound(postgres_url):
    database = engine.bind(postgres_url)
    yield database
    database.dispose()


def hire(session, code):
    session.add(Person(code=code, name=code, email=f"{code}@company.example"))
    session.flush()


def mark():
    with reading() as session:
        return stamps.organisation(session)


def renewals(session):
    """How often the row of the mark has been written by this transaction."""
    return session.connection().scalar(
        sa.text("SELECT n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'stamp'")
    )


@pytest.mark.usefixtures("bound")
def test_an_import_renews_the_mark_once_however_many_people_it_writes():
    before = mark()
    with writing() as session:
        for number in range(50):
            hire(session, f"P{number}")
        assert renewals(session) == 1
    assert mark() != before


@pytest.mark.usefixtures("bound")
def test_what_changes_after_the_organisation_was_read_stands_under_another_mark():
    with writing() as session:
        hire(session, "first")
        read = stamps.organisation(session)
        hire(session, "second")
    assert mark() != read
    with reading() as session:
        assert {post.code for post in people.organisation(session).posts.values()} >= {"second"}


@pytest.mark.usefixtures("bound")
@pytest.mark.parametrize("reads", [True, False])
def test_a_savepoint_taken_back_never_leaves_a_seen_mark_over_other_rows(reads):
    with writing() as session:
        hire(session, "first")
        seen = stamps.organisation(session)
        savepoint = session.begin_nested()
        hire(session, "second")
        also = stamps.organisation(session) if reads else seen
        savepoint.rollback()
        hire(session, "third")
    assert mark() not in {seen, also}


@pytest.mark.usefixtures("bound")
def test_the_next_transaction_renews_it_again():
    with writing() as session:
        hire(session, "first")
    before = mark()
    with writing() as session:
        hire(session, "second")
    assert mark() != before


def hurry():
    """Ask for the same row, and wait a twentieth of a second."""
    with writing() as session:
        session.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
        session.execute(sa.text("UPDATE stamp SET mark = mark"))


def test_whoever_waits_too_long_for_a_lock_is_told_so_in_a_sentence(bound):
    with bound.writer.connect() as connection:
        assert connection.scalar(sa.text("SHOW lock_timeout")) == "30s"
    with writing() as holder:
        holder.execute(sa.text("UPDATE stamp SET mark = mark"))
        with pytest.raises(sa.exc.OperationalError) as told:
            hurry()
    assert held_too_long(told.value)
    assert is_busy(told.value)
    code, (sentence,) = failures.sentences(told.value, "en")
    assert code == failures.ENVIRONMENT
    assert sentence.startswith("the database is busy: something else was writing for more than 30")


def test_a_limit_that_the_url_names_is_kept(postgres_url):
    database = engine.bind(f"{postgres_url}&options=-c%20lock_timeout%3D2s")
    with database.writer.connect() as connection:
        assert connection.scalar(sa.text("SHOW lock_timeout")) == "2s"
    database.dispose()
