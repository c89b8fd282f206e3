"""Whether what the machine calls now can be so (时钟可信), judged by what was seen before.

A wrong clock is worse than none: what it writes lies in the wrong year, and stands there when the
clock has long come back. While a process runs its monotonic time judges; at a start only what the
rows remember can, and a few weeks of downtime are no reason to doubt.
"""

from datetime import datetime, timedelta
from enum import StrEnum


class Doubt(StrEnum):
    """In what a clock cannot be right."""

    BEHIND = "behind"  # before something that has happened already
    AHEAD = "ahead"  # longer after the last sign of life than a service stands still
    LEAPT = "leapt"  # moved by other than the time that passed


def at_start(
    at: datetime,
    *,
    newest: datetime | None,
    beat: datetime | None,
    leap: timedelta,
    ahead: timedelta,
) -> Doubt | None:
    """Judge the first look of a process; None if the clock can be right.

    `newest` is the newest act on record, `beat` the last sign of life of a running service. Up to
    `leap` earlier is the difference between two machines, up to `ahead` later is downtime.
    """
    if any(seen is not None and at < seen - leap for seen in (newest, beat)):
        return Doubt.BEHIND
    if beat is not None and at > beat + ahead:
        return Doubt.AHEAD
    return None


def while_running(at: datetime, *, expected: datetime, leap: timedelta) -> Doubt | None:
    """Judge a later look by when monotonic time expects it; None if the clock can be right."""
    return Doubt.LEAPT if abs(at - expected) > leap else None


def came_back(
    at: datetime, *, before: datetime | None, since: datetime | None, leap: timedelta
) -> bool:
    """Whether the clock was ahead for a while, and is not any more.

    It had been right until `before` and went on at `since`; now it stands between the two, so
    that the span in the middle is what was wrong, and neither the past nor the present.
    """
    if before is None or since is None:
        return False
    return before - leap <= at < since - leap
