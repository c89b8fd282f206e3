"""An operator's pause in Prefect, carried into the rows that the clock obeys (暂停同步).

`pdca up` does it every five seconds (`service/prefect/runner.py`); where only workers run, the
watch does it, so that a pause holds there too.
"""

import asyncio
from datetime import datetime
from typing import Any, Final

from config.current import current
from processes.watch import waking
from tasks.step import witnessed

PAUSED_BY: Final = "Prefect"
FLOWS: Final = ("pdca-wheel", "pdca-plan", "pdca-do", "pdca-check", "pdca-act", "pdca-deliver")


async def mirror(at: datetime) -> None:
    """Hold the flows whose deployment is paused, and release those whose pause is over."""
    if not witnessed():
        return
    from prefect.client.orchestration import get_client

    async with get_client() as client:
        states = {flow: await _paused(client, flow) for flow in FLOWS}
    await asyncio.to_thread(_keep, states, at)


def _keep(states: dict[str, bool | None], at: datetime) -> None:
    held = waking.held()
    for flow, paused in states.items():
        if paused and flow not in held:
            waking.hold(flow, by=PAUSED_BY, at=at)
        elif paused is False and flow in held:
            waking.release(flow, by=PAUSED_BY, at=at)


async def _paused(client: Any, flow: str) -> bool | None:
    """Whether this site's deployment of the flow is paused; None if there is none."""
    from prefect.exceptions import ObjectNotFound

    name = f"{flow}/{flow.removeprefix('pdca-')}-{current().settings.site}"
    try:
        return bool((await client.read_deployment_by_name(name)).paused)
    except ObjectNotFound:
        return None
