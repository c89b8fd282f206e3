"""Plan (策划): open the cycle, close the one before, and see that deadlines stand on a calendar."""

from dataclasses import dataclass

from prefect import flow

from flows.parameters import Turn, begin, named
from tasks import audit, kpi
from tasks import plan as steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What a turn of Plan came to."""

    opened: tuple[str, ...]
    closed: tuple[str, ...]
    systems: tuple[str, ...]
    drafted: tuple[str, ...]
    activities: int
    unconfirmed: str | None
    programme: str | None
    seats: int


@flow(name="pdca-plan", flow_run_name=named("Plan"), persist_result=False)
async def plan(turn: Turn = Turn()) -> Planned:  # noqa: B008 - a value that nobody changes
    """Open the year, quarter and month; alarm for a calendar that is only assumed."""
    at = begin(turn).at
    closed = await steps.close_cycles(at)
    opened = await steps.open_cycles(at)
    systems = await kpi.open_systems(at)
    drafted = await steps.draft_plans(at)
    activities = await steps.keep_activities(at)
    unconfirmed = await steps.judge_calendar(at)
    programme = await audit.draft(at)
    seats = await audit.staff(at)
    return Planned(
        opened=tuple(opened),
        closed=tuple(closed),
        systems=tuple(systems),
        drafted=tuple(drafted),
        activities=activities,
        unconfirmed=unconfirmed,
        programme=programme,
        seats=seats,
    )
