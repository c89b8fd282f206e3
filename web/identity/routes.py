"""Signing in and out, as a part of the house (接入)."""

from typing import Final

from web.identity import sign_in
from web.plug import Part

PART: Final = Part(routers=(sign_in.router,))
