"""Act (处置): follow up what is open; tell one person more about each thing that is overdue."""

from typing import Final

from prefect import flow

from flows.parameters import Turn, begin, named
from flows.witness import show_overdue, tell_news
from tasks import act as steps
from tasks.act import Swept
from tasks.step import done, witnessed

LOADS: Final = 1000  # a bound that nothing reaches: a million rows


@flow(name="pdca-act", flow_run_name=named("Act"), persist_result=False)
async def act(turn: Turn = Turn()) -> Swept:  # noqa: B008 - a value that nobody changes
    """Climb until nothing is due, put what is to be told into letters, show what is overdue."""
    at = begin(turn).at
    swept = Swept()
    for part in (steps.tell_missed, steps.climb, steps.gather):
        for _ in range(LOADS):
            swept += await part(at)
            if not swept.more:
                break
    done(swept)
    if witnessed():
        await show_overdue(*await steps.list_overdue(at))
        await tell_news(at)
    return swept
