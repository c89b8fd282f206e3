"""Where everything is (访问地址): what `pdca up` prints, passwords and keys included.

They stand on the operator's own terminal and nowhere else: not in a log, a mail or an artifact.
"""

import sys
from typing import Final

from config.language import say
from config.settings import Settings
from flows.surroundings import auth_string, prefect_home
from service.prefect import server as prefect_server

PIPED: Final = 240  # columns of what no terminal shows


def show(settings: Settings) -> None:
    """Print where to go, and with which password."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, address in rows(settings):
        table.add_row(Text(say(settings.language, name)), Text(address))
    width = None if sys.stdout.isatty() else PIPED  # a path that is cut leads nowhere
    Console(file=sys.stdout, soft_wrap=True, width=width).print(table)
    if settings.mail.host is None:
        line(
            say(
                settings.language,
                "No mail host is set: every letter stays in this machine's inbox.",
            )
        )


def rows(settings: Settings) -> list[tuple[str, str]]:
    """Return what there is to open."""
    found = [("Pages", settings.base_url)]
    if not settings.prefect.unwitnessed:
        found.append(("Prefect", prefect_server.ui_url(settings)))
        secret = auth_string(settings, make=True)
        if secret:
            # A supervisor's log is read by others: there it is said where the password lies.
            said = secret if sys.stdout.isatty() else str(prefect_home(settings) / "auth")
            found.append(("Prefect's password", said))
    found.append(("Home", str(settings.home)))
    return found


def line(text: str) -> None:
    """Print one line at once, also into a pipe."""
    print(text, flush=True)


def pages_address(settings: Settings) -> str:
    """Return host and port on which the pages answer on this machine."""
    host = settings.pages.host
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104 - asked, not bound
        host = "127.0.0.1"
    return f"{f'[{host}]' if ':' in host else host}:{settings.pages.port}"
