"""The runner's process (执行进程): Prefect's scheduled runs, and what ties Prefect to our rows.

Lays out the deployments, runs what they schedule, carries an operator's pause into the rows
that the clock obeys, and keeps telling those rows whether Prefect answers and its scheduler
still schedules. Run as `python -m service.prefect.runner SINCE`: SINCE is when the service began.
"""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import httpx
import structlog
from sqlalchemy.exc import SQLAlchemyError

from config.schedule import load_schedule
from config.settings import Settings
from flows.surroundings import surround
from models import alarms
from models.engine import writing
from processes.alarm import wording as says_alarm
from processes.watch import waking
from processes.watch.health import WITNESS
from service.home.opened import open_home
from service.logs import set_up
from service.up import ending

log = structlog.get_logger("prefect")

POLL: Final = 5  # seconds between two looks for runs to begin
LOOK: Final = 5.0  # seconds between two looks at pauses
BEAT: Final = timedelta(seconds=30)
DOWN: Final = timedelta(seconds=60)  # before an unreachable API is an alarm
FIRST_RUN: Final = timedelta(seconds=90)  # by then a scheduled run must be in the API
SCHEDULER: Final = timedelta(minutes=10)  # between two looks at the scheduler after that
PAUSED_BY: Final = "Prefect"


@dataclass
class Witness:
    """What is known of Prefect, and what the rows were told of it."""

    settings: Settings
    started: datetime
    deployments: Mapping[str, UUID] = field(default_factory=dict)
    since: datetime | None = None  # of the present state
    answers: bool = True
    told: datetime | None = None
    scheduler_due: datetime | None = None

    async def watch(self, client: Any) -> None:
        """Look again and again."""
        while True:
            await self.look(client, datetime.now(UTC))
            await asyncio.sleep(LOOK)

    async def look(self, client: Any, at: datetime) -> None:
        """Ask Prefect once, and tell the rows what has changed."""
        try:
            await self._mirror_pauses(client, at)
            await self._judge_scheduler(client, at)
        except Exception as silent:  # noqa: BLE001 - Prefect's client raises a dozen kinds
            log.warning("Prefect does not answer", error=str(silent)[:200])
            await self._tell(answers=False, at=at)
        else:
            await self._tell(answers=True, at=at)

    async def _mirror_pauses(self, client: Any, at: datetime) -> None:
        from service.prefect.witnesses import paused

        halted = await paused(client, self.deployments)
        held = await asyncio.to_thread(waking.held)
        for flow in sorted(halted - held):
            await asyncio.to_thread(waking.hold, flow, by=PAUSED_BY, at=at)
            log.warning("on hold", flow=flow)
        for flow in sorted((held - halted) & set(self.deployments)):
            if await asyncio.to_thread(waking.release, flow, by=PAUSED_BY, at=at):
                log.warning("goes on", flow=flow)

    async def _judge_scheduler(self, client: Any, at: datetime) -> None:
        """Alarm if Prefect has laid out no run to come: its scheduler may fail in silence."""
        from service.prefect.witnesses import next_scheduled

        if self.scheduler_due is None:
            self.scheduler_due = self.started + FIRST_RUN
        laid_out = await next_scheduled(client, list(self.deployments.values()), after=at)
        if not laid_out and at < self.scheduler_due:
            return
        said = says_alarm.nothing_scheduled()
        await asyncio.to_thread(_alarm, "prefect_scheduler", None if laid_out else said, at)
        self.scheduler_due = at + SCHEDULER

    async def _tell(self, *, answers: bool, at: datetime) -> None:
        changed = answers != self.answers or self.since is None
        if changed:
            self.answers, self.since = answers, at
        if not changed and self.told is not None and at - self.told < BEAT:
            return
        self.told = at
        assert self.since is not None
        facts = {"state": "up" if answers else "down", "since": self.since.isoformat()}
        await asyncio.to_thread(_beat, facts, at)
        said = says_alarm.prefect_down(self.since)
        if answers or at - self.since > DOWN:
            await asyncio.to_thread(_alarm, "prefect_down", None if answers else said, at)


def main() -> int:
    """Serve this site's deployments until told to stop."""
    started = datetime.fromisoformat(sys.argv[1]) if sys.argv[1:] else datetime.now(UTC)
    set_up()
    opened = open_home()
    surround(opened.settings)
    return asyncio.run(_serve(opened.settings, started))


async def _serve(settings: Settings, started: datetime) -> int:
    from prefect.client.orchestration import get_client
    from prefect.runner import Runner

    stop = asyncio.Event()
    _stop_on_signals(stop)
    # Its default is to pause every schedule at each stop, and to forget to resume them.
    runner = Runner(name=f"pdca-{settings.site}", pause_on_shutdown=False, query_seconds=POLL)
    async with get_client() as client:
        prepared = asyncio.ensure_future(_prepared(client, runner, settings, started))
        await asyncio.wait({prepared, asyncio.ensure_future(stop.wait())}, return_when=FIRST)
        if not prepared.done():
            return 0
        serving = asyncio.ensure_future(runner.start())
        while not runner.started and not serving.done():  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.05)
        _stop_on_signals(stop)  # once more: the runner has put its own in their place
        witness = Witness(settings, started, prepared.result())
        watching = asyncio.ensure_future(witness.watch(client))
        await asyncio.wait(
            {serving, watching, asyncio.ensure_future(stop.wait())}, return_when=FIRST
        )
        watching.cancel()
        if serving.done() and not stop.is_set():
            log.error("the runner has ended", error=repr(serving.exception()))
            return 1
        await runner.astop()
        with contextlib.suppress(asyncio.CancelledError):
            await serving
    return 0


async def _prepared(
    client: Any, runner: Any, settings: Settings, started: datetime
) -> Mapping[str, UUID]:
    """Put Prefect right, and lay out the deployments; tried until Prefect answers."""
    from service.prefect import deployments, witnesses

    schedule = load_schedule(settings.home)
    flows = [one.flow.name for one in deployments.deployed(schedule)]

    async def once() -> Mapping[str, UUID]:
        if not settings.prefect.api_url:  # a server of others has others' runs
            await witnesses.bury_zombies(client, flows, before=started)
        found = await deployments.apply(client, runner, settings, schedule)
        await witnesses.drop_late_runs(client, found.values(), before=datetime.now(UTC))
        await witnesses.ensure_heartbeat_automation(client)
        return found

    return await _until_done(once)


async def _until_done(work: Callable[[], Awaitable[Mapping[str, UUID]]]) -> Mapping[str, UUID]:
    while True:
        try:
            return await work()
        except (httpx.HTTPError, OSError, RuntimeError) as failed:
            log.warning("Prefect is not ready yet", error=str(failed)[:200])
            await asyncio.sleep(1)


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def end() -> None:
        ending.within()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)


def _beat(facts: Mapping[str, Any], at: datetime) -> None:
    with contextlib.suppress(SQLAlchemyError):
        waking.beat(WITNESS, at, **facts)


def _alarm(kind: str, said: str | None, at: datetime) -> None:
    """Raise it, or clear it if there is nothing to say."""
    with contextlib.suppress(SQLAlchemyError), writing() as session:
        if said is None:
            alarms.clear_alarm(session, kind=kind, ref="prefect", at=at)
        else:
            alarms.raise_alarm(session, kind=kind, ref="prefect", message=said, at=at)


FIRST: Final = asyncio.FIRST_COMPLETED

if __name__ == "__main__":
    sys.exit(main())
