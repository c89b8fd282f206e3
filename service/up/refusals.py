"""What `pdca up` refuses to start with (拒绝启动): said in one sentence each, before anything runs.

A port that somebody else holds, or links that lead to other machines while no mail leaves this
one, would be found out by users otherwise, one by one.
"""

import ipaddress
import socket
from datetime import UTC, datetime
from urllib.parse import urlsplit

from config.language import say
from config.reading import Misconfigured, Problem
from config.settings import Settings

LOCAL = "localhost"


def refuse(settings: Settings) -> None:
    """Raise `Misconfigured` naming everything that keeps the service from starting.

    The database is looked at afterwards (`usable`), while Prefect's server is starting.
    """
    problems = [*_mail(settings), *_ports(settings)]
    if problems:
        raise Misconfigured(*problems)


def usable(settings: Settings) -> tuple[str, ...]:
    """Open the database and bring it up to date, or refuse; returns warnings."""
    from config.current import use
    from models import engine, health
    from service.home import private, seen
    from service.home.opened import upgrade

    use(settings)  # policies and calendar are read, so that nonsense in them is said now
    bound = engine.bind(settings.url)
    try:
        warnings = health.check(bound.path) if bound.path is not None else ()
        upgrade(settings.home)
        private.tighten(settings.home, bound.path)
        why = seen.look(settings.home, datetime.now(UTC))
        if why is not None:
            held = say(
                settings.language, "the database was restored, sending is on hold: {why}", why=why
            )
            warnings = (*warnings, held)
    finally:
        bound.dispose()  # the children open it themselves
    return warnings


def _mail(settings: Settings) -> list[Problem]:
    host = urlsplit(settings.base_url).hostname or ""
    if settings.mail.host or loopback(host):
        return []
    return [
        Problem(
            "mail.host",
            "is not set, but links lead to {host}: no mail would leave this machine. Set"
            " mail.host, or a base_url on 127.0.0.1 to try it out",
            {"host": host},
        )
    ]


def _ports(settings: Settings) -> list[Problem]:
    wanted = [("pages.port", settings.pages.host, settings.pages.port)]
    if not settings.prefect.api_url and not settings.prefect.unwitnessed:
        wanted.append(("prefect.port", "127.0.0.1", settings.prefect.port))
    if settings.mail.host is None:
        wanted.append(("mail.inbox_port", "127.0.0.1", settings.mail.inbox_port))
    return [
        Problem(
            key,
            "another program listens on port {port}: end it, or choose another port",
            {"port": port},
        )
        for key, host, port in wanted
        if port and not free(host, port)
    ]


def free(host: str, port: int) -> bool:
    """Whether we may listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def loopback(host: str) -> bool:
    """Whether a host name means this machine only."""
    if host == LOCAL or host.endswith(f".{LOCAL}"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
