"""What is killed: the service's own clock, sender and pages, on a clock on which a day is a second.

These functions run in processes that are forked from one that has loaded everything, so that a
process is at work a moment after the one before it was killed. What they call is what `pdca up`
starts; only the hands of the clock are ours.
"""

import asyncio
import os
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import uvicorn.lifespan.on
import uvicorn.loops.auto
import uvicorn.protocols.http.auto
import uvicorn.protocols.websockets.auto  # noqa: F401 - what uvicorn loads when it starts

import flows.parameters
import service.clock.clockwork
import service.clock.sweeper
import service.clock.timekeeper
import service.commands.running
import service.commands.words
import service.home.opened
from flows.deliver import deliver
from flows.surroundings import surround
from models import engine
from processes.duty import provisional
from processes.watch import window
from service.clock.sweeping import Api, Runs
from service.clock.wakes import NextDeadline
from service.home.opened import open_home
from web.frame.app import create_app

BEGAN = "FAULTS_BEGAN"  # when the campaign began, for every process of it
BEGINS = datetime(2025, 3, 3, 1, tzinfo=UTC)
SPEED = 86_400  # seconds to a second
LEAP = timedelta(days=60)  # that the hands may jump: a process that waits a moment misses days
THEIRS = (
    *(flows.parameters, service.clock.clockwork, service.clock.sweeper),
    *(service.commands.words, service.home.opened),
)


def now(_zone=None) -> datetime:
    """Return the instant it is in this campaign."""
    return BEGINS + timedelta(seconds=(time.time() - float(os.environ[BEGAN])) * SPEED)


class Quick(datetime):
    """The clock of the killed processes."""

    @classmethod
    def now(cls, tz=None):
        return now(tz)


def passed() -> float:
    """Return the seconds that pass in this campaign, for whoever judges its clock by them."""
    return time.monotonic() * SPEED


def log_file() -> Path:
    """Return where the killed processes say what they have to say."""
    return Path(os.environ["PDCA_HOME"]) / "killed.log"


def _turn_the_hands():
    for module in THEIRS:
        module.datetime = Quick
    window.passed = passed
    window.of = lambda _schedule: window.Window(leap=LEAP, ahead=LEAP)


def _warm_up():
    """Load what every start loads; in the process from which the others are forked."""
    _turn_the_hands()
    surround(open_home().settings)
    asyncio.run(_one_visit())
    engine.database().dispose()


async def _one_visit():
    inside = httpx.ASGITransport(create_app())
    async with httpx.AsyncClient(transport=inside, base_url="http://127.0.0.1") as visitor:
        await visitor.get("/d/of-nobody")


def _hurry():
    log = os.open(log_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    _turn_the_hands()
    short = {"poll": timedelta(seconds=0.3), "gap": timedelta(seconds=0.05)}
    NextDeadline.__init__.__kwdefaults__.update(short)


def clock(_seed):
    """`python -m service.clock.timekeeper`: climbs, gathers, sends, turns the wheel."""
    _hurry()
    sys.exit(service.clock.timekeeper.main())


def sender(seed):
    """The flow that delivers, over and over, as `pdca turn --only deliver` by somebody's cron."""
    _hurry()
    surround(open_home().settings)
    runs, rng = Runs(deliver, Api(None)), random.Random(seed)
    while True:
        runs.run()
        time.sleep(rng.uniform(0, 0.1))


def pages(_seed):
    """`pdca pages`: where the people of this campaign land from their letters.

    They answer within a minute, as scanners do; those have worlds and stories of their own.
    """
    _hurry()
    provisional.doubt = lambda *_facts: None
    service.commands.running.pages(at=None)


if BEGAN in os.environ:
    _warm_up()
