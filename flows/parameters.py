"""What every flow is given: a turn (一轮), that is an instant and a site, and how runs are named.

The clock is read once, when a run begins, and never taken from the schedule: a run that comes
late works on what is due now. Titles and descriptions are the keys of their translation; the
deployed form shows them in the site's language.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from config.current import current
from config.language import say
from config.reading import Misconfigured, Problem
from config.secret import with_key
from models import engine
from processes.watch import window
from tasks.step import WATCH, witnessed


class Turn(BaseModel):
    """One turn of the wheel, or of one of its phases."""

    model_config = ConfigDict(extra="forbid")

    at: datetime | None = Field(
        default=None,
        title="As of",
        description="Leave empty for now. A time without an offset is the site's.",
    )
    site: str = Field(
        default="",
        title="Site",
        description="The site whose rows are worked on; empty is the one this service keeps.",
    )


@dataclass(frozen=True, slots=True)
class Begun:
    """A turn under way: `at` is its instant, `now()` the instant plus what has passed since.

    `live` says that it is the present one, and not an instant that somebody named.
    """

    at: datetime
    since: float
    live: bool

    @property
    def clock(self) -> Callable[[], datetime] | None:
        """What tells the time as a long delivery goes on; None for an instant that was named."""
        return self.now if self.live else None

    def now(self) -> datetime:
        """Return the turn's own time, for what must not grow stale: leases of a long delivery."""
        return self.at + timedelta(seconds=time.monotonic() - self.since)


def begin(turn: Turn) -> Begun:
    """Read the clock once, open the home if nobody has, and refuse another site's turn.

    A clock that cannot be right begins nothing (`ClockDoubted`); what is named may be any instant.
    """
    own = current().settings
    if turn.site and turn.site != own.site:
        raise Misconfigured(
            Problem(
                "",
                "this service keeps the site {own}, not {other}: run it with the PDCA_HOME of"
                " {other}",
                {"own": own.site, "other": turn.site},
            )
        )
    _open_home()
    watch = WATCH.get()
    if watch is not None:
        watch.begun = True
    at = instant(turn)
    if turn.at is None:
        window.trusted(at)
    return Begun(at=at, since=time.monotonic(), live=turn.at is None)


def instant(turn: Turn) -> datetime:
    """Return the turn's instant in UTC; now if it names none."""
    if turn.at is None:
        return datetime.now(UTC)
    if turn.at.tzinfo is None:
        return turn.at.replace(tzinfo=current().settings.zone).astimezone(UTC)
    return turn.at.astimezone(UTC)


def named(phase: str) -> Callable[[], str]:
    """Return what names a flow's runs, in the site's language and time: 处置 2026-09-28 09:00."""

    def name() -> str:
        from prefect.runtime import flow_run

        own = current().settings
        local = instant(_given(flow_run.parameters)).astimezone(own.zone)
        return f"{say(own.language, phase)} {local:%Y-%m-%d %H:%M}"

    return name


async def run(phase: Any, turn: Turn) -> Any:
    """Run a flow as part of another: a subflow under a witness, the same function without one."""
    return await (phase(turn) if witnessed() else phase.fn(turn))


def _open_home() -> None:
    """Use the home of this process, unless whoever called has opened it."""
    try:
        engine.database()
    except engine.NoDatabase:
        engine.bind(with_key(current().settings, make=False).url)


def _given(parameters: dict[str, Any]) -> Turn:
    turn = parameters.get("turn")
    return turn if isinstance(turn, Turn) else Turn.model_validate(turn or {})
