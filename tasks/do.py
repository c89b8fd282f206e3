"""The step of Do (实施): whoever is back at the desk hears what was said meanwhile."""

from datetime import datetime

from processes import returning
from tasks.step import step


@step("Tell those who are back what their delegates heard")
def welcome_back(at: datetime) -> int:
    """Promise the first day's digest; return how many lines are new."""
    return returning.welcome_back(at)
