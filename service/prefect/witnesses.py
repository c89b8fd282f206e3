"""What is put right in Prefect at a start (启动清理): zombies, late runs, and who finds zombies.

A run that was killed stays Running for ever and, with a limit of one, stops its schedule; runs
that were missed are made up for one by one, oldest first. Every flow works on what is due now,
so the newest of them is enough.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateName,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.states import Crashed

PAGE: Final = 200
UNFINISHED: Final = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
SILENT: Final = timedelta(seconds=90)
HEARTBEATS: Final = "pdca-heartbeat"


async def bury_zombies(client: PrefectClient, flows: Collection[str], *, before: datetime) -> int:
    """Mark every unfinished run that began before this service did as crashed."""
    buried = 0
    while runs := await client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=[*flows])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=UNFINISHED)),
            expected_start_time=FlowRunFilterExpectedStartTime(before_=before),
        ),
        limit=PAGE,
    ):
        for run in runs:
            state: State[Any] = Crashed(message="its process ended without a word")
            await client.set_flow_run_state(run.id, state, force=True)
        buried += len(runs)
    return buried


async def drop_late_runs(
    client: PrefectClient, deployments: Collection[UUID], *, before: datetime
) -> int:
    """Remove the scheduled runs that were missed, but the newest of each deployment."""
    dropped = 0
    for number in deployments:
        late = await _late(client, number, before)
        for run in late[1:]:
            await client.delete_flow_run(run.id)
        dropped += len(late[1:])
    return dropped


async def _late(client: PrefectClient, number: UUID, before: datetime) -> list[FlowRun]:
    """Return the runs that were scheduled before now and have not begun, newest first."""
    found: list[FlowRun] = []
    while page := await client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[number])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
            expected_start_time=FlowRunFilterExpectedStartTime(before_=before),
        ),
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
        limit=PAGE,
        offset=len(found),
    ):
        found += page
    return [run for run in found if run.auto_scheduled]


async def ensure_heartbeat_automation(client: PrefectClient) -> None:
    """Have Prefect itself mark a run as crashed whose heartbeat has stopped."""
    if await client.read_automations_by_name(HEARTBEATS):
        return
    over = {
        f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed")
    }
    heartbeat = "prefect.flow-run.heartbeat"
    automation = AutomationCore(
        name=HEARTBEATS,
        trigger=EventTrigger(
            after={heartbeat},
            expect={heartbeat, *over},
            match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=SILENT,
        ),
        actions=[
            ChangeFlowRunState(state=StateType.CRASHED, message="no heartbeat for 90 seconds")
        ],
    )
    await client.create_automation(automation)


async def next_scheduled(
    client: PrefectClient, deployments: Collection[UUID], *, after: datetime
) -> bool:
    """Whether Prefect's scheduler has laid out any run of these still to come."""
    runs = await client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[*deployments])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Scheduled"])),
            expected_start_time=FlowRunFilterExpectedStartTime(after_=after),
        ),
        limit=1,
    )
    return bool(runs)


async def paused(client: PrefectClient, deployments: Mapping[str, UUID]) -> set[str]:
    """Return the flows whose deployments an operator has paused."""
    found = await client.read_deployments(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[*deployments.values()])),
        limit=len(deployments) or 1,
    )
    halted = {deployment.id for deployment in found if deployment.paused}
    return {flow for flow, number in deployments.items() if number in halted}
