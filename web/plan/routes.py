"""The pages of the annual plan, as a part of the house (接入)."""

from typing import Final

from web.plan import pages
from web.plug import Nav, Part

PART: Final = Part(
    routers=(pages.router,),
    nav=(
        Nav(
            path="/plan",
            words="Plan of the year",
            place=30,
            begins=("/plan", "/activities", "/cycles"),
        ),
    ),
)
