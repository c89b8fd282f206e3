"""The pages of contracts, as a part of the house (接入)."""

from typing import Final

from web.contract import pages
from web.plug import Nav, Part

PART: Final = Part(
    process="contract",
    routers=(pages.router,),
    nav=(
        Nav(
            path="/contracts",
            words="Contracts",
            place=55,
            begins=("/contracts", "/requirements", "/problems"),
        ),
    ),
    of={"sla": pages.about_sla},
)
