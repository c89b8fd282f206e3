"""The pages of the annual plan, as a part of the house (接入)."""

from typing import Final

from web.plan import home, pages
from web.plug import Home, Nav, Part

PART: Final = Part(
    routers=(pages.router,),
    home=(Home(panel=home.progress, place=50, shown=home.concerned),),
    nav=(
        Nav(
            path="/plan",
            words="Plan of the year",
            place=30,
            begins=("/plan", "/activities", "/cycles"),
        ),
    ),
)
