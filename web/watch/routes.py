"""The health of the service, as a part of the house (接入)."""

from typing import Final

from web.plug import Part
from web.watch import health

PART: Final = Part(routers=(health.router,))
