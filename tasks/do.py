"""Steps of Do (实施): whoever is back hears what was said, and whoever may act now is asked."""

from datetime import datetime

from processes.approval import steps as approval_steps
from processes.check import planned as checks
from processes.duty import returning
from processes.nonconformity import missing as nonconformity_missing
from processes.plan import activities
from processes.watch import switches
from tasks.step import step


@step("Tell those who are back what their delegates heard")
def welcome_back(at: datetime) -> int:
    """Promise the first day's digest; return how many lines are new."""
    return returning.welcome_back(at)


@step("Ask those who may decide what nobody could before")
def issue_missing(at: datetime) -> int:
    """Issue what waited for somebody to hold a role; return how many duties are new."""
    return nonconformity_missing.issue_missing(at=at) + approval_steps.ask_missing(at)


@step("Open the planned activities whose time has come")
def open_activities(at: datetime) -> int:
    """Open them a batch at a time, each kind by its own process, and checks planned by hand."""
    by_hand = 0 if switches.off("check") else checks.open_due(at)
    return activities.open_due(at) + by_hand
