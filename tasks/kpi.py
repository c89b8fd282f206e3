"""Steps about indicators (指标): systems owed, values fetched and asked for, misses raised."""

from datetime import datetime

from processes.kpi import collecting as kpi_collecting
from processes.kpi import misses as kpi_misses
from processes.kpi import owed as kpi_owed
from processes.kpi import systems as kpi_systems
from processes.kpi import verifying as kpi_verifying
from processes.kpi.collecting import Collected
from processes.kpi.misses import Missed
from tasks.step import step


@step("Owe the indicator system of the year", of="kpi", otherwise=[])
def open_systems(at: datetime) -> list[str]:
    """Owe the year's indicator system and tracking plan; return the codes that are new."""
    return kpi_systems.open_systems(at=at)


@step("Fetch the values of indicators", of="kpi", otherwise=Collected())
def collect(at: datetime) -> Collected:
    """Ask each source for what is due; one that fails stops no other."""
    collected = kpi_collecting.collect(at)
    kpi_collecting.clear_settled(at=at)
    return collected


@step("Ask for the values of indicators", of="kpi", otherwise=0)
def ask(at: datetime) -> int:
    """Issue what is due to be reported; return how many duties are new."""
    kpi_owed.withdraw_retired(at=at)
    return kpi_owed.ask(at=at)


@step("Raise what missed its target", of="kpi", otherwise=Missed())
def raise_missed(at: datetime) -> Missed:
    """Raise a nonconformity for each missed target, and tell who verifies what was measured."""
    missed = kpi_misses.raise_missed(at=at)
    kpi_verifying.propose(at=at)
    return missed
