"""The pages of the management review, as a part of the house (接入)."""

from typing import Final

from processes.review.view import may_read
from web.plug import Nav, Part
from web.review import pages

PART: Final = Part(
    process="review",
    routers=(pages.router,),
    nav=(
        Nav(
            path="/review",
            words="Management review",
            place=70,
            begins=("/review",),
            shown=lambda reader: may_read(reader.roles),
        ),
    ),
    of={"activity": pages.about},
)
