"""What the operator finds in Prefect (部署清单): each flow of this site, its form and schedule.

Applying it again changes nothing that an operator has chosen: a paused deployment stays paused,
a schedule switched off stays off, schedules that an operator has added stay. Only our own
schedules that the code no longer has are removed, because they would go on firing.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog
from prefect import Flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.runner import Runner
from prefect.types.entrypoint import EntrypointType

from config.labels import LABELS
from config.language import label, say
from config.schedule import Schedule
from config.settings import Settings
from flows.act import act
from flows.check import check
from flows.deliver import deliver
from flows.do import do
from flows.plan import plan
from flows.raise_nonconformity import raise_nonconformity
from flows.watch import watch
from flows.wheel import wheel

log = structlog.get_logger("prefect")

OURS: Final = "pdca-"  # begins the slug of every schedule of ours
MONTHLY: Final = "0 8 1 * *"
ONE: Final = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """One flow as the operator sees it; `crons` are its schedules by slug."""

    flow: Flow[Any, Any]
    says: str
    crons: Mapping[str, str]
    alone: bool = True  # a run that comes while another is under way is cancelled

    def name(self, site: str) -> str:
        """Return the deployment's name: act-main."""
        return f"{self.flow.name.removeprefix('pdca-')}-{site}"


def deployed(schedule: Schedule) -> tuple[Deployed, ...]:
    """Return every deployment of a site, in the order of the wheel."""
    return (*_turned(schedule), *_kept_going(schedule.sweep_cron), _ENTERED)


def _turned(schedule: Schedule) -> tuple[Deployed, ...]:
    """Return the wheel and the phases that run with it."""
    return (
        Deployed(
            flow=wheel,
            says="Turns once a day: plan, do, check and act in their order.",
            crons={"pdca-daily": schedule.wheel_cron},
        ),
        Deployed(
            flow=plan,
            says="Opens and closes cycles, and checks the working calendar; part of every turn.",
            crons={"pdca-monthly": MONTHLY},
        ),
        Deployed(
            flow=do,
            says="Tells those who are back what their delegates heard; part of every turn.",
            crons={},
        ),
        Deployed(
            flow=check,
            says="Checks organisation and mail, and counts what is open; part of every turn.",
            crons={},
        ),
    )


def _kept_going(sweep: str) -> tuple[Deployed, ...]:
    """Return what the clock runs, or looks after, with a schedule as its safety net."""
    return (
        Deployed(
            flow=act,
            says="Reminds and escalates whatever is due. The clock runs it when something is;"
            " this schedule is the safety net. Paused here, it stands still until resumed.",
            crons={"pdca-sweep": sweep},
        ),
        Deployed(
            flow=deliver,
            says="Sends what the outbox owes. The clock runs it when something is due; this"
            " schedule is the safety net. Paused here, no mail leaves until resumed.",
            crons={"pdca-sweep": sweep},
        ),
        Deployed(
            flow=watch,
            says="Fails when the wheel, the clock or the outbox should have moved and did not; the"
            " operator is then told by another path than the outbox.",
            crons={"pdca-watch": sweep},
        ),
    )


_ENTERED: Final = Deployed(
    flow=raise_nonconformity,
    says="Enter a nonconformity for somebody; its owner is told at once.",
    crons={},
    alone=False,
)


async def apply(
    client: PrefectClient, runner: Runner, settings: Settings, schedule: Schedule
) -> dict[str, UUID]:
    """Make the server's deployments of this site what they are here; return them by flow."""
    found: dict[str, UUID] = {}
    for one in deployed(schedule):
        existing = await _existing(client, one, settings)
        made = await _made(one, settings, existing)
        found[one.flow.name] = number = await runner.aadd_deployment(made)
        if existing is not None:
            await _reschedule(client, number, one, existing, settings)
    return found


async def _existing(
    client: PrefectClient, one: Deployed, settings: Settings
) -> DeploymentResponse | None:
    try:
        return await client.read_deployment_by_name(f"{one.flow.name}/{one.name(settings.site)}")
    except ObjectNotFound:
        return None


async def _made(
    one: Deployed, settings: Settings, existing: DeploymentResponse | None
) -> RunnerDeployment:
    made = await one.flow.ato_deployment(
        name=one.name(settings.site),
        description=say(settings.language, one.says),
        tags=["PDCA", settings.site],
        parameters={} if one.flow is raise_nonconformity else {"turn": {"site": settings.site}},
        concurrency_limit=ONE if one.alone else None,
        # The form shows labels, other callers may send the stable words: the flow judges both.
        enforce_parameter_schema=False,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    schema = made._parameter_openapi_schema  # noqa: SLF001 - Prefect offers no other way in
    spoken = spoken_schema(schema.model_dump(), settings.language)
    made._parameter_openapi_schema = type(schema).model_validate(spoken)  # noqa: SLF001
    if existing is None:
        made.schedules = [_created(slug, cron, settings) for slug, cron in one.crons.items()]
    else:
        made.model_fields_set.discard("schedules")  # sent as an empty list it removes them all
        made.paused = existing.paused
    return made


async def _reschedule(
    client: PrefectClient,
    number: UUID,
    one: Deployed,
    existing: DeploymentResponse,
    settings: Settings,
) -> None:
    """Add, correct and remove our own schedules, and leave the rest as an operator made it."""
    known = {schedule.slug: schedule for schedule in existing.schedules if schedule.slug}
    for slug, cron in one.crons.items():
        if slug not in known:
            await client.create_deployment_schedules(number, [_created(slug, cron, settings)])
        elif known[slug].schedule != _cron(cron, settings):
            await client.update_deployment_schedule(
                number, known[slug].id, schedule=_cron(cron, settings)
            )
    for slug, schedule in known.items():
        if slug.startswith(OURS) and slug not in one.crons:
            await client.delete_deployment_schedule(number, schedule.id)
            log.info("schedule removed", flow=one.flow.name, slug=slug)


def _created(slug: str, cron: str, settings: Settings) -> DeploymentScheduleCreate:
    return DeploymentScheduleCreate(slug=slug, schedule=_cron(cron, settings), active=True)


def _cron(cron: str, settings: Settings) -> CronSchedule:
    return CronSchedule(cron=cron, timezone=settings.timezone)


def spoken_schema(schema: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return a form's schema with titles, help and choices in the site's language."""
    spoken = deepcopy(dict(schema))
    for name, field in spoken.get("properties", {}).items():
        field["title"] = say(language, PARAMETERS.get(name, name))
    for model in spoken.get("definitions", {}).values():
        for field in model.get("properties", {}).values():
            _speak(field, language)
        model.pop("description", None)
    return spoken


PARAMETERS: Final = {"turn": "Turn", "report": "Nonconformity"}


def _speak(field: dict[str, Any], language: str) -> None:
    kind = field.pop("kind", None)
    if kind is not None:  # a select of labels instead of a reference to our stable words
        field.pop("$ref", None)
        field["type"] = "string"
        field["title"] = field.pop("called", kind)
        field["enum"] = [label(language, word, kind) for word in LABELS[kind]]
        field["default"] = label(language, field["default"], kind)
    for key in ("title", "description"):
        if key in field:
            field[key] = say(language, field[key])
