"""Turning by hand (手动运转): what `pdca turn` and the demo call; the flows' own order of things.

Prefect is imported here and not before, with the surroundings of our home: a user's own
profile is neither read nor touched.
"""

import asyncio
import sys
from datetime import datetime
from typing import Any, Literal

from config.current import current
from flows.surroundings import surround
from tasks.step import ALONE

Phase = Literal["plan", "do", "check", "act"]


def turn(at: datetime | None = None, *, phase: Phase | None = None, witness: bool = False) -> Any:
    """Turn the wheel, or one phase of it, as of an instant; now if none is given.

    Returns the results by phase, or the phase's own. `witness` records the turn as Prefect
    flow runs too, and needs the server that `pdca up` keeps.
    """
    alone = ALONE.set(not witness)
    try:
        return asyncio.run(turning(at, phase=phase, witness=witness))
    finally:
        ALONE.reset(alone)


async def turning(
    at: datetime | None = None, *, phase: Phase | None = None, witness: bool = False
) -> Any:
    """Do what `turn` does, inside a running loop."""
    if "prefect" not in sys.modules:
        surround(current().settings)
    from flows.parameters import Turn
    from flows.wheel import PHASES, wheel

    flow: Any = PHASES[phase] if phase else wheel
    return await (flow(Turn(at=at)) if witness else flow.fn(Turn(at=at)))
