"""The pages of indicators, as a part of the house (接入)."""

from typing import Final

from rules.words import DutyKind
from web.kpi import board, pages, system
from web.plug import Nav, Part

PART: Final = Part(
    process="kpi",
    routers=(board.router, pages.router, system.router),
    nav=(Nav(path="/kpis/board", words="Indicators", place=60, begins=("/kpis",)),),
    pictures={DutyKind.EXPLAIN_SPECIAL: pages.picture},
)
