"""Sheets to take along, as a part of the house (接入)."""

from typing import Final

from web.plug import Part
from web.worksheet import file

PART: Final = Part(routers=(file.router,))
