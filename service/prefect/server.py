"""Prefect's server as our child (本地 Prefect 服务): its environment, and whether it answers.

Left to its defaults, any web site in the operator's browser could drive its API (CORS `*`, no
protection against forged requests), a power cut would stop a schedule for ever (leases in
memory), and it would write one transaction a task run, on which the flows would have to wait.
"""

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Final

from config.settings import Settings
from flows.surroundings import api_url, auth_string, prefect_home, surround

HOST: Final = "127.0.0.1"
SERVICES: Final = {
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": (
        "prefect.server.concurrency.lease_storage.filesystem"
    ),
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "15",
    # One transaction a task run blocks SQLite's other writers: a flow that begins meanwhile is
    # answered 503 and waits 2, 4, 8 … seconds (seen in every second run).
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "2",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "100",
}


def command(settings: Settings) -> tuple[str, ...]:
    """Return what starts the server."""
    port = str(settings.prefect.port)
    start = ("server", "start", "--host", HOST, "--port", port)
    return (sys.executable, "-m", "prefect", *start)


def environment(settings: Settings) -> dict[str, str]:
    """Return what the server finds around it; makes its password the first time."""
    secret = auth_string(settings, make=True)
    port = settings.prefect.port
    found = clean_environment(settings)
    found.update(SERVICES)
    found["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"] = f"http://{HOST}:{port},http://localhost:{port}"
    if secret:
        found["PREFECT_SERVER_API_AUTH_STRING"] = secret
    return found


def clean_environment(settings: Settings) -> dict[str, str]:
    """Return the environment of every child: ours, and nothing of a user's own Prefect."""
    found: MutableMapping[str, str] = dict(os.environ)
    surround(settings, found)
    found["PDCA_HOME"] = str(settings.home.resolve())
    roots = [str(Path(__file__).parents[2]), found.get("PYTHONPATH", "")]
    found["PYTHONSAFEPATH"] = "1"  # what lies about in the folder they stand in is no module
    found["PYTHONPATH"] = os.pathsep.join(root for root in roots if root)
    return dict(found)


def folder(settings: Settings) -> Path:
    """Return where it runs: Prefect also reads `.env` and `prefect.toml` of where it stands."""
    made = prefect_home(settings)
    made.mkdir(parents=True, exist_ok=True)
    return made


def ui_url(settings: Settings) -> str:
    """Return what the operator opens; the server's newer face."""
    return api_url(settings).removesuffix("/api") + "/v2"


def ours(settings: Settings, *, timeout: float = 1.0) -> bool:
    """Whether what answers is the server of this home: it alone knows our password.

    Whether a server is healthy any server says to anybody. One of the operator's own is taken.
    """
    import httpx

    secret = auth_string(settings)
    if settings.prefect.api_url or not secret:
        return True
    user, _, password = secret.partition(":")
    address = f"{api_url(settings)}/admin/version"
    try:
        theirs = httpx.get(address, timeout=timeout, auth=(user, password))
        open_to_all = httpx.get(address, timeout=timeout)
    except httpx.HTTPError:
        return False
    return theirs.is_success and not open_to_all.is_success


def healthy(settings: Settings, *, timeout: float = 1.0) -> bool:
    """Whether the API answers."""
    import httpx  # only who asks pays for it: the supervisor starts the server first

    secret = auth_string(settings)
    user, _, password = (secret or "").partition(":")
    try:
        said = httpx.get(
            f"{api_url(settings)}/health",
            timeout=timeout,
            auth=(user, password) if secret else None,
        )
    except httpx.HTTPError:
        return False
    return said.is_success
