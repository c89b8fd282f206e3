"""What Prefect finds around it (运行环境): our home, our server, and nothing of the user's.

Prefect reads its settings when it is imported, so this comes before: variables inherited from
a shell would send our runs to somebody else's server, and a missing profile path would write
into the user's own.
"""

import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Final

from config.secret import read_or_make
from config.settings import Settings

# How to reach somebody else's server is the operator's to say; everything else is ours.
KEPT: Final = frozenset(
    {"PREFECT_API_KEY", "PREFECT_API_AUTH_STRING", "PREFECT_API_TLS_INSECURE_SKIP_VERIFY"}
)
USER: Final = "pdca"  # of the basic authentication; the server knows one user only


def surround(
    settings: Settings, environment: MutableMapping[str, str] = os.environ
) -> MutableMapping[str, str]:
    """Make Prefect find our home and server in this environment; return it."""
    for name in [name for name in environment if name.startswith("PREFECT_")]:
        if name not in KEPT or not settings.prefect.api_url:
            del environment[name]
    environment.update(surroundings(settings))
    return environment


def surroundings(settings: Settings) -> dict[str, str]:
    """Return the variables that clients and the local server share."""
    home = prefect_home(settings)
    found = {
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_API_URL": api_url(settings),
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # The operator reads runs and their errors in the UI; on the terminal a restart of the
        # server would be pages of stack traces.
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
        "PREFECT_CLI_PROMPT": "false",
    }
    secret = auth_string(settings)
    if secret:
        found["PREFECT_API_AUTH_STRING"] = secret
    return found


def api_url(settings: Settings) -> str:
    """Return the address of the API: the operator's, or that of our own local server."""
    return settings.prefect.api_url or f"http://127.0.0.1:{settings.prefect.port}/api"


def prefect_home(settings: Settings) -> Path:
    """Return Prefect's folder in our home."""
    return settings.home.resolve() / "prefect"


def auth_string(settings: Settings, *, make: bool = False) -> str | None:
    """Return `user:password` of our own server; None if it has none, or none yet."""
    if settings.prefect.api_url or not settings.prefect.auth:
        return None
    return read_or_make(prefect_home(settings) / "auth", make=make, prefix=f"{USER}:")
