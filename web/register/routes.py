"""The registers of what is owed, as a part of the house (接入)."""

from typing import Final

from web.plug import Nav, Part
from web.register import pages

PART: Final = Part(
    routers=(pages.router,),
    nav=(
        Nav(path="/", words="My duties", place=10),
        Nav(path="/duties", words="All duties", place=90, begins=("/duties",)),
    ),
)
