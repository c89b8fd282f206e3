"""The watch: a failed run an operator sees, and a pause that holds without `pdca up`."""

from datetime import timedelta

import pytest

from flows.parameters import Turn
from flows.watch import Silent, watch
from processes.alarm import other_path
from processes.watch import waking
from tests.flows.office import MONDAY
from tests.flows.test_deployments import apply, client, found  # noqa: F401 - fixtures

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


async def test_a_silence_is_a_failed_run_and_the_operator_is_told(
    home, prefect_server, monkeypatch
):
    heard = []
    monkeypatch.setattr(other_path, "straight", lambda *a: heard.append(a[2]) or True)
    first = await watch(Turn(at=MONDAY), return_state=True)
    assert first.is_completed()
    second = await watch(Turn(at=MONDAY + timedelta(minutes=15)), return_state=True)
    assert second.is_failed()
    with pytest.raises(Silent, match="时钟从未运行"):
        await second.result()
    assert len(heard) == 2  # the clock and the wheel
    assert waking.health(MONDAY + timedelta(minutes=15))["ok"] is False
    third = await watch(Turn(at=MONDAY + timedelta(minutes=30)), return_state=True)
    assert third.is_failed()
    assert len(heard) == 2  # told once


async def test_a_pause_holds_where_only_workers_run(found, client):  # noqa: F811
    await client.pause_deployment(found["pdca-act"])
    await watch(Turn(at=MONDAY), return_state=True)
    assert waking.held() == {"pdca-act"}
    waking.hold(waking.DELIVER, by="restore", at=MONDAY)
    await client.resume_deployment(found["pdca-act"])
    await watch(Turn(at=MONDAY + timedelta(minutes=15)), return_state=True)
    assert waking.held() == {"pdca-deliver"}  # a hold of others is not Prefect's to end
