"""The pages of project quality checks, as a part of the house (接入)."""

from typing import Final

from web.check import pages
from web.plug import Nav, Part

PART: Final = Part(
    process="check",
    routers=(pages.router,),
    nav=(Nav(path="/checks", words="Checks", place=40, begins=("/checks",)),),
)
