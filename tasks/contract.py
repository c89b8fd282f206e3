"""Steps about contracts (合同): what a turn does about promises, contacts and their data."""

from datetime import datetime

from processes.contract import upkeep
from processes.contract.upkeep import Kept
from processes.watch import switches
from tasks.step import step


@step("Keep contracts, requirements and contacts up")
def keep_up(at: datetime) -> Kept:
    """Draft what a project names, owe what nothing meets or reaches, erase what is due."""
    return upkeep.erase(at) if switches.off("contract") else upkeep.keep_up(at)
