"""The registers of what is owed, as a part of the house (接入)."""

from typing import Final

from web.plug import Home, Nav, Part
from web.register import home, pages, search

PART: Final = Part(
    routers=(pages.router, search.router),
    home=(Home(panel=home.mine, place=20),),
    nav=(
        Nav(path="/", words="First page", place=10),
        Nav(path="/duties", words="All duties", place=90, begins=("/duties",)),
    ),
)
