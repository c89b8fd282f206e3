"""What this process runs with (当前配置): its settings, policies and calendar, loaded once.

Process functions ask here instead of carrying five arguments each; tests call `use`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from config.calendar import load_calendars
from config.policy import Policy, load_policy
from config.settings import Settings, load
from rules.calendar import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """Settings, policies and the site's working calendar."""

    settings: Settings
    policy: Policy
    calendar: Calendar
    sites: Mapping[str, Calendar] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)  # code of a unit: name of its site

    def calendar_named(self, name: str) -> Calendar:
        """Return the calendar that a duty was issued by: its site's, else the home's."""
        return self.sites.get(name, self.calendar)


_current: Current | None = None


def use(settings: Settings) -> Current:
    """Load policies and calendar for these settings, and use all three from now on."""
    global _current
    calendar, sites, units = load_calendars(settings.home, settings.zone)
    _current = Current(
        settings=settings,
        policy=load_policy(settings.home),
        calendar=calendar,
        sites=sites,
        units=units,
    )
    return _current


def current() -> Current:
    """Return what `use` set, or load the home of this process."""
    return _current or use(load())
