"""`pdca up`: what it refuses, what it keeps running, and that it leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import httpx
import psutil
import pytest

from config.reading import Misconfigured
from config.settings import Mail, Pages, PrefectSettings, Settings
from models import engine
from service.home.opened import keeper, kept_alone
from service.prefect import server as prefect_server
from service.up.children import Child
from service.up.refusals import loopback, refuse
from tests.flows import office

ROOT = Path(__file__).parents[3]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def settings(home, **more):
    given = {
        "pages": Pages(port=free_port()),
        "prefect": PrefectSettings(port=free_port()),
        "mail": Mail(inbox_port=free_port()),
    }
    return Settings(home=home, **{**given, **more})


# --- what it refuses ---------------------------------------------------------------------------


def test_starts_where_nothing_is_in_the_way(tmp_path):
    refuse(settings(tmp_path))


@pytest.mark.parametrize("key", ["pages.port", "prefect.port", "mail.inbox_port"])
def test_a_port_that_is_taken_is_named(tmp_path, key):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        section, name = key.split(".")
        kinds = {"pages": Pages, "prefect": PrefectSettings, "mail": Mail}
        with pytest.raises(Misconfigured, match=rf"{key}: another program listens on port {port}"):
            refuse(settings(tmp_path, **{section: kinds[section](**{name: port})}))


def test_links_to_other_machines_need_a_mail_host(tmp_path):
    with pytest.raises(Misconfigured, match=r"links lead to quality\.company\.example"):
        refuse(settings(tmp_path, base_url="https://quality.company.example"))
    refuse(
        settings(
            tmp_path,
            base_url="https://quality.company.example",
            mail=Mail(host="relay.company.example"),
        )
    )


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("localhost", True),
        ("pdca.localhost", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("10.0.0.7", False),
        ("localhost.company.example", False),
    ],
)
def test_which_names_are_this_machine(host, is_ours):
    assert loopback(host) is is_ours


def test_one_home_is_kept_by_one_service(tmp_path):
    own = settings(tmp_path)
    with kept_alone(own):
        assert keeper(own) == os.getpid()
        refused = pytest.raises(Misconfigured, match=rf"another `pdca up` keeps .*{os.getpid()}")
        with refused, kept_alone(own):
            pass
    assert keeper(own) is None
    with kept_alone(own):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    from service.home.opened import settled

    tmp_path.chmod(0o500)
    monkeypatch.setenv("PDCA_HOME", str(tmp_path))
    with pytest.raises(Misconfigured, match="may not write here"):
        settled()


def test_secrets_are_made_once_and_are_their_owners_alone(tmp_path, monkeypatch):
    from service.home.opened import settled

    monkeypatch.setenv("PDCA_HOME", str(tmp_path / "home"))
    first = settled().settings
    again = settled().settings
    assert first.secret_key == again.secret_key
    assert (tmp_path / "home" / "secret.key").stat().st_mode & 0o777 == 0o600
    password = prefect_server.environment(first)["PREFECT_SERVER_API_AUTH_STRING"]
    assert password == prefect_server.environment(again)["PREFECT_SERVER_API_AUTH_STRING"]
    assert (tmp_path / "home" / "prefect" / "auth").stat().st_mode & 0o777 == 0o600


def test_nothing_of_a_users_own_prefect_reaches_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "https://api.prefect.cloud/somebody")
    monkeypatch.setenv("PREFECT_API_KEY", "theirs")
    monkeypatch.setenv("PREFECT_PROFILE", "theirs")
    own = settings(tmp_path)
    found = prefect_server.environment(own)
    assert found["PREFECT_API_URL"] == f"http://127.0.0.1:{own.prefect.port}/api"
    assert "theirs" not in found.values()
    assert found["PREFECT_HOME"].startswith(str(tmp_path))
    assert found["PREFECT_SERVER_CSRF_PROTECTION_ENABLED"] == "true"
    assert "*" not in found["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"]


def test_a_server_of_others_is_reached_with_the_operators_own_key(tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT_API_KEY", "ours")
    own = settings(tmp_path, prefect=PrefectSettings(api_url="https://prefect.company.example/api"))
    assert prefect_server.clean_environment(own)["PREFECT_API_KEY"] == "ours"


# --- children ----------------------------------------------------------------------------------


def child(tmp_path, code, **more):
    command = (sys.executable, "-c", code)
    return Child("test", command, environment=dict(os.environ), folder=tmp_path, **more)


async def until(true, seconds=10.0):
    import asyncio

    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.02)


async def test_a_child_that_is_killed_comes_back(tmp_path):
    import asyncio

    one = child(tmp_path, "import time; time.sleep(60)")
    keeping = asyncio.create_task(one.keep())
    await until(lambda: one.starts == 1)
    one.process.kill()
    await until(lambda: one.starts == 2)
    await one.stop()
    await keeping
    assert one.process.returncode is not None


async def test_a_child_that_will_not_end_is_ended_with_all_that_it_started(tmp_path):
    import asyncio

    stubborn = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('grandchild', 'w').write(str(p.pid))\n"
        "time.sleep(60)\n"
    )
    one = child(tmp_path, stubborn, grace=0.3)
    keeping = asyncio.create_task(one.keep())
    mark = tmp_path / "grandchild"
    await until(lambda: mark.exists() and mark.read_text())
    grandchild = int(mark.read_text())
    await one.stop()
    await keeping
    await until(lambda: not alive(grandchild))


def alive(number):
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


DEPLOYMENTS = {
    *("wheel-main", "plan-main", "do-main", "check-main", "act-main"),
    *("deliver-main", "watch-main", "raise-nonconformity-main"),
}


# --- the real thing ----------------------------------------------------------------------------


class Service:
    """A real `pdca up` on free ports, in a home of its own."""

    def __init__(self, home):
        self.home, self.pages, self.prefect = home, free_port(), free_port()
        self.inbox = free_port()
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("PDCA_", "PREFECT_"))},
            "PDCA_HOME": str(home),
            "PDCA_PAGES__PORT": str(self.pages),
            "PDCA_PREFECT__PORT": str(self.prefect),
            "PDCA_MAIL__INBOX_PORT": str(self.inbox),
            "PYTHONPATH": str(ROOT),
        }
        self.log = home.parent / "up.log"
        self.process = None

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "service.main", "up"],
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        self.root = psutil.Process(self.process.pid)
        self.ready()

    def ready(self):
        self.wait(lambda: self.health() is not None and self.prefect_answers(), 120)

    def wait(self, true, seconds):
        deadline = time.monotonic() + seconds
        while not true():
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(self.log.read_text("utf-8")[-4000:])
            time.sleep(0.2)

    def health(self):
        try:
            return httpx.get(f"http://127.0.0.1:{self.pages}/health", timeout=2).json()
        except httpx.HTTPError:
            return None

    def prefect_answers(self):
        return self.api("GET", "/health") is not None

    def api(self, method, path, **body):
        password = (self.home / "prefect" / "auth").read_text().strip()
        try:
            with httpx.Client(
                base_url=f"http://127.0.0.1:{self.prefect}/api",
                auth=tuple(password.split(":", 1)),
                timeout=10,
            ) as client:
                token = client.get("/csrf-token", params={"client": "test"}).json()["token"]
                said = client.request(
                    method,
                    path,
                    json=body or None,
                    headers={"Prefect-Csrf-Token": token, "Prefect-Csrf-Client": "test"},
                )
        except (httpx.HTTPError, KeyError, ValueError):
            return None
        return said.json() if said.content else {}

    def deployments(self):
        found = self.api("POST", "/deployments/filter", limit=50)
        return {one["name"] for one in found or ()}

    def child(self, word):
        return next(p for p in self.root.children() if word in " ".join(p.cmdline()))

    def stop(self):
        everybody = [self.root, *self.root.children(recursive=True)]
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        _, left = psutil.wait_procs(everybody, timeout=5)
        return code, [p.pid for p in left if alive(p.pid)]

    def letters(self):
        return [
            message_from_bytes(path.read_bytes(), policy=policy.default)
            for path in sorted((self.home / "inbox" / "new").glob("*"))
        ]


@pytest.fixture
def service(tmp_path):
    from service.home.opened import open_home

    home = tmp_path / "home"
    made = Service(home)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PDCA_HOME", "PDCA_PAGES__PORT"):
            patch.setenv(name, made.environment[name])
        open_home()
        office.people()
        yield made
    engine.database().dispose()
    if made.process is not None and made.process.poll() is None:
        for one in [made.root, *made.root.children(recursive=True)]:
            one.kill()


@pytest.mark.prefect_e2e
def test_the_service_runs_comes_back_and_leaves_nothing_behind(service):
    service.start()
    service.wait(lambda: service.health()["ok"], 60)

    last_week = datetime.now(UTC) - timedelta(days=8)
    office.nonconformity(at=last_week)
    service.wait(service.letters, 30)
    assert service.letters()[0]["To"].endswith("<li@company.example>")
    service.wait(lambda: service.deployments() >= DEPLOYMENTS, 60)

    for one in [service.child(word) for word in ("prefect server", "pages", "timekeeper")]:
        one.kill()
    office.nonconformity(at=last_week, title="第二项")  # told while the witness is away
    service.wait(lambda: len(service.letters()) >= 2, 30)
    service.ready()
    service.wait(lambda: service.health()["ok"], 30)

    service.wait(lambda: service.health()["prefect"]["state"] == "up", 60)
    act = service.api("GET", "/deployments/name/pdca-act/act-main")
    service.api("POST", f"/deployments/{act['id']}/pause_deployment")
    service.wait(lambda: service.health()["holds"] == ["pdca-act"], 30)
    service.api("POST", f"/deployments/{act['id']}/resume_deployment")
    service.wait(lambda: service.health()["holds"] == [], 30)

    assert service.stop() == (0, [])

    service.start()  # on what was there
    everybody = [service.root, *service.root.children(recursive=True)]
    assert len(everybody) >= 5
    service.root.kill()
    service.process.wait(10)
    _, left = psutil.wait_procs(everybody, timeout=12)
    assert [one.pid for one in left if alive(one.pid)] == []
