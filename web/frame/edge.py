"""What a request brings with it (请求边界): the instant, the address, the stranger's language.

This is the only place of `web/` where the clock is read; below it, everybody takes `at`.
"""

import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import Depends
from starlette.datastructures import Headers
from starlette.requests import Request

from config.current import current

Clock = Callable[[], datetime]
Trusted = Callable[[datetime], datetime]  # refuses what cannot be now
LANGUAGES: Final = ("zh", "en")
OWN_PREFIX: Final = 64  # of an IPv6 address: whoever has one has all that begin like it
LONGEST_HEADER: Final = 200
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)  # for lists that do not depend on the hour


def real_now() -> datetime:
    """Return this instant; a rehearsal on old data hands `create_app` another clock."""
    return datetime.now(UTC)


def instant(request: Request) -> datetime:
    """Return the instant this request is judged at: the same from its beginning to its end.

    What cannot be now is shown, and nothing is done at it (`ClockDoubted`): no sign-in, no code.
    """
    known = getattr(request.state, "at", None)
    if known is None:
        known = request.state.at = request.app.state.clock()
        if request.method == "POST":
            request.app.state.trusted(known)
    return known  # type: ignore[no-any-return]


At = Annotated[datetime, Depends(instant)]


def address(request: Request) -> str:
    """Return the address that asks; behind a proxy that settings name, the client's."""
    return request.client.host if request.client else "unknown"


def whence(request: Request) -> str:
    """Return what tries are counted by: one address however it is written, one IPv6 network."""
    found = address(request)
    try:
        known = ipaddress.ip_address(found.strip("[]").partition("%")[0])
    except ValueError:
        return found
    if known.version == 4:  # noqa: PLR2004 - as the internet has it
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, OWN_PREFIX), strict=False))


def language_of(request: Request) -> str:
    """Return the reader's language; a stranger's by what his browser asks, else the site's."""
    known = getattr(request.state, "language", None)
    return known or _accepted(request.headers) or current().settings.language


def speak(request: Request, language: str | None) -> str:
    """From now on answer in the person's own language, or the site's where he has none."""
    chosen = language if language in LANGUAGES else current().settings.language
    request.state.language = chosen
    return chosen


def _accepted(headers: Headers) -> str | None:
    """Return the first of our languages in the order the browser prefers them."""
    wanted: list[tuple[float, str]] = []
    for part in headers.get("accept-language", "")[:LONGEST_HEADER].split(","):
        tag, _, quality = part.partition(";")
        found = tag.strip().lower()[:2]
        if found in LANGUAGES:
            wanted.append((_weight(quality), found))
    return max(wanted, key=lambda w: w[0])[1] if wanted else None


def _weight(quality: str) -> float:
    try:
        return float(quality.strip().removeprefix("q="))
    except ValueError:
        return 1.0


def foreign(request: Request) -> bool:
    """Whether the browser says that another site's page sent this; old browsers say nothing."""
    return request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}
