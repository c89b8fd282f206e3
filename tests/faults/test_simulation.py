"""What escalation promises, in worlds that try to break it. `make faults` lives many more."""

import os
from collections import Counter
from pathlib import Path

import pytest

from config import current as configuration
from models import crash
from tests.faults import campaign, coverage
from tests.faults.days import Days
from tests.faults.mutants import MUTANTS

SEEDS = int(os.environ.get("SEEDS", "200"))
KILLS = int(os.environ.get("KILLS", "24"))
ENOUGH = 300  # worlds in which everything that may happen does
together = pytest.mark.xdist_group("faults")  # they use every core as it is


@pytest.fixture
def place(tmp_path: Path):
    campaign.prepare(tmp_path)
    yield
    configuration._current = None


@pytest.fixture
def pool():
    with campaign.processes() as found:
        yield found


def test_a_seed_is_a_replay(place):
    first, again = campaign.live(3), campaign.live(3)
    assert first.log == again.log
    assert first.wrong == []


def test_a_wrong_design_is_a_violation(place):
    assert campaign.live(0, mutant="fresh_message_id").wrong
    assert not campaign.live(0).wrong  # and is gone afterwards


def test_what_never_happened_is_named():
    counts = Counter(dict.fromkeys([*coverage.EXPECTED, "crash: settle: before commit"], 1))
    missing = coverage.missing(counts)
    assert "reply: dot: hung up, taken" in missing
    assert "crash: settle: before begin" in missing
    assert "crash: settle: before commit" not in missing


def test_nobody_listens_in_production():
    assert crash._listener is None
    crash.point("settle: before commit")


def test_the_oracle_counts_working_days_as_the_calendar_does(place):
    from datetime import timedelta

    from tests.faults.world import World

    world = World(11, *campaign._place)
    calendar, days = configuration.current().calendar, world.days
    assert isinstance(days, Days)
    for hours in range(0, 24 * 40, 7):
        at = world.now + timedelta(hours=hours)
        assert days.opening(at) == calendar.opening(at)
        assert [days.add(at, n) for n in (-3, 1, 8)] == [calendar.add(at, n) for n in (-3, 1, 8)]


@pytest.mark.slow
@together
def test_no_promise_is_broken_in_any_world_or_at_any_point(pool):
    lived = campaign.worlds(pool, SEEDS)
    points = campaign.points(pool, lived, scenarios=campaign.SCENARIOS[:1])
    violations = lived.violations + points.violations
    assert not violations, "\n".join(campaign.told(one) for one in violations)
    if SEEDS >= ENOUGH:
        assert coverage.missing(lived.counts + points.counts) == []


@pytest.mark.slow
@together
def test_every_wrong_design_is_caught(pool):
    caught = campaign.mutants(pool, known=campaign.known())
    assert len(caught) == len(MUTANTS) >= 12
    assert [name for name, seed in caught.items() if seed is None] == []


@pytest.mark.slow
@together
def test_no_kill_loses_a_mail():
    from tests.faults import kills  # loads the whole service

    killed = kills.campaign(KILLS)
    assert killed.right, kills.table(killed)
