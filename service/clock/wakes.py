"""The clock (时钟): wakes `act` and `deliver` when something is due, and does nothing otherwise.

The rows say when; the clock only asks them, at least every two seconds. Several clocks may
stand ready on as many machines: one of them holds the lease, the others take it within five
seconds after it has fallen silent (`service/clock/clockwork.py`).
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from rules.calendar import Calendar

log = structlog.get_logger("clock")

POLL: Final = timedelta(seconds=2)
GAP: Final = timedelta(seconds=0.5)
TICK: Final = "tick"

Earliest = Callable[[datetime], datetime | None]


class NextDeadline(BaseTrigger):  # type: ignore[misc]
    """Fires when the earliest deadline in the rows is due.

    Never later than a poll from now, because another process may write an earlier one; never
    sooner than a gap from now, because a trigger that returns the past runs for ever. It never
    returns None, which would remove its job, and never raises, which would end the scheduler.
    The previous firing is not looked at: it lies in the future once the clock is set back.
    """

    def __init__(self, earliest: Earliest, *, poll: timedelta = POLL, gap: timedelta = GAP) -> None:
        self.earliest, self.poll, self.gap = earliest, poll, gap

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        soonest, latest = now + self.gap, now + self.poll
        try:
            due = self.earliest(now) or latest
            return min(max(due, soonest), latest)
        except Exception as unknown:  # noqa: BLE001 - see above: whatever it is, ask again
            log.warning("deadlines cannot be read", error=str(unknown)[:200])
            return latest


class Every(BaseTrigger):  # type: ignore[misc]
    """Fires at once and then so long after each look; a clock that is set back stops nothing."""

    def __init__(self, period: timedelta) -> None:
        self.period = period

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        return now if previous is None else now + self.period


class WorkingDays(BaseTrigger):  # type: ignore[misc]
    """Fires at a local time on every n-th working day after a day, make-up workdays included."""

    def __init__(self, calendar: Calendar, *, every: int, at: time, since: date) -> None:
        self.calendar, self.every, self.at, self.since = calendar, every, at, since

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        day = self.calendar.day(now)
        passed = self.calendar.count(self.since, day)
        until = -passed % self.every
        today = passed > 0 and self.calendar.is_working(day) and self._on(day) > now
        if until == 0 and not today:
            until = self.every
        return self._on(self.calendar.day(self.calendar.add(self._on(day), until)))

    def _on(self, day: date) -> datetime:
        return datetime.combine(day, self.at, self.calendar.zone).astimezone(UTC)


def scheduler(
    tick: Callable[[], None], trigger: BaseTrigger, **others: tuple[Callable[[], None], BaseTrigger]
) -> Any:
    """Return a scheduler with the one job that ticks, and jobs of the working calendar."""
    made = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(4)},
        # A job that comes late still runs, and once: the grace of one second would remove it.
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    made.add_job(tick, trigger, id=TICK)
    for name, (work, when) in others.items():
        made.add_job(work, when, id=name)
    return made


def nudge(running: Any) -> None:
    """Let the job tick at once: something may have become due, or the clock was set back."""
    running.modify_job(TICK, next_run_time=datetime.now(UTC))
