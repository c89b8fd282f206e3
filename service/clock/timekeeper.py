"""The clock's process (时钟进程): `python -m service.clock.timekeeper`, until told to stop.

`pdca up` keeps one. Where several machines stand ready, each keeps one, and one of them leads.
"""

import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from config.current import Current
from config.schedule import Schedule, load_schedule
from config.settings import Settings
from flows.surroundings import api_url, auth_string, surround
from models.engine import fence
from service.clock.believing import Believing
from service.clock.clockwork import Clockwork, utc_now
from service.clock.sweeper import Sweeper
from service.clock.sweeping import Api, Ran, Runs
from service.clock.wakes import Every, NextDeadline, WorkingDays, nudge, scheduler
from service.clock.watchman import watch
from service.home.opened import open_home
from service.logs import set_up
from service.up import ending
from tasks.deliver import end_all


def main() -> int:
    """Run the clock of this home until told to stop."""
    set_up()
    opened = open_home()
    schedule = load_schedule(opened.settings.home)
    clockwork = Clockwork({}, schedule, believing=Believing())
    _stop_on_signals(clockwork)
    clockwork.sweepers.update(_sweepers(opened.settings, clockwork.ended))
    made = scheduler(
        clockwork.tick,
        NextDeadline(clockwork.earliest),
        housekeeping=(clockwork.housekeeping, _housekeeping_days(opened, schedule)),
        returned=(clockwork.read_returned, Every(timedelta(minutes=schedule.returned_minutes))),
    )
    clockwork.poke = lambda: nudge(made)
    clockwork.note()  # before anything is sent: what was restored is looked at first
    clockwork.renew()
    fence(clockwork.fence)
    made.start()
    watching = watch()
    code = clockwork.watch()
    watching.stopping.set()
    made.shutdown(wait=False)
    clockwork.stop()
    return code


def _sweepers(
    settings: Settings, ended: Callable[[Sweeper, Ran | None], None]
) -> dict[str, Sweeper]:
    surround(settings)
    from flows.act import act
    from flows.deliver import deliver
    from flows.wheel import wheel

    witness = None if settings.prefect.unwitnessed else api_url(settings)
    api = Api(witness, auth_string(settings))
    flows: tuple[Any, ...] = (act, deliver, wheel)
    return {flow.name: Sweeper(flow.name, Runs(flow, api), ended=ended) for flow in flows}


def _housekeeping_days(opened: Current, schedule: Schedule) -> WorkingDays:
    return WorkingDays(
        opened.calendar,
        every=schedule.housekeeping_working_days,
        at=schedule.housekeeping,
        since=opened.calendar.day(utc_now()).replace(month=1, day=1),
    )


def _stop_on_signals(clockwork: Clockwork) -> None:
    def stop(*_: object) -> None:
        ending.within()
        end_all()
        clockwork.stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


if __name__ == "__main__":
    sys.exit(main())
