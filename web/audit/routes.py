"""The pages of internal audits, as a part of the house (接入)."""

from typing import Final

from web.audit import about, pages
from web.plug import Nav, Part

PART: Final = Part(
    process="audit",
    routers=(pages.router,),
    nav=(Nav(path="/audits", words="Audits", place=50, begins=("/audit",)),),
    about=dict.fromkeys((*about.FINDING, *about.AUDIT), about.about),
)
