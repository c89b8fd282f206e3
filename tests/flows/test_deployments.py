"""What an operator finds in Prefect, and that a start undoes nothing that he has chosen."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from config import current as configuration
from config.language import catalogue
from config.schedule import load_schedule
from models.alarms import open_alarms
from models.engine import reading
from models.nonconformity import Nonconformity
from models.record import Trail
from processes.watch import waking
from tests.flows import office

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.prefect,
    # Prefect's client leaves sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
async def client(prefect_server):
    from prefect.client.orchestration import get_client

    async with get_client() as made:
        yield made


@pytest.fixture
async def apply(home, client):
    """Lay out the deployments as a start does; return them by flow."""
    from prefect.runner import Runner

    from service.prefect import deployments

    async def once():
        settings = configuration.current().settings
        runner = Runner(name="test", pause_on_shutdown=False)
        return await deployments.apply(client, runner, settings, load_schedule(home))

    return once


LAID_OUT: dict = {}  # by the first who asked: the server is one for all tests


@pytest.fixture
async def found(apply):
    """The deployments as a start has laid them out; whoever pauses one resumes it."""
    if not LAID_OUT:
        LAID_OUT.update(await apply())
    return dict(LAID_OUT)


async def schedules(client, number):
    return {one.slug: one for one in await client.read_deployment_schedules(number)}


async def test_every_flow_has_a_deployment_named_after_the_site(apply, client):
    found = await apply()
    names = {(await client.read_deployment(number)).name for number in found.values()}
    assert names == {
        *("wheel-main", "plan-main", "do-main", "check-main", "act-main"),
        *("deliver-main", "watch-main", "raise-nonconformity-main"),
    }
    sweep = (await schedules(client, found["pdca-act"]))["pdca-sweep"].schedule
    assert (sweep.cron, sweep.timezone) == ("*/15 * * * *", "Asia/Shanghai")


async def test_applying_again_keeps_what_an_operator_has_chosen(apply, client):
    from prefect.client.schemas.schedules import CronSchedule

    found = await apply()
    act = found["pdca-act"]
    await client.pause_deployment(act)
    sweep = (await schedules(client, act))["pdca-sweep"]
    await client.update_deployment_schedule(act, sweep.id, active=False)
    own = CronSchedule(cron="0 7 * * 1", timezone="Asia/Shanghai")
    await client.create_deployment_schedules(act, [(own, True)])

    assert await apply() == found
    assert (await client.read_deployment(act)).paused
    after = await client.read_deployment_schedules(act)
    assert sorted((one.schedule.cron, one.active) for one in after) == [
        ("*/15 * * * *", False),
        ("0 7 * * 1", True),
    ]
    for one in after:
        if one.slug is None:
            await client.delete_deployment_schedule(act, one.id)
    await client.update_deployment_schedule(act, sweep.id, active=True)
    await client.resume_deployment(act)


async def test_a_schedule_that_the_code_no_longer_has_stops_firing(apply, client):
    from prefect.client.schemas.actions import DeploymentScheduleCreate
    from prefect.client.schemas.schedules import CronSchedule

    found = await apply()
    old = DeploymentScheduleCreate(slug="pdca-old", schedule=CronSchedule(cron="0 1 * * *"))
    await client.create_deployment_schedules(found["pdca-act"], [old])
    await apply()
    assert set(await schedules(client, found["pdca-act"])) == {"pdca-sweep"}


async def test_a_changed_time_is_taken_over(apply, client, home):
    found = await apply()
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "schedule.toml").write_text("wheel = 07:15:00\n")
    await apply()
    assert (await schedules(client, found["pdca-wheel"]))["pdca-daily"].schedule.cron == (
        "15 7 * * *"
    )


async def test_runs_that_a_power_cut_left_running_are_marked_crashed(found, client):
    from prefect.states import Running

    from service.prefect import witnesses

    run = await client.create_flow_run_from_deployment(found["pdca-act"], state=Running())
    soon = datetime.now(UTC) + timedelta(minutes=1)
    assert await witnesses.bury_zombies(client, ["pdca-act"], before=soon) >= 1
    assert (await client.read_flow_run(run.id)).state.is_crashed()
    assert await witnesses.bury_zombies(client, ["pdca-act"], before=soon) == 0


async def test_of_the_runs_that_were_missed_only_the_newest_is_made(found, client):
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterExpectedStartTime,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType
    from prefect.states import Scheduled

    from service.prefect import witnesses

    now = datetime.now(UTC)
    number = found["pdca-check"]
    late = [
        await client.create_flow_run_from_deployment(
            number, state=Scheduled(scheduled_time=now - timedelta(hours=hours))
        )
        for hours in (3, 2, 1)
    ]
    # Made by hand, these are an operator's own and stay.
    assert await witnesses.drop_late_runs(client, [number], before=now) == 0
    for run in late:
        await _as_if_by_the_scheduler(client, run.id)
    assert await witnesses.drop_late_runs(client, [number], before=now) == 2
    waiting = await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
            expected_start_time=FlowRunFilterExpectedStartTime(before_=now),
        )
    )
    assert [run.id for run in waiting if run.deployment_id == number] == [late[2].id]


async def _as_if_by_the_scheduler(client, number):
    """Only the scheduler sets this; there is no way through the API."""
    import sqlite3

    from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL

    path = Path(PREFECT_API_DATABASE_CONNECTION_URL.value().split("///")[-1])
    with sqlite3.connect(path, timeout=30) as database:
        changed = database.execute(
            "UPDATE flow_run SET auto_scheduled = 1 WHERE id = ?", (str(number),)
        )
        assert changed.rowcount == 1


async def test_prefect_itself_is_told_to_find_runs_without_a_heartbeat(client):
    from service.prefect import witnesses

    await witnesses.ensure_heartbeat_automation(client)
    await witnesses.ensure_heartbeat_automation(client)
    assert len(await client.read_automations_by_name(witnesses.HEARTBEATS)) == 1


async def test_an_operators_pause_becomes_a_hold_and_its_end_ends_it(found, client):
    from service.prefect.runner import Witness

    witness = Witness(configuration.current().settings, datetime.now(UTC), found)
    await client.pause_deployment(found["pdca-deliver"])
    await witness.look(client, datetime.now(UTC))
    assert waking.held() == {"pdca-deliver"}
    assert waking.health(datetime.now(UTC))["prefect"]["state"] == "up"
    await client.resume_deployment(found["pdca-deliver"])
    await witness.look(client, datetime.now(UTC))
    assert waking.held() == frozenset()


async def test_a_prefect_that_does_not_answer_is_an_alarm_and_holds_stay(found, client):
    from service.prefect.runner import Witness

    class Silent:
        def __getattr__(self, name):
            raise RuntimeError("no answer")

    at = datetime.now(UTC)
    witness = Witness(configuration.current().settings, at, found)
    waking.hold("pdca-act", by="Prefect", at=at)
    await witness.look(Silent(), at)
    await witness.look(Silent(), at + timedelta(minutes=2))
    later = waking.health(at + timedelta(minutes=2))
    assert later["prefect"]["state"] == "down"
    assert later["holds"] == ["pdca-act"]
    assert alarms() == ["prefect_down"]
    witness.scheduler_due = at + timedelta(hours=1)  # the tests' server has no scheduler
    await witness.look(client, at + timedelta(minutes=3))
    assert alarms() == []


async def test_a_scheduler_that_lays_out_nothing_within_90_seconds_is_an_alarm(found, client):
    from service.prefect.runner import Witness

    at = datetime.now(UTC)
    witness = Witness(configuration.current().settings, at, found)
    await witness.look(client, at + timedelta(seconds=80))
    assert alarms() == []
    await witness.look(client, at + timedelta(seconds=91))
    assert alarms() == ["prefect_scheduler"]


def alarms():
    with reading() as session:
        return [one.kind for one in open_alarms(session)]


async def test_the_form_is_in_the_sites_language_and_its_choices_are_words_people_use(
    found, client
):
    deployment = await client.read_deployment(found["pdca-raise-nonconformity"])
    report = deployment.parameter_openapi_schema["definitions"]["Report"]["properties"]
    assert report["severity"]["enum"] == ["一般", "严重", "观察项"]
    assert report["severity"]["default"] == "一般"
    english = [
        (name, word)
        for name, field in report.items()
        for word in (field["title"], field["description"])
        if word.isascii()
    ]
    assert english == []
    assert not deployment.description.isascii()


def test_every_deployment_says_in_chinese_what_it_does(home):
    from service.prefect.deployments import deployed

    known = {text for _, text in catalogue("zh")}
    assert [one.says for one in deployed(load_schedule(home)) if one.says not in known] == []


@pytest.mark.parametrize("severity", ["严重", "major"])
async def test_the_form_raises_and_says_who_entered_it(home, prefect_server, severity):
    from flows.raise_nonconformity import Report, raise_nonconformity

    office.people()
    report = Report(
        title="机房温度超限", owner="li", severity=severity, raised_by="zhao", operator="王操作"
    )
    code = await raise_nonconformity(report)
    with reading() as session:
        found = session.exec(select(Nonconformity).where(Nonconformity.code == code)).one()
        actor = session.exec(
            select(Trail.actor).where(Trail.action == "nonconformity.raised")
        ).one()
    assert (found.severity, actor) == ("major", "operator:王操作")
    assert found.raised_by_id is not None


async def test_a_refusal_is_not_tried_again(home, prefect_server):
    from flows.raise_nonconformity import Report, raise_nonconformity
    from rules.refusal import Refused

    with pytest.raises(Refused):
        await raise_nonconformity(Report(title="x", owner="nobody", operator="O"))


async def test_what_has_happened_is_told_once(home, prefect_server, monkeypatch):
    from flows.turning import turning

    told = []
    monkeypatch.setattr("flows.witness._emit", told.append)
    office.people()
    await turning(office.MONDAY, phase="act", witness=True)  # the mark is set: nothing before it
    code = office.nonconformity()
    await turning(office.MONDAY, phase="act", witness=True)
    await turning(office.MONDAY, phase="act", witness=True)
    assert [(event.event, event.facts["code"]) for event in told] == [
        ("pdca.nonconformity.raised", code)
    ]


def test_the_list_for_several_machines_is_the_same_as_that_of_pdca_up(home):
    import yaml

    from service.prefect.deployments import deployed

    listed = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]
    several = {
        one["name"].replace("{{ $PDCA_SITE }}", "main"): (
            one["entrypoint"],
            {schedule["slug"]: schedule["cron"] for schedule in one["schedules"]},
            one.get("concurrency_limit", {}).get("limit"),
        )
        for one in listed
    }
    own = {
        one.name("main"): (
            f"{one.flow.fn.__module__.replace('.', '/')}.py:{one.flow.fn.__name__}",
            dict(one.crons),
            1 if one.alone else None,
        )
        for one in deployed(load_schedule(home))
    }
    assert several == own
