"""Delivery (投递): send what the outbox owes, until nothing is due or the relay must rest."""

from dataclasses import replace
from typing import Final

from prefect import flow

from flows.parameters import Turn, begin, named
from processes.mail.delivered import Delivered
from tasks import deliver as steps
from tasks.step import done

PORTIONS: Final = 1000  # a bound that nothing reaches: two million letters


@flow(name="pdca-deliver", flow_run_name=named("Deliver"), persist_result=False)
async def deliver(turn: Turn = Turn()) -> Delivered:  # noqa: B008 - a value that nobody changes
    """Send portion after portion; when the run is ended, finish the letter at hand and stop."""
    begun, stop = begin(turn), steps.new_stop()
    total = Delivered()
    try:
        for _ in range(PORTIONS):
            portion = await steps.deliver(begun.now(), clock=begun.clock, stop=stop)
            total = replace(total + portion, more=portion.more)
            if not portion.more:
                break
    finally:
        stop.set()
    return done(total)
