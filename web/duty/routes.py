"""The pages of duties, as a part of the house (接入)."""

from typing import Final

from web.duty import home, letters, pages
from web.plug import Home, Part

PART: Final = Part(
    routers=(pages.router, letters.router),
    home=(
        Home(panel=home.risen, place=10),
        Home(panel=home.standing, place=30),
    ),
)
