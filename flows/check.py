"""Check (检查): whether organisation and mail carry, and how much is open and overdue."""

from dataclasses import dataclass
from typing import Any

from prefect import flow

from flows.parameters import Turn, begin, named
from flows.witness_kpi import show_attainment
from flows.witness_plan import show_plan
from tasks import audit, kpi, special
from tasks import check as steps
from tasks import plan as plan_steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a turn of Check found."""

    organisation: dict[str, int]
    holds: tuple[str, ...]
    missed: tuple[str, ...]
    special: int
    audits: tuple[str, ...]
    alarms: int
    figures: dict[str, Any]


@flow(name="pdca-check", flow_run_name=named("Check"), persist_result=False)
async def check(turn: Turn = Turn()) -> Checked:  # noqa: B008 - a value that nobody changes
    """Alarm for what an operator must mend, and keep the figures with their cycle."""
    at = begin(turn).at
    organisation = await steps.judge_organisation(at)
    holds = await steps.judge_service(at)
    missed = await kpi.raise_missed(at)
    unusual = await special.look_for_special(at)
    await special.send_letter(at)
    await special.settle_follow_ups(at)
    await show_attainment(at)
    await plan_steps.tell_progress(at)
    await show_plan(await plan_steps.progress(at))
    audits = await audit.close_due(at)
    await steps.propose_improvements(at)
    told = await steps.tell_operator(at)
    figures = await steps.count(at)
    return Checked(
        organisation=organisation,
        holds=tuple(holds),
        missed=missed.raised,
        special=unusual.found,
        audits=tuple(audits),
        alarms=told,
        figures=figures,
    )
