"""The home that a command works on (所用的 home): opened when it runs, so that help stays quick."""

from zoneinfo import ZoneInfo


def opened() -> ZoneInfo:
    """Open the home; return the time zone in which what was typed is read."""
    from config.current import current
    from service.home.opened import open_home

    open_home()
    return current().settings.zone
