"""The pages of nonconformities, as a part of the house (接入)."""

from typing import Final

from web.nonconformity import pages, raising
from web.plug import Nav, Part

PART: Final = Part(
    routers=(pages.router, raising.router),
    nav=(
        Nav(
            path="/nonconformities",
            words="Nonconformities",
            place=20,
            begins=("/nonconformities",),
        ),
    ),
)
