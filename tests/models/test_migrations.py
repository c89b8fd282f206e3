"""The scripts make exactly what the models say, on both databases, and only forwards."""

import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlmodel import Session

from models import engine, migrate, trail
from models.migrate import WrongDatabase

AT = datetime(2026, 10, 9, 1, 0, tzinfo=UTC)


@pytest.fixture
def empty(empty_url):
    bound = engine.bind(empty_url)
    yield bound
    bound.dispose()


def set_version(bound, version):
    with bound.writer.begin() as connection:
        connection.exec_driver_sql(f"UPDATE pdca_version SET version_num = '{version}'")


def test_an_empty_database_is_brought_to_what_the_models_say(empty):
    assert migrate.current() is None
    assert migrate.pending()
    migrate.upgrade()
    assert migrate.current() == migrate.head()
    assert not migrate.pending()
    assert migrate.check() == [], "models and migrations differ: see CONTRIBUTING.md, migrations"


def test_every_check_of_the_models_is_in_the_database(database):
    """Comparing models with a database says nothing of them, and a table made anew forgets them."""
    inspector = sa.inspect(database.reader)
    for name, table in migrate.metadata().tables.items():
        meant = {one.name for one in table.constraints if isinstance(one, sa.CheckConstraint)}
        assert {one["name"] for one in inspector.get_check_constraints(name)} == meant, name


def test_upgrading_twice_changes_nothing(database):
    migrate.upgrade()
    assert migrate.current() == migrate.head()


def test_two_processes_that_start_together_upgrade_once(empty):
    failed = []

    def start():
        try:
            migrate.upgrade()
        except Exception as error:  # noqa: BLE001 - a thread has nobody else to tell
            failed.append(error)

    both = [threading.Thread(target=start) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert failed == []
    assert migrate.check() == []


def test_a_script_that_fails_leaves_nothing_behind(empty, monkeypatch):
    def half(connection):
        migrate_run(connection)
        raise RuntimeError("the power went")

    migrate_run = migrate._run_scripts
    monkeypatch.setattr(migrate, "_run_scripts", half)
    with pytest.raises(RuntimeError, match="the power went"):
        migrate.upgrade()
    assert migrate.current() is None
    with empty.reader.connect() as connection:
        assert sa.inspect(connection).get_table_names() == []


def test_refuses_a_database_newer_than_the_program(database):
    set_version(database, "9999")
    with pytest.raises(WrongDatabase, match="stands at 9999, this program knows up to"):
        migrate.upgrade()
    with pytest.raises(WrongDatabase):
        migrate.pending()


def test_refuses_a_database_that_holds_somebody_elses_tables(empty):
    if empty.path:
        empty.path.parent.mkdir()
        empty.path.touch()
    with empty.writer.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE person (id INTEGER PRIMARY KEY)")
    with pytest.raises(WrongDatabase, match=r"did not make \(person\)"):
        migrate.upgrade()


def test_a_refusal_never_shows_the_password(monkeypatch):
    bound = engine.bind("postgresql+psycopg://pdca:secret@db/pdca")
    monkeypatch.setattr(migrate, "current", lambda: "9999")
    with pytest.raises(WrongDatabase, match=r"pdca:\*\*\*@db") as refused:
        migrate.pending()
    assert "secret" not in str(refused.value)
    bound.dispose()


@pytest.mark.parametrize("act", ["UPDATE trail SET actor = 'nobody'", "DELETE FROM trail"])
def test_the_trail_refuses(database, act):
    with engine.writing() as session:
        trail.record(session, at=AT, actor="person:1", action="raise", subject="nonconformity:NC-1")
    with pytest.raises(sa.exc.DBAPIError, match="append only"), engine.writing() as session:
        session.execute(sa.text(act))
    with engine.reading() as session:
        assert trail.verify(session) is None


@pytest.mark.postgres
def test_the_trail_refuses_to_be_emptied_at_once(postgres_url):
    bound = engine.bind(postgres_url)
    with pytest.raises(sa.exc.DBAPIError, match="append only"), engine.writing() as session:
        session.execute(sa.text("TRUNCATE trail"))
    bound.dispose()


def test_references_are_enforced_again_after_an_upgrade(empty):
    migrate.upgrade()
    orphan = sa.text("INSERT INTO unit (code, name, parent_id) VALUES ('U1', 'one', 77)")
    with pytest.raises(sa.exc.IntegrityError), Session(empty.writer) as session:
        session.execute(orphan)


def test_scripts_are_numbered_in_one_line(database):
    with database.reader.connect() as connection:
        scripts = ScriptDirectory.from_config(migrate.config(connection))
    numbers = [script.revision for script in scripts.walk_revisions()][::-1]
    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]
    assert scripts.get_heads() == [migrate.head()]
