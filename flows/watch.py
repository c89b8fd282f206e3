"""The watch (看守): a run that fails when wheel, clock or outbox should have moved and did not.

It looks from outside: Prefect starts it, whatever has become of the clock.
"""

from prefect import flow

from flows.parameters import Turn, begin, named
from flows.pauses import mirror
from tasks import watch as steps


class Silent(RuntimeError):
    """Something stands still; the run fails so that an operator sees it."""


@flow(name="pdca-watch", flow_run_name=named("Watch"), persist_result=False)
async def watch(turn: Turn = Turn()) -> int:  # noqa: B008 - a value that nobody changes
    """Look once, tell the operator, and fail if anything is silent."""
    at = begin(turn).at
    await mirror(at)
    silent = await steps.look(at)
    told = await steps.tell(at)
    if silent:
        raise Silent("; ".join(f"{one.part}: {one.message}" for one in silent))
    return told
