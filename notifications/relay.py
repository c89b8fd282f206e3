"""A relay (发信服务器) as a sender sees it: where it is, how it is reached, what is asked of it."""

import socket
import ssl
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, Protocol

from notifications.envelope import Envelope, Prepared
from notifications.replies import Outcome

REPLY_SECONDS: Final = 60.0
DOT_SECONDS: Final = 600.0  # RFC 5321 4.5.3.2.6: a server may think long before it takes over


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Where mail is handed over, and how; `starttls` and `ssl` never fall back to clear text."""

    host: str
    port: int
    security: Literal["plain", "starttls", "ssl"] = "starttls"
    user: str | None = None
    password: str | None = None
    ca_file: Path | None = None
    reply_seconds: float = REPLY_SECONDS
    dot_seconds: float = DOT_SECONDS


class Sender(Protocol):
    """What delivery needs of a transport; a test's remembers instead of sending."""

    name: str

    def prepare(self, envelope: Envelope) -> Prepared | Outcome: ...
    def finish(self, prepared: Prepared) -> Outcome: ...
    def abort(self) -> None: ...
    def close(self) -> None: ...


def tls(ca_file: Path | None) -> ssl.SSLContext:
    """Certificates and names are checked; the company's own authority is added if there is one."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


@lru_cache(maxsize=8)
def our_name(host: str) -> str:
    """What we call ourselves: a relay may insist on a full name, a lookup may take seconds."""
    if host in {"localhost", "127.0.0.1", "::1"}:
        return "localhost"
    return socket.getfqdn()
