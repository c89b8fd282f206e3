"""Steps of Check (检查): whether the organisation and the mail carry, and the cycle's figures."""

from datetime import datetime
from typing import Any

from processes.alarm import operator as alarming
from processes.check import proposals as check_improvements
from processes.cycle import cycles
from processes.watch import overview, soundness
from tasks.step import step


@step("Check the organisation for gaps and circles")
def judge_organisation(at: datetime) -> dict[str, int]:
    """Alarm for chains that lead nowhere, and for a quality head whom nobody can reach."""
    return soundness.judge_organisation(at)


@step("Check mail and pauses")
def judge_service(at: datetime) -> list[str]:
    """Alarm for mail that waits too long and for pauses that everybody has forgotten."""
    soundness.judge_mail(at)
    return soundness.judge_holds(at)


@step("Tell the operator of new alarms")
def tell_operator(at: datetime) -> int:
    """Promise a letter about each open alarm that was not mailed yet; return how many."""
    return alarming.tell_operator(at)


@step("Propose improvements from what checks found")
def propose_improvements(at: datetime) -> int:
    """Put what project quality checks found often before the next plan; return how many."""
    return check_improvements.propose(at)


@step("Count what is open and overdue")
def count(at: datetime) -> dict[str, Any]:
    """Keep the figures of this instant with its cycles, and return them."""
    figures = overview.figures(at)
    cycles.keep_figures(figures, at)
    return figures
