"""Steps of Check about indicators (指标检查): what is unusual, and how the month stands."""

from datetime import datetime

from processes.kpi import board as kpi_board
from processes.kpi import follow_up as kpi_follow_up
from processes.kpi import letter as kpi_letter
from processes.kpi import special
from processes.kpi.board import MONTHS, Attained, Wanted
from processes.kpi.special import Looked
from tasks.step import step


@step("Look for special situations of indicators", of="kpi", otherwise=Looked())
def look_for_special(at: datetime) -> Looked:
    """Tell each new special situation once, also where the target is met."""
    return special.look(at=at)


@step("Send the monthly letter on indicators", of="kpi", otherwise=0)
def send_letter(at: datetime) -> int:
    """Promise last month's letter to its readers, once; return to how many."""
    return kpi_letter.send(at=at)


@step("End the month's follow-up of indicators", of="kpi", otherwise=0)
def settle_follow_ups(at: datetime) -> int:
    """End the planned activities that the month has done; owe what it left undone."""
    return kpi_follow_up.settle(at=at)


@step("Count what was attained by period", of="kpi", otherwise=())
def attainment(at: datetime) -> tuple[Attained, ...]:
    """Return how the last months stand: attained, missed, missing."""
    return kpi_board.read(Wanted(periods=MONTHS), at=at, people=None).months
