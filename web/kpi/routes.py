"""The pages of indicators, as a part of the house (接入)."""

from typing import Final

from rules.words import DutyKind
from web.kpi import board, home, pages, system
from web.plug import Home, Nav, Part

PART: Final = Part(
    process="kpi",
    routers=(board.router, pages.router, system.router),
    nav=(Nav(path="/kpis/board", words="Indicators", place=60, begins=("/kpis",)),),
    home=(Home(panel=home.missed, place=40),),
    pictures={DutyKind.EXPLAIN_SPECIAL: pages.picture},
)
