"""The wheel (PDCA 循环): plan, do, check and act in their order, for one instant.

A phase that fails stops none of the others: an escalation must not wait until a calendar is
mended. The turn fails all the same, so that somebody looks.
"""

from typing import Any, Final

from prefect import flow

from flows.act import act
from flows.check import check
from flows.do import do
from flows.parameters import Turn, begin, named, run
from flows.plan import plan
from flows.witness import show_turned
from tasks.plan import holds, note_turned

PHASES: Final[dict[str, Any]] = {"plan": plan, "do": do, "check": check, "act": act}


@flow(name="pdca-wheel", flow_run_name=named("PDCA wheel"), persist_result=False)
async def wheel(turn: Turn = Turn()) -> dict[str, Any]:  # noqa: B008 - nobody changes it
    """Turn once: every phase works on the same instant, and reads what the one before wrote."""
    begun = begin(turn)
    same = turn.model_copy(update={"at": begun.at})
    on_hold = await holds()
    results: dict[str, Any] = {}
    failures: list[Exception] = []
    for name, phase in PHASES.items():
        if phase.name in on_hold:
            continue
        try:
            results[name] = await run(phase, same)
        except Exception as failure:  # noqa: BLE001 - raised below, after the other phases
            failures.append(failure)
    await show_turned(results, on_hold)
    if begun.live:
        await note_turned(begun.at)
    if failures:
        raise ExceptionGroup("phases of this turn failed", failures)
    return results
