"""The wheel: one order of things, with a witness or without one."""

import shutil
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from config import current as configuration
from flows.parameters import Turn
from flows.turning import turn, turning
from models import engine, migrate
from models.duty import Duty, Line
from models.record import Cycle
from tests.flows import office
from tests.flows.office import MONDAY

NOT_THE_TURN = {"beat", "pdca_version", "sqlite_sequence"}


def everything():
    """Return every row of every table that a turn may write."""
    with engine.database().reader.connect() as connection:
        return {
            name: sorted(map(str, connection.execute(text(f"SELECT * FROM {name}"))))
            for name in sorted(migrate.metadata().tables)
            if name not in NOT_THE_TURN
        }


SOME_DAYS = [MONDAY + timedelta(days=n) for n in (0, 4, 11)]


def rebound(home, name):
    """Use a copy of the home's database."""
    copy = home / name
    copy.mkdir()
    engine.database().dispose()
    shutil.copy(home / "pdca.sqlite", copy / "pdca.sqlite")
    engine.bind(f"sqlite:///{copy / 'pdca.sqlite'}")


def days(count):
    return [MONDAY + timedelta(days=n) for n in range(count)]


@pytest.mark.prefect
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_witnessed_and_unwitnessed_write_the_same_rows(home, prefect_server):
    office.people()
    office.nonconformity()
    office.nonconformity(title="SLA 未达成", severity="major", risk="high")

    rebound(home, "alone")
    for at in SOME_DAYS:
        await turning(at)
    alone = everything()

    rebound(home, "witnessed")
    for at in SOME_DAYS:
        await turning(at, witness=True)

    assert everything() == alone
    assert len(alone["line"]) > 8


def test_a_turn_climbs_one_level_a_step(home):
    office.people()
    office.nonconformity()
    for at in days(15):
        turn(at)
    with engine.reading() as session:
        duty = session.exec(select(Duty).where(Duty.kind == "respond")).one()
        told = session.exec(
            select(Line.letter, Line.level).where(Line.duty_id == duty.id).order_by(Line.id)
        ).all()
    assert [(letter.value, level) for letter, level in told] == [
        ("assignment", None),
        ("reminder", None),
        ("overdue", None),
        ("escalation", 1),
        ("escalation", 2),
    ]


def test_turning_twice_at_one_instant_changes_nothing(home):
    office.people()
    office.nonconformity()
    at = MONDAY + timedelta(days=8)
    turn(at)
    once = everything()
    turn(at)
    assert everything() == once


def test_the_cycles_of_the_instant_are_opened_and_the_past_ones_closed(home):
    turn(MONDAY)
    turn(MONDAY + timedelta(days=30))
    with engine.reading() as session:
        cycles = session.exec(select(Cycle).order_by(Cycle.code)).all()
    assert [(c.code, c.closed_at is not None) for c in cycles] == [
        ("2026", False),
        ("2026-09", True),
        ("2026-10", False),
        ("2026-Q3", True),
        ("2026-Q4", False),
    ]
    assert cycles[0].facts["nonconformities"]["open"] == 0


def test_a_phase_that_fails_stops_none_of_the_others_and_is_not_hidden(home, monkeypatch):
    office.people()
    office.nonconformity()
    monkeypatch.setattr("processes.duty.returning.welcome_back", _broken)
    with pytest.raises(ExceptionGroup) as failed:
        turn(MONDAY + timedelta(days=8))
    assert isinstance(failed.value.exceptions[0], ZeroDivisionError)
    with engine.reading() as session:
        assert (
            session.exec(select(Line).where(Line.letter == "reminder")).all()
            or session.exec(select(Line).where(Line.letter == "overdue")).all()
        )


def test_a_phase_on_hold_is_left_out(home):
    from processes.watch import waking

    office.people()
    office.nonconformity()
    waking.hold("pdca-act", by="operator", at=MONDAY)
    done = turn(MONDAY + timedelta(days=8))
    assert "act" not in done
    assert "check" in done


def test_one_phase_can_be_turned_alone(home):
    office.people()
    office.nonconformity()
    swept = turn(MONDAY + timedelta(days=8), phase="act")
    assert (swept.taken, swept.mails) == (1, 1)  # one mail to Li


def test_another_sites_turn_is_refused(home):
    from config.settings import Misconfigured
    from flows.parameters import begin

    with pytest.raises(Misconfigured, match="keeps the site main, not beijing"):
        begin(Turn(site="beijing"))


def test_a_time_without_an_offset_is_the_sites(home):
    from flows.parameters import instant

    assert instant(Turn(at=MONDAY.replace(tzinfo=None, hour=9))) == MONDAY
    assert configuration.current().settings.timezone == "Asia/Shanghai"


def _broken(at):
    raise ZeroDivisionError
