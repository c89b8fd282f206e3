"""By what somebody comes (来访途径): a mark in his browser, and the network he asks from.

The mark is only ever given in answer to a form: whoever merely looks gets no cookie. It says
nothing about anybody; with which person it was used is kept as a hash.
"""

from ipaddress import ip_address, ip_network
from secrets import token_urlsafe
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from config.current import current
from processes.duty.provisional import Way
from web.frame import edge

COOKIE: Final = "pdca_browser"
LIFE: Final = 400 * 86400  # seconds: as long as browsers keep a cookie
LONGEST: Final = 64
OFFICE: Final = {4: 24, 6: 48}  # how much of an address is the network


def way(request: Request, *, signed: bool) -> Way:
    """Return by what this request comes; a browser without a mark gets one with the answer."""
    mark = request.cookies.get(COOKIE, "")
    if not (0 < len(mark) <= LONGEST and mark.isascii() and mark.isprintable()):
        mark = getattr(request.state, "browser", None) or token_urlsafe(24)
        request.state.browser = mark
    address = edge.address(request)
    return Way(
        browser=f"browser:{mark}",
        network=f"network:{network(address)}",
        address=address,
        signed=signed,
    )


def network(address: str) -> str:
    """Return the network of an address: one office or one provider's customer, not one device."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:LONGEST]
    if found.version == 6 and found.ipv4_mapped is not None:  # noqa: PLR2004 - as it is called
        found = found.ipv4_mapped
    return str(ip_network((found, OFFICE[found.version]), strict=False))


def remember(request: Request, response: Response) -> Response:
    """Give the browser its mark, if this request made one."""
    mark = getattr(request.state, "browser", None)
    if mark is not None:
        response.set_cookie(
            COOKIE,
            mark,
            max_age=LIFE,
            httponly=True,
            samesite="lax",
            secure=current().settings.base_url.startswith("https://"),
            path="/",
        )
    return response
