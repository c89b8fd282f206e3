"""How words that are typed become values (命令行取值): instants, days, who types."""

import getpass
import os
from datetime import UTC, date, datetime, time, tzinfo
from typing import Final

import typer

from service.commands.wording import t

MORNING: Final = time(9)  # what a date without a time means


def instant(typed: str | None, zone: tzinfo) -> datetime:
    """Return the instant T in UTC: ISO 8601, a date is 09:00 of the site; now if not given."""
    if typed is None:
        return datetime.now(UTC)
    if (day := _day(typed)) is not None:
        return datetime.combine(day, MORNING, zone).astimezone(UTC)
    try:
        found = datetime.fromisoformat(typed.strip())
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            t("{typed} is no time: write 2026-10-08 or 2026-10-08T14:30+08:00", typed=typed)
        ) from None


def day(typed: str) -> date:
    """Return a date of the site."""
    found = _day(typed)
    if found is None:
        raise typer.BadParameter(t("{typed} is no date: write it like 2026-10-08", typed=typed))
    return found


def is_day(typed: str) -> bool:
    """Whether what was typed is a date without a time."""
    return _day(typed) is not None


def operator() -> str:
    """Return who types: the user of this machine, as trail and answers name an operator."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user that no passwd file knows
        return str(os.getuid())


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None
