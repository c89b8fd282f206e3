"""When the service does things by itself (运行时刻), in the site's time."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Annotated, Final

from pydantic import ConfigDict, Field, with_config

from config import choices

FILE: Final = "schedule.toml"
Clock = Annotated[time, Field(strict=True)]


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The daily turn, the safety sweeps between, and the housekeeping."""

    wheel: Clock
    wheel_grace_minutes: Annotated[int, Field(strict=True, ge=1, le=1440)]
    sweep_minutes: Annotated[int, Field(strict=True, ge=1, le=59)]
    housekeeping_working_days: Annotated[int, Field(strict=True, ge=1, le=250)]
    housekeeping: Clock
    returned_minutes: Annotated[int, Field(strict=True, ge=1, le=1440)]
    silence_minutes: Annotated[int, Field(strict=True, ge=2, le=1440)]
    clock_ahead_days: Annotated[int, Field(strict=True, ge=1, le=3650)]
    clock_leap_minutes: Annotated[int, Field(strict=True, ge=1, le=1440)]

    def last_turn(self, at: datetime, zone: tzinfo, *, grace_minutes: int = 0) -> datetime:
        """Return the last daily turn whose grace is over at `at`."""
        latest = at - timedelta(minutes=grace_minutes)
        turn = datetime.combine(latest.astimezone(zone).date(), self.wheel, zone)
        if turn > latest:
            before = turn.date() - timedelta(days=1)
            turn = datetime.combine(before, self.wheel, zone)
        return turn.astimezone(UTC)

    @property
    def wheel_cron(self) -> str:
        """The daily turn as cron says it."""
        return f"{self.wheel.minute} {self.wheel.hour} * * *"

    @property
    def sweep_cron(self) -> str:
        """The safety sweeps as cron says it."""
        return f"*/{self.sweep_minutes} * * * *"


def load_schedule(home: Path) -> Schedule:
    """Return the schedule of a home; raise `Misconfigured` naming everything wrong."""
    return choices.load(Schedule, FILE, home)
