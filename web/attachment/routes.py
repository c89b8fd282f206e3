"""Files handed out, as a part of the house (接入)."""

from typing import Final

from web.attachment import pages
from web.plug import Part

PART: Final = Part(routers=(pages.router,))
