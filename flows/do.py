"""Do (实施): what is in force becomes duties, and whoever is back hears what was missed."""

from dataclasses import dataclass

from prefect import flow

from flows.parameters import Turn, begin, named
from tasks import audit, contract, kpi
from tasks import do as steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a turn of Do came to."""

    welcomed: int
    issued: int
    opened: int
    fetched: int
    asked: int
    audits: int
    drafts: int


@flow(name="pdca-do", flow_run_name=named("Do"), persist_result=False)
async def do(turn: Turn = Turn()) -> Done:  # noqa: B008 - a value that nobody changes
    """Welcome who is back, open what the plan has for today, ask who could not be asked before."""
    at = begin(turn).at
    return Done(
        welcomed=await steps.welcome_back(at),
        opened=await steps.open_activities(at),
        issued=await steps.issue_missing(at),
        fetched=(await kpi.collect(at)).done,
        asked=await kpi.ask(at),
        audits=await audit.open_due(at),
        drafts=(await contract.keep_up(at)).drafts,
    )
