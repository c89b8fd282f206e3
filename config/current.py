"""What this process runs with (当前配置): its settings, policies and calendar, loaded once.

Process functions ask here instead of carrying five arguments each; tests call `use`.
"""

from dataclasses import dataclass

from config.calendar import load_calendar
from config.policy import Policy, load_policy
from config.settings import Settings, load
from rules.calendar import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """Settings, policies and the site's working calendar."""

    settings: Settings
    policy: Policy
    calendar: Calendar


_current: Current | None = None


def use(settings: Settings) -> Current:
    """Load policies and calendar for these settings, and use all three from now on."""
    global _current
    _current = Current(
        settings=settings,
        policy=load_policy(settings.home),
        calendar=load_calendar(settings.home, settings.zone),
    )
    return _current


def current() -> Current:
    """Return what `use` set, or load the home of this process."""
    return _current or use(load())
